"""Parisi parameters optimised for a net of any depth, random setting, symmetric closure.

At the saddle point of the overlaps the free entropy is a function s(m) of the Parisi parameters alone, with the
gradient (C10). For n → 0 the physical m make it smallest,

    ∂s/∂m_i = 0,   i = 1…k:                                                                               (C15)

each step function is a trial for the full-RSB function, and s falls with k towards the full-RSB value, the error of
the optimum like (k+1)^{-4}. All layers share the m. Where fewer than k levels are distinct (replica symmetry, or
merged steps) some m are without meaning and the slope is zero along them.

The minimiser is quasi-Newton (BFGS) in unconstrained codes of 0 < m_1 < … < m_k < 1; each step follows the saddle
point from the previous m.

*Jump.* At the same m a hard core may have a second saddle point, whose outermost spins are frozen from level j on:
q(x) jumps to 1 at x = m_j, and m_j is the unknown position of the jump. The search from small overlaps does not find it
as long as the state without the jump is stable (`search.overload`), although its s may be the smaller one. So a net
with hidden spins is optimised from both states, and the smaller s is returned. As α grows the optimal position of the
jump falls from 1 to 0, where the capacity is reached. Where ∂s/∂m_j is still positive at m_j = LOWEST, s(m) ~ c/m with
c < 0 falls without bound: no minimum, no volume, and the status is `no_solution` (within about 1 % below the capacity
as well, where the minimum lies at m_j < LOWEST).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize

from gardner.criteria import FROZEN
from gardner.errors import ConvergenceError
from gardner.model import CLOSURES, RandomSetting, SolverSettings
from gardner.results.solution import Solution
from gardner.results.warnings import warned
from gardner.theory.assessment import describe
from gardner.theory.chain import impose_boundaries, parisi_gradient
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.parisi.functional import StepCode
from gardner.theory.random_setting import Search
from gardner.theory.search.fixed_point import Iterate
from gardner.theory.search.random_starts import fixed_boundaries
from gardner.values import ByValue

SLOPE = 1e-6  # largest ∂s/∂ln m_i accepted as stationary: s is then off by about its square
OPENING = 1e-3  # by which merged levels are opened from one m to the next
FARTHEST = 0.7  # largest change of ln m_i from one saddle point to the next
ATTEMPTS = 6  # times the minimiser is started again where its line search has met a wall
LOWEST = 0.01  # position of the jump at which s, if it still falls with m, is taken to fall without bound
NARROWEST = 1e-4  # smallest step of m that is tried
NOTHING = np.zeros(0)
Watch = Callable[[str, int, float, float], None]


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


class _UnboundedError(Exception):
    """s falls without bound as the jump of q(x) moves to m = 0; `state` is the last saddle point, at `setting`."""

    def __init__(self, setting: RandomSetting, state: Iterate):
        super().__init__("s has no minimum")
        self.setting, self.state = setting, state


class _Entropy:
    """s(m) and its gradient in the codes of m, following the saddle point from call to call."""

    def __init__(self, setting: RandomSetting, solver: SolverSettings, watch: Watch, start: Iterate | None = None):
        self.setting, self.solver, self.watch = setting, solver, watch
        self.grid = GridSettings.for_accuracy(solver.accuracy)
        self.code = StepCode(0, setting.levels, bounded=True)
        self.state, self.faithful = start, start is not None  # to the branch of `start`
        self.lowest, self.m_i = np.inf, None if start is None else np.array(setting.parisi)
        self.evaluations = self.iterations = 0

    def at(self, setting: RandomSetting) -> Iterate:
        """The saddle point of `setting`, from the last one."""
        search = Search(setting, self.solver)
        if self.state is None:
            state = search.run(None, None)
        else:
            state = search.follow(self.state.x_ri, OPENING)
            if state.status != "converged" and not self.faithful:
                state = search.run(None, None)
        self.iterations += search.iterations
        if state.status != "converged":
            raise ConvergenceError(f"no saddle point at m = {np.round(setting.parisi, 4)} while m was optimised", state)
        return state

    def _excess(self, m_i: np.ndarray) -> np.ndarray:
        """By how much ln m_i differs by more than FARTHEST from where s was lowest, with its sign."""
        if self.m_i is None:
            return np.zeros_like(m_i)
        change_i = np.log(m_i / self.m_i)
        return np.sign(change_i) * np.maximum(np.abs(change_i) - FARTHEST, 0.0)

    def __call__(self, z: np.ndarray) -> tuple[float, np.ndarray]:
        m_i = self.code.decode(z)[1]
        if np.diff(np.concatenate([[0.0], m_i, [1.0]])).min() < NARROWEST * 1e-2:
            return np.inf, np.zeros_like(z)
        far_i = self._excess(m_i)
        if far_i.any():
            # another saddle point may be met there: a wall turns the line search back
            return self.lowest + 1.0 + float(far_i @ far_i), self.code.pull_back(z, NOTHING, 2.0 * far_i / m_i)
        setting = replace(self.setting, parisi=tuple(m_i))
        state = self.at(setting)
        self.evaluations += 1
        slope_i = slopes(state, setting, self.grid)
        if falls_at(LOWEST, setting, state, slope_i):
            raise _UnboundedError(setting, state)
        value = state.value.payload.free_entropy
        if self.state is None or value < self.lowest:  # the next search starts from the lowest s so far
            self.state, self.lowest, self.m_i = state, value, m_i
        self.watch("optimising m", self.evaluations, float(np.abs(slope_i).max()), value)
        return value, self.code.pull_back(z, NOTHING, slope_i)


def jump_level(x_ri: np.ndarray) -> int | None:
    """The first level at which the spins of some layer are frozen, None if none are."""
    frozen_i = (x_ri[1::2] > FROZEN).any(axis=0)
    return int(frozen_i.argmax()) if frozen_i.any() else None


def falls_at(place: float, setting: RandomSetting, state: Iterate, slope_i: np.ndarray) -> bool:
    """True if the jump sits below x = `place` and s falls further as it moves down."""
    jump = jump_level(state.x_ri)
    return bool(jump) and setting.parisi[jump - 1] < place and bool(slope_i[jump - 1] > SLOPE)


def slopes(state: Iterate, setting: RandomSetting, grid: GridSettings) -> np.ndarray:
    """∂s/∂m_i at a saddle point (C10)."""
    chain = impose_boundaries(setting).replaced(state.x_ri)
    return parisi_gradient(chain, state.value.payload.fields, setting, grid)


def optimise_parisi(
    setting: RandomSetting,
    solver: SolverSettings | None = None,
    watch: Watch = lambda *_: None,
) -> OptimisedSolution:
    """The saddle point of a setting with its m replaced by those that make s smallest (C15), ∂s/∂m_i = 0.

    Parameters
    ----------
    setting : RandomSetting
        Its m are where the search begins.
    solver : SolverSettings, optional
        As for `solve_random`.
    watch : callable
        Told of every evaluation.

    Returns
    -------
    OptimisedSolution
        `solution` (status stalled if some ∂s/∂ln m_i above 1e-6 is left, no_solution if s has
        no minimum: module docstring), `slope_i`, `evaluations`.

    Raises
    ------
    ValueError
        For k = 0, the directed closure, or inputs and outputs that are structured (their
        overlaps belong to given m).
    ConvergenceError
        If some m on the way has no saddle point.

    Notes
    -----
    THEORY section 12.2.
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
    try:
        found = [_minimum(entropy, setting)]
        start = _frozen_start(found[0], setting, entropy)
        if start is not None:
            with contextlib.suppress(ConvergenceError):  # the state with the jump has ended on the way
                found.append(_minimum(_Entropy(setting, solver, watch, start), found[0].setting))
    except _UnboundedError as end:
        state = replace(end.state, status="no_solution")
        solution = describe(state, end.setting, solver, entropy.iterations, time.perf_counter() - began)
        return OptimisedSolution(warned(solution), np.full(setting.levels, np.nan), entropy.evaluations)
    best = min(found, key=lambda minimum: minimum.free_entropy)
    solution = describe(best.state, best.setting, solver, entropy.iterations, time.perf_counter() - began)
    if solution.status == "converged" and not best.is_stationary:
        solution = replace(solution, status="stalled")
    return OptimisedSolution(warned(solution), best.slope_i, sum(minimum.evaluations for minimum in found))


@dataclass(frozen=True, eq=False)
class _Minimum(ByValue):
    """Where a minimiser of s(m) ended: the setting with its m, the saddle point and ∂s/∂m_i there."""

    setting: RandomSetting
    state: Iterate
    slope_i: np.ndarray
    evaluations: int

    @property
    def free_entropy(self) -> float:
        return self.state.value.payload.free_entropy

    @property
    def is_stationary(self) -> bool:
        return bool(np.abs(np.array(self.setting.parisi) * self.slope_i).max(initial=0.0) <= SLOPE)


def _minimum(entropy: _Entropy, setting: RandomSetting) -> _Minimum:
    """s(m) minimised from the m of `setting`."""
    best, state, slope_i = setting, None, np.full(setting.levels, np.inf)
    for _ in range(ATTEMPTS):
        start, before = entropy.code.encode(NOTHING, np.array(best.parisi)), entropy.lowest
        result = minimize(entropy, start, jac=True, method="BFGS", options={"gtol": 0.01 * SLOPE, "maxiter": 200})
        m_i = entropy.code.decode(result.x)[1] if result.fun <= entropy.lowest else entropy.m_i
        best = replace(setting, parisi=tuple(m_i))
        state = entropy.at(best)
        slope_i = slopes(state, best, entropy.grid)
        if np.abs(m_i * slope_i).max() <= SLOPE or not entropy.lowest < before:
            break
    minimum = _Minimum(best, state, slope_i, entropy.evaluations)
    if not minimum.is_stationary and falls_at(LOWEST * float(np.exp(FARTHEST)), best, state, slope_i):
        raise _UnboundedError(best, state)  # the next step would have led below LOWEST
    return minimum


def _frozen_start(minimum: _Minimum, setting: RandomSetting, entropy: _Entropy) -> Iterate | None:
    """The saddle point at the same m whose outermost spins are frozen on the innermost level; None if there is none."""
    rows = minimum.state.x_ri.copy()
    if len(rows) < 3 or not setting.potential.is_constraint or rows[1::2, -1].max() > FROZEN:
        return None
    rows[[1, -2], -1] = 1.0
    # 1 - Q of a perceptron that has learned its outputs
    rows[[0, -1], -1] = np.maximum(rows[[0, -1], -1], 1.0 - 2.0 / setting.alpha**2)
    search = Search(minimum.setting, entropy.solver)
    state = search.go_on(np.maximum.accumulate(rows, axis=1))
    entropy.iterations += search.iterations
    return state if state.status == "converged" and state.x_ri[1::2, -1].max() > FROZEN else None
