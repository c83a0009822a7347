"""Two-dimensional averages of a hidden spin in the directed closure (T15), (T16).

A hidden spin has its own pre-activation ω ~ N(0, Λ) and the field y ~ N(0, q̂) of the layer after it. With
u = ω/σ, σ² = 1-Λ, and a(u) = ½ ln[Φ_N(u)/Φ_N(-u)] its site weight is Z = cosh(y+a)/cosh(a), so that ∂_y ln Z
= t = tanh(y+a) and ∂_u ln Z = a'(t - T), T = tanh a. Everything needed follows from the y-average at fixed u,

    K(u) = e^{-q̂/2} ∫N(y; 0, q̂) dy / (Φ_N(u) e^y + Φ_N(-u) e^{-y}),      0 < K ≤ 1,

because cosh²a = 1/(4Φ_N(u)Φ_N(-u)) and sinh²y/cosh(y+a) = cosh(y-a) - cosh²a sech(y+a):

    1 - q = ∫N(u; 0, Λ/σ²) K/cosh²a,         G = σ^-2 ∫N(u; 0, Λ/σ²) ϕ²/(Φ_N(u)Φ_N(-u)) (1 - K).

In weak fields both are summed from the positive forms 1 - K = e^{-q̂/2} ∫N(y; 0, q̂) sinh²y/(cosh²a (Φ_N(u)
e^y + Φ_N(-u) e^{-y})) and q = E[t²]. q̂ = 0 gives K = 1: the spin learns nothing, G = 0 and q = (2/π) arcsin
Λ. q̂ → ∞ gives K = 0 and the gap sector. Free entropy: with the Nishimori identity E[y t] = q̂,

    -½q̂(1+q) + E[ln Z] = ½q̂(1-q) + 2∫DtΦ_N lnΦ_N |_Λ + E[H_2(y+a)],

three bounded terms. Derivatives are the second moments of the Hessian of ln Z, because ∂ ln Z is a martingale
of the flow: ∂q/∂q̂ = E[(1-t²)²], ∂q/∂Λ = ∂G/∂q̂ = E[(∂_y∂_ω ln Z)²], ∂G/∂Λ = E[(∂²_ω ln Z)²].

Accuracy. The y-integral is a trapezoid rule as in `quadrature` (poles at y = -a ± iπ/2), cut where the
integrand has fallen by e^-38; with the weight of u the integrand falls at least like e^{-|y|}. The y-average
is entire in a, so that in u only the zeros of Φ_N(±u), at distance 2.8 from the real axis, limit the step: 33
nodes on the half-line u ≥ 0 (all averages are even) at most 0.39 apart. Both densities are used in units of
their own width, so that nothing degenerates at Λ → 0, Λ → 1, q̂ → 0 or q̂ → ∞.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import log_ndtr, ndtr

from gardner.theory.nishimori.quadrature import (
    LOG_TINY,
    SQRT_2PI,
    WEAK_FIELD,
    gap_entropy,
    hazard,
    pole_step,
    residual_entropy,
)

_U_STEPS = 32
_U_REACH = 8.8


class SiteAverages(NamedTuple):
    """ln(1-q), G and their derivatives, one entry per layer: (∂q/∂q̂)/(1-q), (∂q/∂Λ)/(1-q), ∂G/∂Λ.

    The ratios stay finite where 1-q underflows; ∂G/∂q̂ = ∂q/∂Λ.
    """

    log_complement: np.ndarray
    strength: np.ndarray
    q_slope_ratio: np.ndarray
    cross_ratio: np.ndarray
    strength_slope: np.ndarray


def activation_nodes(overlap_l, complement_l):
    """Nodes u ≥ 0 (layer, node) and weights of N(u; 0, Λ/(1-Λ)) du, both signs counted.

    The averages fall at least like e^{-u²/4} besides the density, hence the reach.
    """
    root_l = np.sqrt(overlap_l / complement_l)
    reach_l = _U_REACH / np.sqrt(1 + 0.5 * root_l**2)
    v_lu = reach_l[:, None] * (np.arange(_U_STEPS + 1) / _U_STEPS)
    weight_lu = np.exp(-0.5 * v_lu**2) * (2 * reach_l[:, None] / (_U_STEPS * SQRT_2PI))
    weight_lu[:, 0] *= 0.5
    return root_l[:, None] * v_lu, weight_lu


def field_nodes(field_l):
    """Nodes y (layer, node) and weights of N(y; 0, q̂) dy for the y-average at u ≥ 0."""
    root_l = np.sqrt(field_l)
    upper_l = 2 * LOG_TINY / (root_l + np.sqrt(field_l + 2 * LOG_TINY))
    lower_l = np.minimum(root_l + np.sqrt(2 * LOG_TINY), (LOG_TINY + 1) / np.maximum(root_l, 1e-150))
    count = int(np.ceil(np.max((upper_l + lower_l) / pole_step(field_l), initial=1.0)))
    step_l = (upper_l + lower_l) / count
    z_ly = step_l[:, None] * np.arange(count + 1) - lower_l[:, None]
    weight_ly = np.exp(-0.5 * z_ly**2) * (step_l[:, None] / SQRT_2PI)
    return root_l[:, None] * z_ly, weight_ly


def site_averages(overlap_l, complement_l, field_l) -> SiteAverages:
    """q, G and their derivatives at overlap Λ, complement 1-Λ and field q̂, all of shape (layers,)."""
    u_lu, density_lu = activation_nodes(overlap_l, complement_l)
    y_ly, weight_ly = field_nodes(field_l)
    up_lu, down_lu = ndtr(u_lu), ndtr(-u_lu)
    rise_ly, fall_ly = np.exp(y_ly), np.exp(-y_ly)
    plus_luy = up_lu[:, :, None] * rise_ly[:, None, :]
    minus_luy = down_lu[:, :, None] * fall_ly[:, None, :]
    inverse_luy = 1.0 / (plus_luy + minus_luy)  # sech(y+a) cosh(a)
    tanh_luy = (plus_luy - minus_luy) * inverse_luy
    cube_luy = inverse_luy * inverse_luy * inverse_luy
    k1_lu = np.matmul(inverse_luy, weight_ly[:, :, None])[:, :, 0]
    k3_lu = np.matmul(cube_luy, weight_ly[:, :, None])[:, :, 0]
    kt_lu = np.matmul(tanh_luy * inverse_luy, weight_ly[:, :, None])[:, :, 0]

    sech2_lu = 4 * up_lu * down_lu
    mass_l = np.sum(density_lu * sech2_lu * k1_lu, axis=1)
    q_slope_mass_l = np.sum(density_lu * sech2_lu**2 * k3_lu, axis=1)
    log_complement_l = np.log(mass_l) - 0.5 * field_l
    damping_l = np.exp(-0.5 * field_l)
    gain_lu = 1 - damping_l[:, None] * k1_lu
    weak = np.flatnonzero(field_l < WEAK_FIELD)
    if weak.size:
        weak_weight_ly = weight_ly[weak] * damping_l[weak, None]
        q_lu = np.matmul((tanh_luy * (plus_luy - minus_luy))[weak], weak_weight_ly[:, :, None])[:, :, 0]
        small_l = overlap_l[weak] < WEAK_FIELD  # elsewhere q is not small, and the sum would need all u
        q_l = np.sum(density_lu[weak] * q_lu, axis=1)
        log_complement_l[weak[small_l]] = np.log1p(-q_l[small_l])
        sinh2_ly = weak_weight_ly * np.sinh(y_ly[weak]) ** 2
        gain_lu[weak] = sech2_lu[weak] * np.matmul(inverse_luy[weak], sinh2_ly[:, :, None])[:, :, 0]
    a_slope_lu = 0.5 * (hazard(u_lu) + hazard(-u_lu))
    cross_mass_l = np.sum(density_lu * a_slope_lu**2 * sech2_lu**2 * k3_lu, axis=1)
    moments = (gain_lu, damping_l[:, None] * k3_lu, damping_l[:, None] * kt_lu)
    strength_l, strength_slope_l = _gap_moments(u_lu, density_lu, sech2_lu, a_slope_lu, *moments)
    return SiteAverages(
        log_complement=log_complement_l,
        strength=strength_l / complement_l,
        q_slope_ratio=q_slope_mass_l / mass_l,
        cross_ratio=cross_mass_l / (mass_l * complement_l),
        strength_slope=strength_slope_l / complement_l**2,
    )


def _gap_moments(u_lu, density_lu, sech2_lu, a_slope_lu, gain_lu, k3_lu, kt_lu):
    """E[(∂_u ln Z)²] and E[(∂²_u ln Z)²] from the y-averages at fixed u; `gain_lu` is 1-K.

    ∂²_u ln Z = -(uD + D²) with D = a'(t-T); centred moments of t follow from <t> = T, <1-t²> = A, <t(1-t²)> =
    B, <(1-t²)²> = C.
    """
    square_lu = a_slope_lu**2
    tanh_lu = np.sqrt(1 - sech2_lu)
    a_lu, b_lu, c_lu = sech2_lu * (1 - gain_lu), sech2_lu * kt_lu, sech2_lu**2 * k3_lu
    second_lu = sech2_lu * gain_lu
    third_lu = -2 * tanh_lu * sech2_lu - b_lu + 3 * tanh_lu * a_lu
    fourth_lu = 1 - 2 * a_lu + c_lu - 4 * tanh_lu * (tanh_lu - b_lu) + 6 * tanh_lu**2 * (1 - a_lu) - 3 * tanh_lu**4
    strength_l = np.sum(density_lu * square_lu * second_lu, axis=1)
    curvature_lu = u_lu**2 * second_lu + 2 * u_lu * a_slope_lu * third_lu + square_lu * fourth_lu
    return strength_l, np.sum(density_lu * square_lu * curvature_lu, axis=1)


def site_entropy(overlap_l, complement_l, field_l):
    """2∫DtΦ_N lnΦ_N + E[H_2(y+a)]: the site free entropy of (T16) less ½q̂(1-q)."""
    u_lu, density_lu = activation_nodes(overlap_l, complement_l)
    y_ly, weight_ly = field_nodes(field_l)
    a_lu = 0.5 * (log_ndtr(u_lu) - log_ndtr(-u_lu))
    entropy_luy = residual_entropy(y_ly[:, None, :] + a_lu[:, :, None])
    entropy_lu = np.matmul(entropy_luy, weight_ly[:, :, None])[:, :, 0] / np.cosh(a_lu)
    entropy_l = np.exp(-0.5 * field_l) * np.sum(density_lu * entropy_lu, axis=1)
    return gap_entropy(overlap_l, complement_l) + entropy_l
