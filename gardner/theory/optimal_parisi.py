"""Parisi parameters optimised for a net of any depth, random setting, symmetric closure.

At the saddle point of the overlaps the free entropy is a function s(m) of the Parisi parameters alone, with the
gradient (C10). For n → 0 the physical m make it smallest,

    ∂s/∂m_i = 0,   i = 1…k:                                                                               (C15)

each step function is a trial for the full-RSB function, and s falls with k towards the full-RSB value, the error of
the optimum like (k+1)^{-4}. All layers share the m. Where fewer than k levels are distinct (replica symmetry, or
merged steps) some m are without meaning and the slope is zero along them.

The minimiser is quasi-Newton (BFGS) in unconstrained codes of 0 < m_1 < … < m_k < 1; each step follows the saddle
point from the previous m. A state whose innermost level is frozen (q_k → 1, large α) may have no minimum: then the
result is `stalled`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize

from gardner.errors import ConvergenceError
from gardner.model import CLOSURES, RandomSetting, SolverSettings
from gardner.results.solution import Solution
from gardner.results.warnings import warned
from gardner.theory.chain import impose_boundaries, parisi_gradient
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.parisi.functional import StepCode
from gardner.theory.random_setting import Search, describe, fixed_boundaries
from gardner.theory.search.fixed_point import Iterate
from gardner.values import ByValue

SLOPE = 1e-6  # largest ∂s/∂m_i accepted as stationary: s is then off by about its square
OPENING = 1e-3  # by which merged levels are opened from one m to the next
NARROWEST = 1e-4  # smallest step of m that is tried
NOTHING = np.zeros(0)


@dataclass(frozen=True, eq=False)
class OptimisedSolution(ByValue):
    """A solution at the optimal m: its setting holds the m; slope_i: ∂s/∂m_i there; evaluations of s(m)."""

    solution: Solution
    slope_i: np.ndarray
    evaluations: int

    @property
    def slope(self) -> float:
        """max |∂s/∂m_i|."""
        return float(np.abs(self.slope_i).max(initial=0.0))


class _Entropy:
    """s(m) and its gradient in the codes of m, following the saddle point from call to call."""

    def __init__(self, setting: RandomSetting, solver: SolverSettings, watch: Callable[[str, int, float, float], None]):
        self.setting, self.solver, self.watch = setting, solver, watch
        self.grid = GridSettings.for_accuracy(solver.accuracy)
        self.code = StepCode(0, setting.levels, bounded=True)
        self.state: Iterate | None = None
        self.evaluations = self.iterations = 0

    def at(self, setting: RandomSetting) -> Iterate:
        """The saddle point of `setting`, from the last one."""
        search = Search(setting, self.solver)
        if self.state is None:
            state = search.run(None, None)
        else:
            state = search.follow(self.state.x_ri, OPENING)
            if state.status != "converged":
                state = search.run(None, None)
        self.iterations += search.iterations
        if state.status != "converged":
            raise ConvergenceError(f"no saddle point at m = {np.round(setting.parisi, 4)} while m was optimised", state)
        return state

    def __call__(self, z: np.ndarray) -> tuple[float, np.ndarray]:
        m_i = self.code.decode(z)[1]
        if np.diff(np.concatenate([[0.0], m_i, [1.0]])).min() < NARROWEST * 1e-2:
            return np.inf, np.zeros_like(z)
        setting = replace(self.setting, parisi=tuple(m_i))
        self.state = self.at(setting)
        self.evaluations += 1
        slope_i = slopes(self.state, setting, self.grid)
        value = self.state.value.payload.free_entropy
        self.watch("optimising m", self.evaluations, float(np.abs(slope_i).max()), value)
        return value, self.code.pull_back(z, NOTHING, slope_i)


def slopes(state: Iterate, setting: RandomSetting, grid: GridSettings) -> np.ndarray:
    """∂s/∂m_i at a saddle point (C10)."""
    chain = impose_boundaries(setting).replaced(state.x_ri)
    return parisi_gradient(chain, state.value.payload.fields, setting, grid)


def optimise_parisi(
    setting: RandomSetting,
    solver: SolverSettings | None = None,
    watch: Callable[[str, int, float, float], None] = lambda *_: None,
) -> OptimisedSolution:
    """The saddle point of `setting` with its m replaced by the optimal ones (C15), found from those given.

    ∂s/∂m_i = 0, i = 1…k: the m that make s smallest. solver: as for `solve_random`; watch: told of every evaluation.
    Returns an OptimisedSolution: `solution` (status stalled if a slope above 1e-6 is left), `slope_i`, `evaluations`.
    ValueError for k = 0, the directed closure, or inputs and outputs that are structured (their overlaps belong to
    given m); ConvergenceError if some m on the way has no saddle point. THEORY section 12.2.
    """
    if setting.levels == 0:
        raise ValueError(
            "levels = 0: replica symmetry has no Parisi parameter to optimise; give --levels of at least 1"
        )
    if CLOSURES[setting.closure].has_sites:
        known = [name for name in CLOSURES if not CLOSURES[name].has_sites]
        raise ValueError(
            f"closure = {setting.closure}: m is optimised in the {', '.join(known)} closure only; leave it out"
        )
    if not fixed_boundaries(setting):
        raise ValueError("structured inputs or outputs are given at fixed m, which cannot be optimised; leave one out")
    solver, began = solver or SolverSettings(), time.perf_counter()
    entropy = _Entropy(setting, solver, watch)
    start = entropy.code.encode(NOTHING, np.array(setting.parisi))
    result = minimize(entropy, start, jac=True, method="BFGS", options={"gtol": 0.01 * SLOPE, "maxiter": 200})
    best = replace(setting, parisi=tuple(entropy.code.decode(result.x)[1]))
    state = entropy.at(best)
    solution = describe(state, best, solver, entropy.iterations, time.perf_counter() - began)
    slope_i = slopes(state, best, entropy.grid)
    if solution.status == "converged" and np.abs(slope_i).max() > SLOPE:
        solution = replace(solution, status="stalled")
    return OptimisedSolution(warned(solution), slope_i, entropy.evaluations)
