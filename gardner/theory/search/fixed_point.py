"""Fixed points x = F(x) of the saddle-point maps: a Newton method that respects merging levels, and plain damping.

The natural dynamics dx/dt = F(x) - x selects the physical, locally stable solution, but crawls: eigenvalues of the
map approach 1 near transitions, and where q(x) has a plateau the increments of merging levels decay only like 1/t.
`newton` follows the same dynamics with implicit Euler steps of growing pseudo-time τ,

    (1/τ + 1 - J) δd = F(d) - d,          d: increments of the overlaps (`increments`),

small τ first (it tracks the dynamics and so its basin), τ → ∞ at the end (Newton, quadratic convergence). Beside that

* an increment never falls below a fraction of itself in one step, so d ≥ 0 is kept;
* a small, decaying level is merged at once when its growth factor extrapolated to d = 0, 2F(d)/d - M, lies below 1:
  there the fixed point is (nearly) a double root, on which Newton itself only halves the distance;
* at convergence every merged level is tested by its exact growth factor, and the free increments by the leading
  eigenvalue; from an unstable fixed point the search moves on along the unstable direction.

`damped` is the plain iteration x → (1-η) x + η F(x): slow, simple, the oracle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gardner.errors import ConvergenceError
from gardner.theory.search import increments as inc
from gardner.theory.search.frozen import freezing_levels, without_rounding
from gardner.theory.search.pace import Pace

NEGLIGIBLE = 1e-14  # an increment below round-off of the overlaps
MERGEABLE = 1e-3  # largest increment that may be merged in one step
UNSTABLE = 1e-7  # growth factor above 1 at which a merged level counts as unstable
SMALL = 0.02  # a level whose increments are all below this is in the linear regime: it grows or dies
LINEAR = 1e-3  # the same of single layers, beside larger increments of the level in others
BACKWARDS = 0.1  # relative growth of an increment that a step must not turn into its opposite
THAWING = 0.1  # weight of a change of ln(1 - x_k) beside one of x in the length of a step
PACING_ROOM = 1e-6  # 1 - x below which its changes no longer set the pace
FREEZING = 1e-2  # 1 - x below which an overlap that halves it is followed to its image
REOPENINGS = 4  # times a level may be opened again
EPSILON = float(np.finfo(float).eps)
DRAWS = 4  # patterns of round-off tried
CLOSE = 0.5  # part of its length by which a step may miss its end and is accepted whatever the residual does
FAILURES = 25  # rejected steps in a row after which the search gives up


@dataclass(frozen=True)
class MapValue:
    """F at rows x_ri: image_ri, the Jacobian blocks ∂F(x)/∂x (or None), and whatever the caller keeps of it."""

    image_ri: np.ndarray
    blocks: inc.Blocks | None
    payload: object = None


FixedPointMap = Callable[[np.ndarray, bool], MapValue]


@dataclass(frozen=True)
class Iterate:
    """A state of the search: overlaps, F there, residual F(x) - x, and the Jacobian in increments."""

    x_ri: np.ndarray
    value: MapValue
    blocks: inc.Blocks | None
    evaluations: int
    status: str = "stalled"

    @property
    def residual_ri(self) -> np.ndarray:
        return self.value.image_ri - self.x_ri

    @property
    def residual(self) -> float:
        """max |F(x) - x| of the undamped map."""
        return float(np.abs(self.residual_ri).max(initial=0.0))

    def free(self) -> np.ndarray:
        """Increments that are not on an invariant face."""
        d = inc.to_increments(self.x_ri)
        return (d > 0.0) | (d + inc.to_increments(self.residual_ri) > NEGLIGIBLE)


@dataclass(frozen=True)
class Proposal:
    """A trial step: new overlaps, the increment step before limiting, and the levels it merges.

    backwards: an increment that F makes grow would shrink to its floor: τ is beyond the inverse rate of a growing mode.
    defect: of a trial at these overlaps, what the same Jacobian would correct it by (`_missed`).
    """

    x_ri: np.ndarray
    step_ri: np.ndarray
    merged: tuple[int, ...]
    backwards: bool = False
    defect: Callable[[Iterate], np.ndarray] | None = None

    @property
    def length(self) -> float:
        return float(np.abs(inc.to_overlaps(self.step_ri)).max(initial=0.0))


def _mergeable_levels(d, image, free, blocks) -> tuple[int, ...]:
    """Levels whose increments are small in every layer and extrapolate to decay: 2F(d)/d - (M d)/d < 1."""
    matrices = inc.level_matrices(blocks, *d.shape)
    levels = []
    for i in range(d.shape[1]):
        open_rows = free[:, i] & (d[:, i] > 0.0)
        if not open_rows.any() or d[:, i].max() >= MERGEABLE or (image[~open_rows, i] > 1e-13).any():
            continue
        di, fi = d[open_rows, i], image[open_rows, i]
        linear = (matrices[i] @ d[:, i])[open_rows]
        if (fi < di).all() and (2.0 * fi - linear < di).all():
            levels.append(i)
    return tuple(levels)


def _growth_of_small(d: np.ndarray, residual: np.ndarray, blocks: inc.Blocks) -> np.ndarray:
    """M - 1 at the small increments of every level that grow by a factor M per evaluation, 0 at all others.

    There an implicit step with τ (M-1) > 1 would send them the wrong way, to the unstable fixed point at 0. A level may
    be small in some layers only, where they are liquid and about to order. F must then really make them grow: beside
    large increments of other layers a small one may as well have arrived.
    """
    whole = d.max(axis=0) < SMALL
    small = (d > 0.0) & (d < np.where(whole, SMALL, LINEAR))
    part = np.where(small, d, 0.0)
    total = np.where(small.any(axis=0), part.sum(axis=0), 1.0)
    grown = np.where(small, np.einsum("irs,si->ri", inc.level_matrices(blocks, *d.shape), part), 0.0).sum(axis=0)
    rate = np.maximum(grown / total - 1.0, 0.0)
    actual = np.where(small, residual, 0.0).sum(axis=0) / total
    return np.where(whole | small, np.where(whole | (actual > 0.3 * rate), rate, 0.0), 0.0)


def propose(state: Iterate, tau: float, floor: float, merge: bool) -> Proposal:
    """One implicit step of pseudo-time `tau` (∞ is Newton's), limited so that overlaps stay ordered and below 1."""
    d = inc.to_increments(state.x_ri)
    residual = inc.to_increments(state.residual_ri)
    free = state.free()
    merged = _mergeable_levels(d, d + residual, free, state.blocks) if merge else ()
    prescribed = np.zeros_like(d)
    prescribed[:, merged] = -d[:, merged]
    rhs = residual + inc.apply(state.blocks, prescribed) if merged else residual
    solvable = free.copy()
    solvable[:, merged] = False
    shift = np.maximum(1.0 / tau, _growth_of_small(d, residual, state.blocks) / 0.7)
    solve = inc.shifted_solver(state.blocks, solvable, shift)
    step = solve(rhs) + prescribed
    new = np.where(d > 0.0, np.maximum(d + step, floor * d), np.where(free, np.maximum(step, 0.0), 0.0))
    new[:, merged] = 0.0
    new[new < NEGLIGIBLE] = 0.0
    backwards = bool(((d > MERGEABLE) & (residual > BACKWARDS * d) & (d + step < floor * d)).any())
    moved_ri = _freezing(_below_one(inc.to_overlaps(new), state), state)
    moved_ri = without_rounding(moved_ri, state.value.image_ri)

    def defect(trial: Iterate) -> np.ndarray:
        change = inc.to_increments(trial.x_ri) - d
        return solve(inc.to_increments(trial.residual_ri) - shift * change)

    return Proposal(moved_ri, step, merged, backwards, defect)


def _freezing(x_ri: np.ndarray, state: Iterate) -> np.ndarray:
    """Overlaps on their way to 1 take their image instead of Newton's step.

    A spin freezes faster than any power (1 - q ~ e^{-q̂}); between frozen and free lies an unstable fixed point, to
    which Newton's step would turn back.
    """
    room, next_room = 1.0 - state.x_ri, 1.0 - state.value.image_ri
    frozen = (room < FREEZING) & (next_room < 0.5 * room)
    return np.maximum.accumulate(np.where(frozen, np.minimum(state.value.image_ri, 1.0), x_ri), axis=1)


def _below_one(x_ri: np.ndarray, state: Iterate) -> np.ndarray:
    """Scale rows that overshoot: 1 - x_k may shrink to 0.3 of itself, or to its image where that is closer to 1."""
    top = np.maximum(1.0 - 0.3 * (1.0 - state.x_ri[:, -1]), state.value.image_ri[:, -1])
    over = x_ri[:, -1] > top
    x_ri[over] *= (top[over] / x_ri[over, -1])[:, None]
    return x_ri


def _thawing(old_ri: np.ndarray, new_ri: np.ndarray) -> float:
    """Length of a step for the pace of tracking where 1 - x_k grows: THAWING times its largest logarithmic growth.

    The fields go like 1/(1 - x_k): a step that is short beside 1 may be long beside 1 - x_k.
    """
    room, new_room = 1.0 - old_ri[:, -1], 1.0 - new_ri[:, -1]
    tracked = room > PACING_ROOM
    return THAWING * float(np.log(np.maximum(new_room[tracked] / room[tracked], 1.0)).max(initial=0.0))


def _evaluate(function: FixedPointMap, x_ri: np.ndarray, evaluations: int) -> Iterate | None:
    """F and its Jacobian at x, or None where the equations have no meaning there."""
    try:
        with np.errstate(divide="raise", invalid="raise", over="raise"):
            value = function(x_ri, True)
    except (ArithmeticError, np.linalg.LinAlgError):
        return None
    if not np.isfinite(value.image_ri).all():
        return None
    return Iterate(x_ri, value, inc.transform_blocks(value.blocks), evaluations + 1)


def _within_room(d_ri: np.ndarray, state: Iterate) -> float:
    """The factor ≤ 1 by which a push d is shortened so that no 1 - x_k is halved."""
    rise, room = inc.to_overlaps(d_ri)[:, -1], 1.0 - state.x_ri[:, -1]
    rising = (rise > 0.0) & (room > NEGLIGIBLE)
    return min(1.0, 0.5 * float((room[rising] / rise[rising]).min(initial=np.inf)))


def _destabilised(state: Iterate, opened_i: np.ndarray) -> np.ndarray | None:
    """A push off an unstable fixed point, or None where the state is stable.

    Unstable merged levels are opened along their growing direction; if there are none, an unstable mode of the free
    increments is followed, first towards larger overlaps, the next time towards smaller ones. `opened_i` counts the
    openings of each level.
    """
    free = state.free()
    growth_i, direction_ri = inc.split_growth(state.blocks, free)
    unstable = (growth_i > 1.0 + UNSTABLE) & (opened_i < REOPENINGS)
    d = inc.to_increments(state.x_ri)
    if unstable.any():
        opened_i[unstable] += 1
        opened = direction_ri * np.where(unstable, np.minimum(1e-2, 30.0 * (growth_i - 1.0)), 0.0)
        # the rest of the growing mode: how the free increments answer, so that a frozen x_k stays where it is
        shift_i = np.full(len(growth_i), growth_i[unstable].max() - 1.0)
        opened += inc.solve_shifted(state.blocks, inc.apply(state.blocks, opened), free, shift_i)
        opened *= _within_room(opened, state)
        return _below_one(inc.to_overlaps(np.maximum(d + opened, 0.1 * d)), state)
    value, mode_ri = inc.leading_mode(state.blocks, free)
    if not value > 1.0 + 10.0 * UNSTABLE or opened_i.max() >= REOPENINGS:
        return None
    opened_i += 1
    sign = 1.0 if (inc.to_overlaps(mode_ri).sum() > 0.0) == (opened_i.max() % 2 == 1) else -1.0
    length = min(1e-2, 10.0 * (value - 1.0)) * state.x_ri.max()
    d = np.maximum(d + sign * length * mode_ri, 0.1 * d)
    return _below_one(inc.to_overlaps(d), state)


def newton(
    function: FixedPointMap,
    start_ri: np.ndarray,
    tolerance: float = 1e-9,
    max_evaluations: int = 200,
    track: bool = True,
    watch: Callable[[Iterate], None] | None = None,
) -> Iterate:
    """Newton's method in pseudo-time (module docstring); `watch` sees every accepted state and may raise to stop.

    track: follow the dynamics in short steps first (from a rough start); False starts at τ = 10 (from a good one).
    A start must have its levels spread (`spread`): a merged level is only opened once all else has converged.
    Converged means: residual, last step and the Newton step all below `tolerance`, no unstable merged level.
    """
    state = _evaluate(function, start_ri, 0)
    if state is None:
        raise ConvergenceError("the map has no value at the starting point: the parameters are too extreme")
    pace = Pace(1.0, True) if track else Pace(10.0, False, is_near=True)
    opened_i = np.zeros(start_ri.shape[1], dtype=int)
    failures = 0
    while state.evaluations < max_evaluations and failures < FAILURES:
        proposal = propose(state, pace.tau, 0.3 if pace.tracking else 0.1, merge=not pace.tracking)
        moved = float(np.abs(proposal.x_ri - state.x_ri).max(initial=0.0))
        if pace.turn(proposal.backwards) or pace.shorten(max(moved, _thawing(state.x_ri, proposal.x_ri))):
            continue
        if pace.loses_track(moved):
            pace = Pace(1.0, True)
            continue
        trial = _evaluate(function, proposal.x_ri, state.evaluations)
        missed = _missed(trial, proposal, pace)
        if trial is None or not (missed < CLOSE or _acceptable(state, trial, proposal, pace)):
            pace.tau /= 4.0
            failures += 1
            state = replace(state, evaluations=state.evaluations + 1)
            continue
        failures = 0
        pace.advance(state.residual, trial.residual, missed)
        state = trial
        if watch is not None:
            watch(state)
        if not pace.tracking and max(proposal.length, moved, state.residual) < tolerance and pace.tau > 1e4:
            pushed = _destabilised(state, opened_i)
            if pushed is None:
                return replace(state, status="converged")
            state = _evaluate(function, pushed, state.evaluations) or state
            pace = Pace(1.0, True)
    return state


def spread(x_ri: np.ndarray, amount: float = 0.1) -> np.ndarray:
    """Overlaps with merged and vanishing levels opened a little: x + `amount` of the straight line to x_k.

    Rows that vanish altogether get a small seed, from which a stable liquid layer dies out again. Beside frozen levels
    the pieces between the jumps of q(x) are opened instead, by a fraction of what is left to 1.
    """
    levels = x_ri.shape[1]
    first, *jumps = [*freezing_levels(x_ri), levels]
    piece = x_ri[:, :first]
    line = np.arange(1, first + 1) / first
    top = np.where(piece[:, -1:] > 1e-3, piece[:, -1:], 1e-3)
    opened = x_ri.copy()
    opened[:, :first] = (1.0 - amount) * piece + amount * line * top

    # beyond a jump what is frozen stays so, and the levels open downwards by a fraction of what is left to 1
    for start, stop in zip([first, *jumps], jumps):
        piece, below = x_ri[:, start:stop], x_ri[:, start - 1 : start]
        room = np.minimum(piece - below, 1.0 - piece)
        opened[:, start:stop] -= amount * np.linspace(1.0, 0.0, stop - start) * room
    return np.maximum.accumulate(opened, axis=1)


def _missed(trial: Iterate | None, proposal: Proposal, pace: Pace) -> float:
    """By how much of its length a step misses the solution of δ/τ = F(d+δ) - d - δ, by the old Jacobian. (C60)

    Well below 1 that Jacobian still holds at the new state. The residual may have risen meanwhile: a long step along a
    soft mode leaves a residual in stiff ones, which the next step removes. Asked only of searches that start near their
    end (infinite otherwise): modes that still grow must be followed, and τ not pass the inverse of their rate. Nor
    beside freezing overlaps, whose fields change by orders of magnitude within a step.
    """
    if not pace.is_near or trial is None or (trial.x_ri > 1.0 - FREEZING).any():
        return np.inf
    length = float(np.abs(inc.to_overlaps(proposal.defect(trial))).max(initial=0.0))
    return length / max(proposal.length, 1e-300)


def _acceptable(state: Iterate, trial: Iterate, proposal: Proposal, pace: Pace) -> bool:
    """The residual falls, or rises no more than the linear model of growing modes predicts."""
    if proposal.merged:
        return trial.residual < max(1e-2, 1.3 * state.residual)
    predicted = proposal.length / pace.tau
    bound = (2.0 if pace.tracking else 1.3) * max(state.residual, 1.2 * predicted)
    return trial.residual < max(bound, 1e-11)


def damped(
    function: FixedPointMap,
    start_ri: np.ndarray,
    tolerance: float = 1e-9,
    max_evaluations: int = 20000,
    damping: float = 0.7,
    watch: Callable[[Iterate], None] | None = None,
) -> Iterate:
    """x → (1-η) x + η F(x) until the residual falls below `tolerance`."""
    x_ri, state = start_ri, None
    for evaluations in range(1, max_evaluations + 1):
        try:
            value = function(x_ri, False)
        except ArithmeticError as problem:
            if state is None:
                raise ConvergenceError("the map has no value at the starting point") from problem
            return state
        state = Iterate(x_ri, value, None, evaluations)
        if watch is not None:
            watch(state)
        if state.residual < tolerance:
            return replace(state, status="converged")
        x_ri = x_ri + damping * state.residual_ri
    return state


def assess_error(state: Iterate) -> np.ndarray:
    """Estimated error of every overlap: the Newton step from here, mergers included.

    At a double root (a merging level) Newton's step is half the distance, but the merger itself is then part of
    the step. The estimate is good to the order of its square.
    """
    return propose(state, np.inf, 0.0, merge=True).x_ri - state.x_ri


def rounding_error(state: Iterate) -> np.ndarray:
    """How far round-off displaces the fixed point: (1 - J)⁻¹ applied to overlaps that err by half a unit of last place.

    Overlaps near 1 err by EPSILON/2; where the leading eigenvalue approaches 1, as at the end of a branch, this is
    amplified. The largest displacement among DRAWS random patterns of signs, per overlap.
    """
    rng = np.random.default_rng(0)
    free, worst = state.free(), np.zeros_like(state.x_ri)
    solve = inc.shifted_solver(state.blocks, free, np.zeros(free.shape[1]))
    for _ in range(DRAWS):
        noise = 0.5 * EPSILON * rng.choice([-1.0, 1.0], state.x_ri.shape)
        step = solve(inc.to_increments(noise))
        worst = np.maximum(worst, np.abs(inc.to_overlaps(step)))
    return worst


def leading_eigenvalue(state: Iterate) -> float:
    """Largest real part of the spectrum of the undamped map: locally stable below 1."""
    return inc.leading_eigenvalue(state.blocks, state.free())


def with_jacobian(function: FixedPointMap, state: Iterate) -> Iterate:
    """The same state with its Jacobian (damped iterations carry none)."""
    if state.blocks is not None:
        return state
    full = _evaluate(function, state.x_ri, state.evaluations)
    return state if full is None else replace(full, status=state.status, evaluations=state.evaluations)
