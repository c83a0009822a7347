"""The isolated unit by importance sampling in plain NumPy: no Markov chain, no shared code.

Rows w from the prior carry the weight Π_i E_v Π_μ ½[1 + Y_iμ S_μ g(v)]; second moments of (w, v, S) from two halves are
multiplied, so that no draw meets itself. Good where the weights stay even: c ≤ 12.
"""

import numpy as np
from scipy.special import ndtr, roots_gegenbauer

PLACES = ((0, 0), (1, 1), (2, 2), (0, 2), (1, 2), (0, 1))


def isolated_unit_by_importance(c: int, M: int, realisations: int, draws: int, seed: int):
    """Values [realisation, entry] of M<x xᵀ>, entries in the order of `PLACES`."""
    rng = np.random.default_rng(seed)
    u, weight = roots_gegenbauer(40, 0.5 * (c - 2))
    v, weight = np.sqrt(c) * u, weight / weight.sum()
    g = 2.0 * ndtr(v / np.sqrt(c - v * v)) - 1.0
    k = np.arange(M + 1)[:, None]
    density = weight * (1.0 + g) ** k * (1.0 - g) ** (M - k)
    evidence, mean, square = density.sum(1), density @ v, density @ v**2
    mean, square = mean / evidence, square / evidence
    values = np.empty((realisations, 6))
    for r in range(realisations):
        xi = rng.choice([-1.0, 1.0], (M, c))

        def rows(count, xi=xi):
            w = rng.standard_normal((count, c))
            w *= np.sqrt(c) / np.linalg.norm(w, axis=1, keepdims=True)
            return w, np.sign(w @ xi.T)

        teacher = rows(1)[1][0]
        strength = g[rng.choice(len(g), c, p=weight)]
        Y = np.where(rng.random((c, M)) < 0.5 * (1.0 + strength[:, None] * teacher), 1.0, -1.0)
        halves = []
        for _ in range(2):
            w, S = rows(draws)
            agree = np.rint(0.5 * (S @ Y.T + M)).astype(int)
            p = evidence[agree].prod(axis=1)
            p /= p.sum()
            z = (w, mean[agree], S)
            table = [[(p[:, None] * a).T @ b for b in z] for a in z]
            np.fill_diagonal(table[1][1], p @ square[agree])
            halves.append(table)
        size = (c, c, M)
        values[r] = [M * (halves[0][i][j] * halves[1][i][j]).sum() / (size[i] * size[j]) for i, j in PLACES]
    return values
