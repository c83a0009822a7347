"""Updates of the φ⁴ field on a periodic lattice, compiled; every random number is an argument.

Action S = Σ_x [½ Σ_i (φ(x+i) - φ(x))² + ½ m² φ² + ¼ λ (φ²)²], weight e^{-S}, i over the d forward directions.

* `metropolis_sweep`: one proposal φ + δ per site, even sites first, then odd ones (the checkerboard).
* `cluster_sweep`: the reflection φ → φ - 2(r·φ) r of all components of clusters (Swendsen–Wang; the sign flip for
  D = 1). Neighbours are bonded with probability 1 - exp(-2 (r·φ_x)(r·φ_y)) where the product is positive; each
  cluster is reflected with probability ½. |φ| is untouched, so clusters alone are not ergodic.

* `reflection_sweep`: overrelaxation. The sum h of the neighbours fixes the minimum φ_0 ĥ of the local action, and
  φ → 2φ_0 ĥ - φ is proposed, its own inverse. It moves long waves, which Metropolis hardly does: always accepted for
  the free field, mostly at weak coupling.

All leave e^{-S} invariant exactly.
"""

from __future__ import annotations

import numpy as np

from gardner.runtime.compilation import kernel


@kernel()
def metropolis_sweep(field_xc, neighbours_xn, order_x, change_xc, coin_x, mass2, coupling):
    """Update `field_xc` in place; neighbours are 2d per site, `coin_x` uniform in [0, 1). Returns the acceptances."""
    components = field_xc.shape[1]
    degree = neighbours_xn.shape[1]
    accepted = 0
    for x in order_x:
        old2 = new2 = pull = 0.0
        for c in range(components):
            around = 0.0
            for n in range(degree):
                around += field_xc[neighbours_xn[x, n], c]
            old, change = field_xc[x, c], change_xc[x, c]
            old2 += old * old
            new2 += (old + change) * (old + change)
            pull += change * around
        # the gradient term is d φ² - φ·(sum of neighbours) with d = degree/2
        cost = 0.5 * (mass2 + degree) * (new2 - old2) + 0.25 * coupling * (new2 * new2 - old2 * old2) - pull
        if cost <= 0.0 or coin_x[x] < np.exp(-cost):
            accepted += 1
            for c in range(components):
                field_xc[x, c] += change_xc[x, c]
    return accepted


@kernel()
def reflection_sweep(field_xc, neighbours_xn, order_x, coin_x, mass2, coupling, around_c):
    """Reflect every site about the minimum of its local action, in place; `around_c` is work space (D). Returns the
    acceptances."""
    components = field_xc.shape[1]
    degree = neighbours_xn.shape[1]
    stiffness = mass2 + degree
    accepted = 0
    for x in order_x:
        size2 = 0.0
        for c in range(components):
            around_c[c] = 0.0
            for n in range(degree):
                around_c[c] += field_xc[neighbours_xn[x, n], c]
            size2 += around_c[c] * around_c[c]
        size = np.sqrt(size2)
        if size == 0.0:
            continue
        # Newton from above for stiffness φ + λφ³ = |h|; any function of h would do, a good one is accepted more often
        centre = size
        for _ in range(6):
            slope = stiffness + 3.0 * coupling * centre * centre
            centre -= (stiffness * centre + coupling * centre**3 - size) / slope if slope > 0.1 else 0.0
        old2 = new2 = pull = 0.0
        for c in range(components):
            old = field_xc[x, c]
            new = 2.0 * centre / size * around_c[c] - old
            old2 += old * old
            new2 += new * new
            pull += (new - old) * around_c[c]
        cost = 0.5 * stiffness * (new2 - old2) + 0.25 * coupling * (new2 * new2 - old2 * old2) - pull
        if cost <= 0.0 or coin_x[x] < np.exp(-cost):
            accepted += 1
            for c in range(components):
                field_xc[x, c] = 2.0 * centre / size * around_c[c] - field_xc[x, c]
    return accepted


@kernel()
def _root(parent_x, x):
    while parent_x[x] != x:
        parent_x[x] = parent_x[parent_x[x]]
        x = parent_x[x]
    return x


@kernel()
def cluster_sweep(field_xc, forward_xi, mirror_c, bond_xi, coin_x, along_x, parent_x):
    """Reflect clusters of `field_xc` in place; `bond_xi`, `coin_x` uniform in [0, 1); a cluster uses the coin of its
    first site. `along_x`, `parent_x` are work space. Returns the number of clusters."""
    sites, components = field_xc.shape
    for x in range(sites):
        along = 0.0
        for c in range(components):
            along += mirror_c[c] * field_xc[x, c]
        along_x[x] = along
        parent_x[x] = x
    for x in range(sites):
        for i in range(forward_xi.shape[1]):
            y = forward_xi[x, i]
            product = along_x[x] * along_x[y]
            if product > 0.0 and bond_xi[x, i] < -np.expm1(-2.0 * product):
                a, b = _root(parent_x, x), _root(parent_x, y)
                # the root of a cluster is its first site
                parent_x[max(a, b)] = min(a, b)
    clusters = 0
    for x in range(sites):
        root = _root(parent_x, x)
        clusters += root == x
        if coin_x[root] < 0.5:
            for c in range(components):
                field_xc[x, c] -= 2.0 * along_x[x] * mirror_c[c]
    return clusters
