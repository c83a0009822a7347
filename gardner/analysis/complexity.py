"""Complexity of one-step states: how many there are of which entropy, at any depth.

A saddle point of one step at Parisi parameter m weighs states with the power m of their volume
(Monasson). With s(m) per N·M, stationary in the overlaps,

    Σ(m) = -m² ds/dm,      s_int(m) = d(m s)/dm,      dΣ/ds_int = -m,                          (C38)

ds/dm from (C10), at fixed overlaps; for closures with sites from differences of s. e^{NMΣ} states
have the internal entropy s_int. On the physical branch, m s(m) convex, Σ falls along m; it vanishes
at the thermodynamic m*, where s(m) is smallest, and is negative beyond, where typical samples have
no such state. Where Σ(1) > 0 there are states enough at m = 1: the volume is that of RS, but falls
apart into them. Where Σ rises with m (small m) nothing is claimed; R < 0 there in all cases seen.

Stability. A level that opens between m and m + dm acts on nothing but itself: its block of the
Jacobian, taken over all layers, is what multiplies an infinitesimal split of the states' overlaps.
The states are stable while

    R = 1 - (largest eigenvalue of that block)                                                 (C44)

is positive; at L = 1 this is R_1 of (C7). The eigenvalue is that of the undamped map, for any
closure.

The branch is that of the innermost states: the search starts from overlaps close to 1 in the middle
of the grid of m and follows what it finds from m to m. Where the two levels merge, or no solution
is found, the branch has ended; the end is then narrowed down to NARROW. A saddle point of one step
with R < 0 is kept, as the trial that it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from scipy.optimize import brentq

from gardner.checks import finite
from gardner.errors import ConvergenceError, FrozenError
from gardner.model import CLOSURES, SMALLEST_PARISI, Network, RandomSetting, SolverSettings
from gardner.potentials import Potential, read_potential
from gardner.potentials.hard import HardCore
from gardner.results import schema as words
from gardner.results.base import Result, labelled
from gardner.results.tables import print_table
from gardner.theory.assessment import branch_ended
from gardner.theory.chain import evaluate, impose_boundaries
from gardner.theory.optimal_parisi import slopes
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.random_setting import Search
from gardner.theory.search.fixed_point import Iterate
from gardner.values import ByValue

HIGH = (0.99, 0.9, 0.999)  # inner overlaps from which the search starts
OUTER = 0.3  # outer overlap there, relative to the inner one
MERGED = 1e-4  # difference of the levels below which there is one state only
CLOSING = 0.05  # difference of the levels at the end of a branch below which they merge there
OPENING = 1e-3  # by which levels are opened from one m to the next
NARROW = 1e-3  # to which the end of a branch is found
ALMOST_ONE = 1.0 - 1e-9  # stands for m = 1
DIFFERENCE = 1e-3  # of m, where ds/dm is a difference of s
PROBE = 1e-7  # distance in m, relative to 1 - m or m, of the level without weight
ENDS = {
    "grid": "end of the grid",
    "merged": "the overlaps of the two levels merge",
    "lost": "no solution is found beyond",
}


ADVICE = "there are none (RS holds, or no volume is left), or they lie at other m; change --alpha, or give more --m"


@dataclass(frozen=True, eq=False)
class StateCount(ByValue):
    """One m: s, Σ and s_int per N·M, R of (C44), and the rows Q(1), q(1), …, both levels each."""

    m: float
    free_entropy: float
    complexity: float
    internal_entropy: float
    stability: float
    rows: np.ndarray


DIGITS = ("g", ".8f", ".6e", ".6e", ".8f", ".6f", ".6f")  # of m, s, Σ, Σ/weight, s_int, R and Q in the table


@dataclass(frozen=True, eq=False)
class Complexity(Result):
    """Σ(m) along one branch of one-step states.

    Attributes
    ----------
    alpha, depth, closure, potential
        What was asked for.
    m_j : ndarray
        The m at which the branch exists, increasing.
    free_entropy_j, complexity_j, internal_entropy_j : ndarray
        s, Σ, s_int per N·M.
    weight_complexity_j : ndarray
        Σ per weight, αΣ/L.
    stability_j : ndarray
        R of (C44).
    Q_jlo : ndarray
        Q of layer l = 1…L at both levels.
    static_m, static_entropy : float, optional
        m* with Σ = 0 and s there (None: Σ has no zero on the branch).
    unstable_m : float, optional
        Where R changes sign (None: nowhere).
    lower_end, upper_end : float
        How far in m the branch goes.
    lower_reason, upper_reason : str
        Each one of ENDS.
    status : str
        "converged" or "no_solution".
    seconds : float
        Wall time.
    parameters : dict
        What was asked for.
    """

    alpha: float
    depth: int = labelled(type=words.COUNT)
    closure: str = labelled(type=CLOSURES)
    potential: Potential = labelled(hidden=True)
    m_j: np.ndarray = labelled("Parisi parameter m", axes="point", key="m")
    free_entropy_j: np.ndarray = labelled("free entropy s per NM", axes="point", key="free_entropy")
    complexity_j: np.ndarray = labelled("complexity Σ per NM", axes="point", key="complexity")
    internal_entropy_j: np.ndarray = labelled("internal entropy per NM", axes="point", key="internal_entropy")
    weight_complexity_j: np.ndarray = labelled("complexity Σ per weight", axes="point", key="complexity_per_weight")
    stability_j: np.ndarray = labelled("stability R of the states", axes="point", key="stability")
    Q_jlo: np.ndarray = labelled("bond overlap Q(l)", axes=("point", "bond_layer", "level"), key="Q")
    static_m: float | None
    static_entropy: float | None
    unstable_m: float | None
    lower_end: float
    lower_reason: str = labelled(type=tuple(ENDS))
    upper_end: float
    upper_reason: str = labelled(type=tuple(ENDS))
    status: str = "converged"
    seconds: float = field(default=0.0, compare=False)
    parameters: dict = field(default_factory=dict)

    kind = "complexity"
    axis_lengths: ClassVar[dict] = {"level": lambda document: 2, "bond_layer": lambda document: int(document["depth"])}
    drawing = "gardner.plotting.complexity:complexity_figure"

    def case(self) -> tuple:
        """Closure, depth, α and potential, by which `closure_verdict` judges."""
        return self.closure, self.depth, self.alpha, self.potential

    def body(self) -> dict:
        """The entries of the document, with those of the potential."""
        return super().body() | self.potential.attributes

    @classmethod
    def from_body(cls, body: dict, **header) -> Complexity:
        """The inverse of `body`."""
        if (body["static_m"] is None) != (body["static_entropy"] is None):
            raise ValueError("static_m and static_entropy must be null together")
        return super().from_body(body, potential=read_potential(body), **header)

    def tell(self) -> None:
        """Print the table and the marked points."""
        if not len(self.m_j):
            print(f"no state with two levels at α = {self.alpha:g} on this grid of m: {ADVICE}")
            return
        rows = [
            [format(value, digits) for value, digits in zip(row, DIGITS)]
            for row in zip(
                self.m_j, self.free_entropy_j, self.complexity_j, self.weight_complexity_j, self.internal_entropy_j,
                self.stability_j, self.Q_jlo[:, :, 1].max(axis=1),
            )
        ]  # fmt: skip
        title = f"one-step states, α = {self.alpha:g}, L = {self.depth}, {self.potential.title}, {self.closure} closure"
        print_table(title, ["m", "s", "Σ", "Σ/weight", "s_int", "R", "largest Q"], rows)
        if self.static_m is not None:
            print(f"Σ = 0 at m* = {self.static_m:.8g}: the thermodynamic state, s = {self.static_entropy:.10g}")
        elif self.complexity_j[-1] > 0.0:
            print("Σ > 0 on the whole branch: states enough up to its upper end")
        else:
            print("Σ < 0 on the whole branch: typical samples have no such states")
        if self.unstable_m is not None:
            print(f"R = 0 at m = {self.unstable_m:.6g}: where R < 0 the states break up further")
        for side, end, reason in (
            ("below", self.lower_end, self.lower_reason),
            ("above", self.upper_end, self.upper_reason),
        ):
            if reason != "grid":
                print(f"the branch ends {side} at m = {end:.5g}: {ENDS[reason]}")


class Branch:
    """The one-step states of one setting, followed along m."""

    def __init__(self, setting: RandomSetting, solver: SolverSettings):
        self.setting, self.solver = setting, solver
        self.grid = GridSettings.for_accuracy(solver.accuracy)

    def at(self, m: float) -> RandomSetting:
        """The setting with this m."""
        return replace(self.setting, parisi=(min(m, ALMOST_ONE),))

    def begin(self, m: float) -> StateCount | None:
        """The innermost state at m, searched from overlaps close to 1; None if there is none."""
        count = 2 * self.setting.network.depth - 1
        for inner in HIGH:
            found = self.follow(m, np.tile([OUTER * inner, inner], (count, 1)))
            if found is not None:
                return found
        return None

    def follow(self, m: float, rows: np.ndarray) -> StateCount | None:
        """The state at m next to given rows; None where the levels merge or the search fails."""
        setting = self.at(m)
        search = Search(setting, self.solver)
        try:
            state = search.follow(rows, OPENING)
        except (ConvergenceError, FrozenError, ArithmeticError):
            return None
        if state.status != "converged" or np.ptp(state.x_ri, axis=1).max() < MERGED or branch_ended(state, setting):
            return None
        return self.describe(m, state, setting)

    def describe(self, m: float, state: Iterate, setting: RandomSetting) -> StateCount:
        """s, Σ, s_int and R of a saddle point."""
        s, slope = state.value.payload.free_entropy, self.slope(m, state, setting)
        stability = split_stability(state.x_ri, setting, self.grid)
        return StateCount(m, s, -(m**2) * slope, s + m * slope, stability, state.x_ri)

    def slope(self, m: float, state: Iterate, setting: RandomSetting) -> float:
        """ds/dm, by (C10) or, where sites make that unknown, by differences of s."""
        if not CLOSURES[setting.closure].has_sites or setting.network.depth == 1:
            return float(slopes(state, setting, self.grid)[0])
        step, s = DIFFERENCE * min(m, 1.0), state.value.payload.free_entropy
        if m + step < ALMOST_ONE:
            return (self._entropy(m + step, state.x_ri) - self._entropy(m - step, state.x_ri)) / (2.0 * step)
        one, two = (self._entropy(min(m, ALMOST_ONE) - n * step, state.x_ri) for n in (1, 2))
        return (3.0 * s - 4.0 * one + two) / (2.0 * step)

    def _entropy(self, m: float, rows: np.ndarray) -> float:
        """s at the saddle point next to these rows, nan if there is none."""
        state = Search(self.at(m), self.solver).follow(rows, OPENING)
        return state.value.payload.free_entropy if state.status == "converged" else np.nan


def split_stability(rows: np.ndarray, setting: RandomSetting, grid: GridSettings) -> float:
    """R of (C44) of a one-step saddle point with these rows (Q(1), q(1), …), (2L-1, 2)."""
    m = setting.parisi[0]
    probe = m + PROBE * (1.0 - m) if m < 0.5 else m - PROBE * m
    wider = replace(
        setting,
        parisi=tuple(sorted((m, probe))),
        input_overlap=setting.input_overlap + setting.input_overlap[-1:],
        output_overlap=setting.output_overlap + setting.output_overlap[-1:],
    )
    opened = impose_boundaries(wider).replaced(np.column_stack([rows, rows[:, 1]]))
    blocks = evaluate(opened, wider, grid, with_jacobian=True).jacobian
    growth = np.zeros((len(rows), len(rows)))
    for (row, column), block in blocks.items():
        growth[row, column] = block[1, 1]
    return 1.0 - float(np.linalg.eigvals(growth).real.max())


def follow_branch(
    branch: Branch, grid: Sequence[float], watch: Callable[[str], None] | None = None
) -> tuple[list[StateCount], tuple[float, str], tuple[float, str]]:
    """The states at those m of the grid where the branch exists, and how it ends on both sides."""

    def seen(m):
        if watch is not None:
            watch(f"m = {m:.4g}")

    # a start anywhere on the grid, from the middle outwards
    middle = len(grid) // 2
    for index in sorted(range(len(grid)), key=lambda i: abs(i - middle)):
        seen(grid[index])
        first = branch.begin(grid[index])
        if first is not None:
            break
    else:
        return [], (np.nan, "lost"), (np.nan, "lost")
    found, ends = [first], []
    for wanted in (grid[:index][::-1], grid[index + 1 :]):
        last, end = first, None
        for m in wanted:
            seen(m)
            point = branch.follow(m, last.rows)
            if point is None:
                last = _narrow_end(branch, last, m)
                end = last.m, "merged" if np.ptp(last.rows, axis=1).max() < CLOSING else "lost"
                if last.m != found[-1].m:
                    found.append(last)
                break
            found.append(point)
            last = point
        ends.append(end or (last.m, "grid"))
    return sorted(found, key=lambda point: point.m), ends[0], ends[1]


def _narrow_end(branch: Branch, last: StateCount, beyond: float) -> StateCount:
    """The last state of a branch between one of it and an m at which there is none."""
    while abs(beyond - last.m) > NARROW * last.m:
        point = branch.follow(0.5 * (last.m + beyond), last.rows)
        if point is None:
            beyond = 0.5 * (last.m + beyond)
        else:
            last = point
    return last


def _zero(branch: Branch, points: list[StateCount], name: str) -> StateCount | None:
    """The first point of the branch, along m, at which a field changes its sign."""
    for left, right in zip(points, points[1:]):
        if getattr(left, name) * getattr(right, name) > 0.0:
            continue
        known = {left.m: left, right.m: right}

        def value(m, known=known):
            if m not in known:
                near = min(known.values(), key=lambda point: abs(point.m - m))
                known[m] = branch.follow(m, near.rows)
            if known[m] is None:
                del known[m]
                return np.nan
            return getattr(known[m], name)

        try:
            root = brentq(value, left.m, right.m, xtol=1e-10)
        except ValueError:  # nan: the branch has a hole here
            return None
        return known.get(root)
    return None


def complexity_curve(
    alpha: float,
    depth: int = 1,
    m: Sequence[float] = tuple(np.linspace(0.05, 1.0, 20)),
    potential: Potential | None = None,
    closure: str = "symmetric",
    watch: Callable[[str], None] | None = None,
    **solver,
) -> Complexity:
    """Σ(m), s_int(m) and the stability of the one-step states of a net with random patterns.

    Parameters
    ----------
    alpha, depth, potential, closure
        As for `solve_random`.
    m : sequence of float
        Parisi parameters in (0, 1], 1 for the limit m → 1.
    watch : callable, optional
        Sees a line of text before each m.
    **solver
        Fields of SolverSettings.

    Returns
    -------
    Complexity
        Its status is "converged", or "no_solution" if no m of the grid has a state with two
        levels.

    Raises
    ------
    ValueError
        For impossible input.
    """
    began, grid = time.perf_counter(), checked_grid(m)
    setting = RandomSetting(alpha, Network(depth), potential or HardCore(), (0.5,), closure=closure)
    branch = Branch(setting, SolverSettings(**solver))
    points, lower, upper = follow_branch(branch, grid, watch)
    static = _zero(branch, points, "complexity")
    unstable = _zero(branch, points, "stability")
    table = {name: np.array([getattr(point, name) for point in points]) for name in StateCount.__dataclass_fields__}
    given = {"alpha": alpha, "depth": depth, "closure": closure, "m": list(grid)} | setting.potential.attributes
    return Complexity(
        setting.alpha, setting.network.depth, closure, setting.potential,
        table["m"], table["free_entropy"], table["complexity"], table["internal_entropy"],
        setting.alpha / setting.network.depth * table["complexity"], table["stability"],
        np.array([point.rows[0::2] for point in points]).reshape(len(points), setting.network.depth, 2),
        None if static is None else static.m, None if static is None else static.free_entropy,
        None if unstable is None else unstable.m, *lower, *upper,
        "converged" if points else "no_solution", time.perf_counter() - began, given,
    )  # fmt: skip


def checked_grid(m: Sequence[float]) -> tuple[float, ...]:
    """The m, increasing; ValueError unless there are some, different, in [SMALLEST_PARISI, 1]."""
    grid = tuple(sorted(finite("m", value) for value in m))
    if not grid:
        raise ValueError("m: no value given; give some in (0, 1], as in 0.1:1:10")
    for value in grid:
        if not SMALLEST_PARISI <= value <= 1.0:
            raise ValueError(f"m = {value:g}: must lie between {SMALLEST_PARISI:g} and 1")
    if len(set(grid)) < len(grid):
        raise ValueError(f"m = {', '.join(f'{value:g}' for value in grid)}: give each value once")
    return grid
