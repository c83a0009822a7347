"""The response dG_j/dV_i of a one-dimensional sector: all u^{(i)} of `flow` carried downwards at once.

Merged levels are one level here, with the smallest of their m: within a group B of `flow` is the same for all members
(what m_j and -Σ_l Δm_l contribute from within it adds up to the m of its first level), and only Δm_i tells them apart.

An even flow has even u^{(i)} and is kept on h ≥ 0: a step folded to that half has a quarter of the entries.

Cost (C62): with K + 1 distinct levels of n nodes, n² K²/2 multiply-adds for the functions and n K³/6 for the sums
Σ_l Δm_l E_l[u_l^{(i)} u_l^{(j)}], both in BLAS.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import factorial

STENCIL = 6  # nodes on either side of a numerical derivative


@lru_cache(maxsize=16)
def central_difference(width: int) -> np.ndarray:
    """Coefficients c_j, j = 1…width, of f' ≈ Σ c_j (f_{+j} - f_{-j}), of order 2·width."""
    j = np.arange(1, width + 1)
    return (-1.0) ** (j + 1) * factorial(width) ** 2 / (j * factorial(width - j) * factorial(width + j))


@lru_cache(maxsize=256)
def derivative_matrix(count: int) -> np.ndarray:
    """d/dt in units of 1/dt on `count` nodes; the stencil narrows towards the ends of the grid."""
    matrix = np.zeros((count, count))
    for a in range(count):
        width = min(STENCIL, a, count - 1 - a)
        if width == 0:
            inward = 1 if a == 0 else -1
            matrix[a, a + inward], matrix[a, a] = inward, -inward
        for j, c in enumerate(central_difference(width), start=1):
            matrix[a, a + j], matrix[a, a - j] = c, -c
    return matrix


def response(flow) -> np.ndarray:
    """dG_j/dV_i of a `flow.Flow`, shape (k+1, k+1), row j, column i."""
    first = [i for i in range(len(flow.variances)) if i == 0 or flow.steps[i] is not None]
    group_i = np.searchsorted(first, np.arange(len(flow.variances)), side="right") - 1
    b_gg = _couplings(flow, first)
    out = -0.5 * b_gg[np.ix_(group_i, group_i)] * np.diff(flow.m)
    np.einsum("ii->i", out)[...] += flow.curvatures
    return out


def _couplings(flow, levels: list[int]) -> np.ndarray:
    """B between distinct levels (module docstring of `flow`)."""
    count = len(levels)
    m_g = np.append(flow.m[levels], flow.m[-1])
    b_gg = np.zeros((count, count))
    nodes = max(flow.n_i)
    u, carried = np.empty((nodes, count)), np.empty((nodes, count))
    for g in range(count - 1, -1, -1):
        l = levels[g]
        n = flow.n_i[l]
        p, slope, n_kept = flow.p_ia[l, :n], flow.d1_ia[l, :n], n
        functional = 2.0 * _divergence(flow, l) + m_g[g] * p * slope**2
        if flow.is_even:
            p, functional, n_kept = folded(p), folded(functional), n // 2 + 1
            slope = slope[n // 2 :]

        # the functions of the levels above, one step down, and their products
        if g < count - 1:
            step = flow.steps[levels[g + 1]]
            above = carried[:n_kept, g + 1 :]
            np.matmul(folded(step) if flow.is_even else step, u[: _kept(flow, levels[g + 1]), g + 1 :], out=above)
            u, carried = carried, u
            weighted = ((m_g[g + 1] - m_g[g]) * p)[:, None] * above
            b_gg[g + 1 :, g + 1 :] -= weighted.T @ above

        # the own function, and the terms that only row g has
        u[:n_kept, g] = slope**2
        b_gg[g, g:] += functional @ u[:n_kept, g:]
    # the sums fill both triangles below row g, the one-sided terms only row g: the upper triangle has both
    upper = np.triu(b_gg, 1)
    return upper + upper.T + np.diag(np.diag(b_gg))


def _kept(flow, l: int) -> int:
    """Nodes of level l that the functions are kept on."""
    return flow.n_i[l] // 2 + 1 if flow.is_even else flow.n_i[l]


def _divergence(flow, l: int) -> np.ndarray:
    """The functional f ↦ E_l[φ_l' ∂_h f] as weights of f, (n_l,)."""
    n = flow.n_i[l]
    weighted = flow.p_ia[l, :n] * flow.d1_ia[l, :n] / flow.spacing(l)
    return weighted @ derivative_matrix(n)


def folded(weights: np.ndarray) -> np.ndarray:
    """Weights of even functions on all nodes as weights on h ≥ 0; the last axis runs over the nodes."""
    half = weights.shape[-1] // 2
    out = weights[..., half:].copy()
    out[..., 1:] += weights[..., half - 1 :: -1]
    return out
