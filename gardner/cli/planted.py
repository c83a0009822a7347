"""`gardner solve planted` and `gardner transitions planted`: parse, call, print."""

from typing import Annotated

import typer

from gardner.cli.common import (
    Writes,
    check_outputs,
    deliver,
    finish,
    note_written,
    use_threads,
)
from gardner.cli.solve import Force, Json, Out, Plot, Threads

Closure = Annotated[str, typer.Option(help="symmetric or directed.")]


def solve_planted(
    alpha: Annotated[float, typer.Option(help="Patterns per width, α = M/N (M/c at connectivity c).")],
    depth: Annotated[int, typer.Option(help="Number of bond layers L.")],
    closure: Closure = "symmetric",
    branch: Annotated[str, typer.Option(help="liquid, crystal or both.")] = "both",
    field: Annotated[float, typer.Option(help="Symmetry-breaking field on every hidden spin.")] = 0.0,
    tol: Annotated[float, typer.Option("--tol", help="Largest residual of q and Q.")] = 1e-12,
    method: Annotated[str, typer.Option(help="newton or damped.")] = "newton",
    threads: Threads = 1,
    out: Out = None,
    force: Force = False,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Teacher–student setting: crystalline order of every layer, its branches and errors."""
    use_threads(threads)
    check_outputs(out, plot, force)
    from gardner.results.files import save
    from gardner.theory.planted.solve import solve_planted as solve

    solution = solve(alpha, depth, closure, branch, field, tol, method)
    writes = Writes()
    with writes:
        if out is not None:
            save(solution, out)
            note_written(out)
    deliver(solution, plot, json, writes)
    finish(solution.status, out)


def transitions_planted(
    closure: Closure = "symmetric",
    count: Annotated[int, typer.Option(help="How many transitions of a half-infinite front.")] = 8,
    depth: Annotated[int | None, typer.Option(help="Bond layers of a finite net instead.")] = None,
    json: Json = False,
) -> None:
    """Teacher–student setting: continuous transitions, spinodal and α* of the crystal."""
    use_threads(1)
    from gardner.runtime.progress import Progress
    from gardner.theory.transitions.planted_transitions import planted_transitions

    with Progress("transitions planted"):
        result = planted_transitions(closure, depth, count)
    deliver(result, None, json)
