"""What a planted solution (`solve.PlantedSolution`) says, as a table in the terminal."""

from __future__ import annotations

from gardner.results.tables import print_table

NAMES = ("q", "Q", "fresh")  # of the columns of each branch


def print_planted(solution) -> None:
    """A readable account, solved now or read from a file."""
    print(
        f"teacher–student setting, {solution.closure} closure, {solution.weights} weights: α = {solution.alpha:g}, "
        f"L = {solution.depth}, field = {solution.field:g}"
    )
    columns, rows = ["l"], [[str(l)] for l in range(solution.depth + 1)]
    # both starts may meet in one solution, which is shown once
    branches = solution.branches[:1] if solution.stable == "single" else solution.branches
    for branch in branches:
        columns += [name if len(branches) < len(solution.branches) else f"{name} {branch.start}" for name in NAMES]
        for l, row in enumerate(rows):
            bond = f"{branch.Q_l[l - 1]:.8f}" if l else ""
            row += [f"{branch.q_l[l]:.8f}", bond, f"{branch.fresh_overlap[l]:.8f}"]
    print_table("teacher–student overlaps by layer", columns, rows)
    for branch in branches:
        name = branch.start if len(branches) == len(solution.branches) else "both starts"
        print(
            f"{name}: {branch.status}, s = {branch.free_entropy:.10f} per N·M, "
            f"Gibbs error {branch.generalization_error:.8f}, Bayes error {branch.bayes_error:.8f}"
        )
        print(
            f"  residual {branch.residual:.1e}, Nishimori identity {branch.nishimori:.1e}, "
            f"leading eigenvalue {branch.leading_eigenvalue:.8f}, {branch.iterations} iterations"
        )
    _print_bayes_margins(solution)
    print("stable: the only solution" if solution.stable == "single" else f"stable: {solution.stable}")
    _print_linear_bound(solution)


def _print_bayes_margins(solution) -> None:
    """(T25) in one line: a training pattern is known at least as well as a fresh one, in every layer."""
    margins = {branch.start: branch.bayes_margin for branch in solution.branches}
    known = {start: margin for start, margin in margins.items() if margin == margin}
    if not known:
        return
    if solution.stable == "single":
        known = dict(list(known.items())[:1])
    said = ", ".join(f"{margin:.2e} ({start})" for start, margin in known.items())
    print(f"Bayes margin, smallest q(l) - r(l): {said if len(known) > 1 else said.partition(' ')[0]}")


def _print_linear_bound(solution) -> None:
    bound = solution.linear_bound
    if bound is None:
        return
    best = max(solution.branches, key=lambda branch: branch.free_entropy)
    print(
        f"linear bound of a fully connected net: s = {bound.free_entropy:.10f}, error {bound.generalization_error:.8f}"
    )
    better = []
    if bound.free_entropy > best.free_entropy + 1e-12:
        better.append("free entropy")
    if bound.generalization_error < best.bayes_error - 1e-12:
        better.append("error")
    if better:
        print(f"  it beats the {solution.closure} closure in {' and '.join(better)}")
