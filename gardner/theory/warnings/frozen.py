"""Frozen levels: where q(x) jumps to 1 at some m of the grid, s hangs on which m that is.

From some load on the innermost levels of a hidden layer have 1 - q_i < 1e-5, all of them from level j on:
q(x) jumps to 1 at x = m_j. On a given grid of m the jump cannot move. Where the slope (C10) along m_j is not
zero,

    s(m_j + δ) - s(m_j) = δ ∂s/∂m_j + O(δ²),      δ = ½ min(m_{j+1} - m_j, m_j - m_{j-1}),          (C63)

s is a property of the grid, and errs by O(1/k) instead of O(1/k²). The warning states s here and with the jump
moved up by half a step, solved anew from the overlaps at hand: all other m stay, so that levels which have merged
stay merged and cost nothing. Where several layers jump at different m, the one is moved whose slope says that s
changes most (closures that do not know their slope: the lowest). Optimised m (C15) have no slope, hence no
warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from gardner.criteria import FROZEN
from gardner.errors import ConvergenceError
from gardner.model import CLOSURES, RandomSetting, SolverSettings
from gardner.results.warnings import SolutionWarning, judges
from gardner.theory.chain import ChainState, evaluate, impose_boundaries, parisi_gradient
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.random_setting import FROZEN_ROOM, Search

KIND = "frozen-levels"
NOTICED = 1e-6  # relative to max(1, |s|): a smaller change of s is none
TOLERANCE = 1e-6  # of the overlaps on the neighbouring grid: s is stationary and errs by its square
BUDGET, FEWEST = 60, 30  # most evaluations there: as many as the solution itself took, between these


@judges("solve random")
def hangs_on_grid(solution) -> Iterator[SolutionWarning]:
    """s of a converged solution with a jump to 1, here and on the neighbouring grid."""
    jumps = jumps_of(solution.q_li) if solution.status == "converged" else {}
    if not jumps:
        return
    setting, slope_i = solution.setting, slopes(solution)
    half_i = 0.5 * np.minimum(np.diff(setting.m)[1:], np.diff(setting.m)[:-1])  # of the steps at m_i, i = 1…k
    expected = {j: float("nan") if slope_i is None else float(slope_i[j - 1] * half_i[j - 1]) for j in jumps}
    level = min(jumps) if slope_i is None else max(jumps, key=lambda j: abs(expected[j]))
    smallest = NOTICED * max(1.0, abs(solution.free_entropy))
    if abs(expected[level]) < smallest:
        return

    moved = replace(setting, parisi=_moved(setting, level, half_i[level - 1]))
    neighbour = neighbouring_entropy(solution, moved)
    if neighbour is None or abs(neighbour - solution.free_entropy) >= smallest:
        yield _warning(solution, jumps, level, moved.m[level], neighbour, expected[level])


def jumps_of(q_li: np.ndarray) -> dict[int, int]:
    """Level j ≥ 1 from which on q_i of a hidden layer is frozen → how many layers jump there; q_li (L+1, k+1)."""
    frozen_li = 1.0 - q_li[1:-1] < FROZEN_ROOM
    first_l = np.argmax(frozen_li, axis=1)[frozen_li.any(axis=1)]
    levels, counts = np.unique(first_l[first_l > 0], return_counts=True)  # frozen from level 0 on: no jump
    return dict(zip(levels.tolist(), counts.tolist()))


def slopes(solution) -> np.ndarray | None:
    """∂s/∂m_i (C10), or None for a closure with sites, whose slopes are not known."""
    setting = solution.setting
    if CLOSURES[solution.closure].has_sites:
        return None
    grid, state = GridSettings.for_accuracy(solution.parameters["accuracy"]), ChainState(solution.q_li, solution.Q_li)
    return parisi_gradient(state, evaluate(state, setting, grid).fields, setting, grid)


def _moved(setting: RandomSetting, level: int, distance: float) -> tuple[float, ...]:
    m = np.array(setting.parisi)
    m[level - 1] += distance
    return tuple(m.tolist())


def neighbouring_entropy(solution, moved: RandomSetting) -> float | None:
    """s of the fixed point of `moved` next to a solution; None where the search does not settle, or loses the jump."""
    solver = SolverSettings(
        tolerance=TOLERANCE,
        accuracy=solution.parameters["accuracy"],
        max_iterations=min(BUDGET, max(FEWEST, solution.iterations)),
    )
    try:
        state = Search(moved, solver).go_on(ChainState(solution.q_li, solution.Q_li).unknowns())
    except (ConvergenceError, ArithmeticError):
        return None
    q_li = impose_boundaries(moved).replaced(state.x_ri).q_li
    kept = bool((q_li[1.0 - solution.q_li < FROZEN_ROOM] > FROZEN).all())
    return float(state.value.payload.free_entropy) if state.status == "converged" and kept else None


def _warning(solution, jumps, level: int, to: float, neighbour: float | None, expected: float) -> SolutionWarning:
    s, place, count = solution.free_entropy, float(solution.setting.m[level]), sum(jumps.values())
    if neighbour is not None:
        there = f"{neighbour:.6f}"
    elif np.isfinite(expected):
        there = f"about {s + expected:.6f} by its slope"
    else:
        there = "unknown, as no search settled,"
    layers = "a hidden layer is" if count == 1 else f"{count} hidden layers are"
    text = (
        f"{layers} frozen (1 - q_k < {FROZEN_ROOM:g}) and s hangs on the grid of m: {s:.6f} with the jump of q(x) to 1 "
        f"at m = {place:.4g}, {there} with it at {to:.4g}"
    )
    numbers = {"free_entropy": s, "parisi": place, "neighbour_parisi": float(to), "neighbour_free_entropy": neighbour}
    numbers |= {"slope_estimate": s + expected if np.isfinite(expected) else None, "layers_frozen": count}
    return SolutionWarning(KIND, text, numbers)
