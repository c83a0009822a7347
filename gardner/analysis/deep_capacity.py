"""Where the storage problem of a net of depth L ≥ 2 stops having solutions: symmetric closure, against counting.

Counting bound. What no net of signs can store, (C11), stands in `theory.counting`.

RS, exactly. In the limit 1 - Q(l) = a_l ε, 1 - q(l) = χ_l ε, ε → 0 (all layers freeze together), with
D_l = a_l + χ_{l-1} + χ_l and I(κ) = ∫_{-κ}^∞ Dt (t+κ)²,

    ε s → Σ_l [ 1/(2α a_l) - I/(2 D_l) ] + Σ_{l<L} 1/(π χ_l),

homogeneous, so that its stationary points are its zeros:

    D_l = r a_l,  r = sqrt(αI);    1/χ_l² = c [(χ_{l-1}+χ_l)^{-2} + (χ_l+χ_{l+1})^{-2}],  c = (πI/2)(1-1/r)².   (C12)

χ_0 = χ_L = 0. The recursion has a positive solution for one c = c(L) only: c(2) = 1/2, c(3) = 4/5, c(L) < 1.
RS ends at α = r²/I: 2/(1-sqrt(2/π))² = 48.96 for L = 2, κ = 0; for L ≥ 3, κ = 0, c(L) > π/4 and RS never ends. Both
violate (C11).

1RSB. At a fixed m > 0 clusters are weighted by their size and solutions exist at every α; capacity is where the
*optimal* m vanishes, as at L = 1 (`optimal`). Among the solutions there is one with locked hidden spins: inside a
cluster all q(l) are 1 up to exponentially small terms and 1 - Q ∝ m, while clusters differ, 0 < Q_0, q_0 < 1. On it
s(m) = c(α)/m + O(ln m): the minimum over m exists for c > 0, moves to m = 0 where c vanishes, and s → -∞ there. The
threshold α*(m), at which ds/dm = 0 (C10), is followed to m → 0 by a fit of a + b m + c m ln m.                (C13)

Margins. Towards negative κ the threshold diverges at a finite κ (L = 2: about -.6, L = 3: -.38, L = 6: -.2), beyond
which this branch has no end; at κ > 2 or so 1 - q is no longer exponentially small but ∝ m, like 1 - Q, and α*
approaches the RS value of (C12) from below.

What this cannot claim. (i) The symmetric closure is itself an approximation (THEORY section 2). (ii) One step only:
the branch is unstable against further steps (L = 2, m = 0.1: split growth 1.35 of the outer level, 1.23 of the inner),
which lower the threshold by an amount not computed here (at L = 1, κ = -0.5 by 0.1 %). (iii) Other solutions were not
searched: the number is where *this* branch ends, no proof of unsatisfiability. (iv) It says nothing about algorithms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from gardner.checks import checked_margin
from gardner.errors import ConvergenceError
from gardner.model import MAX_DEPTH, Network, RandomSetting, whole
from gardner.perceptron.closed_form import rs_capacity
from gardner.potentials.hard import HardCore
from gardner.theory.chain import ChainState, evaluate, parisi_gradient
from gardner.theory.counting import counting_bound
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.search import fixed_point, mirror
from gardner.values import ByValue

PARISI = (0.1, 0.05, 0.025, 0.0125, 0.00625)  # m at which α*(m) is computed
ACCURACY = 1e-10
TOLERANCE = 1e-8
CLOSURE = "symmetric"  # of every number here but the counting bound
ROOM_TOLERANCE, TIGHTEST = 1e-2, 1e-11  # Newton's tolerance as a fraction of the smallest 1 - Q, and its floor
STEP, RETRIES = 1.002, 4  # first factor in α while a sign change of ds/dm is looked for, and failures forgiven
FARTHEST = 0.7  # largest |ln| of the factor tried
PATH_PRECISION = 1e-4  # relative, of α* on the way
FIRST_STEP, LONGEST_STEP, SHORTEST_STEP = 0.1, 0.6, 2e-3  # of asinh κ on the way
LARGEST_CHANGE = 0.5  # of ln(α*/α_RS) expected in one step
NEGATIVE = -0.65  # κ below which no branch ends: L = 2 has α*(m = 0.1) = 2e4 at κ = -.607, deeper nets diverge earlier
LARGEST_ALPHA = 1e3  # of α*(m = 0.1) on the way to negative κ, where α* diverges at a finite κ
DEEPEST = 8  # beyond, the rough start misses the branch
Watch = Callable[[str], None]


def freezing_constant(depth: int) -> float:
    """c(L) of (C12): 1/2, 4/5, .933, … for L = 2, 3, 4, and below 1 by some exp(-2^{L/2}) further on.

    With g_l = (1 + χ_{l+1}/χ_l)^{-2} the recursion is g_l = 1/c - 1 + 2 sqrt(g_{l-1}) - g_{l-1} from g_0 = 0, and the
    end χ_L = 0 asks for g_{L-1} = 1. The last g rises with 1/c - 1.
    """
    depth = whole("depth", depth, 2, MAX_DEPTH)

    def missing(log_excess: float) -> float:
        g, excess = 0.0, np.exp(log_excess)
        for _ in range(depth - 1):
            g = min(excess + 2.0 * np.sqrt(g) - g, 1.0)
        return g - 1.0 + excess * (g == 1.0)  # beyond the zero the sign is what matters

    smallest = np.log(np.finfo(float).eps)
    if missing(smallest) >= 0.0:
        return 1.0
    return float(1.0 / (1.0 + np.exp(brentq(missing, smallest, 1e-3, xtol=1e-15, rtol=1e-14))))


def rs_chain_capacity(depth: int, margin: float = 0.0) -> float:
    """Where the RS solution of the symmetric closure ends (C12); inf if it never does."""
    depth, square = whole("depth", depth, 1, MAX_DEPTH), 1.0 / rs_capacity(margin)
    if depth == 1:
        return 1.0 / square
    rest = np.sqrt(2.0 * freezing_constant(depth) / (np.pi * square))  # 1 - 1/r
    return float("inf") if rest >= 1.0 else float(1.0 / (square * (1.0 - rest) ** 2))


@dataclass(frozen=True, eq=False)
class LockedBranch(ByValue):
    """α* (and the overlaps there) against m; alpha: its limit m → 0 with error."""

    depth: int
    margin: float
    m: tuple[float, ...]
    alpha_m: tuple[float, ...]
    alpha: float
    error: float
    x_ri: np.ndarray  # overlaps at the smallest m: Q(1), q(1), … Q(L) as rows, levels 0 and 1


def _solution(alpha, depth, margin, m, start):
    """Fixed point of (T11) at one step m from `start`, mirrored as the net is (`mirror`); ds/dm there."""
    setting = RandomSetting(alpha, Network(depth), HardCore(margin), (m,))
    base = ChainState(np.ones((depth + 1, 2)), np.ones((depth, 2)))
    grid = GridSettings.for_accuracy(ACCURACY)

    def function(x_ri, with_jacobian):
        state = base.replaced(mirror.unfold(x_ri))
        value = evaluate(state, setting, grid, with_jacobian, mirrored=True)
        blocks = None if value.jacobian is None else mirror.fold_blocks(value.jacobian, len(start))
        return fixed_point.MapValue(mirror.fold(value.image.unknowns()), blocks, (state, value))

    tolerance = float(np.clip(ROOM_TOLERANCE * (1.0 - start[0::2, 1]).min(), TIGHTEST, TOLERANCE))
    result = fixed_point.newton(function, mirror.fold(start), tolerance, 120, track=False)
    if result.status != "converged" or result.x_ri[0, 0] < 1e-6 or np.any(result.x_ri[1::2, 1] < 0.9):
        raise ConvergenceError(f"no locked solution at α = {alpha:.6g}, m = {m:.3g}", result)
    state, value = result.value.payload
    return mirror.unfold(result.x_ri), float(parisi_gradient(state, value.fields, setting, grid)[0])


def _threshold(
    depth: int, margin: float, m: float, alpha: float, start: np.ndarray, precision: float = 1e-9
) -> tuple[float, np.ndarray]:
    """α*(m) to the relative `precision`: the zero of ds/dm, which rises with α, and the overlaps there.

    `alpha` is the guess; the sign change is looked for up to a factor FARTHEST from it, in growing steps.
    """
    latest = [start]

    def slope(trial):
        latest[0], value = _solution(trial, depth, margin, m, latest[0])
        return value

    low = high = alpha
    value = slope(alpha)
    sign, step, failures = np.sign(value), STEP if value < 0.0 else 1.0 / STEP, 0
    while np.sign(value) == sign:
        low = high
        if abs(np.log(low / alpha)) > FARTHEST:
            raise ConvergenceError(f"ds/dm keeps its sign from α = {alpha:.3g} to {low:.3g}", latest[0])
        try:
            high = low * step
            value, step = slope(high), step**1.8
        except ConvergenceError:
            # the step left the branch: go on from the last solution with a shorter one
            high, step, failures = low, step**0.25, failures + 1
            if failures > RETRIES:
                raise
    return float(brentq(slope, *sorted((low, high)), xtol=precision * alpha, rtol=1e-14)), latest[0]


def _rough_start(depth: int, m: float) -> np.ndarray:
    """Overlaps typical of the locked branch."""
    x_ri = np.empty((2 * depth - 1, 2))
    x_ri[0::2] = 0.65, 1.0 - 5e-3 * m
    x_ri[1::2] = 0.4, 1.0 - 1e-7
    return x_ri


def _limit(m: np.ndarray, alpha_m: np.ndarray) -> float:
    return float(np.linalg.lstsq(np.column_stack([np.ones_like(m), m, m * np.log(m)]), alpha_m, rcond=None)[0][0])


def _shrunk(x_ri: np.ndarray, factor: float) -> np.ndarray:
    """Overlaps with 1 - x_k scaled: on the locked branch 1 - Q ∝ m."""
    return np.column_stack([x_ri[:, 0], 1.0 - factor * (1.0 - x_ri[:, 1])])


def parisi_scale(margin: float) -> float:
    """Factor by which m must shrink at large κ: there 1 - Q ∝ m κ², and the fit in m needs 1 - Q ≪ 1."""
    return min(1.0, 4.0 / margin**2) if margin > 0.0 else 1.0


def _first_threshold(depth: int, margin: float, watch: Watch) -> tuple[float, np.ndarray]:
    """α*(m) at the largest m: found at κ = 0, where the counting bound tells the place, then followed in κ.

    The path runs in t = asinh κ, along which ln(α*/α_RS) is smooth at either end; a step that fails is halved, one that
    succeeds is followed by a longer one.
    """
    if margin < NEGATIVE:
        raise ConvergenceError(
            f"margin = {margin:g}: below κ = {NEGATIVE:g} the locked branch has no end at any depth L ≥ 2: its α* "
            "rises without bound, so that no finite capacity is known for this margin"
        )
    alpha = (0.97 - 0.0165 * depth) * counting_bound(depth)
    alpha, x_ri = _threshold(depth, 0.0, PARISI[0], alpha, _rough_start(depth, PARISI[0]), PATH_PRECISION)
    t, end = 0.0, float(np.arcsinh(margin))
    ratio, slope, step = np.log(alpha / rs_capacity(0.0)), 0.0, FIRST_STEP
    while t != end:
        watch(f"κ = {np.sinh(t):.3f}, α* = {alpha:.4g}")
        if alpha > LARGEST_ALPHA:
            raise ConvergenceError(_unbounded(depth, margin, t, alpha), x_ri)

        # predict α* at the next κ, and search there from the overlaps here
        following = end if abs(end - t) <= 1.01 * step else t + np.copysign(step, end)
        before, kappa = float(np.sinh(t)), margin if following == end else float(np.sinh(following))
        m, shrink = PARISI[0] * parisi_scale(kappa), parisi_scale(kappa) / parisi_scale(before)
        guess = rs_capacity(kappa) * np.exp(ratio + slope * (following - t))
        try:
            alpha, x_ri = _threshold(depth, kappa, m, guess, _shrunk(x_ri, shrink), PATH_PRECISION)
        except ConvergenceError as problem:
            step *= 0.5
            if step < SHORTEST_STEP:
                raise ConvergenceError(f"{problem} (κ = {kappa:.3f})", x_ri) from problem
            continue

        # how fast the ratio changes decides how far the next step may reach
        new = float(np.log(alpha / rs_capacity(kappa)))
        slope, ratio = (new - ratio) / (following - t), new
        t, step = following, min(1.6 * step, LONGEST_STEP, LARGEST_CHANGE / max(abs(slope), 1e-9))
    return alpha, x_ri


def _unbounded(depth: int, margin: float, t: float, alpha: float) -> str:
    return (
        f"margin = {margin:g}: at L = {depth} the end of the locked branch has risen to α = {alpha:.3g} at κ = "
        f"{np.sinh(t):.3f} already and rises without bound, so that no finite capacity is known for this margin"
    )


def locked_branch(depth: int, margin: float = 0.0, watch: Watch | None = None) -> LockedBranch:
    """α* of (C13) at m = 0.1 … 0.00625 and its limit; the error is the largest change when one m is left out.

    At κ > 2 the m are smaller (`parisi_scale`); watch sees a line of text now and then.
    """
    depth, margin = whole("depth", depth, 2, DEEPEST), checked_margin(margin)
    watch = watch or (lambda text: None)
    alpha, x_ri = _first_threshold(depth, margin, watch)
    m, values = np.array(PARISI) * parisi_scale(margin), []
    for i, value in enumerate(m.tolist()):
        watch(f"m = {value:.4g}, α* = {alpha:.4g}")
        if i >= 2:  # α* is nearly linear in m
            alpha += (values[-1] - values[-2]) * (value - m[i - 1]) / (m[i - 1] - m[i - 2])
        alpha, x_ri = _threshold(depth, margin, value, alpha, _shrunk(x_ri, value / m[max(i - 1, 0)]))
        values.append(alpha)
    alpha_m = np.array(values)
    limit = _limit(m, alpha_m)
    keep = ~np.eye(len(m), dtype=bool)
    error = max(abs(_limit(m[row], alpha_m[row]) - limit) for row in keep)
    return LockedBranch(depth, margin, tuple(m.tolist()), tuple(values), limit, float(error), x_ri)
