"""Numba kernels of the narrow Gaussian steps along ω in the two-dimensional flow.

Where the Gaussian of a step is narrower than the nodes, every target (ω_a, y) gets its own row of STENCIL nodes. e^{mδ}
may grow by orders of magnitude from node to node (it is close to a Gaussian where ω and y contradict each other); the
exponential e^{m s ω} of its local slope s is therefore taken out, and only shifts the target by m s w²:

    ∫dω' γ_w²(ω_a-ω') e^{mδ(ω')} f(ω') ∝ Σ_b c_b X_b f_b,   X_b = e^{m[δ_b - s ω_b]},
    c_b = ∫Dz ℓ_b(ω_a + m s w² + w z),

ℓ_b the Lagrange polynomials of the nodes about the saddle. Polynomials times the exponential are integrated exactly,
and since one stencil serves the whole Gaussian the error of a small step is O(w²) of an already small number. Where
the terms cancel (Σ|c X| > CANCELLATION Σ c X: the line on which the spin changes its mind, far out, where it is
sharper than the nodes) three nodes with the right mean and variance take over, crude but non-negative, so that
probabilities remain so.

Arrays run over (ω, y) or (ω, quantity, y); sources over all nodes of ω, mirror images included.
"""

from __future__ import annotations

import math

import numpy as np

from gardner.runtime.compilation import kernel
from gardner.theory.parisi.axis_kernels import SIDE, STENCIL, common_stencil

WINDOW = 16  # nodes on either side of the target among which the saddle is sought
CANCELLATION = 3.0  # Σ|terms|/Σ terms above which interpolation means nothing


@kernel()
def _saddle(near, omega, y, variance, m, omega_s, delta):
    """The node within WINDOW of the target where m δ - (ω'-ω)²/2w² is largest."""
    best, top = near, -np.inf
    for b in range(max(near - WINDOW, 0), min(near + WINDOW + 1, omega_s.shape[0])):
        d = omega_s[b] - omega
        e = m * delta[b, y] - 0.5 * d * d / variance
        if e > top:
            best, top = b, e
    return best


@kernel()
def _three_nodes(omega, variance, centre, omega_s, coef):
    """Weights of mean 0 and second moment w² about ω on the nodes centre-1 … centre+1, negative ones cut."""
    total = 0.0
    for p in range(3):
        h, g, e = omega_s[centre - 1 + p], omega_s[centre - 1 + (p + 1) % 3], omega_s[centre - 1 + (p + 2) % 3]
        coef[p] = max((variance + (omega - g) * (omega - e)) / ((h - g) * (h - e)), 0.0)
        total += coef[p]
    for p in range(3):
        coef[p] /= total


@kernel()
def narrow_rows(targets, variance, m, core, dt, omega_s, delta, gh_x, gh_w, first, weights, log_mass):
    """Tilted rows of narrow steps: weights (n_t, STENCIL, n_y) on the source nodes first + 0 … STENCIL-1, and mδ_{i-1}.

    targets (n_t,); source nodes omega_s (n_s,) = core sinh((b - half) dt); delta (n_s, n_y): δ_i; fills first (n_t,
    n_y), weights, log_mass (n_t, n_y).
    """
    n_s, n_y = delta.shape
    ceiling = m * delta.max()
    half = n_s // 2
    coef = np.empty(STENCIL)
    point = np.empty(STENCIL)
    three = np.empty(3)
    width = math.sqrt(variance)
    for a in range(targets.shape[0]):
        omega = targets[a]
        near = min(max(round(math.asinh(omega / core) / dt) + half, 1), n_s - 2)
        for y in range(n_y):
            best = _saddle(near, omega, y, variance, m, omega_s, delta)
            centre = min(max(best, SIDE), n_s - 1 - SIDE)
            left, right = max(best - 1, 0), min(best + 1, n_s - 1)
            tilt = m * (delta[right, y] - delta[left, y]) / (omega_s[right] - omega_s[left])
            coef[:] = 0.0
            for i in range(gh_x.shape[0]):
                place = omega + tilt * variance + width * gh_x[i]
                x = math.asinh(place / core) / dt + half - centre
                common_stencil(min(max(x, -SIDE - 1.0), SIDE + 1.0), point)
                for p in range(STENCIL):
                    coef[p] += gh_w[i] * point[p]
            total = 0.0
            size = 0.0
            for p in range(STENCIL):
                b = centre - SIDE + p
                e = m * (delta[b, y] - delta[best, y]) - tilt * (omega_s[b] - omega)
                point[p] = coef[p] * math.exp(min(e, 300.0))
                total += point[p]
                size += abs(point[p])
            shift = m * delta[best, y] + 0.5 * tilt * tilt * variance
            if total <= 0.0 or not size <= CANCELLATION * total:
                centre, shift, total = min(max(near, SIDE), n_s - 1 - SIDE), m * delta[best, y], 1e-300
                node = min(max(near, centre - SIDE + 1), centre + SIDE - 1)
                _three_nodes(omega, variance, node, omega_s, three)
                point[:] = 0.0
                # where even these underflow the row is the node itself
                point[node - centre + SIDE] = 1e-300
                for p in range(3):
                    value = three[p] * math.exp(min(m * (delta[node - 1 + p, y] - delta[best, y]), 300.0))
                    point[node - 1 + p - centre + SIDE] += value
                    total += value
            first[a, y] = centre - SIDE
            for p in range(STENCIL):
                weights[a, p, y] = point[p] / total
            log_mass[a, y] = min(shift + math.log(total), ceiling)


@kernel()
def narrow_pull(first, weights, f, out):
    """out[a, q, y] = Σ_p weights[a, p, y] f[first[a, y] + p, q, y]."""
    for a in range(out.shape[0]):
        for q in range(out.shape[1]):
            for y in range(out.shape[2]):
                start = first[a, y]
                total = 0.0
                for p in range(STENCIL):
                    total += weights[a, p, y] * f[start + p, q, y]
                out[a, q, y] = total


@kernel()
def narrow_push(first, weights, p, out):
    """out[first[a, y] + j, y] += weights[a, j, y] p[a, y]: the transpose of `narrow_pull`."""
    for a in range(p.shape[0]):
        for j in range(STENCIL):
            for y in range(p.shape[1]):
                out[first[a, y] + j, y] += weights[a, j, y] * p[a, y]
