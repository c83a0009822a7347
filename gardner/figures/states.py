"""States and branches that several figures share: deep random nets at given α, sweeps of both settings.

`find_state`: at large α a search from small overlaps may run out of the domain (Q, q → 1) at one number of RSB levels
and settle at another. The levels are tried in the order given; the first that converges is used, and the others are
named.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.errors import ConvergenceError
from gardner.figures.workspace import Workspace
from gardner.results.solution import STATUSES, Solution

TOLERANCE = 1e-6  # of residual and error of the overlaps, and of the field grid: far below what a figure can show
EVALUATIONS = 900  # of the map; searches at large α need more than the default


@dataclass(frozen=True)
class Columns:
    """alphas: one column of panels each; depth: L; levels: k, tried in this order at every α."""

    alphas: tuple[float, ...]
    depth: int = 20
    levels: tuple[int, ...] = (8,)


FINE = (100, 50, 20, 8)  # levels of paper quality


@dataclass(frozen=True)
class State:
    """The state at one α: solution (None: no number of levels converged), failed: (k, status) of the others tried."""

    alpha: float
    solution: Solution | None
    failed: tuple[tuple[int, str], ...]

    def note(self) -> str:
        """k, and what was tried in vain."""
        words = [] if self.solution is None else [f"$k={self.solution.setting.levels}$"]
        return ", ".join(words + [f"{status.replace('_', ' ')} at $k={k}$" for k, status in self.failed])


def heading(state: State, depth: int) -> str:
    """Title of a column: α, k, what failed; above it, where no net of this depth stores the patterns (C11), that."""
    from gardner.theory.counting import counting_bound

    beyond = "beyond counting bound\n" if state.alpha > counting_bound(depth) else ""
    return rf"{beyond}$\alpha={state.alpha:g}$, {state.note()}"


def find_state(work: Workspace, alpha: float, depth: int, levels: tuple[int, ...], tolerance=TOLERANCE) -> State:
    """The random setting, hard core, symmetric closure, searched from small overlaps."""
    failed = []
    for k in levels:
        try:
            solution = work.solution(
                allow=STATUSES, alpha=alpha, depth=depth, levels=k,
                tolerance=tolerance, accuracy=tolerance, max_iterations=EVALUATIONS,
            )  # fmt: skip
        except (ConvergenceError, ArithmeticError):
            failed.append((k, "failed"))
            continue
        if solution.status == "converged":
            return State(alpha, solution, tuple(failed))
        failed.append((k, solution.status))
    return State(alpha, None, tuple(failed))


def states_dataset(states: list[State], depth: int):
    """q(alpha, layer, level), Q(alpha, bond_layer, level) on the steps (m_lower, m_upper); NaN beyond k and where
    nothing converged; levels, s, status and what failed per α."""
    import xarray as xr

    widest = max((s.solution.setting.levels for s in states if s.solution is not None), default=0) + 1
    q, Q = np.full((len(states), depth + 1, widest), np.nan), np.full((len(states), depth, widest), np.nan)
    m = np.full((2, len(states), widest), np.nan)
    entropy, levels = np.full(len(states), np.nan), np.zeros(len(states), dtype=int)
    for a, state in enumerate(states):
        if state.solution is None:
            continue
        k = levels[a] = state.solution.setting.levels
        q[a, :, : k + 1], Q[a, :, : k + 1] = state.solution.q_li, state.solution.Q_li
        m[0, a, : k + 1], m[1, a, : k + 1] = state.solution.setting.m[:-1], state.solution.setting.m[1:]
        entropy[a] = state.solution.free_entropy
    one = {"units": "1"}
    variables = {
        "q": (("alpha", "layer", "level"), q, one | {"long_name": "spin overlap q_i(l)"}),
        "Q": (("alpha", "bond_layer", "level"), Q, one | {"long_name": "bond overlap Q_i(l)"}),
        "m_lower": (("alpha", "level"), m[0], one | {"long_name": "x at the beginning of the step"}),
        "m_upper": (("alpha", "level"), m[1], one | {"long_name": "x at the end of the step"}),
        "free_entropy": ("alpha", entropy, one | {"long_name": "free entropy s per N·M"}),
        "levels": ("alpha", levels, one | {"long_name": "RSB levels k (0: none converged)"}),
        "failed": ("alpha", ["; ".join(f"k={k}: {word}" for k, word in state.failed) for state in states]),
    }
    coords = {
        "alpha": ("alpha", [state.alpha for state in states], one | {"long_name": "patterns per width"}),
        "layer": np.arange(depth + 1),
        "bond_layer": np.arange(1, depth + 1),
    }
    return xr.Dataset(variables, coords)


def random_branches(
    work: Workspace, alphas, depths, levels: int, directions=("up", "down"), closure: str = "symmetric"
):
    """The sweep of the random setting, hard core, on a uniform grid of m."""
    from gardner.analysis.plans import RandomSweep
    from gardner.model import SolverSettings, uniform_parisi

    solver = SolverSettings(tolerance=TOLERANCE, accuracy=TOLERANCE)
    options = {"directions": directions, "solver": solver, "closure": closure}
    return work.sweep(RandomSweep(alphas, depths, uniform_parisi(levels), **options))


def logarithmic(low: float, high: float, points: int) -> tuple[float, ...]:
    """`points` values of α, even in ln α."""
    return tuple(float(value) for value in np.geomspace(low, high, points))
