"""A front of one solid bond layer in the random setting, k = 1, by nested quadrature and plain damped iteration.

Written from (T5)–(T9), (T11) alone: it shares no code with the package.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import log_ndtr

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(64)
WEIGHTS = WEIGHTS / np.sqrt(2.0 * np.pi)


def two_level_overlaps(v0: float, v1: float, m: float, phi, slope) -> tuple[float, float]:
    """E_0[(φ_0')²] and E_1[(φ_1')²] of a sector with variances v0 ≤ v1 and terminal function φ_1 = phi."""
    outer = np.sqrt(v0) * NODES
    h = outer[:, None] + np.sqrt(v1 - v0) * NODES[None, :]
    weight = WEIGHTS * np.exp(m * phi(h))
    weight /= weight.sum(axis=1, keepdims=True)
    first = np.sum(weight * slope(h), axis=1)
    return float(WEIGHTS @ first**2), float(WEIGHTS @ np.sum(weight * slope(h) ** 2, axis=1))


def gap_overlaps(v0, v1, m):
    sigma = np.sqrt(1.0 - v1)

    def slope(h):
        u = h / sigma
        return np.exp(-0.5 * u * u - log_ndtr(u)) / np.sqrt(2.0 * np.pi) / sigma

    return two_level_overlaps(v0, v1, m, lambda h: log_ndtr(h / sigma), slope)


def spin_overlaps(v0, v1, m):
    return two_level_overlaps(v0, v1, m, lambda h: np.logaddexp(h, -h), np.tanh)


def bond_overlaps(hat0, hat1, m):
    """Q_0, Q_1 on the sphere: λ_1 from λ_2 + Q_1 = 1."""

    def overlaps(a):
        c = a + m * (hat1 - hat0)
        q0 = hat0 / a**2
        return q0, q0 + (1.0 / a - 1.0 / c) / m, 1.0 / c

    a = brentq(lambda a: overlaps(a)[1] + overlaps(a)[2] - 1.0, 1e-3, 1e3, xtol=1e-14)
    return overlaps(a)[:2]


def front_overlap(alpha: float, m: float, steps: int = 4000) -> float:
    """q_1(1), the innermost overlap of the free spins behind one solid bond layer with q(0) = 1."""
    q, Q = np.array([0.1, 0.3]), np.array([0.1, 0.5])
    for _ in range(steps):
        g = np.array(gap_overlaps(*(Q * q), m))
        new_Q = np.array(bond_overlaps(*(alpha * g * q), m))
        new_q = np.array(spin_overlaps(*(g * Q), m))
        change = max(np.abs(new_q - q).max(), np.abs(new_Q - Q).max())
        q, Q = q + 0.7 * (new_q - q), Q + 0.7 * (new_Q - Q)
        if change < 1e-11:
            break
    return float(q[1])


def second_transition(m: float) -> float:
    """α_2 at k = 1: α (2/π)² q_1(1)² = 1."""
    return brentq(lambda a: a * (2.0 / np.pi) ** 2 * front_overlap(a, m) ** 2 - 1.0, 13.0, 18.0, rtol=1e-9)
