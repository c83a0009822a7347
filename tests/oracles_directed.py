"""Plain twins of the kernels of the two-dimensional flow, and independent references for the site sector."""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr, roots_hermitenorm

from gardner.theory.parisi import axis_kernels, kernels, plane_kernels

SIDE = axis_kernels.SIDE


def lagrange(x: float) -> np.ndarray:
    """Lagrange weights at x on the nodes -SIDE … SIDE, by the definition."""
    nodes = np.arange(-SIDE, SIDE + 1)
    return np.array([np.prod([(x - p) / (j - p) for p in nodes if p != j]) for j in nodes])


def narrow_rows_numpy(targets, variance, m, core, dt, omega, delta, gh_x, gh_w):
    """Twin of `plane_kernels.narrow_rows`: rows on all source nodes (n_t, n_s, n_y) and log masses (n_t, n_y)."""
    n_s, n_y = delta.shape
    half = n_s // 2
    rows, log_mass = np.zeros((len(targets), n_s, n_y)), np.zeros((len(targets), n_y))
    for a, target in enumerate(targets):
        near = int(np.clip(np.round(np.arcsinh(target / core) / dt) + half, 1, n_s - 2))
        window = np.arange(max(near - plane_kernels.WINDOW, 0), min(near + plane_kernels.WINDOW + 1, n_s))
        for y in range(n_y):
            d = delta[:, y]
            best = window[np.argmax(m * d[window] - (omega[window] - target) ** 2 / (2.0 * variance))]
            centre = int(np.clip(best, SIDE, n_s - 1 - SIDE))
            left, right = max(best - 1, 0), min(best + 1, n_s - 1)
            tilt = m * (d[right] - d[left]) / (omega[right] - omega[left])
            places = target + tilt * variance + np.sqrt(variance) * gh_x
            x = np.clip(np.arcsinh(places / core) / dt + half - centre, -SIDE - 1, SIDE + 1)
            coef = sum(w * lagrange(value) for w, value in zip(gh_w, x))
            window_s = slice(centre - SIDE, centre + SIDE + 1)
            terms = coef * np.exp(m * (d[window_s] - d[best]) - tilt * (omega[window_s] - target))
            shift = m * d[best] + 0.5 * tilt**2 * variance
            if np.abs(terms).sum() > plane_kernels.CANCELLATION * terms.sum():
                centre = int(np.clip(near, SIDE, n_s - 1 - SIDE))
                window_s, shift = slice(centre - SIDE, centre + SIDE + 1), m * d[best]
                node = int(np.clip(near, centre - SIDE + 1, centre + SIDE - 1))
                h = omega[node - 1 : node + 2]
                three = [
                    (variance + (target - h[p - 2]) * (target - h[p - 1])) / ((h[p] - h[p - 2]) * (h[p] - h[p - 1]))
                    for p in range(3)
                ]
                three = np.maximum(three, 0.0)
                terms = np.zeros(2 * SIDE + 1)
                places = node - centre + SIDE + np.arange(-1, 2)
                terms[places] = three / three.sum() * np.exp(m * (d[node - 1 : node + 2] - d[best]))
            rows[a, window_s, y] = terms / terms.sum()
            log_mass[a, y] = min(shift + np.log(terms.sum()), m * delta.max())
    return rows, log_mass


def axis_rows_numpy(targets, variance, m, core, dt, half, h, logw, r, d1, d2, gh_x, gh_logw):
    """Twin of the trapezoid and common-stencil rules of `axis_kernels.axis_rows` (targets away from the ends)."""
    rows, value = np.zeros((len(targets), len(h))), np.zeros(len(targets))
    width = np.sqrt(variance)
    for a, target in enumerate(targets):
        e = m * r - (h - target) ** 2 / (2.0 * variance)
        best = int(e.argmax())
        peak = width / np.sqrt(max(1.0 - m * variance * d2[best], 0.25))
        if peak >= axis_kernels.WIDE * dt * np.hypot(abs(h[best]) + 3.0 * peak, core):
            weights = np.where(e - e[best] > -kernels.CUT, np.exp(e - e[best] + logw), 0.0)
            rows[a] = weights / weights.sum()
            value[a] = e[best] + np.log(weights.sum()) - 0.5 * np.log(2.0 * np.pi * variance)
        else:
            kappa = max(1.0 - m * variance * d2[best], 0.25)
            z = (h[best] - target) / width
            z = z + (m * width * d1[best] - z) / kappa
            centre = round(np.arcsinh((target + width * z) / core) / dt)
            z = z + gh_x / np.sqrt(kappa)
            x = np.arcsinh((target + width * z) / core) / dt - centre
            stencil = np.array([lagrange(value) for value in x])
            window = slice(centre + half - SIDE, centre + half + SIDE + 1)
            logs = m * stencil @ r[window] + gh_logw + 0.5 * (gh_x**2 - z**2) - 0.5 * np.log(kappa)
            weights = np.exp(logs - logs.max())
            rows[a, window] = weights @ stencil / weights.sum()
            value[a] = logs.max() + np.log(weights.sum())
    return rows, value / m if m > 0 else rows @ r


def one_step_site(lambda_i, qhat_i, m_1, order=60):
    """Φ, (G_0, G_1), (q_0, q_1) of a hard-core site with k = 1 by nested Gauss–Hermite sums over four Gaussians."""
    z, w = roots_hermitenorm(order)
    w = w / w.sum()
    sigma = np.sqrt(1.0 - lambda_i[1])
    steps = np.sqrt([lambda_i[0], lambda_i[1] - lambda_i[0], qhat_i[0], qhat_i[1] - qhat_i[0]])
    inner = w[:, None] * w[None, :]
    total, squares = 0.0, np.zeros((2, 2))
    for za, wa in zip(z, w):
        for zb, wb in zip(z, w):
            omega = (steps[0] * za + steps[1] * z)[:, None] / sigma
            y = (steps[2] * zb + steps[3] * z)[None, :]
            up, down = log_ndtr(omega), log_ndtr(-omega)
            phi = np.logaddexp(up + y, down - y)
            share = np.exp(up + y - phi)
            density = np.exp(-0.5 * omega**2) / np.sqrt(2.0 * np.pi)
            slopes = (share * density / np.exp(up) - (1 - share) * density / np.exp(down)) / sigma, 2.0 * share - 1.0
            weight = inner * np.exp(m_1 * phi)
            mass = weight.sum()
            total += wa * wb * np.log(mass) / m_1
            for axis, slope in enumerate(slopes):
                squares[axis] += (
                    wa * wb * np.array([((weight * slope).sum() / mass) ** 2, (weight * slope**2).sum() / mass])
                )
    return total, squares[0], squares[1]
