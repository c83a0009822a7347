"""Independent ways to the gap distribution: plain nested sums and Ruelle cascades."""

from __future__ import annotations

import numpy as np
from scipy.integrate import quad
from scipy.special import ndtr


def normal(x, variance=1.0):
    return np.exp(-0.5 * x * x / variance) / np.sqrt(2.0 * np.pi * variance)


def replica_symmetric_gap(r: float, overlap: float, margin: float) -> float:
    """∫Dt γ(r - t sqrt Λ)/Φ_N((t sqrt Λ - κ)/σ), hard core, r ≥ κ: adaptive quadrature of the textbook formula."""
    sigma = np.sqrt(1.0 - overlap)

    def integrand(t):
        h = t * np.sqrt(overlap)
        return normal(t) * normal(r - h, sigma**2) / ndtr((h - margin) / sigma)

    return quad(integrand, -9.0, 9.0, epsabs=1e-13, epsrel=1e-12, limit=400, points=[r])[0]


def one_step_gap(r: np.ndarray, lambdas, m: float, boltzmann, nodes: int = 401) -> np.ndarray:
    """P(r) at k = 1 by sums over z_0, z_1 and r itself; boltzmann(r) = e^{-βv(r)}.

    e^{φ_1} is a sum over r too, so that nothing is shared with the package but the definition.
    """
    z = np.linspace(-8.5, 8.5, nodes)
    dz = normal(z) * (z[1] - z[0])
    h0 = np.sqrt(lambdas[0]) * z
    h = h0[:, None] + np.sqrt(lambdas[1] - lambdas[0]) * z[None, :]
    sigma = np.sqrt(1.0 - lambdas[1])
    x, w = np.polynomial.legendre.leggauss(400)
    # the mass of a cell given h, by Gauss–Legendre on either side of the wall at κ = 0
    halves = [(6.5 * (x + s), 6.5 * w) for s in (-1.0, 1.0)]
    mass = sum(np.einsum("c,abc->ab", wc * boltzmann(c), normal(c - h[..., None], sigma**2)) for c, wc in halves)
    tilt = mass**m * dz[None, :]
    tilt /= tilt.sum(axis=1, keepdims=True)
    return np.array(
        [
            boltzmann(np.array([value]))[0] * np.sum(dz[:, None] * tilt * normal(value - h, sigma**2) / mass)
            for value in r
        ]
    )


def cascade_gap_masses(edges, lambdas, m, margin, samples, clusters, seed):
    """Probabilities of r in the bins `edges` from Ruelle cascades with two levels, hard core: mean and standard error.

    States carry random weights (Poisson points Γ^{-1/m_1}, and Γ^{-1/m_2} within each cluster) and fields
    h = z_0 + z_1 + z_2 that share z_0, and z_1 within a cluster; the constraint multiplies a weight by
    Φ_N((h-κ)/σ). No flow and no tilted density enters.
    """
    rng = np.random.default_rng(seed)
    sigma = np.sqrt(1.0 - lambdas[2])
    means = np.empty((samples, len(edges) - 1))
    for s in range(samples):
        outer = -np.log(np.cumsum(rng.exponential(size=clusters[0]))) / m[0]
        inner = -np.log(np.cumsum(rng.exponential(size=clusters), axis=1)) / m[1]
        h = np.sqrt(lambdas[0]) * rng.normal()
        h = h + np.sqrt(lambdas[1] - lambdas[0]) * rng.normal(size=(clusters[0], 1))
        h = h + np.sqrt(lambdas[2] - lambdas[1]) * rng.normal(size=clusters)
        weight = np.exp(outer[:, None] + inner - outer[0] - inner.max())
        masses = np.diff([ndtr((edge - h) / sigma) for edge in edges], axis=0)
        allowed = weight * ndtr((h - margin) / sigma)
        means[s] = np.einsum("bij,ij->b", masses, weight) / allowed.sum()
    return means.mean(axis=0), means.std(axis=0, ddof=1) / np.sqrt(samples)
