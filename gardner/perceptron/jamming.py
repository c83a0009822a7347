"""Storage capacity of the perceptron in the jamming limit: all solutions shrink to one point, Q_k → 1.

Put ε = 1 - Q_k → 0 and x(q) = ε y(q). In (C1) both terms diverge like 1/ε:

    bond:  ε·(1/n) ½ ln det Q → ½ ∫_0^1 dq / (1 + ∫_q^1 y),
    gap:   φ = F/ε,  F(1,h) = -(κ-h)_+²/2,   ∂_q F = -½ (F'' + y F'²),                                    (C4)

(F(1,h) from ln Φ_N((h-κ)/√ε) ≈ -(κ-h)_+²/2ε.) The free entropy s, already minimal over x(q), turns from finite to -∞
where the coefficient of 1/ε vanishes, that is at

    α_c = inf_{y ≥ 0} A[y] / (-F(0,0)),      A[y] = ½ ∫_0^1 dq / (1 + ∫_q^1 y).                             (C5)

y = 0 is the replica-symmetric capacity of [G88]. Every trial y bounds the infimum from above, so k steps give a
decreasing sequence of upper bounds of the full-RSB value. A and F(0,0) are convex in y: there is one minimum.

Steps. With y = y_i on (q_{i-1}, q_i), i = 1…k, q_k = 1 and y = 0 below q_0, the first step of the flow is

    F_{k-1}(h) = (1/y_k) ln ∫Dz exp( -½ y_k (κ - h - sqrt(1-q_{k-1}) z)_+² ),

the soft-core terminal function (T7) at β = y_k/2, and F = φ/y_k with m_i = y_i/y_k obeys (T5). The jammed k-step hard
core is a (k-1)-step *soft* core at n → 0, and the flow engine serves as it is. Derivatives: (C2), (C3), and for y_k
through β, with e^φ = Φ_N(x) + B, d = h-κ, b = 1+2βσ²,

    ∂φ/∂β = -(B e^{-φ})(σ²/b + d²/b²) + σ d b^{-2} ϕ(x) e^{-φ}.                                            (C6)

Small margins. For κ → 0- the steps live at 1 - q = O(κ²) with y = O(κ^-2). What they gain cancels at orders 1 and κ²,
because RS is marginal at κ = 0; what is left comes from fields within |κ| of the margin, whose weight is |κ| and whose
energy is κ²:

    α_RS(κ) - α_c(κ) → c_k |κ|³,      1 - q_i = κ² u_i,      y_i = κ^-2 Y_i.                               (C16)

Measured: c = .517, .524, .530, .530 at κ = -.1, -.05, -.02, -.01 (k = 4). Below |κ| = .01 the search loses 1 - q to
round-off, and the gain itself falls below 1e-6; for |κ| < SMALL_MARGIN it is therefore scaled from there.

Convergence. q and y minimise together; the error of k steps falls like (k+1)^{-4} for -1 ≤ κ < 0 (measured). Towards
q = 1 the optimum diverges like (1-q)^{-1/κ_J} (`jamming_exponents`), and as a whole it grows with k: the last step ends
at 1 - q_{k-1} ~ (k+1)^{-5}, where ∫_q^1 y is of order one. In full RSB the infimum (C5) is not attained.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize

from gardner.checks import MAX_BETA, checked_margin
from gardner.model import MAX_LEVELS, whole
from gardner.perceptron.closed_form import rs_capacity
from gardner.perceptron.jamming_search import Descent, newton_descent, predict_steps
from gardner.potentials.soft import SoftCore
from gardner.theory.parisi.flow import Flow, GridSettings
from gardner.theory.parisi.functional import StepCode, bond_integral, flow_gradient, resample
from gardner.theory.sectors.gap import gap_sector
from gardner.values import ByValue

ACCURACY = 1e-10
HIGHEST = 2.0 * MAX_BETA  # y_k resolved: it is twice the β of a soft core
CLOSEST, OUTSIDE = 1e-12, 1e3  # smallest 1 - q_{k-1} resolved, and ln α_c reported to the line search beyond
SMALL_MARGIN = 0.02  # |κ| below which (C16) is used; the relative error of c_k is then below SMALL_MARGIN
GRADIENT = 1e-8  # of ln α_c with respect to the codes of the step function
PREDICTED = 6  # steps beyond which the start is extrapolated from fewer steps


@dataclass(frozen=True, eq=False)
class JammingBound(ByValue):
    """alpha: α_c of k steps; q_i: q_0…q_{k-1} (q_k = 1); y_i: y_1…y_k; error: numerical error of alpha."""

    alpha: float
    q_i: np.ndarray
    y_i: np.ndarray
    error: float
    evaluations: int

    @property
    def levels(self) -> int:
        return len(self.y_i)


def _average_by_beta(flow: Flow, sigma: float, core: SoftCore) -> float:
    n = flow.n_i[-1]
    return float(flow.p_ia[-1, :n] @ core.terminal_by_beta(flow.h_ia[-1, :n], flow.phi_ia[-1, :n], sigma))


def scaled_energy(gaps_i: np.ndarray, y_i: np.ndarray, margin: float, grid: GridSettings):
    """-F(0,0) of (C4) for steps 1-q_i = `gaps_i`, heights y_i; derivatives with respect to q_i and y_i."""
    top = y_i[-1]
    q_i = 1.0 - gaps_i
    core, sigma = SoftCore(0.5 * top, margin), float(np.sqrt(1.0 - q_i[-1]))  # the very number that the flow uses
    gap = gap_sector(q_i, np.append(0.0, y_i / top), core, grid)
    by_v, by_m = flow_gradient(gap.flow)
    by_y = np.append(by_m / top**2, 0.5 * _average_by_beta(gap.flow, sigma, core) / top)
    by_y[-1] -= (gap.free_entropy + by_m @ y_i[:-1] / top) / top**2
    return -gap.free_entropy / top, -by_v / top, -by_y


def log_alpha(gaps_i: np.ndarray, y_i: np.ndarray, margin: float, grid: GridSettings):
    """ln of the ratio in (C5) and its derivatives with respect to ln(1-q_i) and ln y_i, (2k,)."""
    bond, bond_q, bond_y, _ = bond_integral(np.append(1.0 - gaps_i, 1.0), y_i, 1.0)
    energy, energy_q, energy_y = scaled_energy(gaps_i, y_i, margin, grid)
    by_q, by_y = bond_q[:-1] / bond - energy_q / energy, bond_y / bond - energy_y / energy
    return float(np.log(bond / energy)), np.append(-gaps_i * by_q, y_i * by_y)


def _coded(z: np.ndarray, code: StepCode, margin: float, grid: GridSettings) -> tuple[float, np.ndarray]:
    """`log_alpha` and its gradient in the unconstrained code of the step function."""
    gaps_i, y_i = code.decode(z)
    if gaps_i[-1] < CLOSEST or y_i[-1] > HIGHEST:
        return OUTSIDE, np.zeros_like(z)
    value, slope = log_alpha(gaps_i, y_i, margin, grid)
    k = len(gaps_i)
    return value, code.pull_back(z, -slope[:k] / gaps_i, slope[k:] / y_i)


def _in_logarithms(u: np.ndarray, margin: float, grid: GridSettings) -> tuple[float, np.ndarray]:
    """`log_alpha` as a function of u = (ln(1-q_i), ln y_i); inf where these are out of order."""
    gaps_i, y_i = np.exp(u[: len(u) // 2]), np.exp(u[len(u) // 2 :])
    ordered = gaps_i[0] < 1.0 and np.all(np.diff(gaps_i) < 0.0) and np.all(np.diff(y_i) > 0.0)
    if not ordered or gaps_i[-1] < CLOSEST or y_i[-1] > HIGHEST:
        return np.inf, np.full_like(u, np.nan)
    return log_alpha(gaps_i, y_i, margin, grid)


def _starts(previous: JammingBound | None, levels: int, margin: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Step functions (1 - q_i, y_i) to start from: the previous one resampled, and with a new innermost level."""
    if previous is None:
        near = np.clip(margin**2, 1e-8, 0.5)  # 1 - q_0 ~ κ², y ~ κ^-2 at small negative κ
        rough = ((near, 2.0 / near), (0.5, 2.0), (0.1, 20.0), (0.9, 10.0))
        return [(np.array([a]), np.array([b])) for a, b in rough]
    gaps_i, y_i = 1.0 - previous.q_i, previous.y_i
    if levels > 3:
        highest = np.sqrt(gaps_i[0])  # resampling may extrapolate 1 - q_0 beyond 1
        return [(np.minimum(resample(gaps_i, levels), highest), resample(y_i, levels))]
    return [(np.append(gaps_i, 0.1 * gaps_i[-1]), np.append(y_i, 6.0 * y_i[-1]))]


def _search(margin: float, levels: int, before: Sequence[JammingBound], grid: GridSettings) -> Descent:
    """The optimal steps: from fewer steps by extrapolation where that is close, else by a search from rough starts."""

    def function(u):
        return _in_logarithms(u, margin, grid)

    evaluations = 0
    if levels > PREDICTED:
        gaps_i = predict_steps([1.0 - bound.q_i for bound in before], levels, apart=1)
        y_i = predict_steps([bound.y_i for bound in before], levels)
        found = newton_descent(function, np.log(np.append(gaps_i, y_i)))
        if found.settled and found.value < np.log(before[-1].alpha):
            return found
        evaluations = found.evaluations

    # compare values from rough starts, then polish the best
    code, best = StepCode(levels, levels, bounded=False), None
    for gaps_i, y_i in _starts(before[-1] if before else None, levels, margin):
        result = minimize(
            _coded, code.encode(gaps_i, y_i), args=(code, margin, grid), jac=True, method="BFGS",
            options={"gtol": GRADIENT, "maxiter": 60 * levels + 200},
        )  # fmt: skip
        evaluations += result.nfev
        best = result if best is None or result.fun < best.fun else best
    u = np.log(np.append(*code.decode(best.x)))
    found = newton_descent(function, u)
    evaluations += found.evaluations
    if found.settled and found.value <= best.fun + np.spacing(best.fun):
        return replace(found, evaluations=evaluations)
    # as where steps merge: the value is known, their place is not
    left = 0.5 * abs(float(best.jac @ best.hess_inv @ best.jac))
    return Descent(u, float(best.fun), left, evaluations, False)


def jamming_bound(margin: float, levels: int, before: Sequence[JammingBound] = ()) -> JammingBound:
    """α_c of (C5) with `levels` ≥ 1 optimised steps; `before`: the bounds of 1…levels-1 steps, found here if absent."""
    levels, margin = whole("levels", levels, 1, MAX_LEVELS), checked_margin(margin)
    if -SMALL_MARGIN < margin < 0.0:
        return _scaled(jamming_bound(-SMALL_MARGIN, levels), margin)
    if len(before) != levels - 1:
        before = jamming_bounds(margin, levels - 1)
    grid = GridSettings.for_accuracy(ACCURACY)
    found = _search(margin, levels, before, grid)
    gaps_i, y_i = np.exp(found.u[:levels]), np.exp(found.u[levels:])
    alpha = float(np.exp(found.value))

    # grid refinement at the same steps, and what is left of the descent
    refined = log_alpha(gaps_i, y_i, margin, grid.refined())[0]
    error = alpha * (abs(refined - found.value) + found.remaining + np.finfo(float).eps)
    if before:  # k-1 steps are k steps with two merged: a rise is a failure of the search
        error = max(error, alpha - before[-1].alpha)
    return JammingBound(alpha, 1.0 - gaps_i, y_i, error, found.evaluations)


def _scaled(bound: JammingBound, margin: float) -> JammingBound:
    """The bound at a small negative `margin` from the one at κ = -SMALL_MARGIN, by (C16)."""
    factor = abs(margin) / SMALL_MARGIN
    gain = (rs_capacity(-SMALL_MARGIN) - bound.alpha) * factor**3
    alpha = rs_capacity(margin) - gain
    error = bound.error * factor**3 + SMALL_MARGIN * gain + np.spacing(alpha)
    return JammingBound(
        alpha, 1.0 - (1.0 - bound.q_i) * factor**2, bound.y_i / factor**2, float(error), bound.evaluations
    )


def jamming_bounds(margin: float, levels: int, watch: Callable[[str], None] | None = None) -> list[JammingBound]:
    """The optimum of 1, 2, …, `levels` steps; watch sees a line of text after each."""
    levels, margin = whole("levels", levels, 0, MAX_LEVELS), checked_margin(margin)
    small = -SMALL_MARGIN < margin < 0.0
    bounds: list[JammingBound] = []
    for k in range(1, levels + 1):
        bounds.append(jamming_bound(-SMALL_MARGIN if small else margin, k, bounds))
        if watch is not None:
            watch(f"k = {k} of {levels} steps, α_c = {bounds[-1].alpha:.9g}")
    return [_scaled(bound, margin) for bound in bounds] if small else bounds
