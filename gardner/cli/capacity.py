"""`gardner capacity`: the storage capacity from the command line."""

import contextlib
import sys
import time
import warnings
from pathlib import Path
from typing import Annotated

import typer

from gardner.checks import checked_margin
from gardner.cli.common import (
    EXIT_NOT_CONVERGED,
    Writes,
    check_outputs,
    deliver,
    print_json,
    use_threads,
)
from gardner.cli.grids import whole_grid
from gardner.cli.parsing import refuse_idle
from gardner.model import CLOSURES, MAX_DEPTH, PRIORS

ADVICE = "give a --margin closer to 0 or above"
DRAWN = 20  # depths of a picture


def capacity(
    depth: Annotated[str, typer.Option(help="Number of bond layers L; 1,2,5 or 1:20: a table against depth.")] = "1",
    margin: Annotated[float, typer.Option(help="Margin κ of the hard core.")] = 0.0,
    levels: Annotated[
        int | None,
        typer.Option(help="RSB steps k (L ≥ 2: up to 4). [default: ∞ at L = 1; then 1, or the end layer alone]"),
    ] = None,
    closure: Annotated[
        str | None, typer.Option(help=f"{' or '.join(CLOSURES)}. [default: symmetric; every one in a table]")
    ] = None,
    weights: Annotated[str, typer.Option(help=f"{PRIORS.listed}.")] = "spherical",
    exponents: Annotated[
        bool, typer.Option("--exponents", help="Exponents of jamming, contacts (L = 1, κ < 0).")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(help="Draw α_c against κ (L = 1), or L up to --depth, at least 6 at one step (.svg, .pdf, .png)."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    threads: Annotated[int, typer.Option(help="Threads of the linear algebra.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Storage capacity: the α beyond which random patterns cannot be stored, hard core."""
    use_threads(threads)
    check_outputs(None, plot, force)
    depths = whole_grid("depth", depth, 1, MAX_DEPTH)
    PRIORS.check(weights)
    checked_margin(margin)
    if levels and depths == (1,) and margin >= 0.0 and PRIORS[weights].log_values is None:
        refuse_idle("at one layer and a margin of 0 or more, where replica symmetry is exact", "--levels")
    closures = tuple(CLOSURES) if closure is None else (CLOSURES.check(closure),)
    from gardner.theory.parisi.kernels import announce_compilation

    announce_compilation()
    if exponents:
        _exponents(depths, margin, levels, weights, plot, json)
        return
    if len(depths) > 1:
        _against_depth(depths, margin, levels, closures, weights, plot, json)
    else:
        _at_one_depth(depths[0], margin, levels, closure, weights, plot, json)


@contextlib.contextmanager
def _watched():
    """What is said while capacities are computed, and the caveat left out that the result repeats."""
    from gardner.analysis.capacity import ValidityWarning
    from gardner.runtime.progress import Progress

    started = time.perf_counter()
    with Progress("capacity") as progress, warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)
        yield lambda text: progress.due(f"capacity: {text}, {time.perf_counter() - started:.0f} s")


def _against_depth(depths, margin: float, levels: int | None, closures, weights: str, plot, json: bool) -> None:
    """A table against depth with a line for every depth that stalled; exit 3 if all of them did."""
    from gardner.analysis.capacity_growth import capacity_curve

    with _watched() as watch:
        curve = capacity_curve(depths, margin, levels, closures, watch, weights)
    for point in curve.points:
        if point.status != "converged":
            print(f"{point.status}: {point.closure}, L = {point.depth}; {ADVICE}", file=sys.stderr)
    deliver(curve, plot if curve.status == "converged" else None, json)
    if curve.status != "converged":
        raise typer.Exit(EXIT_NOT_CONVERGED)


def _at_one_depth(
    depth: int, margin: float, levels: int | None, closure: str | None, weights: str, plot, json: bool
) -> None:
    """The capacity of one net, and the picture that goes with it."""
    from gardner.analysis.capacity import CLOSURE
    from gardner.analysis.capacity import capacity as compute
    from gardner.errors import ConvergenceError

    given = {"depth": depth, "margin": margin, "levels": levels, "closure": closure or CLOSURE, "weights": weights}
    started, writes = time.perf_counter(), Writes()
    with _watched() as watch:
        try:
            result = compute(watch=watch, **given)
        except ConvergenceError as error:
            print(f"stalled: {error}; {ADVICE}", file=sys.stderr)
            _tell_stalled(given, time.perf_counter() - started, json)
        with writes:
            if plot is not None:
                # several steps cost minutes in some closure: that one alone which was asked for
                every = tuple(CLOSURES) if closure is None and (levels or 1) == 1 else (given["closure"],)
                _draw_beside(depth, margin, levels, every, weights, plot, watch)
    deliver(result, None, json, writes)


def _draw_beside(depth: int, margin: float, levels: int | None, closures, weights, plot: Path, watch) -> None:
    """The picture that goes with a single depth: α_c against κ at L = 1, against the depth up to there otherwise."""
    from gardner.analysis.capacity_curves import margin_curve
    from gardner.analysis.capacity_growth import capacity_curve
    from gardner.plotting.capacity import plot_margins

    if depth == 1 and weights == "spherical":
        plot_margins(margin_curve(), plot)
        return
    last = max(depth, 6) if (levels or 1) == 1 else depth
    depths = sorted({round(last ** (i / (DRAWN - 1))) for i in range(DRAWN)} if last > DRAWN else range(1, last + 1))
    capacity_curve(depths, margin, levels or None, closures, watch, weights).save_plot(plot)


def _tell_stalled(given: dict, seconds: float, json: bool) -> None:
    """The document of a capacity that was not found, and the exit code."""
    from dataclasses import asdict, fields

    from gardner.analysis.capacity import Capacity
    from gardner.results.base import Header

    if json:
        header = Header("capacity", given, "stalled", seconds)
        empty = dict.fromkeys(field.name for field in fields(Capacity) if field.name not in ("seconds", "parameters"))
        print_json(asdict(header) | empty | {"depth": given["depth"], "margin": given["margin"]})
    raise typer.Exit(EXIT_NOT_CONVERGED)


def _exponents(depths: tuple[int, ...], margin: float, levels: int | None, weights: str, plot, json: bool) -> None:
    """`--exponents`: jamming of one layer, from the scaling equations and from the steps."""
    from gardner.analysis.jamming import jamming_scaling
    from gardner.runtime.progress import Progress

    if depths != (1,):
        raise ValueError(f"depth = {depths[-1]}: exponents of jamming are known for one layer; leave --depth at 1")
    refuse_idle("for the exponents of one layer", "--closure")
    if PRIORS[weights].log_values is not None:
        raise ValueError(f"weights = {weights!r}: run out of states before they jam; leave --exponents out")
    with Progress("capacity") as progress:
        result = jamming_scaling(margin, levels, lambda text: progress.due(f"capacity: {text}"))
    deliver(result, plot, json)
