"""What the numbers allow to be said about each closure: `judge` of one limit, `judge_all` and `decide` of several.

For a closure with prediction t and the measured limit a_0 of covariance C (statistics, choice of model, theory's own
error), d = a_0 - t:

    z_k = d_k / C_kk^{1/2},        T² = dᵀ C⁻¹ d,        p = P(F(K, ν-K+1) > T² (ν-K+1)/(νK))          (Hotelling),

ν being the degrees of freedom of the estimated C; where ν is too small for that, or C is singular, p is Bonferroni's
K min_k p_k with Student's t. A closure is *rejected* at p < REJECT (three standard deviations). It is *accepted* only
if it is not rejected while every other closure is, and the predictions themselves lie apart by as much: T² of their
difference must reject too. Closures that coincide (L = 1) can only agree, or not, with the runs: a control.

False alarms: with correct errors a true closure is rejected with probability REJECT = 0.0027. Two closures are called
apart, or one accepted wrongly, no more often than that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from gardner.criteria import RESOLVED
from gardner.values import ByValue

REJECT = 0.0027


@dataclass(frozen=True, eq=False)
class Confrontation(ByValue):
    """One closure: z_k, T² ("chi_square") of K observables, p, whether p < REJECT, and the p of `apart`."""

    closure: str
    z_k: np.ndarray
    chi_square: float
    observables: int
    p_value: float
    rejected: bool


@dataclass(frozen=True)
class Verdict:
    """status: accepted, undecided, neither, agrees or disagrees (control); accepted: the closure, if any; words."""

    status: str
    accepted: str | None
    words: str
    confrontations: tuple[Confrontation, ...]
    separation: float


def hotelling(difference_k: np.ndarray, covariance_kk: np.ndarray, degrees: float) -> tuple[float, float]:
    """T² and p of a difference."""
    d, count = np.asarray(difference_k, dtype=float), len(difference_k)
    sigma_k = np.sqrt(np.diag(covariance_kk))
    if (sigma_k == 0.0).any():
        raise ValueError("hotelling: an observable without any error cannot be confronted")
    correlation = covariance_kk / np.outer(sigma_k, sigma_k)
    free = degrees - count + 1.0
    if free < 3.0 or np.linalg.cond(correlation) > 1e6:
        p_k = 2.0 * stats.t.sf(np.abs(d / sigma_k), max(degrees, 1.0))
        return float(((d / sigma_k) ** 2).max()), float(min(1.0, count * p_k.min()))
    z = d / sigma_k
    square = float(z @ np.linalg.solve(correlation, z))
    return square, float(stats.f.sf(square * free / (degrees * count), count, free))


def confront(closure: str, value_k, covariance_kk, degrees: float, theory_k, theory_error_k) -> Confrontation:
    """z, T² and p of one closure."""
    covariance = covariance_kk + np.diag(np.asarray(theory_error_k, dtype=float) ** 2)
    difference = np.asarray(value_k) - theory_k
    square, p = hotelling(difference, covariance, degrees)
    return Confrontation(closure, difference / np.sqrt(np.diag(covariance)), square, len(difference), p, p < REJECT)


def judge(
    confrontations: Sequence[Confrontation], theories: Sequence[np.ndarray], covariance_kk: np.ndarray, degrees: float
) -> Verdict:
    """The words; `theories` in the order of `confrontations`."""
    spread = max((float(np.abs(a - b).max()) for a in theories for b in theories), default=0.0)
    separation = 1.0
    if spread > RESOLVED:
        separation = max(
            hotelling(a - b, covariance_kk, degrees)[1] for i, a in enumerate(theories) for b in theories[:i]
        )
    numbers = "; ".join(
        f"{c.closure}: T² = {c.chi_square:.1f} for {c.observables} observables, p = {c.p_value:.2g}"
        for c in confrontations
    )
    status, accepted, words = _decide(confrontations, spread, separation)
    return Verdict(status, accepted, f"{words} ({numbers})", tuple(confrontations), separation)


def _decide(confrontations: Sequence[Confrontation], spread: float, separation: float):
    rejected = [c.closure for c in confrontations if c.rejected]
    left = [c.closure for c in confrontations if not c.rejected]
    if len(confrontations) == 1 or spread <= RESOLVED:
        name = confrontations[0].closure if len(confrontations) == 1 else "both closures, which coincide here"
        if rejected:
            return "disagrees", None, f"{name}: rejected by the runs"
        return "agrees", None, f"{name}: the runs agree within their errors; no other theory is excluded by that"
    if not left:
        return "neither", None, "every closure is rejected: at these errors the runs follow none of them"
    if not rejected:
        return "undecided", None, "undecided: no closure is rejected at these errors"
    if len(left) == 1 and separation < REJECT:
        return (
            "accepted",
            left[0],
            f"{left[0]} is accepted: the runs agree with it and reject {' and '.join(rejected)} at the same errors",
        )
    return (
        "undecided",
        None,
        f"undecided: {' and '.join(rejected)} is rejected, but the predictions are not apart at these errors",
    )


def unresolved(reason: str, confrontations: Sequence[Confrontation] = ()) -> Verdict:
    """No limit could be formed, or none that a verdict may rest on."""
    return Verdict("undecided", None, f"undecided: {reason}", tuple(confrontations), 1.0)


@dataclass(frozen=True)
class ClosureVerdict:
    """One closure against several limits, values of α say.

    rejected, p_value, chi_square of `observables` numbers; beyond: α and layers at which it has no state like the one
    that was measured.
    """

    closure: str
    rejected: bool
    p_value: float
    chi_square: float
    observables: int
    largest_z: float
    beyond: tuple[tuple[float, int], ...] = ()


def judge_all(
    closure: str, confrontations: Sequence[Confrontation], beyond: tuple[tuple[float, int], ...] = ()
) -> ClosureVerdict:
    """χ² is the sum of T² over the limits, p Bonferroni's, min(1, n min p), which holds also if limits share runs."""
    found = [c for c in confrontations if c.closure == closure]
    p = min(1.0, len(found) * min((c.p_value for c in found), default=1.0))
    chi_square = float(sum(c.chi_square for c in found))
    z = max((float(np.abs(c.z_k).max()) for c in found), default=0.0)
    return ClosureVerdict(
        closure, bool(p < REJECT or beyond), p, chi_square, sum(c.observables for c in found), z, beyond
    )


def decide(closures: Sequence[ClosureVerdict], any_limit: bool) -> tuple[str, str | None, str]:
    """Status, the accepted closure and the verdict in words."""
    if not any_limit:
        return "undecided", None, "undecided: no limit could be taken"
    numbers = "; ".join(
        f"{c.closure}: χ² = {c.chi_square:.0f} for {c.observables} numbers, largest deviation {c.largest_z:.1f} "
        f"standard errors, p = {c.p_value:.2g}"
        + (
            f", and it has no liquid at α = {', '.join(f'{a:g}' for a in sorted({b[0] for b in c.beyond}))}"
            * bool(c.beyond)
        )
        for c in closures
    )
    left = [c.closure for c in closures if not c.rejected]
    rejected = [c.closure for c in closures if c.rejected]
    if not rejected:
        return "undecided", None, f"undecided: no closure is rejected at these errors ({numbers})"
    if not left:
        return "neither", None, f"every closure is rejected at these errors ({numbers})"
    words = f"{' and '.join(rejected)} is rejected; the runs agree with {' and '.join(left)} ({numbers})"
    return ("accepted", left[0], words) if len(left) == 1 else ("undecided", None, words)
