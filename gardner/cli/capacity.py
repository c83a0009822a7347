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
    print_json,
    print_table,
    print_verdict,
    use_threads,
)

ADVICE = "give a --margin closer to 0; --levels 0 gives the replica-symmetric value"


def capacity(
    depth: Annotated[int, typer.Option(help="Number of bond layers L.")] = 1,
    margin: Annotated[float, typer.Option(help="Margin κ of the hard core.")] = 0.0,
    levels: Annotated[int | None, typer.Option(help="RSB steps k. [default: k → ∞ at L = 1, 1 beyond]")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw α_c against κ (L = 1) or L (.svg, .pdf, .png).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    threads: Annotated[int, typer.Option(help="Threads of the linear algebra.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Storage capacity: the α beyond which random patterns cannot be stored, hard core, symmetric closure."""
    use_threads(threads)
    check_outputs(None, plot, force)
    from gardner.analysis.capacity import ValidityWarning
    from gardner.analysis.capacity import capacity as compute
    from gardner.errors import ConvergenceError
    from gardner.runtime.progress import Progress
    from gardner.theory.parisi.kernels import announce_compilation

    announce_compilation()
    started = time.perf_counter()
    result, status, writes = None, "stalled", Writes()
    with Progress("capacity") as progress, warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)  # the caveat that is printed says the same

        def watch(text: str) -> None:
            progress.due(f"capacity: {text}, {time.perf_counter() - started:.0f} s")

        try:
            result, status = compute(depth, margin, levels, watch), "converged"
        except ConvergenceError as error:
            print(f"stalled: {error}; {ADVICE}", file=sys.stderr)
        with writes:
            if plot is not None and result is not None:
                from gardner.plotting.capacity import plot_capacity

                plot_capacity(depth, plot, watch)
    given = {"depth": depth, "margin": margin, "levels": levels}
    if json:
        print_json(document(result, given, status, time.perf_counter() - started))
    elif result is not None:
        print_capacity(result)
        print_verdict(_closure_verdict(result))
    writes.report()
    if result is None:
        raise typer.Exit(EXIT_NOT_CONVERGED)


def document(result, given: dict, status: str, seconds: float) -> dict:
    """The JSON document; an infinite RS capacity (RS never ends) and everything unknown is null."""
    from dataclasses import asdict, fields

    from gardner.analysis.capacity import Capacity
    from gardner.results.solution import Header

    empty = {field.name: None for field in fields(Capacity)} | {"depth": given["depth"], "margin": given["margin"]}
    found = empty if result is None else asdict(result) | {"closure_verdict": _closure_verdict(result)}
    return asdict(Header("capacity", given, status, seconds)) | found


def _closure_verdict(result) -> str | None:
    """What is held against the closure behind the capacities of nets with hidden units."""
    from gardner.analysis.deep_capacity import CLOSURE
    from gardner.potentials.hard import HardCore
    from gardner.theory.validity import closure_verdict

    return closure_verdict(CLOSURE, result.depth, result.alpha_c, HardCore(result.margin))


def print_capacity(result) -> None:
    """A readable account of a `Capacity`."""
    print(f"hard core, κ = {result.margin:g}, L = {result.depth}: {result.method}")
    print(f"α_c = {result.alpha_c:.7g} ± {result.error:.1e}")
    if result.depth == 1:
        at = "not before capacity" if result.alpha_at is None else f"{result.alpha_at:.6f}"
        print(f"replica symmetry unstable beyond α_AT = {at}; RS capacity {result.alpha_rs:.7g}")
    elif result.alpha_rs == float("inf"):
        print("the replica-symmetric solution never ends")
    else:
        print(f"the replica-symmetric solution ends at α = {result.alpha_rs:.6f}")
    if result.counting_bound is not None:
        print(f"counting bound α ≤ {result.counting_bound:.6f} (N M ≤ N² L times a logarithm)")
    elif result.depth > 1:
        print("the counting bound does not apply to negative margins")
    if result.bounds:
        rows = [[str(k), f"{value:.9f}"] for k, value in enumerate(result.bounds, start=1)]
        print_table("α_c by steps", ["k", "α_c"], rows)
    if result.caveat:
        print(result.caveat)
