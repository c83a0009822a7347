"""The φ⁴ field to one loop, on the very lattice that is simulated (THEORY section 10.2).

Symmetric phase: the mass with the closed loop of its own mass. Ordered phase: |M|² from the constraint potential, and
the propagators of σ and π with their self-energies, tadpoles and bubbles.
Renormalisation in two dimensions: the ratio λ/μ_c². The next order is smaller by λ in each; near a transition the
expansion is no guide.
"""

from __future__ import annotations

import math

import numpy as np

from gardner.fieldtheory.lattice import Lattice
from gardner.fieldtheory.propagators import coincident_propagator, lattice_momenta, lattice_momentum2

WIDE = 256  # size of the lattice that stands for an infinite one in renormalisation


def one_loop_mass2(lattice: Lattice) -> float:
    """Pole mass² of the symmetric phase with the closed loop of its own mass: m_R² = m² + λ(D+2) G(0; m_R²).

    First order in λ apart from the loop's mass, which makes it finite in two dimensions; nan without a solution, which
    near the transition means that the expansion is no guide. Errors of order λ².
    """
    from scipy.optimize import brentq

    factor = lattice.coupling * (lattice.components + 2)

    def mismatch(mass2: float) -> float:
        return lattice.mass2 + factor * coincident_propagator(lattice.shape, mass2) - mass2

    grid = np.geomspace(1e-4, 10.0 + abs(lattice.mass2) + factor, 60)
    signs = [mismatch(mass2) for mass2 in grid]
    for low, high, a, b in zip(grid[::-1][1:], grid[::-1], signs[::-1][1:], signs[::-1]):
        if a >= 0.0 > b:
            return float(brentq(mismatch, low, high))
    return math.nan


def one_loop_order(lattice: Lattice) -> float:
    """<M²> of the broken phase to one loop on this very lattice (THEORY section 10.2); nan if it is not positive.

    -m²/λ - 3 G_σ(0) - (D-1) G'_π(0) + [1 + 2(D-1)]/(V m_σ²), m_σ² = -2m², the prime without the zero mode.
    """
    sigma = -2.0 * lattice.mass2
    if sigma <= 0.0 or lattice.coupling <= 0.0:
        return math.nan
    turns = lattice.components - 1
    value = -lattice.mass2 / lattice.coupling - 3.0 * coincident_propagator(lattice.shape, sigma)
    if turns:
        value -= turns * coincident_propagator(lattice.shape, 0.0, zero_mode=False)
    value += (1.0 + 2.0 * turns) / (lattice.volume * sigma)
    return value if value > 0.0 else math.nan


def one_loop_propagators(lattice: Lattice) -> tuple[np.ndarray, np.ndarray]:
    """G_σ(p) and G_π(p) of the broken phase at k = 0, p = 2πn/T, to one loop on this very lattice.

    The self-energies stand in THEORY section 10.2. G_π(0) = 0: the turned frame has no such mode. All are nan where
    `one_loop_order` is.
    """
    order2, sigma2 = one_loop_order(lattice), -2.0 * lattice.mass2
    coupling, turns, volume = lattice.coupling, lattice.components - 1, lattice.volume
    length = lattice.shape[0]
    if not math.isfinite(order2):
        return np.full(length, math.nan), np.full(length, math.nan)

    # free propagators, that of π without its zero mode, and closed loops without k = 0
    p2 = np.zeros(())
    for size in lattice.shape:
        p2 = np.add.outer(p2, lattice_momentum2(lattice_momenta(size)))
    sigma, pi = 1.0 / (p2 + sigma2), np.where(p2 > 0.0, 1.0 / np.where(p2 > 0.0, p2, 1.0), 0.0)
    loop_sigma = (sigma.sum() - 1.0 / sigma2) / volume
    loop_pi = pi.sum() / volume

    # bubbles (1/V) Σ_q G_a(q) G_b(p - q) are products in space
    at_k0 = (slice(None), *(0,) * (len(lattice.shape) - 1))
    sigma_x, pi_x = np.fft.ifftn(sigma).real, np.fft.ifftn(pi).real
    bubbles = (np.fft.fftn(a * b).real[at_k0] for a, b in ((sigma_x, sigma_x), (pi_x, pi_x), (sigma_x, pi_x)))
    sigma_sigma, pi_pi, sigma_pi = bubbles

    mass2_sigma = lattice.mass2 + 3.0 * coupling * order2 + coupling * (3.0 * loop_sigma + turns * loop_pi)
    mass2_sigma = mass2_sigma - coupling * sigma2 * (9.0 * sigma_sigma + turns * pi_pi)
    mass2_sigma[0] += 2.0 * coupling * turns / (volume * sigma2)  # |M| of D components repels zero
    mass2_pi = lattice.mass2 + coupling * order2 + coupling * (loop_sigma + (turns + 2) * loop_pi)
    mass2_pi = mass2_pi - 2.0 * coupling * sigma2 * sigma_pi
    found = 1.0 / (p2[at_k0] + mass2_sigma), 1.0 / (p2[at_k0] + mass2_pi)
    found[1][0] = 0.0
    return found


def renormalised_mass2(mass2: float, coupling: float) -> float:
    """μ² of one component in two dimensions: μ² = m² + 3λ A(μ²), A the closed loop of a wide lattice."""
    return one_loop_mass2(Lattice((WIDE, WIDE), 1, mass2, coupling))
