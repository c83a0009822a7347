"""The limit k → ∞ of the free entropy and of the Edwards–Anderson overlaps of one net, from solutions with fewer steps.

On a grid m_i = f(i/(k+1)), f smooth and the same for all k, values approach the limit like (k+1)^{-2} and (k+1)^{-4};
so they do on every grid of `grids`. With optimised m the free entropy does so like (k+1)^{-4} (`extrapolate` of
`statistics`, which also gives the error). Edwards–Anderson overlaps belong to the last step, whose width is of order
1/(k+1), so that their series has odd powers too: (k+1)^{-1} and (k+1)^{-2}; they are extrapolated on such grids only.

The error is that of the series through the given k. A state that needs more levels to exist (a jump of q(x) close to
x = 1, as at L = 2 from α ≈ 6 on) is not seen by it: compare with a larger k.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gardner.errors import ConvergenceError
from gardner.model import RandomSetting, SolverSettings, uniform_parisi
from gardner.results.solution import Solution, uninterrupted
from gardner.statistics import extrapolate
from gardner.theory.optimal_parisi import optimise_parisi
from gardner.theory.random_setting import solve
from gardner.theory.search.random_starts import fixed_boundaries
from gardner.values import ByValue

FRACTIONS = (0.4, 0.55, 0.75, 1.0)  # of the number of steps asked for, uniform grid
FEWEST, FEWEST_OPTIMISED = 6, 3
ENTROPY_POWERS, OVERLAP_POWERS, OPTIMISED_POWERS = (2.0, 4.0), (1.0, 2.0), (4.0,)


@dataclass(frozen=True, eq=False)
class FullRsbLimit(ByValue):
    """s and (m not optimised) q_EA(l), Q_EA(l) for k → ∞ with errors; `levels`, `entropies`: the data of the fit."""

    free_entropy: float
    error: float
    levels: tuple[int, ...]
    entropies: tuple[float, ...]
    q_ea: np.ndarray | None = None
    q_ea_error: np.ndarray | None = None
    Q_ea: np.ndarray | None = None
    Q_ea_error: np.ndarray | None = None


def full_rsb_limit(
    setting: RandomSetting,
    solver: SolverSettings | None = None,
    optimise: bool = False,
    watch: Callable[[str, int, float, float], None] = lambda *_: None,
    known: Solution | None = None,
    grid: Callable[[int], tuple[float, ...]] = uniform_parisi,
) -> FullRsbLimit:
    """The limit k → ∞ from the k of `setting` and smaller ones; `known` is the solution at k, if there is one already.

    grid: the m_i of k steps, which those of `setting` must be.
    ValueError if k is too small for a fit, or m is not that grid; ConvergenceError if a solution is missing.
    """
    k = setting.levels
    fewest = FEWEST_OPTIMISED if optimise else FEWEST
    if k < fewest:
        raise ValueError(
            f"levels = {k}: the limit of many steps needs at least {fewest}; give --levels {fewest} or more"
        )
    if setting.parisi != grid(k) or not fixed_boundaries(setting):
        raise ValueError("the limit of many steps is taken on a --grid of m with fixed patterns; use --levels")
    levels = range(1, k + 1) if optimise else sorted({round(f * k) for f in FRACTIONS})
    solutions = []
    for j in levels:
        if known is not None and j == k:
            solutions.append(known)
            continue
        coarse = replace(setting, parisi=grid(j), input_overlap=None, output_overlap=None)
        found = optimise_parisi(coarse, solver, watch).solution if optimise else solve(coarse, solver, watch=watch)
        if uninterrupted(found).status != "converged":
            raise ConvergenceError(f"k = {j} ended as {found.status}: no limit of many steps", found)
        solutions.append(found)
    entropies = [solution.free_entropy for solution in solutions]
    limit = extrapolate(list(levels), entropies, OPTIMISED_POWERS if optimise else ENTROPY_POWERS)
    overlaps = {} if optimise else _overlaps(list(levels), solutions)
    return FullRsbLimit(limit.value, limit.error, tuple(levels), tuple(entropies), **overlaps)


def _overlaps(levels: list[int], solutions: list) -> dict[str, np.ndarray]:
    result = {}
    for name in ("q_ea", "Q_ea"):
        fits = [
            extrapolate(levels, column, OVERLAP_POWERS) for column in np.array([getattr(s, name) for s in solutions]).T
        ]
        result[name] = np.array([fit.value for fit in fits])
        result[f"{name}_error"] = np.array([fit.error for fit in fits])
    return result
