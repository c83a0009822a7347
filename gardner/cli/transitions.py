"""`gardner transitions random`: parse, call, print."""

from typing import Annotated

import typer

from gardner.cli.common import deliver
from gardner.cli.options import Fields, with_fields
from gardner.cli.parsing import refuse_idle
from gardner.model import CLOSURES, PRIORS, RandomSetting

app = typer.Typer(help="Find phase transitions.", no_args_is_help=True)


@app.command("random")
@with_fields
def transitions_random(
    *,
    levels: Annotated[int, typer.Option(help="Largest number of RSB steps; four smaller ones are added.")] = 40,
    count: Annotated[int, typer.Option(help="How many transitions of a half-infinite front.")] = 4,
    depth: Annotated[int | None, typer.Option(help="Bond layers of a finite net instead.")] = None,
    closure: Annotated[dict, Fields(RandomSetting, "closure", "weights")],
    accuracy: Annotated[float, typer.Option(help="Discretisation error aimed at in one sector.")] = 1e-8,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Random setting: where layer after layer turns solid, k → ∞ with errors (hard core, κ = 0)."""
    from gardner.runtime.progress import Progress
    from gardner.theory.parisi.kernels import announce_compilation
    from gardner.theory.transitions.random_transitions import random_transitions

    if depth is not None:
        refuse_idle("with --depth: all transitions of that net are found", "--count")
    CLOSURES.check(closure["closure"])
    PRIORS.check(closure["weights"])
    announce_compilation()
    with Progress("transitions random") as progress:
        result = random_transitions(levels, count, depth, accuracy, lambda text: progress.due(text), **closure)
    deliver(result, None, json)
