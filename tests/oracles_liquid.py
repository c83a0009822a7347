"""The isolated unit by importance sampling in plain NumPy: no Markov chain, no shared code.

Rows w from the prior carry the weight Π_i E_v Π_μ ½[1 + Y_iμ S_μ g(v)]; second moments of (w, v, S) from two halves are
multiplied, so that no draw meets itself. Good where the weights stay even: c ≤ 12.
"""

import numpy as np
from scipy.special import ndtr, roots_gegenbauer, xlogy

from gardner.potentials import Potential
from gardner.potentials.hard import HardCore
from gardner.theory.liquid import overlaps_of, sectors_of

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


NODES = 120  # of the Gauss–Hermite average over the common field of two replicas


def pair_weight(overlap: float, potential: Potential) -> float:
    """<f(z_a) f(z_b)> of two standard Gaussians of covariance `overlap` in (-1, 1): a common field, then two noises."""
    if overlap == 0.0:
        return float(np.exp(2.0 * potential.log_weight(0.0)(np.zeros(1))[0][0]))
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    phi = potential.log_weight(abs(overlap))
    common = np.sqrt(abs(overlap)) * nodes
    both = phi(common)[0] + phi(np.sign(overlap) * common)[0]
    return float(weights @ np.exp(both) / weights.sum())


def two_replica_free_entropy(
    closure: str, depth: int, alpha: float, overlaps: np.ndarray, potential: Potential | None = None
) -> float:
    """s_2 per N·M at finite overlaps, in the order of `overlaps_of`, each in (-1, 1); q̂ is eliminated.

    The site and spin sectors are entropies of the sign of S_a S_b: with p = (1+q)/2 and the weights w_± of equal and
    of opposite spins, ln 2 - p ln p - (1-p) ln(1-p) + p ln w_+ + (1-p) ln w_-. (T2), (T4)
    """
    potential = potential or HardCore()
    value = dict(zip(overlaps_of(depth), np.asarray(overlaps, dtype=float)))
    total = 0.0
    for sector in sectors_of(closure, depth):
        product = float(np.prod([value.get(name, 1.0) for name in sector.reads]))
        if sector.kind == "bond":
            total += 0.5 * np.log1p(-(value[sector.own] ** 2)) / alpha
        elif sector.kind == "gap":
            total += np.log(pair_weight(product, potential))
        else:
            p = 0.5 * (1.0 + value[sector.own])
            total += np.log(2.0) - float(xlogy(p, p) + xlogy(1.0 - p, 1.0 - p))
            if sector.kind == "site":
                total += p * np.log(pair_weight(product, potential))
                total += (1.0 - p) * np.log(pair_weight(-product, potential))
    return float(total)
