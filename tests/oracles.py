"""Plain implementations kept as test oracles: slow, short, and written without looking at speed."""

from __future__ import annotations

import mpmath as mp
import numpy as np
from scipy.special import factorial, roots_legendre

from gardner.theory.parisi import kernels


def tilted_rows_numpy(targets, variance, m, centre, s, dt, half, h, logw, phi, d1, d2, gh_x, gh_logw):
    """NumPy twin of `kernels.tilted_rows`: the same quadrature, one target at a time."""
    rows, phi_t = np.zeros((len(targets), len(h))), np.zeros(len(targets))
    width = np.sqrt(variance)
    for a, target in enumerate(targets):
        e = m * phi - (h - target) ** 2 / (2.0 * variance)
        best = int(e.argmax())
        peak = np.sqrt(variance / max(1.0 - m * variance * d2[best], 0.25))
        reach = abs(h[best] - centre) + 3.0 * peak
        if peak >= kernels.WIDE * dt * np.hypot(reach, s) and max(e[0], e[-1]) < e[best] - kernels.EDGE:
            inside = e - e[best] > -kernels.CUT
            weights = np.where(inside, np.exp(e - e[best] + logw), 0.0)
            rows[a] = weights / weights.sum()
            mass = e[best] + np.log(weights.sum()) - 0.5 * np.log(2.0 * np.pi * variance)
        else:
            is_peak = np.r_[True, e[1:] >= e[:-1]] & np.r_[e[:-1] > e[1:], True] & (e >= e[best] - kernels.CUT)
            points = [saddle_points(b, target, width, m, h, d1, d2, gh_x) for b in np.flatnonzero(is_peak)[:3]]
            logs, stencils = [], []
            for z, narrow in points:
                for x, log_weight, zj in zip(gh_x, gh_logw, z):
                    value, stencil = interpolated(target + width * zj - centre, s, dt, half, phi, d1, d2)
                    logs.append(m * value + log_weight + 0.5 * (x * x - zj * zj) + np.log(narrow))
                    stencils.append(stencil)
            logs = np.array(logs)
            weights = np.exp(logs - logs.max())
            rows[a] = weights @ np.array(stencils) / weights.sum()
            mass = logs.max() + np.log(weights.sum())
        phi_t[a] = mass / m if m > 0 else rows[a] @ phi
    return rows, phi_t


def response_numpy(flow):
    """Twin of `Flow.response` on all levels and nodes: every u^{(i)} of every level, nothing merged, nothing folded.

    flow: with the rows of all nodes (`is_even` False).
    """
    k, dm = len(flow.variances) - 1, np.diff(flow.m)
    b_ij, u = np.zeros((k + 1, k + 1)), np.empty((flow.n_i[k], 0))
    for l in range(k, -1, -1):
        n = flow.n_i[l]
        p, first = flow.p_ia[l, :n], flow.d1_ia[l, :n]
        if l < k and flow.steps[l + 1] is not None:
            u = flow.steps[l + 1] @ u
        if l < k:
            b_ij[l + 1 :, l + 1 :] -= dm[l] * (u.T @ (p[:, None] * u))
        u = np.concatenate([(first**2)[:, None], u], axis=1)
        slope = p * first / (flow.scale_i[l] * np.cosh((np.arange(n) - n // 2) * flow.dt) * flow.dt)
        b_ij[l, l:] += 2.0 * slope @ central_differences(u) + (flow.m[l] * p * first**2) @ u
    b_ij = np.triu(b_ij) + np.triu(b_ij, 1).T
    return np.diag(np.einsum("ia,ia->i", flow.p_ia, flow.d2_ia**2)) - 0.5 * b_ij * dm


def central_differences(u, width=6):
    """du/da by differences of order 12; 0 in the last nodes, which carry no weight."""
    out = np.zeros_like(u)
    for j in range(1, width + 1):
        c = (-1.0) ** (j + 1) * factorial(width) ** 2 / (j * factorial(width - j) * factorial(width + j))
        out[width:-width] += c * (u[width + j : len(u) - width + j] - u[width - j : len(u) - width - j])
    return out


def saddle_points(b, target, width, m, h, d1, d2, gh_x):
    """Gauss–Hermite nodes z about the saddle near node b, and the width of the rule."""
    kappa = max(1.0 - m * width**2 * d2[b], 0.25)
    z_node = (h[b] - target) / width
    shift = z_node + (m * width * d1[b] - z_node) / kappa
    return shift + gh_x / np.sqrt(kappa), 1.0 / np.sqrt(kappa)


def interpolated(y, s, dt, half, phi, d1, d2):
    """φ at distance y from the centre and the row of interpolation weights that gives it."""
    n = 2 * half + 1
    row = np.zeros(n)
    end = s * np.sinh((half - kernels.MARGIN) * dt)
    if abs(y) > end:
        base = kernels.MARGIN if y < 0 else n - 1 - kernels.MARGIN
        d = y + end if y < 0 else y - end
        row[base] = 1.0
        return phi[base] + d * (d1[base] + 0.5 * d * d2[base]), row
    position = np.arcsinh(y / s) / dt + half
    start = min(max(int(np.floor(position)) - kernels.POINTS // 2 + 1, 0), n - kernels.POINTS)
    nodes = start + np.arange(kernels.POINTS)
    for j, node in enumerate(nodes):
        others = np.delete(nodes, j)
        row[node] = np.prod((position - others) / (node - others))
    return row @ phi, row


def nested_two_level_flow(variances, m, terminal, reach=8.5, nodes=44):
    """Φ and G_0, G_1, G_2 of a k = 2 sector by nested Gauss–Legendre sums in 25-digit arithmetic.

    variances V_0 < V_1 < V_2, m = (m_1, m_2); terminal(h) returns (e^φ, φ') as mpmath numbers.
    """
    mp.mp.dps = 25
    x, w = roots_legendre(nodes)
    z = [mp.mpf(float(v)) * reach for v in x]
    gauss = [mp.mpf(float(v)) * reach * mp.exp(-t * t / 2) / mp.sqrt(2 * mp.pi) for v, t in zip(w, z)]
    norm = mp.fsum(gauss)
    gauss = [g / norm for g in gauss]
    m1, m2 = mp.mpf(m[0]), mp.mpf(m[1])
    s0, s1, s2 = (mp.sqrt(mp.mpf(v)) for v in (variances[0], variances[1] - variances[0], variances[2] - variances[1]))

    def level_one(h):
        """φ_1, φ_1' and <φ_2'²> at h."""
        mass = first = square = mp.mpf(0)
        for g, t in zip(gauss, z):
            value, slope = terminal(h + s2 * t)
            weight = g * value**m2
            mass, first, square = mass + weight, first + weight * slope, square + weight * slope**2
        return mp.log(mass) / m2, first / mass, square / mass

    total, overlaps = mp.mpf(0), [mp.mpf(0)] * 3
    for g0, t0 in zip(gauss, z):
        mass = first = one = two = mp.mpf(0)
        for g1, t1 in zip(gauss, z):
            phi, slope, square = level_one(s0 * t0 + s1 * t1)
            weight = g1 * mp.exp(m1 * phi)
            mass, first = mass + weight, first + weight * slope
            one, two = one + weight * slope**2, two + weight * square
        total += g0 * mp.log(mass) / m1
        for i, value in enumerate(((first / mass) ** 2, one / mass, two / mass)):
            overlaps[i] += g0 * value
    return float(total), np.array([float(value) for value in overlaps])


def nested_two_level_sums(variances, m, terminal, reach=8.5, nodes=80):
    """The same as `nested_two_level_flow` in double precision, all sums at once; terminal(h) takes arrays."""
    x, w = roots_legendre(nodes)
    z, gauss = reach * x, w * np.exp(-0.5 * (reach * x) ** 2)
    gauss /= gauss.sum()
    m1, m2 = m
    s0, s1, s2 = np.sqrt(np.diff(variances, prepend=0.0))

    def average(weights, *values):
        """ln of the sum of the weights along the last axis, and averages with them."""
        mass = weights.sum(axis=-1)
        return np.log(mass), *((weights * value).sum(axis=-1) / mass for value in values)

    value, slope = terminal(s0 * z[:, None, None] + s1 * z[:, None] + s2 * z)
    log_mass, first, square = average(gauss * value**m2, slope, slope**2)
    log_mass, second, one, two = average(gauss * np.exp(log_mass * m1 / m2), first, first**2, square)
    return gauss @ (log_mass / m1), np.array([gauss @ second**2, gauss @ one, gauss @ two])
