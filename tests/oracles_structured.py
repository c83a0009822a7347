"""The one-step saddle point (T11) with structured boundaries, by plain nested sums: no flow, no sector, no Newton.

Every Gaussian integral is a sum over equidistant z on [-8.5, 8.5]; the hard core at margin 0. The fixed point is
reached by damped iteration of Q(1), q(1), …, Q(L) and polished by scipy's fsolve.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq, fsolve
from scipy.special import log_ndtr

Z = np.linspace(-8.5, 8.5, 121)
W = np.exp(-0.5 * Z * Z)
W /= W.sum()


def moments(log_mass, slope, v0, v1, m):
    """G_0, G_1 of a sector with terminal φ_1 = log_mass(h), φ_1' = slope(h), variances v0 ≤ v1."""
    h = np.sqrt(max(v0, 0.0)) * Z[:, None] + np.sqrt(max(v1 - v0, 0.0)) * Z[None, :]
    tilt = np.exp(m * log_mass(h)) * W[None, :]
    tilt /= tilt.sum(axis=1, keepdims=True)
    first, second = (np.sum(tilt * slope(h) ** p, axis=1) for p in (1, 2))
    return np.array([W @ first**2, W @ second])


def gap_moments(below, bond, above, m):
    """G_i at Λ_i = q_i(l-1) Q_i(l) q_i(l), hard core, κ = 0."""
    v0, v1 = below * bond * above
    s = np.sqrt(1.0 - v1)
    hazard = lambda h: np.exp(-0.5 * (h / s) ** 2 - log_ndtr(h / s)) / (s * np.sqrt(2.0 * np.pi))  # noqa: E731
    return moments(lambda h: log_ndtr(h / s), hazard, v0, v1, m)


def bond_overlaps(qhat, m):
    """Q_0, Q_1 on the sphere: 1/λ_1 = a, 1/λ_2 = a + m (Q̂_1 - Q̂_0), λ_2 + Q_1 = 1 (T9)."""
    step = qhat[1] - qhat[0]

    def overlaps(a):
        lam1, lam2 = 1.0 / a, 1.0 / (a + m * step)
        q0 = qhat[0] * lam1**2
        return np.array([q0, q0 + (lam1 - lam2) / m]), lam2

    a = brentq(lambda a: overlaps(a)[0][1] + overlaps(a)[1] - 1.0, 1e-6, 1e6, xtol=1e-15, rtol=1e-15)
    return overlaps(a)[0]


def one_step_chain(alpha, depth, m, inputs, outputs, start=0.3):
    """q (L+1, 2), Q (L, 2) of the fixed point reached from small overlaps by 150 damped steps, then polished."""

    def unpack(rows):
        q = np.vstack([inputs, rows[1::2], outputs])
        return q, rows[0::2]

    def image(rows):
        q, big_q = unpack(rows)
        g = [gap_moments(q[l], big_q[l], q[l + 1], m) for l in range(depth)]
        new = np.empty_like(rows)
        for l in range(depth):
            new[2 * l] = bond_overlaps(alpha * g[l] * q[l] * q[l + 1], m)
        for l in range(1, depth):
            qhat = g[l - 1] * q[l - 1] * big_q[l - 1] + g[l] * big_q[l] * q[l + 1]
            new[2 * l - 1] = moments(
                lambda h: np.logaddexp(h, -h), np.tanh, qhat[0], qhat[1], m
            )  # fmt: skip
        return new

    rows = np.tile([0.5 * start, start], (2 * depth - 1, 1))
    for _ in range(150):
        rows = 0.3 * rows + 0.7 * image(rows)
    solution, _, flag, message = fsolve(
        lambda x: image(x.reshape(rows.shape)).ravel() - x, rows.ravel(), xtol=1e-13, full_output=True
    )
    if np.abs(image(solution.reshape(rows.shape)) - solution.reshape(rows.shape)).max() > 1e-11:
        raise RuntimeError(f"the oracle did not converge: {flag}, {message}")
    return unpack(solution.reshape(rows.shape))
