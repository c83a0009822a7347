"""`gardner capacity`: the storage capacity from the command line."""

import sys
import time
import warnings
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import (
    EXIT_NOT_CONVERGED,
    Writes,
    check_outputs,
    deliver,
    print_json,
    use_threads,
)

ADVICE = "give a --margin closer to 0; --levels 0 gives the replica-symmetric value"


def capacity(
    depth: Annotated[int, typer.Option(help="Number of bond layers L.")] = 1,
    margin: Annotated[float, typer.Option(help="Margin κ of the hard core.")] = 0.0,
    levels: Annotated[int | None, typer.Option(help="RSB steps k. [default: k → ∞ at L = 1, 1 beyond]")] = None,
    exponents: Annotated[
        bool, typer.Option("--exponents", help="Exponents of jamming, contacts (L = 1, κ < 0).")
    ] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw α_c against κ (L = 1) or L (.svg, .pdf, .png).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    threads: Annotated[int, typer.Option(help="Threads of the linear algebra.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Storage capacity: the α beyond which random patterns cannot be stored, hard core, symmetric closure."""
    use_threads(threads)
    check_outputs(None, plot, force)
    from dataclasses import asdict, fields

    from gardner.analysis.capacity import Capacity, ValidityWarning
    from gardner.analysis.capacity import capacity as compute
    from gardner.errors import ConvergenceError
    from gardner.results.base import Header
    from gardner.runtime.progress import Progress
    from gardner.theory.parisi.kernels import announce_compilation

    announce_compilation()
    if exponents:
        _exponents(depth, margin, levels, plot, json)
        return
    started = time.perf_counter()
    result, writes = None, Writes()
    with Progress("capacity") as progress, warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)  # the caveat that is printed says the same

        def watch(text: str) -> None:
            progress.due(f"capacity: {text}, {time.perf_counter() - started:.0f} s")

        try:
            result = compute(depth, margin, levels, watch)
        except ConvergenceError as error:
            print(f"stalled: {error}; {ADVICE}", file=sys.stderr)
        with writes:
            if plot is not None and result is not None:
                from gardner.analysis.capacity_curves import depth_curve, margin_curve
                from gardner.plotting.capacity import plot_capacity

                plot_capacity(margin_curve() if depth == 1 else depth_curve(watch=watch), plot)
    if result is not None:
        deliver(result, None, json, writes)
        return
    if json:
        given = {"depth": depth, "margin": margin, "levels": levels}
        header = Header("capacity", given, "stalled", time.perf_counter() - started)
        empty = dict.fromkeys(field.name for field in fields(Capacity) if field.name not in ("seconds", "parameters"))
        print_json(asdict(header) | empty | {"depth": depth, "margin": margin})
    raise typer.Exit(EXIT_NOT_CONVERGED)


def _exponents(depth: int, margin: float, levels: int | None, plot: Path | None, json: bool) -> None:
    """`--exponents`: jamming of one layer, from the scaling equations and from the steps."""
    from gardner.analysis.jamming import jamming_scaling
    from gardner.runtime.progress import Progress

    if depth != 1:
        raise ValueError(f"depth = {depth}: exponents of jamming are known for one layer; leave --depth at 1")
    with Progress("capacity") as progress:
        result = jamming_scaling(margin, levels, lambda text: progress.due(f"capacity: {text}"))
    deliver(result, plot, json)
