"""`gardner solve planted` and `gardner transitions planted`: parse, call, print."""

from dataclasses import asdict
from typing import Annotated

import typer

from gardner.analysis.plans import PlantedSweep
from gardner.cli.common import (
    Writes,
    check_outputs,
    finish,
    note_written,
    print_json,
    print_table,
    print_verdict,
)
from gardner.cli.options import Fields, with_fields
from gardner.cli.solve import Force, Json, Out, Plot, Threads
from gardner.criteria import VIOLATED
from gardner.model import Network, SolverSettings

NAMES = ("q", "Q", "fresh")  # of the columns of each branch


@with_fields
def solve_planted(
    *,
    alpha: Annotated[float, typer.Option(help="Patterns per width, α = M/N (M/c at connectivity c).")],
    net: Annotated[dict, Fields(Network)],
    closure: Annotated[dict, Fields(PlantedSweep, "closure")],
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
    from gardner.results.solution import save
    from gardner.theory.planted.solve import solve_planted as solve

    solution = solve(alpha, **net, **closure, branch=branch, **point, **search)
    writes = Writes()
    with writes:
        if out is not None:
            save(solution, out)
            note_written(out)
    with writes:
        if plot is not None:
            from gardner.plotting import planted as pictures

            pictures.save(pictures.profiles([solution]), plot)
    deliver_planted(solution.document(), json)
    writes.report()
    finish(solution.status, out)


def deliver_planted(document: dict, json: bool) -> None:
    """Print a planted document, solved now or read from a file, with what is held against its closure there."""
    from gardner.theory.validity import closure_verdict

    verdict = closure_verdict(document["closure"], document["depth"], document["alpha"])
    if json:
        print_json(document | {"closure_verdict": verdict})
    else:
        print_planted(document)
        print_verdict(verdict)


def print_planted(document: dict) -> None:
    """A readable account of a planted document, solved now or read from a file."""
    print(
        f"teacher–student setting, {document['closure']} closure: α = {document['alpha']:g}, L = {document['depth']}, "
        f"field = {document['field']:g}"
    )
    columns, rows = ["l"], [[str(l)] for l in range(document["depth"] + 1)]
    # where both starts meet in one solution, one of them is shown
    branches = document["branches"][:1] if document["stable"] == "single" else document["branches"]
    for branch in branches:
        columns += [
            name if len(branches) < len(document["branches"]) else f"{name} {branch['start']}" for name in NAMES
        ]
        for l, row in enumerate(rows):
            bond = f"{branch['Q'][l - 1]:.8f}" if l else ""
            row += [f"{branch['q'][l]:.8f}", bond, f"{branch['fresh_overlap'][l]:.8f}"]
    print_table("teacher–student overlaps by layer", columns, rows)
    for branch in document["branches"]:
        print(
            f"{branch['start']}: {branch['status']}, s = {branch['free_entropy']:.10f} per N·M, "
            f"Gibbs error {branch['generalization_error']:.8f}, Bayes error {branch['bayes_error']:.8f}"
        )
        print(
            f"  residual {branch['residual']:.1e}, Nishimori identity {branch['nishimori']:.1e}, "
            f"leading eigenvalue {branch['leading_eigenvalue']:.8f}, {branch['iterations']} iterations"
        )
    _print_bayes_margins(document)
    print(f"stable: {document['stable']}")
    _print_linear_bound(document)


def _print_bayes_margins(document: dict) -> None:
    """(T25) in one line: a training pattern is known at least as well as a fresh one, in every layer."""
    margins = {branch["start"]: branch["bayes_margin"] for branch in document["branches"]}
    known = {start: margin for start, margin in margins.items() if margin is not None and margin == margin}
    if not known:
        return
    if document["stable"] == "single":
        known = dict(list(known.items())[:1])
    said = ", ".join(f"{margin:.2e} ({start})" for start, margin in known.items())
    print(f"Bayes margin, smallest q(l) - r(l): {said if len(known) > 1 else said.partition(' ')[0]}")
    if min(known.values()) < -VIOLATED:
        print(
            f"  negative: the {document['closure']} closure says that a fresh input is known better than a training "
            "pattern, which no posterior allows (T25); it is no exact theory here"
        )


def _print_linear_bound(document: dict) -> None:
    bound, branches = document["linear_bound"], document["branches"]
    best = max(branches, key=lambda branch: branch["free_entropy"])
    print(
        f"linear bound of a fully connected net: s = {bound['free_entropy']:.10f}, "
        f"error {bound['generalization_error']:.8f}"
    )
    better = []
    if bound["free_entropy"] > best["free_entropy"] + 1e-12:
        better.append("free entropy")
    if bound["generalization_error"] < best["bayes_error"] - 1e-12:
        better.append("error")
    if better:
        print(f"  it beats the {document['closure']} closure in {' and '.join(better)}")


@with_fields
def transitions_planted(
    *,
    closure: Annotated[dict, Fields(PlantedSweep, "closure")],
    count: Annotated[int, typer.Option(help="How many transitions of a half-infinite front.")] = 8,
    depth: Annotated[int | None, typer.Option(help="Bond layers of a finite net instead.")] = None,
    json: Json = False,
) -> None:
    """Teacher–student setting: continuous transitions, spinodal and α* of the crystal."""
    from gardner.results.solution import Header
    from gardner.runtime.progress import Progress
    from gardner.theory.planted.report import transitions_document
    from gardner.theory.transitions.planted_transitions import planted_transitions
    from gardner.theory.validity import closure_verdict

    closure = closure["closure"]
    with Progress("transitions planted"):
        result = planted_transitions(closure, depth, count)
    verdict = closure_verdict(closure, depth)
    if json:
        parameters = {"closure": closure, "count": count, "depth": depth}
        header = Header("transitions planted", parameters, "converged", result.seconds)
        print_json(asdict(header) | transitions_document(result) | {"closure_verdict": verdict})
        return
    for number, alpha in enumerate(result.continuous, start=1):
        print(f"alpha_{number} = {alpha:.8g}")
    if depth is not None:
        for name, value in (("spinodal", result.spinodal), ("crystal alpha*", result.crystal)):
            print(f"{name} = {'none' if value is None else format(value, '.8g')}")
    print_verdict(verdict)
