"""Where the storage problem of a net of depth L ≥ 2 stops having solutions: symmetric closure, against counting.

Counting bound. A perceptron with N inputs realises at most C(M,N) = 2 Σ_{j<N} binom(M-1,j) dichotomies of M given
points [T. M. Cover, IEEE Trans. Electron. Comput. EC-14, 326 (1965)]. Given the sign tables of layer l-1, the N
perceptrons of layer l have at most C(M,N)^N sign tables; by induction a net of depth L maps M given inputs to at most
C(M,N)^{NL} output tables, out of 2^{NM}. Random tables can be stored only while C(M,N)^{NL} is not exponentially
smaller than 2^{NM}; with ln C(αN,N) = αN H(1/α), H the binary entropy in bits times ln 2 and α ≥ 2,

    L H(1/α) ≥ ln 2,      that is   N M ≤ N² L · log_2(…),  log factor α H(1/α)/ln 2 ≤ log_2(eα).         (C11)

It is exact at L = 1 (α = 2) and holds for margins κ ≥ 0: then every stored table is a realised sign table. A negative
margin does not fix the output signs, and nothing is claimed. With connectivity c the same holds with α = M/c.

RS, exactly. In the limit 1 - Q(l) = a_l ε, 1 - q(l) = χ_l ε, ε → 0 (all layers freeze together), with
D_l = a_l + χ_{l-1} + χ_l and I(κ) = ∫_{-κ}^∞ Dt (t+κ)²,

    ε s → Σ_l [ 1/(2α a_l) - I/(2 D_l) ] + Σ_{l<L} 1/(π χ_l),

homogeneous, so that its stationary points are its zeros:

    D_l = r a_l,  r = sqrt(αI);    1/χ_l² = c [(χ_{l-1}+χ_l)^{-2} + (χ_l+χ_{l+1})^{-2}],  c = (πI/2)(1-1/r)².   (C12)

χ_0 = χ_L = 0. The recursion has a positive solution for one c = c(L) only: c(2) = 1/2, c(3) = 4/5, c(10) = 1.0004.
RS ends at α = r²/I: 2/(1-sqrt(2/π))² = 48.96 for L = 2, κ = 0; for L ≥ 3, κ = 0, c(L) > π/4 and RS never ends. Both
violate (C11).

1RSB. At a fixed m > 0 clusters are weighted by their size and solutions exist at every α; capacity is where the
*optimal* m vanishes, as at L = 1 (`optimal`). Among the solutions there is one with locked hidden spins: inside a
cluster all q(l) are 1 up to exponentially small terms and 1 - Q ∝ m, while clusters differ, 0 < Q_0, q_0 < 1. On it
s(m) = c(α)/m + O(ln m): the minimum over m exists for c > 0, moves to m = 0 where c vanishes, and s → -∞ there. The
threshold α*(m), at which ds/dm = 0 (C10), is followed to m → 0 by a fit of a + b m + c m ln m.                (C13)

What this cannot claim. (i) The symmetric closure is itself an approximation (THEORY section 2). (ii) One step only:
the branch is unstable against further steps (L = 2, m = 0.1: split growth 1.35 of the outer level, 1.23 of the inner),
which lower the threshold by an amount not computed here (at L = 1, κ = -0.5 by 0.1 %). (iii) Other solutions were not
searched: the number is where *this* branch ends, no proof of unsatisfiability. (iv) It says nothing about algorithms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import entr

from gardner.analysis.chain import parisi_gradient
from gardner.analysis.closed_form import rs_capacity
from gardner.errors import ConvergenceError
from gardner.model import HardCore, Network, RandomSetting, finite, positive, whole
from gardner.replica import fixed_point, symmetric
from gardner.replica.flow import GridSettings
from gardner.runtime.progress import tell
from gardner.values import ByValue

PARISI = (0.1, 0.05, 0.025, 0.0125, 0.00625)  # m at which α*(m) is computed
ACCURACY = 1e-10
TOLERANCE = 1e-8
STEP = 1.04  # factor in α while a sign change of ds/dm is looked for
MARGIN_STEP = 0.05
CLOSURE = "symmetric"  # of every number here but the counting bound
DEEPEST = 8  # beyond, the rough start misses the branch


def counting_bound(depth: int, margin: float = 0.0) -> float | None:
    """The largest α that (C11) allows; None for negative margins, to which it does not apply."""
    depth = whole("depth", depth, 1)
    if finite("margin", margin) < 0.0:
        return None
    if depth == 1:
        return 2.0

    def excess(log_alpha):
        return counting_entropy(depth, float(np.exp(log_alpha))) - np.log(2.0)

    return float(np.exp(brentq(excess, np.log(2.0), np.log(100.0 * depth**2), xtol=1e-14)))


def counting_entropy(depth: int, alpha: float) -> float:
    """L H(1/α): ln of the number of output tables that a net can realise, per N·M, in the bound of (C11), α ≥ 2.

    Random tables need at least ln 2 of it. The outputs of a teacher are one of these tables, so that their entropy -s
    cannot exceed it: s ≥ -L H(1/α) for the equilibrium state of the planted setting, hard core, κ = 0. (C16)
    """
    x = 1.0 / positive("alpha", alpha)
    return float(whole("depth", depth, 1) * (entr(x) + entr(1.0 - x)))


def freezing_constant(depth: int) -> float:
    """c(L) of (C12), by iterating χ_l ∝ [(χ_{l-1}+χ_l)^{-2} + (χ_l+χ_{l+1})^{-2}]^{-1/2}."""
    chi = np.ones(depth - 1)
    for _ in range(10000):
        pairs = 1.0 / (np.append(0.0, chi) + np.append(chi, 0.0)) ** 2
        image = 1.0 / np.sqrt(pairs[:-1] + pairs[1:])
        ratios = image / chi
        chi = np.sqrt(chi * image)
        chi /= chi.max()
        if np.ptp(ratios) < 1e-14 * ratios[0]:
            break
    return float(np.mean(ratios) ** 2)


def rs_chain_capacity(depth: int, margin: float = 0.0) -> float:
    """Where the RS solution of the symmetric closure ends (C12); inf if it never does."""
    depth, square = whole("depth", depth, 1), 1.0 / rs_capacity(margin)
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
    """Fixed point of (T11) at one step m from `start`; ds/dm there."""
    tell(f"κ = {margin:.4g}, m = {m:g}, α = {alpha:.6g}")
    setting = RandomSetting(alpha, Network(depth), HardCore(margin), (m,))
    base = symmetric.ChainState(np.ones((depth + 1, 2)), np.ones((depth, 2)))
    grid = GridSettings.for_accuracy(ACCURACY)

    def function(x_ri, with_jacobian):
        state = base.replaced(x_ri)
        value = symmetric.evaluate(state, setting, grid, with_jacobian)
        return fixed_point.MapValue(value.image.unknowns(), value.jacobian, (state, value))

    result = fixed_point.newton(function, start, TOLERANCE, 120, track=False)
    if result.status != "converged" or result.x_ri[0, 0] < 1e-6 or np.any(result.x_ri[1::2, 1] < 0.9):
        raise ConvergenceError(f"no locked solution at α = {alpha:.6g}, m = {m:.3g}", result)
    return result.x_ri, float(parisi_gradient(*result.value.payload, setting, grid)[0])


def _threshold(depth: int, margin: float, m: float, alpha: float, start: np.ndarray) -> tuple[float, np.ndarray]:
    """α*(m): the zero of ds/dm, which rises with α, and the overlaps there."""
    latest = [start]

    def slope(trial):
        latest[0], value = _solution(trial, depth, margin, m, latest[0])
        return value

    low = high = alpha
    value = slope(alpha)
    step = STEP if value < 0.0 else 1.0 / STEP
    sign = np.sign(value)
    for _ in range(60):
        if np.sign(value) != sign:
            break
        low, high = high, high * step
        value = slope(high)
    else:
        raise ConvergenceError(f"ds/dm keeps its sign from α = {alpha:.3g} to {high:.3g}", latest[0])
    return float(brentq(slope, *sorted((low, high)), xtol=1e-9 * alpha)), latest[0]


def _rough_start(depth: int, m: float) -> np.ndarray:
    """Overlaps typical of the locked branch."""
    x_ri = np.empty((2 * depth - 1, 2))
    x_ri[0::2] = 0.65, 1.0 - 5e-3 * m
    x_ri[1::2] = 0.4, 1.0 - 1e-7
    return x_ri


def _limit(m: np.ndarray, alpha_m: np.ndarray) -> float:
    return float(np.linalg.lstsq(np.column_stack([np.ones_like(m), m, m * np.log(m)]), alpha_m, rcond=None)[0][0])


def _first_threshold(depth: int, margin: float) -> tuple[float, np.ndarray]:
    """α*(m) at the largest m: found at κ = 0, where the counting bound tells the place, then followed in κ."""
    m, steps = PARISI[0], int(np.ceil(abs(margin) / MARGIN_STEP))
    alpha = (0.97 - 0.0165 * depth) * counting_bound(depth)
    alpha, x_ri = _threshold(depth, 0.0, m, alpha, _rough_start(depth, m))
    for i in range(steps):
        before, kappa = margin * i / steps, margin * (i + 1) / steps
        alpha, x_ri = _threshold(depth, kappa, m, alpha * rs_capacity(kappa) / rs_capacity(before), x_ri)
    return alpha, x_ri


def locked_branch(depth: int, margin: float = 0.0) -> LockedBranch:
    """α* of (C13) at m = 0.1 … 0.00625 and its limit; the error is the largest change when one m is left out."""
    depth, margin = whole("depth", depth, 2, DEEPEST), finite("margin", margin)
    alpha, x_ri = _first_threshold(depth, margin)
    values = [alpha]
    for before, m in zip(PARISI, PARISI[1:]):
        x_ri = x_ri.copy()
        x_ri[:, 1] = 1.0 - (1.0 - x_ri[:, 1]) * m / before
        alpha, x_ri = _threshold(depth, margin, m, alpha, x_ri)
        values.append(alpha)
    m, alpha_m = np.array(PARISI), np.array(values)
    limit = _limit(m, alpha_m)
    keep = ~np.eye(len(m), dtype=bool)
    error = max(abs(_limit(m[row], alpha_m[row]) - limit) for row in keep)
    return LockedBranch(depth, margin, PARISI, tuple(values), limit, float(error), x_ri)
