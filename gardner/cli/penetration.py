"""`gardner penetration`: how deep the solid layers reach, and whether a straight line in ln α describes it."""

import math
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import Writes, check_outputs, deliver, use_threads
from gardner.cli.parsing import refuse_idle
from gardner.model import CLOSURES, PRIORS

SOURCES = ("sweep", "exact")


def penetration(
    source: Annotated[str, typer.Argument(help="A file of `gardner sweep`; or planted, random: no file.")],
    transitions: Annotated[str, typer.Option(help="sweep: read off the file; exact: computed.")] = "sweep",
    window: Annotated[str | None, typer.Option(help="Only layers that turn solid within α = A:B.")] = None,
    depth: Annotated[int | None, typer.Option(help="Which net of the file. (default: the deepest)")] = None,
    closure: Annotated[str, typer.Option(help=f"Without a file: {' or '.join(CLOSURES)}.")] = "symmetric",
    weights: Annotated[str, typer.Option(help=f"Without a file: {PRIORS.listed}.")] = "spherical",
    count: Annotated[int | None, typer.Option(help="Transitions to compute. (default: 8 planted, 4 random)")] = None,
    levels: Annotated[int | None, typer.Option(help="Largest k behind random transitions. (default: 40)")] = None,
    margin: Annotated[float | None, typer.Option(help="Which margin of the file, if it holds several.")] = None,
    beta: Annotated[float | None, typer.Option(help="Which β of the file, if it holds several.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw ξ against ln α with residuals (.svg, .pdf, .png).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Penetration depth of the solid layers against ln α: line, quadratic test, verdict."""
    use_threads(1)
    check_outputs(None, plot, force)
    if transitions not in SOURCES:
        raise ValueError(f"transitions = {transitions!r}: must be one of {', '.join(SOURCES)}")
    limits = None if window is None else parse_window(window)
    from gardner.analysis.penetration import penetration as fit

    began = time.perf_counter()
    dataset, found = _collect(source, transitions, depth, (closure, weights), count, levels, margin, beta)
    given = {"source": source, "transitions": transitions, "window": window, "depth": depth, "closure": closure}
    given |= {"weights": weights, "count": count, "levels": levels, "margin": margin, "beta": beta}
    result = replace(fit(found, limits), parameters=given, seconds=time.perf_counter() - began)
    writes = Writes()
    with writes:
        if plot is not None:
            from gardner.plotting.penetration import plot_penetration

            plot_penetration(result, plot, dataset)
    deliver(result, None, json, writes)


def parse_window(text: str) -> tuple[float, float]:
    """A:B; an empty side is open."""
    parts = text.split(":")
    try:
        low, high = (float(part) if part.strip() else default for part, default in zip(parts, (0.0, math.inf)))
        if len(parts) != 2 or not low < high or text.strip() == ":":
            raise ValueError
    except ValueError:
        raise ValueError(
            f"window = {text!r}: must be two values of α in increasing order, as in 10:1000, of which one may be "
            "missing, as in 10:"
        ) from None
    return low, high


def _collect(source, transitions, depth, names, count, levels, margin, beta):
    """The sweep (None without a file) and the transitions that were asked for."""
    closure, weights = names
    from gardner.analysis import layer_transitions as origin
    from gardner.runtime.progress import Progress

    with Progress("penetration") as progress:
        if source in ("planted", "random"):
            if (depth, margin, beta) != (None, None, None):
                raise ValueError(f"{source}: --depth, --margin and --beta select from a sweep file; leave them out")
            refuse_idle(f"for {source}, where they are always computed", "--transitions")
            if source == "planted":
                refuse_idle("for planted, whose transitions are exact", "--levels")
                return None, origin.of_planted_front(closure, 8 if count is None else count, weights)
            steps = 40 if levels is None else levels
            return None, origin.of_random_front(steps, 4 if count is None else count, progress.due, closure, weights)
        from gardner.results.datasets import faults_of, read_dataset

        refuse_idle("with a file, which says what it was computed for", "--closure", "--weights")
        if transitions == "sweep":
            refuse_idle("for transitions that are read off a file", "--count", "--levels")
        with faults_of(source):
            dataset = origin.check_sweep(read_dataset(Path(source)), margin, beta)
        if dataset.attrs["setting"] == "planted":
            refuse_idle("for a planted sweep, whose transitions are exact", "--levels")
        depth = origin.choose_depth(dataset, depth)
        if transitions == "exact":
            return dataset, origin.known_transitions(dataset, depth, count, levels, progress.due)
        return dataset, origin.from_sweep(dataset, depth)
