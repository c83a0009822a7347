"""Solid fronts of the random setting, symmetric closure: where the next layer turns solid (T19), (T20), (T23).

Linearised about liquid layers (q = Q = 0, G_i = g^{1/2} = 2/π at every level, g = (2/π)²) the bond sector gives
Q_i = Q̂_i and the spin sector q_i = q̂_i, so that (T11) reads, level by level,

    Q_i(l) = α g^{1/2} q_i(l-1) q_i(l),      q_i(l) = g^{1/2} [ q_i(l-1) Q_i(l) + Q_i(l+1) q_i(l+1) ].

A bond between two liquid spins is of second order: liquid layers do not couple. A liquid spin layer beside solid ones
grows by the factor α g [q_i(l-1)² + q_i(l+1)²], q_i = 0 for a liquid neighbour, largest at level k. Hence

* half-infinite front of j solid bond layers, q_k(j) the overlap of its last spins: layer j+1 goes at α g q_k(j)² = 1;
* finite net: the two fronts do not see one another until a single liquid spin layer is left (even L), and that one
  goes at α g · 2 q_k(j)² = 1; with odd L the fronts meet in a bond layer, which follows its spins.

A front is the net of depth j+1 whose output overlaps are zero: bond layer j+1 is then liquid and its spins j are free.

*Branches.* Two solutions compete once α exceeds about 19: on the *unfrozen* one, which the liquid turns into, every
q_k < 1; on the *frozen* one the innermost level of the first spins has jumped to q_k ≈ 1. The frozen level has the
width 1 - m_k = 1/(k+1), and s_frozen - s is proportional to it. For n → 0 the smaller s is the physical one: a
transition of the unfrozen front at which (k+1)(s_frozen - s) < 0 is one of a metastable branch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from gardner.errors import ConvergenceError
from gardner.model import Network, RandomSetting, uniform_parisi
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.random_setting import interpolated_rows, starting_rows
from gardner.theory.search import fixed_point
from gardner.theory.search.fixed_point import Iterate, MapValue
from gardner.theory.search.maps import chain_map

GAIN = (2.0 / np.pi) ** 2  # g
TOLERANCE = 1e-10
BUDGET = 600  # evaluations of the map from a rough start
CLOSE_BUDGET = 150  # from a state nearby
STEP = 1.2  # largest factor in α of one continuation step
SMALLEST_STEP = 1e-3  # relative; where a branch cannot be followed by such a step it has ended
SOLID = 0.99  # q_k(1) beyond which the first spins count as frozen
JUMP = 0.15  # largest change of an overlap q_k in one continuation step


@dataclass(frozen=True)
class FrontState:
    """A converged front of j layers: α, m (k+2,), and the fixed point of its net of depth j+1."""

    alpha: float
    m: np.ndarray
    fixed: Iterate

    @property
    def x_ri(self) -> np.ndarray:
        """Rows Q(1), q(1), …, Q(j), q(j), Q(j+1) = 0, shape (2j+1, k+1)."""
        return self.fixed.x_ri

    @property
    def free_entropy(self) -> float:
        """s per N·M."""
        return self.fixed.value.payload.free_entropy

    @property
    def q_ea(self) -> np.ndarray:
        """q_k(1), …, q_k(j) of the hidden spins."""
        return self.x_ri[1::2, -1]

    @property
    def frozen(self) -> bool:
        return bool(self.q_ea[0] > SOLID)


class BranchEnded(ConvergenceError):
    """The unfrozen front cannot be followed further; `alpha` is the last α at which it was found."""

    def __init__(self, alpha: float, message: str = ""):
        super().__init__(message or f"the unfrozen front gives way beyond alpha = {alpha:.5g}")
        self.alpha = alpha


class Front:
    """`layers` ≥ 1 solid bond layers growing from the input into a liquid, `levels` RSB steps; remembers its states."""

    def __init__(self, layers: int, levels: int, grid: GridSettings):
        self.layers, self.levels, self.grid = layers, levels, grid
        self.known: list[FrontState] = []

    def setting(self, alpha: float) -> RandomSetting:
        """The net of depth j+1 with a liquid output."""
        free, parisi = (0.0,) * (self.levels + 1), uniform_parisi(self.levels)
        return RandomSetting(alpha, Network(self.layers + 1), parisi=parisi, output_overlap=free)

    def solve(self, alpha: float, rows: np.ndarray, track: bool) -> FrontState | None:
        """The fixed point reached from `rows`, or None if the search does not end."""
        setting = self.setting(alpha)
        state = settled(setting, rows, self.grid, track)
        return None if state is None else FrontState(alpha, setting.m, state)

    def begin(self, alpha: float, coarser: FrontState | None = None) -> FrontState:
        """The first state: from small overlaps, or from a front with fewer levels at nearly the same α."""
        setting = self.setting(alpha)
        if coarser is None:
            first = self.solve(alpha, starting_rows(setting), True)
        else:
            rows = interpolated_rows(coarser.x_ri, coarser.m, setting.m)
            first = self.solve(alpha, fixed_point.spread(rows), False)
        if first is None or first.frozen:
            raise BranchEnded(alpha, f"no unfrozen front of {self.layers} layers at alpha = {alpha:.5g}")
        self.known.append(first)
        return first

    def at(self, alpha: float) -> FrontState:
        """The unfrozen front at α, continued from the nearest known state in steps that it survives."""
        while True:
            near = min(self.known, key=lambda state: abs(np.log(state.alpha / alpha)))
            if near.alpha == alpha:
                return near
            self._continue(near, alpha)

    def _continue(self, near: FrontState, alpha: float) -> None:
        step = np.clip(np.log(alpha / near.alpha), -np.log(STEP), np.log(STEP))
        while True:
            target = alpha if abs(np.log(alpha / near.alpha)) <= abs(step) * (1 + 1e-12) else near.alpha * np.exp(step)
            fixed = settled(self.setting(float(target)), near.x_ri, self.grid, False, within=JUMP)
            if fixed is not None:
                self.known.append(FrontState(float(target), near.m, fixed))
                return
            step *= 0.4
            if abs(step) < SMALLEST_STEP:
                raise BranchEnded(near.alpha)

    def tip(self, alpha: float) -> float:
        """q_k(j), the overlap of the spins at the tip."""
        return float(self.at(alpha).q_ea[self.layers - 1])

    def root(self, ends: int, low: float, high: float | None = None) -> float:
        """The α above `low` (a known state) where ends · αg q_k(j)² passes 1; `high` is a guess of an upper bound."""

        def excess(log_alpha):
            alpha = float(np.exp(log_alpha))
            return np.log(max(ends * alpha * GAIN * self.tip(alpha) ** 2, 1e-300))

        below, above = np.log(low), np.log(high or low * STEP)
        while excess(below) > 0.0:
            above, below = below, below - 0.03
        while True:
            try:
                if excess(above) >= 0.0:
                    break
                below, above = above, above + 0.5 * np.log(STEP)
            except BranchEnded as end:  # the root may lie between the last point tried and the end of the branch
                above = np.log(end.alpha)
                if excess(above) < 0.0:
                    raise
        return float(np.exp(brentq(excess, below, above, xtol=1e-8, rtol=1e-14)))

    def sensitivity(self, alpha: float) -> tuple[float, float]:
        """d ln(αg q_k²)/d ln α at a root, and the change of ln(αg q_k²) on a finer field grid."""
        state, step = self.at(alpha), 1e-3
        slope = 1.0 + 2.0 * np.log(self.tip(alpha * (1 + step)) / self.tip(alpha)) / np.log1p(step)
        fine = chain_map(self.setting(alpha), self.grid.refined())(state.x_ri, False)
        shifted = MapValue(state.x_ri + fine.image_ri - state.fixed.value.image_ri, state.fixed.value.blocks)
        moved = fixed_point.assess_error(replace(state.fixed, value=shifted))  # the Newton step the finer map asks for
        return float(slope), float(2.0 * abs(moved[2 * self.layers - 1, -1]) / state.q_ea[self.layers - 1])

    def frozen_gap(self, alpha: float) -> float | None:
        """(k+1)(s_frozen - s) against the frozen front at the same α; None if there is none."""
        state = self.at(alpha)
        rows = state.x_ri.copy()
        rows[1, -1] = 1.0 - 1e-5
        rows[0, -1] = max(rows[0, -1], 1.0 - 2.0 / alpha**2)  # 1 - Q of a perceptron that has learned its outputs
        frozen = self.solve(alpha, rows, False)
        if frozen is None or not frozen.frozen:
            return None
        return (self.levels + 1) * (frozen.free_entropy - state.free_entropy)

    def onset(self, alpha: float, ends: int, distance: float) -> float | None:
        """q_k of the next spin layer at α(1 + distance), reached from a seed of its growing levels beside the front.

        ends = 1: the front with one more layer; ends = 2: the net in which this layer lies between two fronts.
        inf if the front freezes, None if the search does not settle.
        """
        state, levels = self.at(alpha), self.levels + 1
        growth_i = ends * alpha * (1.0 + distance) * GAIN * state.x_ri[2 * self.layers - 1] ** 2
        seed = np.where(growth_i > 1.0, distance, 0.0)
        solid = state.x_ri[: 2 * self.layers]  # Q(1), q(1), …, Q(j), q(j)
        front = (0.0,) * levels
        if ends == 2:
            rows = np.vstack([solid, seed[None], seed[None], seed[None], solid[::-1]])
            depth, front = 2 * self.layers + 2, None
        else:
            rows = np.vstack([solid, seed[None], seed[None], np.zeros((1, levels))])
            depth = self.layers + 2
        setting = RandomSetting(
            alpha * (1.0 + distance), Network(depth), parisi=uniform_parisi(self.levels), output_overlap=front
        )
        reached = settled(setting, rows, self.grid, True)
        if reached is None:
            return None
        if reached.x_ri[1, -1] > SOLID:
            return np.inf
        return float(reached.x_ri[2 * self.layers + 1, -1])


class _Jumped(Exception):
    """A continued search has left the neighbourhood of its start."""


def settled(
    setting: RandomSetting, rows: np.ndarray, grid: GridSettings, track: bool, within: float | None = None
) -> Iterate | None:
    """The locally stable fixed point that Newton's method in pseudo-time reaches from `rows`, or None.

    within: None also if the overlaps of the innermost level move by more than this on the way.
    """

    def stay(state: Iterate) -> None:
        if within is not None and np.abs(state.x_ri[:, -1] - rows[:, -1]).max() > within:
            raise _Jumped

    budget = BUDGET if within is None else CLOSE_BUDGET
    try:
        state = fixed_point.newton(chain_map(setting, grid), rows, TOLERANCE, budget, track, stay)
    except (ConvergenceError, _Jumped):
        return None
    return state if state.status == "converged" else None
