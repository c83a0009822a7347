"""Numba kernel of one Gaussian step along one direction of the two-dimensional flow.

It fills the stochastic matrix of `kernels.tilted_rows` with coarser nodes and one rule more. The overlaps of two
merging levels differ by O(w²), w² the variance between them; interpolation with a stencil that moves with the
quadrature node errs by O(w) instead, which is harmless on the fine nodes of one dimension and opens merged levels on
coarse ones. So where the quadrature nodes span less than the stencil, all of them share one stencil centred on the
saddle: the row integrates every polynomial of degree 2·SIDE exactly, and its error is O(w²) times that of a
high-order second difference. Wider peaks use the trapezoid rule, those at the ends of the grid the moving stencils of
`kernels`.

A free spin under a field y flips at the price e^{-2m|y|}, which a strong pre-activation pays. The trapezoid rule
therefore keeps weights down to e^{-DEEPEST} of the largest, not only those that a free spin needs.
"""

from __future__ import annotations

import math

import numpy as np

from gardner.runtime.compilation import kernel
from gardner.theory.parisi.kernels import (
    EDGE,
    MARGIN,
    MAX_PEAKS,
    POINTS,
    WIDE,
    _exponents,
    _peaks_row,
    tilted_value,
    trapezoid_row,
)

DEEPEST = 600.0  # e^{-600} is a normal number, also times the e^{mδ} it meets
SIDE = 7  # nodes of the common stencil on either side of its centre
STENCIL = 2 * SIDE + 1
_SIGNED = [(-1.0) ** (STENCIL - 1 - j) / (math.factorial(j) * math.factorial(STENCIL - 1 - j)) for j in range(STENCIL)]
BARYCENTRIC = np.array(_SIGNED)


@kernel()
def common_stencil(x, weights):
    """Lagrange weights at x (in node units from the centre) on the nodes -SIDE … SIDE."""
    product = 1.0
    for j in range(STENCIL):
        if x == j - SIDE:
            weights[:] = 0.0
            weights[j] = 1.0
            return
        product *= x - (j - SIDE)
    for j in range(STENCIL):
        weights[j] = product * BARYCENTRIC[j] / (x - (j - SIDE))


@kernel()
def _narrow_row(best, h, variance, m, core, dt, half, h_s, r_s, d1_s, d2_s, gh_x, gh_logw, values, coef, row):
    """Gauss–Hermite about the saddle near node `best` with one stencil; False (row untouched) where it does not fit."""
    width = math.sqrt(variance)
    kappa = max(1.0 - m * variance * d2_s[best], 0.25)
    z_node = (h_s[best] - h) / width
    shift = z_node + (m * width * d1_s[best] - z_node) / kappa
    narrow = 1.0 / math.sqrt(kappa)
    centre = round(math.asinh((h + width * shift) / core) / dt)
    if centre < -half + MARGIN + SIDE or centre > half - MARGIN - SIDE:
        return False, 0.0
    order = gh_x.shape[0]
    first = centre + half - SIDE
    top = -np.inf
    for i in range(order):
        z = shift + narrow * gh_x[i]
        x = math.asinh((h + width * z) / core) / dt - centre
        if abs(x) > SIDE:
            return False, 0.0
        common_stencil(x, coef[i])
        value = 0.0
        for p in range(STENCIL):
            value += coef[i, p] * r_s[first + p]
        values[i] = m * value + gh_logw[i] + 0.5 * (gh_x[i] * gh_x[i] - z * z) + math.log(narrow)
        top = max(top, values[i])
    total = 0.0
    for i in range(order):
        values[i] = math.exp(values[i] - top)
        total += values[i]
    for b in range(row.shape[0]):
        row[b] = 0.0
    for i in range(order):
        g = values[i] / total
        for p in range(STENCIL):
            row[first + p] += g * coef[i, p]
    return True, top + math.log(total)


@kernel()
def axis_rows(targets, variance, m, core, dt, half, h_s, logw_s, r_s, d1_s, d2_s, gh_x, gh_logw, rows, r_t):
    """Rows T[a, :] for every target field and r_{i-1} there; m = 0 gives plain Gaussian averages (and <r>).

    targets (n_t,); source level: nodes h_s = core sinh(b dt), log quadrature weights, r, r', r'' (n_s,); fills rows
    (n_t, n_s) and r_t (n_t,).
    """
    n_s = 2 * half + 1
    order = gh_x.shape[0]
    values = np.empty(MAX_PEAKS * order)
    starts = np.empty(MAX_PEAKS * order, np.int64)
    coef = np.empty((MAX_PEAKS * order, POINTS))
    common = np.empty((order, STENCIL))
    for a in range(targets.shape[0]):
        h = targets[a]
        row = rows[a]
        best = _exponents(h, variance, m, h_s, r_s, n_s, row)
        top = row[best]
        width = math.sqrt(variance / max(1.0 - m * variance * d2_s[best], 0.25))
        reach = abs(h_s[best]) + 3.0 * width
        fits = width >= WIDE * dt * math.sqrt(reach * reach + core * core)
        if fits and max(row[0], row[n_s - 1]) < top - EDGE:
            mass = trapezoid_row(variance, logw_s, n_s, DEEPEST, top, row)
        else:
            done, mass = _narrow_row(
                best, h, variance, m, core, dt, half, h_s, r_s, d1_s, d2_s, gh_x, gh_logw, values, common, row
            )
            if not done:
                mass = _peaks_row(
                    h, variance, m, 0.0, core, dt, half, top, h_s, r_s, d1_s, d2_s, gh_x, gh_logw,
                    values, starts, coef, row,
                )  # fmt: skip
        r_t[a] = tilted_value(row, m, mass, r_s, 0, n_s)
