"""One-dimensional averages of the planted setting: one gap, one spin (T13), (T14).

The averages of (T13) degenerate where order is nearly complete: the integrand of G(Λ) narrows to a width
sqrt(1-Λ) and 1 - q falls like e^{-q̂/2}. Each is therefore rewritten, exactly, as a Gaussian or near-Gaussian
average of a function that stays smooth on the scale 1, and the trapezoid rule does the rest: for an integrand
analytic in the strip |Im| < d its error is e^{-2πd/step}.

*Gap.* With u = t sqrt(Λ/(1-Λ)) the two normal densities in (T13) combine to e^{-u²/2Λ}. Put u = sqrt(Λ) v:

    G(Λ)           = 2/sqrt(2π(1-Λ)) ∫Dv h(sqrt(Λ) v),         h = ϕ/Φ_N,
    2∫DtΦ_N lnΦ_N  = 2 sqrt((1-Λ)/2π) ∫Dv k(sqrt(Λ) v),        k = ln Φ_N / h.

Both h and k are analytic up to the zeros of Φ_N, the nearest of which are u = 1.92 ± 2.82i, whatever Λ. Steps
of 0.45 over |v| < 8.8 leave an error of 1e-15 from Λ = 0 to Λ = 1, relative to G.

*Spin.* The planted field has density N(h; 0, q̂) e^{-q̂/2} cosh h (both signs of the spin folded together),
hence

    1 - q = e^{-q̂/2} ∫N(h; 0, q̂) sech h,       dq/dq̂ = e^{-q̂/2} ∫N(h; 0, q̂) sech³ h,

with poles at ±iπ/2. Writing H_2(h) = ln 2cosh h - h tanh h for the entropy of a spin in the field h, the
Nishimori identity E[h tanh h] = q̂ turns the spin term of (T14) into a sum of positive terms,

    -½q̂(1+q) + ∫Dz ln 2cosh(q̂ + sqrt(q̂) z) = ½q̂(1-q) + E[H_2(h)],

so that nothing cancels at q̂ = 1e13. What is returned is ln(1-q), which never underflows; in weak fields it
is summed from q = e^{-q̂/2} ∫N(h; 0, q̂) sinh²h/cosh h, which keeps the relative accuracy of a small overlap.

Complements are passed beside the overlaps: 1-Λ is an argument, not a difference.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import log_ndtr, ndtr

SQRT_2PI = np.sqrt(2 * np.pi)
LOG_TINY = 38.0  # e^-38 ≈ 3e-17: integrands are cut where they have fallen by this exponent
WEAK_FIELD = 0.01  # below it overlaps are summed directly, for relative accuracy of small q and G

_GAP_STEP = 0.45
_GAP_V = _GAP_STEP * (np.arange(40) - 19.5)
_GAP_WEIGHT = _GAP_STEP * np.exp(-0.5 * _GAP_V**2) / SQRT_2PI


class GapAverages(NamedTuple):
    """G(Λ) and dG/dΛ, one entry per layer."""

    strength: np.ndarray
    slope: np.ndarray


class SpinAverages(NamedTuple):
    """ln(1-q) and its derivative -(dq/dq̂)/(1-q), one entry per layer."""

    log_complement: np.ndarray
    log_slope: np.ndarray


def hazard(u):
    """h(u) = ϕ(u)/Φ_N(u) for |u| < 37."""
    return np.exp(-0.5 * u * u) / (SQRT_2PI * ndtr(u))


def gap_averages(overlap_l, complement_l) -> GapAverages:
    """G = E[(∂_ω ln Φ_N)²] of a gap of overlap Λ in [0, 1), and dG/dΛ = E[(∂²_ω ln Φ_N)²]; `complement_l` is
    1-Λ.

    The derivative of the Gaussian average is ½∫Dv h''(sqrt(Λ) v) with h' = -h(u+h), h'' = h((u+h)(u+2h) - 1).
    """
    overlap_l, complement_l = np.asarray(overlap_l, float), np.asarray(complement_l, float)
    u_lv = np.sqrt(overlap_l)[..., None] * _GAP_V
    h_lv = hazard(u_lv)
    prefactor_l = 2.0 / np.sqrt(2 * np.pi * complement_l)
    strength_l = prefactor_l * (h_lv @ _GAP_WEIGHT)
    curvature_lv = h_lv * ((u_lv + h_lv) * (u_lv + 2 * h_lv) - 1.0)
    slope_l = 0.5 * (strength_l / complement_l + prefactor_l * (curvature_lv @ _GAP_WEIGHT))
    return GapAverages(strength_l, slope_l)


def gap_entropy(overlap_l, complement_l):
    """2∫Dt Φ_N(u) ln Φ_N(u), the last term of (T14): -ln 2 at Λ = 0, 0 at Λ = 1."""
    u_lv = np.sqrt(np.asarray(overlap_l, float))[..., None] * _GAP_V
    k_lv = log_ndtr(u_lv) / hazard(u_lv)
    return 2 * np.sqrt(np.asarray(complement_l, float) / (2 * np.pi)) * (k_lv @ _GAP_WEIGHT)


def pole_step(field_l):
    """Step in z = h/sqrt(q̂) that leaves 1e-16 from the Gaussian and from the poles at h = ±iπ/2.

    Shifting the contour by id, d ≤ π/2, bounds the error by exp(-2πd/step + d²/2q̂) in units of h. The best d
    is 2πq̂/step where that is below π/2, otherwise π/2.
    """
    root_l = np.sqrt(field_l)
    safe_l = np.maximum(root_l, 0.1)
    at_pole_l = np.pi**2 / (36.7 * safe_l + np.pi**2 / (8 * safe_l))
    return np.where(field_l < 0.0335, 0.73, at_pole_l)


def spin_nodes(field_l):
    """Half-line nodes h (layer, node) and weights of N(h; 0, q̂) dh, the weights counting both signs of h."""
    field_l = np.asarray(field_l, float)
    root_l = np.sqrt(field_l)
    reach_l = 2 * LOG_TINY / (root_l + np.sqrt(field_l + 2 * LOG_TINY))  # z²/2 + sqrt(q̂) z = LOG_TINY
    count = int(np.ceil(np.max(reach_l / pole_step(field_l), initial=1.0)))
    z_ln = reach_l[..., None] * (np.arange(count + 1) / count)
    weight_ln = np.exp(-0.5 * z_ln**2) * (2 * reach_l[..., None] / (count * SQRT_2PI))
    weight_ln[..., 0] *= 0.5
    return root_l[..., None] * z_ln, weight_ln


def spin_averages(field_l) -> SpinAverages:
    """ln(1-q) of spins in the planted fields q̂ ≥ 0, shape (layers,), and its derivative with respect to q̂."""
    field_l = np.asarray(field_l, float)
    h_ln, weight_ln = spin_nodes(field_l)
    sech_ln = 1.0 / np.cosh(h_ln)
    mass_l = np.sum(weight_ln * sech_ln, axis=-1)
    slope_l = np.sum(weight_ln * sech_ln**3, axis=-1)
    log_complement_l = np.log(mass_l) - 0.5 * field_l
    weak_l = field_l < WEAK_FIELD
    if weak_l.any():
        q_l = np.exp(-0.5 * field_l[weak_l]) * np.sum(
            weight_ln[weak_l] * np.sinh(h_ln[weak_l]) ** 2 * sech_ln[weak_l], axis=-1
        )
        log_complement_l[weak_l] = np.log1p(-q_l)
    return SpinAverages(log_complement_l, -slope_l / mass_l)


def residual_entropy(h):
    """cosh(h) H_2(h), the entropy of a spin in the field h times the planted weight."""
    size = np.abs(h)
    tail = np.exp(-2 * size)
    ratio = np.log1p(tail) / np.maximum(tail, 1e-300)
    ratio = np.where(tail > 0, ratio, 1.0)
    return 0.5 * (1 + tail) * np.exp(-size) * (ratio + 2 * size / (1 + tail))


def spin_entropy(field_l):
    """E[H_2(h)] in the planted field q̂: ln 2 at q̂ = 0, 0 at q̂ → ∞."""
    field_l = np.asarray(field_l, float)
    h_ln, weight_ln = spin_nodes(field_l)
    return np.exp(-0.5 * field_l) * np.sum(weight_ln * residual_entropy(h_ln), axis=-1)
