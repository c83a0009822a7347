"""`gardner transitions random`: parse, call, print."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from gardner.cli.common import print_json, print_table, print_verdict, use_threads


def transitions_random(
    levels: Annotated[int, typer.Option(help="Largest number of RSB steps; four smaller ones are added.")] = 40,
    count: Annotated[int, typer.Option(help="How many transitions of a half-infinite front.")] = 4,
    depth: Annotated[int | None, typer.Option(help="Bond layers of a finite net instead.")] = None,
    closure: Annotated[str, typer.Option(help="symmetric or directed.")] = "symmetric",
    accuracy: Annotated[float, typer.Option(help="Discretisation error aimed at in one sector.")] = 1e-8,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Random setting: where layer after layer turns solid, k → ∞ with errors (hard core, κ = 0)."""
    use_threads(1)
    from gardner.model import CLOSURES
    from gardner.results.solution import Header
    from gardner.runtime.progress import Progress
    from gardner.theory.parisi.kernels import announce_compilation
    from gardner.theory.transitions.random_transitions import random_transitions, transitions_document
    from gardner.theory.validity import closure_verdict

    CLOSURES.check(closure)
    announce_compilation()
    with Progress("transitions random") as progress:
        result = random_transitions(levels, count, depth, accuracy, lambda text: progress.due(text), closure)
    if json:
        given = {"levels": levels, "count": count, "depth": depth, "closure": closure, "accuracy": accuracy}
        header = Header("transitions random", given, "converged", result.seconds)
        print_json(asdict(header) | transitions_document(result) | {"closure_verdict": closure_verdict(closure, depth)})
        return
    print_transitions(result)
    print_verdict(closure_verdict(closure, depth))


def print_transitions(result) -> None:
    """A readable account: every α_l with its error, status and the roots it was extrapolated from."""
    from gardner.theory.transitions.random_transitions import MEANING

    where = "half-infinite front" if result.depth is None else f"net of L = {result.depth}"
    rows = []
    for number, found in enumerate(result.transitions, start=1):
        error = "exact" if not found.levels else f"{found.error:.1e}"
        roots = [f"{value:.4f}" for value in found.values] or [""] * len(result.levels)
        rows.append([str(number), f"{found.alpha:.6f}", error, found.status, *roots])
    columns = ["l", "alpha_l", "error", "status", *(f"k = {k}" for k in result.levels)]
    print_table(f"random setting, {result.closure} closure, {where}", columns, rows)
    for status in dict.fromkeys(found.status for found in result.transitions):
        print(f"{status}: {MEANING[status]}")
    if not result.transitions:
        print("no transition: a single bond layer has no hidden spins")
    if result.ended is not None:
        print(f"ended: {result.ended}", file=sys.stderr)
