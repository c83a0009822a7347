"""The φ⁴ field to one loop, on the very lattice that is simulated (THEORY section 10.2).

Symmetric phase: the mass with the closed loop of its own mass. Ordered phase: |M|² from the constraint potential.
Renormalisation in two dimensions: the ratio λ/μ_c². The next order is smaller by λ in each; near a transition the
expansion is no guide.
"""

from __future__ import annotations

import math

import numpy as np

from gardner.fieldtheory.lattice import Lattice
from gardner.fieldtheory.propagators import coincident_propagator

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


def renormalised_mass2(mass2: float, coupling: float) -> float:
    """μ² of one component in two dimensions: μ² = m² + 3λ A(μ²), A the closed loop of a wide lattice."""
    return one_loop_mass2(Lattice((WIDE, WIDE), 1, mass2, coupling))
