"""The Nishimori identity as a check of a solution.

Because the teacher is one more replica, what students have in common equals what they share with the teacher.
The solver uses the first kind of average, written with sums over the spin's own sign folded away. Here the
second kind is computed from scratch: a teacher's sign is planted, the fields it sends are drawn, and the
student's estimate is compared with it.

*Spins*: q = E[tanh²] against E[S tanh], S the planted sign. At S = +1 the field is y = q̂ + sqrt(q̂) z and, for
a spin that keeps its pre-activation (a site), u has density 2Φ_N(u) N(u; 0, Λ/(1-Λ)).

*Gaps*: the teacher's z ~ N(0,1) gives the sign, the student knows its part ω, and E[(z - ω) ∂_ω ln Φ_N(ω/σ)]
must equal σ² E[(∂_ω ln Φ_N)²] = (1-Λ) G(Λ).

The quadratures differ from those of the solver (Gauss–Legendre in z > 0, trapezoid in z), so that their
agreement checks both.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from gardner.theory.nishimori.hidden_spin import activation_nodes
from gardner.theory.nishimori.quadrature import gap_averages, hazard

_POINTS = np.polynomial.legendre.leggauss(64)
_V = 0.4 * (np.arange(45) - 22)
_V_WEIGHT = 0.4 * np.exp(-0.5 * _V**2) / np.sqrt(2 * np.pi)
_LARGE_FIELD = 300.0  # 1-q < e^-100 beyond


def planted_spin_complement(overlap: float, complement: float, field: float) -> float:
    """1 - E[S tanh(y + a(u))] by planting S = +1."""
    if field > _LARGE_FIELD:
        return 0.0
    half_u, weight = (row[0] for row in activation_nodes(np.array([overlap]), np.array([complement])))
    u = np.concatenate((-half_u[::-1], half_u))
    weight_u = 0.5 * np.concatenate((weight[::-1], weight)) * 2 * ndtr(u)
    # the pole of tanh at distance π/2 from the real axis sets the step
    count = int(np.ceil(18 / min(0.4, 0.25 / np.sqrt(field)))) if field > 0 else 45
    z = np.linspace(-9, 9, count)
    weight_z = np.exp(-0.5 * z * z) * (z[1] - z[0]) / np.sqrt(2 * np.pi)
    odds_u = ndtr(-u) / ndtr(u)  # e^{-2a}
    wrong_z = np.exp(-2 * np.minimum(field + np.sqrt(field) * z, 340.0))
    wrong_uz = odds_u[:, None] * wrong_z
    return float(weight_u @ (2 * wrong_uz / (1 + wrong_uz)) @ weight_z)


def planted_gap(overlap: float, complement: float) -> float:
    """(1-Λ) G = 2∫_0^∞ Dz E[(z - ω) h(ω/σ)/σ], ω = Λz + sqrt(Λ)σ v, h/σ the student's ∂_ω ln Φ_N."""
    sigma = np.sqrt(complement)
    reach = min(9.0, 10 * sigma * (1 + np.sqrt(overlap)) / max(overlap, 1e-3))
    z = 0.5 * reach * (1 + _POINTS[0])
    weight_z = reach * _POINTS[1] * np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
    # z - ω = σ(σz - sqrt(Λ)v): the factor σ cancels the one of the estimate
    u_zv = (overlap / sigma) * z[:, None] + np.sqrt(overlap) * _V
    return float(weight_z @ ((sigma * z[:, None] - np.sqrt(overlap) * _V) * hazard(u_zv)) @ _V_WEIGHT)


def nishimori_deviation(chain, state: np.ndarray) -> float:
    """Largest |E[students] - E[student × teacher]| over all q(l) and the (1-Λ)G(Λ) of the gaps of a PlantedChain."""
    deviation = 0.0
    for sector, overlap, complement, field, own_complement in chain.arguments(state):
        if sector.own is None:
            student = float(complement * gap_averages(overlap, complement).strength)
            found = abs(planted_gap(overlap, complement) - student)
        else:
            found = abs(planted_spin_complement(overlap, complement, field) - own_complement)
        deviation = max(deviation, found)
    return deviation
