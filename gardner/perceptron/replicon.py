"""Stability of an L = 1 solution against further replica symmetry breaking: the replicon eigenvalues.

Split level i of a k-RSB solution infinitesimally, Q_i → Q_i and Q_i + d. The merged pair is invariant under the saddle
point map (T11), and to first order d is multiplied by the product of the diagonal responses of its two sectors:

* gap: V_i raised on the new level alone changes its own G by dG = E_i[(φ_i'')²] dV, whatever its width in m
  (`flow`: the only term of the response that survives at Δm → 0);
* bond: dQ = λ² dQ̂ with λ = λ_{i+1} = (1-Q_k) + Σ_{j>i} m_j (Q_j - Q_{j-1}), the eigenvalue of the matrix Q at the
  overlap Q_i, because Q_j - Q_{j-1} = λ_j λ_{j+1} (Q̂_j - Q̂_{j-1}) in (T9).

The perturbation dies out where its growth factor is below 1, that is where the replicon

    R_i = 1 - α λ_{i+1}² E_i[(φ_i'')²]                                                                    (C7)

is positive. R_k, with λ_{k+1} = 1-Q_k, is the usual one (de Almeida–Thouless; for RS, i = k = 0, it is the eigenvalue
of Gardner and Derrida). A k-RSB solution with R_i < 0 is improved by another step; in full RSB R vanishes wherever
x(q) is continuous, so a solution with optimised m has small negative R_k → 0.

The RS line. At k = 0, Λ = Q and Q/(1-Q)² = αG (T9, T11): every Q belongs to one α(Q) = Q/((1-Q)²G(Q)), and R_0 = 0
reads

    Q E[φ''²] = E[φ'²].                                                                                   (C8)

As Q → 1 both sides scale like (1-Q)^{-2} and their ratio tends to α_c(κ)·Φ(κ), α_c the RS capacity: at capacity RS is
stable for κ > 0, marginal at κ = 0 and unstable for κ < 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from gardner.model import PRIORS, positive
from gardner.potentials import Potential
from gardner.potentials.hard import HardCore
from gardner.results.solution import Solution
from gardner.theory.parisi.flow import Flow, GridSettings
from gardner.theory.priors.spherical import bond_eigenvalues
from gardner.theory.sectors.base import SectorValue
from gardner.theory.sectors.gap import gap_sector

RS = np.array([0.0, 1.0])  # m of the replica-symmetric ansatz
SCAN = np.concatenate([np.linspace(0.02, 0.9, 45), 1.0 - np.geomspace(0.09, 1e-6, 45)])
NEAR = 1.0 - np.geomspace(
    5e-7, 1e-12, 25
)  # added where the instability is looked for: at κ → 0- it sits at 1-Q = O(κ²)
ACCURACY = 1e-12


def replicons(alpha: float, Q_i: np.ndarray, flow: Flow) -> np.ndarray:
    """R_i of (C7), i = 0…k, from the gap flow of an L = 1 solution with overlaps Q_i."""
    return 1.0 - positive("alpha", alpha) * bond_eigenvalues(np.asarray(Q_i), flow.m) ** 2 * flow.curvatures


def solution_replicons(solution: Solution) -> np.ndarray:
    """R_i of (C7) of a solution with L = 1, with the bond's factor as its prior says, λ_{i+1}² on the sphere."""
    setting = solution.setting
    if setting.network.depth != 1:
        raise ValueError(f"depth = {setting.network.depth}: the replicon is known for L = 1 only")
    Q_i, grid = solution.Q_li[0], GridSettings.for_accuracy(ACCURACY)
    gap = gap_sector(Q_i, setting.m, setting.potential, grid)
    field_i = setting.alpha * gap.overlaps_i
    bond_i = PRIORS[setting.weights].split_response(Q_i, field_i, setting.m, grid)
    return 1.0 - setting.alpha * bond_i * gap.flow.curvatures


@dataclass(frozen=True)
class ReplicaSymmetricPoint:
    """The RS solution of the L = 1 perceptron that has overlap `overlap`: its α, s per N·M and replicon."""

    overlap: float
    alpha: float
    free_entropy: float
    replicon: float


def rs_gap(overlap: float, potential: Potential, grid: GridSettings) -> SectorValue:
    """The gap sector at the RS overlap."""
    return gap_sector(np.array([overlap]), RS, potential, grid)


def rs_point(
    overlap: float, potential: Potential | None = None, grid: GridSettings | None = None
) -> ReplicaSymmetricPoint:
    """α(Q) and R_0(Q) along the RS line; grid: of the fields, by default one for ACCURACY."""
    if not 0.0 < overlap < 1.0:
        raise ValueError(f"overlap = {overlap}: must lie strictly between 0 and 1")
    potential = HardCore() if potential is None else potential
    gap = rs_gap(overlap, potential, GridSettings.for_accuracy(ACCURACY) if grid is None else grid)
    rest = 1.0 - overlap
    alpha = overlap / (rest**2 * gap.overlaps_i[0])
    entropy = 0.5 * (np.log(rest) + overlap / rest) / alpha + gap.free_entropy
    replicon = 1.0 - alpha * rest**2 * gap.flow.curvatures[0]
    return ReplicaSymmetricPoint(float(overlap), float(alpha), float(entropy), float(replicon))


def rs_solution(alpha: float, potential: Potential | None = None) -> ReplicaSymmetricPoint:
    """The RS solution at α: the branch that starts from Q → 0 at α → 0; ValueError beyond its end, the RS capacity."""
    alpha = positive("alpha", alpha)
    low = 1e-9
    if rs_point(low, potential).alpha > alpha:
        raise ValueError(f"alpha = {alpha}: must be at least 1e-8 or so for the RS line to be resolved")
    for high in SCAN:
        if rs_point(high, potential).alpha >= alpha:
            Q = brentq(lambda x: rs_point(x, potential).alpha - alpha, low, high, xtol=1e-15, rtol=1e-14)
            return rs_point(Q, potential)
        low = high
    raise ValueError(f"alpha = {alpha}: beyond the RS capacity, no solution with 1 - Q > 1e-6; reduce alpha")


def instability(potential: Potential | None = None) -> ReplicaSymmetricPoint | None:
    """Where the replicon of the RS line first vanishes (C8): α_AT; None if RS is stable up to its capacity."""
    low = SCAN[0]
    if rs_point(low, potential).replicon < 0.0:
        low = 1e-6
    for high in np.concatenate([SCAN, NEAR]):
        if high > low and rs_point(high, potential).replicon < 0.0:
            Q = brentq(lambda x: rs_point(x, potential).replicon, low, high, xtol=1e-16, rtol=1e-15)
            return rs_point(Q, potential)
        low = max(low, high)
    return None
