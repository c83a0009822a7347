"""Plain twins of the lattice kernels, and the cubic map of gradient descent."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components


def action(field_xc, forward_xi, mass2, coupling):
    """S of a configuration, straight from its definition."""
    square = (field_xc**2).sum(axis=1)
    gradient = sum(((field_xc[forward_xi[:, i]] - field_xc) ** 2).sum() for i in range(forward_xi.shape[1]))
    return 0.5 * gradient + 0.5 * mass2 * square.sum() + 0.25 * coupling * (square**2).sum()


def metropolis_numpy(field_xc, forward_xi, order_x, change_xc, coin_x, mass2, coupling):
    """Metropolis with the whole action computed twice per site."""
    accepted = 0
    for x in order_x:
        trial = field_xc.copy()
        trial[x] += change_xc[x]
        cost = action(trial, forward_xi, mass2, coupling) - action(field_xc, forward_xi, mass2, coupling)
        if cost <= 0.0 or coin_x[x] < np.exp(-cost):
            field_xc, accepted = trial, accepted + 1
    return field_xc, accepted


def reflection_numpy(field_xc, neighbours_xn, forward_xi, order_x, coin_x, mass2, coupling):
    """Overrelaxation about the root of (m² + 2d) φ + λφ³ = |h|, found by numpy.roots; for convex local actions."""
    stiffness, accepted = mass2 + neighbours_xn.shape[1], 0
    for x in order_x:
        around = field_xc[neighbours_xn[x]].sum(axis=0)
        size = np.linalg.norm(around)
        polynomial = [coupling, 0.0, stiffness, -size] if coupling > 0.0 else [stiffness, -size]
        roots = np.roots(polynomial)
        centre = roots[np.abs(roots.imag) < 1e-9].real.max()
        trial = field_xc.copy()
        trial[x] = 2.0 * centre / size * around - field_xc[x]
        cost = action(trial, forward_xi, mass2, coupling) - action(field_xc, forward_xi, mass2, coupling)
        if cost <= 1e-12 or coin_x[x] < np.exp(-cost):
            field_xc, accepted = trial, accepted + 1
    return field_xc, accepted


def cluster_numpy(field_xc, forward_xi, mirror_c, bond_xi, coin_x):
    """Swendsen–Wang reflection with the clusters of scipy's graph routines."""
    along = field_xc @ mirror_c
    product = along[:, None] * along[forward_xi]
    bonded = (product > 0.0) & (bond_xi < 1.0 - np.exp(-2.0 * np.maximum(product, 0.0)))
    x, i = np.nonzero(bonded)
    graph = coo_matrix((np.ones(len(x)), (x, forward_xi[x, i])), shape=(len(along), len(along)))
    count, label_x = connected_components(graph, directed=False)
    first = np.array([np.flatnonzero(label_x == cluster)[0] for cluster in range(count)])
    flipped = coin_x[first][label_x] < 0.5
    return field_xc - 2.0 * (flipped * along)[:, None] * mirror_c, count


def cubic_map_mean(a: float, start: float, steps: int, burn: int) -> float:
    """|mean| of x → x (1 + a - a x²) over `steps` steps, one scalar at a time."""
    x, total = start, 0.0
    for t in range(burn + steps):
        x = x * (1.0 + a - a * x * x)
        total += x if t >= burn else 0.0
    return abs(total / steps)
