"""Spherical weights, |J|² = N per row: the bond sector is ½ ln det Q (T9).

The field Q̂ is eliminated: given the overlaps the term of the free entropy is known in closed form, and given the
fields the overlaps follow from one equation for the multiplier of the sphere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.theory.parisi.flow import GridSettings
from gardner.theory.parisi.functional import bond_functional, bond_integral
from gardner.theory.sectors.base import Contribution


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


def _jammed_multiplier(first: float, increments: np.ndarray, weighted: np.ndarray) -> float:
    """1/λ_1 from Q_k = 1 at capacity: the root of the decreasing, convex Q̂_0/a² + Σ_i ΔQ̂_i/(c_{i-1}c_i) - 1."""
    half = 0.5 * np.diff(weighted)
    a = max(float(np.sqrt(first)), float(np.max(np.hypot(half, np.sqrt(increments)) - half - weighted[:-1])))
    for _ in range(200):
        c = a + weighted
        pair = increments / (c[:-1] * c[1:])
        value = first / a**2 + pair.sum() - 1.0
        slope = -2.0 * first / a**3 - np.sum(pair * (1.0 / c[:-1] + 1.0 / c[1:]))
        step = value / slope
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


def bond_eigenvalues(q_i: np.ndarray, m: np.ndarray) -> np.ndarray:
    """λ_{i+1} = (1-Q_k) + Σ_{j>i} m_j (Q_j - Q_{j-1}) at the overlap Q_i, i = 0…k. (T9)"""
    steps = m[1:-1] * np.diff(q_i)
    return 1.0 - q_i[-1] + np.append(np.cumsum(steps[::-1])[::-1], 0.0)


def bond_entropy(q_i: np.ndarray, m: np.ndarray) -> float:
    """(1/n)½ ln det Q of (T9) at any Q_i: λ_{k+1} = 1-Q_k, λ_i = λ_{i+1} + m_i (Q_i - Q_{i-1})."""
    eigenvalues = bond_eigenvalues(q_i, m)
    logs = np.log1p(m[1:-1] * np.diff(q_i) / eigenvalues[1:]) / m[1:-1]
    return float(0.5 * (np.log(eigenvalues[-1]) + logs.sum() + q_i[0] / eigenvalues[0]))


class Spherical:
    """The prior as the bond sector uses it, in the random and in the planted setting.

    Its terms of s do not need the field Q̂, which is eliminated.
    """

    name = "spherical"
    label = "spherical weights"
    log_values = None  # a sphere has no finite number of values: its weights are never known exactly
    is_rotation_invariant = True

    def contribution(
        self,
        own_i: np.ndarray,
        qhat_i: np.ndarray | None,
        m: np.ndarray,
        grid: GridSettings,
        with_response: bool = False,
    ) -> Contribution:
        """(1/n)½ ln det Q at any Q_i (T9); with a field also the Q_i that it asks for, and dQ_j/dQ̂_i."""
        term, slope_i = bond_entropy(own_i, m), lambda: bond_functional(own_i, m)[2]
        if qhat_i is None:
            return Contribution(term, slope_i=slope_i)
        value = bond_sector(qhat_i, m, with_response)
        responses = {} if value.response_ji is None else {("image", "field"): value.response_ji}
        return Contribution(term, image_i=value.overlaps_i, responses=responses, slope_i=slope_i)

    def split_response(self, own_i: np.ndarray, qhat_i: np.ndarray, m: np.ndarray, grid: GridSettings) -> np.ndarray:
        """dQ/dQ̂ of a level without weight beside level i, λ_{i+1}², shape (k+1,). (C7)"""
        return bond_eigenvalues(own_i, m) ** 2

    def jammed_bond(self, p_i: np.ndarray, m: np.ndarray) -> np.ndarray:
        """Q_0 … Q_{k-1} and the room r at the fields p_0 … p_k of (C50); m = (0, y_1, …, y_{k-1}, 1)."""
        p_i = np.maximum.accumulate(p_i)
        weighted = np.concatenate([[0.0], np.cumsum(m[1:] * np.diff(p_i))])
        increments = np.diff(p_i)
        c = _jammed_multiplier(p_i[0], increments, weighted) + weighted
        overlaps = p_i[0] / c[0] ** 2 + np.concatenate([[0.0], np.cumsum(increments / (c[:-1] * c[1:]))])
        return np.append(overlaps[:-1], 1.0 / c[-1])

    def jammed_entropy(self, own_i: np.ndarray, m: np.ndarray) -> float:
        """A of (C3) at Q_0 … Q_{k-1} and the room r, the last step of Q reaching one."""
        return bond_integral(np.append(own_i[:-1], 1.0), m[1:], float(own_i[-1]))[0]

    def planted_rigidity(self, field_l: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """-ln(1-Q) and its derivative at planted fields Q̂ ≥ 0: Q = Q̂/(1+Q̂). (T13)"""
        return np.log1p(field_l), 1.0 / (1.0 + field_l)

    def planted_entropy(self, rigidity_l: np.ndarray, field_l: np.ndarray) -> np.ndarray:
        """½ [ln(1-Q) + Q] at -ln(1-Q) = rigidity_l, the bond term of (T14) per weight."""
        return 0.5 * (-np.expm1(-rigidity_l) - rigidity_l)

    def crystal_rigidity(self, alpha: float) -> float:
        """A rigidity above that of any fixed point: 1-Q below 1/α²."""
        return float(np.log1p(4.0 * (1.0 + alpha) ** 2))


SPHERICAL = Spherical()
