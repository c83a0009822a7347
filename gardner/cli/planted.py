"""`gardner solve planted` and `gardner transitions planted`: parse, call, print."""

from typing import Annotated

import typer

from gardner.analysis.plans import PlantedSweep
from gardner.cli.common import (
    check_outputs,
    deliver,
    finish,
    keep_result,
)
from gardner.cli.options import Fields, with_fields
from gardner.cli.parsing import refuse_idle
from gardner.cli.solve import Force, Json, Out, Plot, Threads
from gardner.model import Network, SolverSettings


@with_fields
def solve_planted(
    *,
    alpha: Annotated[float, typer.Option(help="Patterns per width, α = M/N (M/c at connectivity c).")],
    net: Annotated[dict, Fields(Network)],
    closure: Annotated[dict, Fields(PlantedSweep, "closure", "weights")],
    branch: Annotated[str, typer.Option(help="liquid, crystal or both.")] = "both",
    point: Annotated[dict, Fields(PlantedSweep, "field", "tolerance")],
    search: Annotated[dict, Fields(SolverSettings, "method")],
    threads: Threads = 1,
    out: Out = None,
    force: Force = False,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Teacher–student setting: crystalline order of every layer, its branches and errors."""
    check_outputs(out, plot, force)
    from gardner.theory.planted.solve import solve_planted as solve

    solution = solve(alpha, **net, **closure, branch=branch, **point, **search)
    writes = keep_result(solution, out)
    deliver(solution, plot, json, writes)
    finish(solution.status, out)


@with_fields
def transitions_planted(
    *,
    closure: Annotated[dict, Fields(PlantedSweep, "closure", "weights")],
    count: Annotated[int, typer.Option(help="How many transitions of a half-infinite front.")] = 8,
    depth: Annotated[int | None, typer.Option(help="Bond layers of a finite net instead.")] = None,
    json: Json = False,
) -> None:
    """Teacher–student setting: continuous transitions, spinodal and α* of the crystal."""
    if depth is not None:
        refuse_idle("with --depth: all transitions of that net are found", "--count")
    from gardner.runtime.progress import Progress
    from gardner.theory.transitions.planted_transitions import planted_transitions

    with Progress("transitions planted"):
        result = planted_transitions(depth=depth, count=count, **closure)
    deliver(result, None, json)
