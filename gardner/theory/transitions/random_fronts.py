"""Solid fronts of the random setting: where the next layer turns solid (T19)–(T21), (T23).

A front of j solid bond layers grows from one end of the net (`Closure.fronts_from`) into a liquid. It is the net of
depth j+1 whose far end has zero overlaps: its bond layer farthest from the start is then liquid, and the spins before
it, at the tip, hear the front alone.

Beyond the tip all overlaps vanish, and small ones grow by the map linearised about zero. Its matrix among the liquid
overlaps follows from the declared sectors (`growth`): the next layer turns solid where the largest eigenvalue passes
through 1. Written out, with g = (2/π)² and q_k the overlap of the tip, this is

    α g q_k² = 1                                half-infinite front, either closure,                      (T20), (T21)
    α g · 2 q_k² = 1                            symmetric, the liquid spins between two fronts (even L),       (T23)
    α g q_k² (1 + α g) = 1                      directed, bond layer 2: layer 1 orders with it.                (T23)

The fronts of a finite net do not see one another until the last step, for which the net itself is looked at.

*Branches.* Two solutions compete once α exceeds about 19: on the *unfrozen* one, which the liquid turns into, every
q_k < 1; on the *frozen* one the innermost level of the first spins has jumped to q_k ≈ 1. The frozen level has the
width 1 - m_k = 1/(k+1), and s_frozen - s is proportional to it. For n → 0 the smaller s is the physical one: a
transition of the unfrozen front at which (k+1)(s_frozen - s) < 0 is one of a metastable branch.

Rows of overlaps are counted from the start of the front: Q, q, Q, … of its first, second, … layer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from gardner.criteria import FROZEN, RESOLVED
from gardner.errors import ConvergenceError
from gardner.model import CLOSURES, Network, RandomSetting, uniform_parisi
from gardner.theory.closures.base import Layers
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.search import fixed_point
from gardner.theory.search.fixed_point import Iterate, MapValue
from gardner.theory.search.maps import chain_map
from gardner.theory.search.random_starts import interpolated_rows, starting_rows
from gardner.theory.transitions.pieces import check_pieces, check_repeats

TOLERANCE = 1e-10
BUDGET = 600  # evaluations of the map from a rough start
CLOSE_BUDGET = 150  # from a state nearby
STEP = 1.2  # largest factor in α of one continuation step
SMALLEST_STEP = 1e-3  # relative; where a branch cannot be followed by such a step it has ended
NO_FRONT = 2.0  # factor in α beyond the first state at which a front that is still liquid is given up
LARGEST_CHANGE = 0.15  # of an overlap q_k in one continuation step


@dataclass(frozen=True)
class FrontState:
    """A converged front of j layers: α, m (k+2,), the fixed point of its net of depth j+1, and where it starts."""

    alpha: float
    m: np.ndarray
    fixed: Iterate
    start: str

    @property
    def x_ri(self) -> np.ndarray:
        """Rows Q(1), q(1), …, Q(j), q(j), Q(j+1) = 0 counted from the start of the front, shape (2j+1, k+1)."""
        return from_start(self.fixed.x_ri, self.start)

    @property
    def free_entropy(self) -> float:
        """s per N·M."""
        return self.fixed.value.payload.free_entropy

    @property
    def q_ea(self) -> np.ndarray:
        """q_k(1), …, q_k(j) of the hidden spins, counted from the start."""
        return self.x_ri[1::2, -1]

    @property
    def frozen(self) -> bool:
        return bool(self.q_ea[0] > FROZEN)


def from_start(rows: np.ndarray, start: str) -> np.ndarray:
    """Rows along the net as rows counted from the start of a front, and back again."""
    return rows if start == "input" else rows[::-1]


class BranchEnded(ConvergenceError):
    """The unfrozen front cannot be followed further, at its fold (C21); `alpha`: the last α at which it was found."""

    def __init__(self, alpha: float, message: str = ""):
        super().__init__(message or f"the unfrozen front gives way beyond alpha = {alpha:.5g}")
        self.alpha = alpha


class RandomFront:
    """`layers` ≥ 1 solid bond layers growing into a liquid, `levels` RSB steps; remembers its states.

    net_depth: of the finite net whose last step this front is about to take, None for a half-infinite front. ValueError
    for a closure that has no front there, or gives it other sectors than the net (`pieces`).
    """

    def __init__(
        self,
        layers: int,
        levels: int,
        grid: GridSettings,
        closure: str = "symmetric",
        net_depth: int | None = None,
        parisi: tuple[float, ...] | None = None,
        weights: str = "spherical",
    ):
        self.layers, self.grid, self.net_depth = layers, grid, net_depth
        self.closure, self.weights = closure, weights
        self.parisi = uniform_parisi(levels) if parisi is None else parisi
        self.levels = len(self.parisi)
        self.ends = CLOSURES[closure].fronts_from
        self.start = self.ends[0]
        self.known: list[FrontState] = []
        self.growths: dict[float, float] = {}  # log growth by α: a bracket, its root and the slope there share them
        self.check_declaration()

    def check_declaration(self) -> None:
        """ValueError unless the far end of a front can be liquid, and its net is a piece of the net it grows in."""
        part, own = CLOSURES[self.closure], Layers(self.layers + 1)
        if not part.reads(own, ("q", own.depth if self.start == "input" else 0)):
            raise ValueError(
                f"closure = {self.closure!r}: declares a front from the {self.start}, but no sector reads the other "
                "end, which then cannot be liquid; declare the end from which solid layers grow"
            )
        if self.net_depth is None:
            check_pieces(part, Layers(self.layers + 2), {self.start: (own, self.layers)})
            check_next_layers(self.closure, self.layers, self.layers + 3)
        else:
            check_pieces(part, Layers(self.net_depth), {end: (own, self.layers) for end in self.ends})

    def half_infinite(self, alpha: float, depth: int) -> RandomSetting:
        """A net of `depth` whose far end is liquid."""
        far = "output_overlap" if self.start == "input" else "input_overlap"
        nothing = {far: (0.0,) * (self.levels + 1)}
        return self._net(alpha, depth, **nothing)

    def _net(self, alpha: float, depth: int, **ends) -> RandomSetting:
        given = {"parisi": self.parisi, "closure": self.closure, "weights": self.weights}
        return RandomSetting(alpha, Network(depth), **given, **ends)

    def setting(self, alpha: float) -> RandomSetting:
        """The net of depth j+1 with a liquid far end."""
        return self.half_infinite(alpha, self.layers + 1)

    def following(self, alpha: float, solid: np.ndarray, seed: np.ndarray) -> tuple[RandomSetting, np.ndarray]:
        """The net in which the next layer may grow, and its rows along the net: `seed` in that layer.

        solid: rows Q(1), q(1), …, Q(j), q(j) of the front, counted from its start.
        """
        if self.net_depth is None:
            rows = np.vstack([solid, seed[None], seed[None], np.zeros_like(seed)[None]])
            return self.half_infinite(alpha, self.layers + 2), from_start(rows, self.start)

        # the whole net: a front from every end that has one, and the seed in all that is left
        setting = self._net(alpha, self.net_depth)
        rows = np.tile(seed, (2 * self.net_depth - 1, 1))
        for end in self.ends:
            from_start(rows, end)[: len(solid)] = solid
        return setting, rows

    def log_growth(self, alpha: float) -> float:
        """ln of the growth factor of the next layer beside the front at α, squared: ln(α g q_k²) far from an end."""
        if alpha not in self.growths:
            solid = self.at(alpha).x_ri[: 2 * self.layers]
            setting, rows = self.following(alpha, solid, np.zeros(self.levels + 1))
            growth = growth_of_liquid(setting, rows, self.grid).max()
            self.growths[alpha] = 2.0 * float(np.log(max(growth, 1e-300)))
        return self.growths[alpha]

    def solve(self, alpha: float, rows: np.ndarray, track: bool) -> FrontState | None:
        """The fixed point reached from `rows`, counted from the start, or None if the search does not end."""
        setting = self.setting(alpha)
        state = settled(setting, from_start(rows, self.start), self.grid, track)
        return None if state is None else FrontState(alpha, setting.m, state, self.start)

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
            fixed = settled(self.setting(float(target)), near.fixed.x_ri, self.grid, False, within=LARGEST_CHANGE)
            if fixed is not None:
                self.known.append(FrontState(float(target), near.m, fixed, self.start))
                return
            step *= 0.4
            if abs(step) < SMALLEST_STEP:
                raise BranchEnded(near.alpha)

    def root(self, low: float, high: float | None = None) -> float:
        """The α above `low` (a known state) where the next layer starts to grow; `high` guesses an upper bound."""

        def excess(log_alpha):
            return self.log_growth(float(np.exp(log_alpha)))

        below, above = np.log(low), np.log(high or low * STEP)
        while excess(below) > 0.0:
            above, below = below, below - 0.03
        while True:
            try:
                if excess(above) >= 0.0:
                    break
                if above > np.log(NO_FRONT * low) and self.at(float(np.exp(above))).q_ea[-1] < RESOLVED:
                    raise self.absence(np.exp(above))
                below, above = above, above + 0.5 * np.log(STEP)
            except BranchEnded as end:  # the root may lie between the last point tried and the end of the branch
                above = np.log(end.alpha)
                if excess(above) < 0.0:
                    raise
        return float(np.exp(brentq(excess, below, above, xtol=1e-8, rtol=1e-14)))

    def absence(self, alpha: float) -> ConvergenceError:
        """The error of a closure that declares a front where none has grown up to α."""
        layers = f"{self.layers} solid layer{'s' if self.layers > 1 else ''}"
        return ConvergenceError(
            f"closure {self.closure!r}: no front of {layers} grows from the {self.start} up to alpha = {alpha:.5g}, "
            "where one is declared"
        )

    def sensitivity(self, alpha: float) -> tuple[float, float]:
        """d (log growth)/d ln α at a root, and the change of ln q_k² of the tip on a finer field grid."""
        state, step = self.at(alpha), 1e-3
        slope = (self.log_growth(alpha * (1 + step)) - self.log_growth(alpha)) / np.log1p(step)
        fine = chain_map(self.setting(alpha), self.grid.refined())(state.fixed.x_ri, False)
        shifted = MapValue(state.fixed.x_ri + fine.image_ri - state.fixed.value.image_ri, state.fixed.value.blocks)
        moved = fixed_point.assess_error(replace(state.fixed, value=shifted))  # the Newton step the finer map asks for
        moved = from_start(moved, self.start)
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

    def onset(self, alpha: float, distance: float) -> float | None:
        """q_k of the next spin layer at α(1 + distance), reached from a seed of its growing levels beside the front.

        inf if the front freezes, None if the search does not settle.
        """
        solid, beyond = self.at(alpha).x_ri[: 2 * self.layers], alpha * (1.0 + distance)
        setting, rows = self.following(beyond, solid, np.zeros(self.levels + 1))
        growing = growth_of_liquid(setting, rows, self.grid) > 1.0
        setting, rows = self.following(beyond, solid, np.where(growing, distance, 0.0))
        if self.net_depth is None:
            from_start(rows, self.start)[-1] = 0.0  # the bond beside the liquid far end
        reached = settled(setting, rows, self.grid, True)
        if reached is None:
            return None
        x_ri = from_start(reached.x_ri, self.start)
        if x_ri[1, -1] > FROZEN:
            return np.inf
        return float(x_ri[2 * self.layers + 1, -1])


def check_next_layers(closure: str, layers: int, depth: int) -> None:
    """ValueError unless the layers beyond a front of `layers` are alike in half-infinite nets and nets of `depth`."""
    short = Layers(layers + 2)
    layer = layers + 1 if CLOSURES[closure].fronts_from[0] == "input" else 1
    check_repeats(CLOSURES[closure], short, Layers(depth), layer)


def growth_of_liquid(setting: RandomSetting, rows: np.ndarray, grid: GridSettings) -> np.ndarray:
    """Growth factor of every level, (k+1,), among the overlaps that vanish in `rows`: eigenvalues of the map.

    Small overlaps do not mix levels. An overlap and its neighbour feed one another in turn, so that a layer which
    grows by a factor γ in two evaluations has eigenvalues ±γ^{1/2}.
    """
    liquid = np.flatnonzero(rows.max(axis=1) == 0.0)
    blocks = chain_map(setting, grid)(rows, True).blocks
    matrices = np.zeros((rows.shape[1], len(liquid), len(liquid)))
    for a, row in enumerate(liquid):
        for b, column in enumerate(liquid):
            if (row, column) in blocks:
                matrices[:, a, b] = np.diag(blocks[row, column])
    return np.abs(np.linalg.eigvals(matrices)).max(axis=1)


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
