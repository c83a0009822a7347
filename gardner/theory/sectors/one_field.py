"""The three sectors of the replicated free entropy: gap (T7), spin (T8) and bond (T9).

Each sector maps conjugate variables to overlaps, level by level, and knows its contribution to the free entropy
and the Jacobian of its map. All arrays run over RSB levels i = 0…k.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.potentials import Potential
from gardner.theory import terminal
from gardner.theory.parisi.flow import Flow, GridSettings, solve_flow

SMALLEST_GAP_VARIANCE = 1e-14  # below this 1 - Λ_k is round-off
FROZEN = 9.0  # tilt m w at which a spin counts as frozen: e^{-FROZEN²/2} = 3e-18


class FrozenError(ArithmeticError):
    """1 - Λ_k has reached round-off: the solution has left the domain of the equations (Q, q → 1)."""


@dataclass(frozen=True)
class SectorValue:
    """free_entropy: Φ; overlaps_i: G_i or q_i; response_ji: d overlaps_j/d conjugate_i; flow: None at zero variance.

    cut_i (k,): what was cut from the increments q̂_i - q̂_{i-1}, i = 1…k, of a frozen spin (None: nothing). The constant
    ½ Σ m_i cut_i is part of free_entropy and not of the flow, hence ∂Φ/∂m_i is that of the flow plus ½ cut_i: the flow
    itself contributes ½ m_i to every unit of variance it lost, which compensates the dependence of the cut on m_i.
    """

    free_entropy: float
    overlaps_i: np.ndarray
    response_ji: np.ndarray | None
    flow: Flow | None = None
    cut_i: np.ndarray | None = None


def _at_zero(m, terminal_function, with_response: bool) -> SectorValue:
    """A one-dimensional sector with all variances zero: the field is fixed at h = 0."""
    phi, first, second = (float(v[0]) for v in terminal_function(np.zeros(1)))
    count = len(m) - 1
    response = None
    if with_response:
        # every u equals φ'², so B_ij = 4 φ'²φ'' + m_j φ'⁴ - φ'⁴ Σ_{l<j}Δm_l = 4 φ'²φ''
        response = np.diag(np.full(count, second**2)) - 2.0 * first**2 * second * np.diff(m)[None, :]
    return SectorValue(phi, np.full(count, first**2), response)


def gap_sector(
    lambda_i: np.ndarray, m: np.ndarray, potential: Potential, grid: GridSettings, with_response: bool = False
) -> SectorValue:
    """Φ = ln<Π_a e^{-βv(h_a)}>/n and G_i = E_i[(φ_i')²] at gap overlaps Λ_i.

    φ_i varies on the scale sqrt(1-Λ_i) around the margin; (1-Λ_k) is the Gaussian width of the terminal function.
    """
    if not 1.0 - lambda_i[-1] > SMALLEST_GAP_VARIANCE:
        raise FrozenError(f"1 - Λ = {1.0 - lambda_i[-1]:.1e}")
    function = potential.log_weight(lambda_i[-1])
    if lambda_i[-1] == 0.0:
        return _at_zero(m, function, with_response)
    flow = solve_flow(lambda_i, m, function, np.sqrt(1.0 - lambda_i), centre=potential.margin, settings=grid)
    return SectorValue(flow.free_entropy, flow.overlaps, flow.response() if with_response else None, flow)


def spin_sector(qhat_i: np.ndarray, m: np.ndarray, grid: GridSettings, with_response: bool = False) -> SectorValue:
    """Φ and q_i = E_i[(φ_i')²] at conjugate overlaps q̂_i (the free entropy (T8) adds ½ΣΔm q̂q - ½q̂_k).

    The tilt drives fields outwards by at most Σ m_i (q̂_i - q̂_{i-1}). An increment with m_i w ≫ 1, w² = q̂_i - q̂_{i-1},
    freezes the spin: e^{mφ} has two peaks at distance m w² of relative weight e^{±mh}, so that φ_{i-1} is
    ln 2cosh(mh)/m + ½ m w² whatever w. Such increments are cut at m_i w = FROZEN, up to e^{-FROZEN²/2}, and the
    constant is restored.
    """
    qhat_i = np.maximum.accumulate(qhat_i)
    if qhat_i[-1] == 0.0:
        return _at_zero(m, terminal.spin, with_response)
    increments = np.diff(qhat_i)
    kept = np.minimum(increments, (FROZEN / m[1:-1]) ** 2)
    short_i = qhat_i[0] + np.concatenate([[0.0], np.cumsum(kept)])
    drift = float(np.sum(m[1:-1] * kept))
    flow = solve_flow(short_i, m, terminal.spin, np.ones_like(qhat_i), drift=drift, settings=grid)
    cut = increments - kept
    constant = 0.5 * float(np.sum(m[1:-1] * cut))
    response = None
    if with_response:
        active = np.append(True, kept == increments).astype(float)
        difference = active[:, None] * (np.eye(len(qhat_i)) - np.eye(len(qhat_i), k=-1))
        response = flow.response() @ np.cumsum(difference, axis=0)
    return SectorValue(flow.free_entropy + constant, flow.overlaps, response, flow, cut if cut.any() else None)


def spin_entropy(qhat_i: np.ndarray, q_i: np.ndarray, m: np.ndarray, phi: float) -> float:
    """s_spin of (T8) with Φ given; stationary in q̂ where q_i = E_i[(φ_i')²]."""
    return float(0.5 * np.sum(np.diff(m) * qhat_i * q_i) - 0.5 * qhat_i[-1] + phi)


def _sphere_multiplier(qhat_i: np.ndarray, m: np.ndarray) -> float:
    """a = 1/λ_1 from the sphere constraint λ_{k+1} + Q_k = 1.

    f(a) = 1/c_k + Q̂_0/a² + Σ_i ΔQ̂_i/(c_{i-1}c_i) - 1 with c_i = a + Σ_{j≤i} m_j ΔQ̂_j is convex and decreasing:
    Newton from a point with f ≥ 0 converges monotonically.
    """
    increments = np.diff(qhat_i)
    weighted = np.concatenate([[0.0], np.cumsum(m[1:-1] * increments)])
    # start where one term alone equals 1, hence f ≥ 0; for ΔQ̂_i that is c_{i-1} c_i = ΔQ̂_i
    a = max(1.0 - weighted[-1], float(np.sqrt(qhat_i[0])))
    if increments.size:
        half = 0.5 * m[1:-1] * increments
        a = max(a, float(np.max(np.hypot(half, np.sqrt(increments)) - half - weighted[:-1])))
    for _ in range(200):
        c = a + weighted
        pair = increments / (c[:-1] * c[1:])
        f = 1.0 / c[-1] + qhat_i[0] / a**2 + pair.sum() - 1.0
        slope = -1.0 / c[-1] ** 2 - 2.0 * qhat_i[0] / a**3 - np.sum(pair * (1.0 / c[:-1] + 1.0 / c[1:]))
        step = f / slope
        if step > 0.0 and a - step <= 0.0:
            step = 0.5 * a
        a -= step
        if abs(step) <= 4e-16 * a:
            break
    return a


@dataclass(frozen=True)
class BondValue:
    """Q_i at given Q̂_i, the term (1/n)½ ln det Q of (T9), and dQ_j/dQ̂_i."""

    overlaps_i: np.ndarray
    free_entropy: float
    response_ji: np.ndarray | None


def bond_sector(qhat_i: np.ndarray, m: np.ndarray, with_response: bool = False) -> BondValue:
    """The spherical weights: Q_i of (T9) from Q̂_i, free of cancellation through c_i = 1/λ_{i+1}."""
    qhat_i = np.maximum.accumulate(qhat_i)  # merged levels may differ by round-off of either sign
    a = _sphere_multiplier(qhat_i, m)
    increments = np.diff(qhat_i)
    c = a + np.concatenate([[0.0], np.cumsum(m[1:-1] * increments)])
    pair = increments / (c[:-1] * c[1:])
    overlaps = qhat_i[0] / a**2 + np.concatenate([[0.0], np.cumsum(pair)])
    overlaps = np.minimum(overlaps, 1.0 - 1.0 / c[-1])
    entropy = 0.5 * (-np.log(c[-1]) + np.sum(np.log1p(m[1:-1] * increments / c[:-1]) / m[1:-1]) + overlaps[0] * a)
    response = _bond_response(qhat_i, m, a, c) if with_response else None
    return BondValue(overlaps, float(entropy), response)


def _bond_response(qhat_i, m, a, c):
    """dQ_j/dQ̂_i: total derivative including the multiplier a fixed by the sphere."""
    count = len(qhat_i)
    increments = np.diff(qhat_i)
    d_increment = np.eye(count)[1:] - np.eye(count)[:-1]
    d_c = np.concatenate([np.zeros((1, count)), np.cumsum(m[1:-1, None] * d_increment, axis=0)])
    inverse_pair = 1.0 / (c[:-1] * c[1:])

    def d_overlaps(d_c_ij, d_a, d_first, d_inc):
        relative = d_c_ij[:-1] / c[:-1, None] + d_c_ij[1:] / c[1:, None]
        terms = inverse_pair[:, None] * (d_inc - increments[:, None] * relative)
        first = d_first / a**2 - 2.0 * qhat_i[0] / a**3 * d_a
        return np.concatenate([first[None, :], first[None, :] + np.cumsum(terms, axis=0)])

    direct = d_overlaps(d_c, np.zeros(count), np.eye(count)[0], d_increment)
    by_a = d_overlaps(np.ones((count, 1)), np.ones(1), np.zeros(1), np.zeros((count - 1, 1)))[:, 0]
    # d(1/c_k) + dQ_k = 0 fixes da
    d_a = -(direct[-1] - d_c[-1] / c[-1] ** 2) / (by_a[-1] - 1.0 / c[-1] ** 2)
    return direct + by_a[:, None] * d_a[None, :]


def bond_entropy(q_i: np.ndarray, m: np.ndarray) -> float:
    """(1/n)½ ln det Q of (T9) at any Q_i: λ_{k+1} = 1-Q_k, λ_i = λ_{i+1} + m_i (Q_i - Q_{i-1})."""
    steps = m[1:-1] * np.diff(q_i)
    last = 1.0 - q_i[-1]
    eigenvalues = np.append(last + np.cumsum(steps[::-1])[::-1], last)
    logs = np.log1p(steps / eigenvalues[1:]) / m[1:-1]
    return float(0.5 * (np.log(last) + logs.sum() + q_i[0] / eigenvalues[0]))
