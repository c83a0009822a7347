"""What a closure says of one layer when the spins on both sides are known: Q(l) given q(l-1) and q(l).

The saddle point (T13), (T15) without what ties the fields of the spins to other layers:

    Q̂ = α Σ G ∂Λ/∂Q  over the sectors that read Q = Q(l),

with the strength G of a gap at Λ, and that of a site at Λ and at the field q̂ for which its spins
have their overlap; the prior answers the field Q̂ with Q (sphere: Q̂/(1+Q̂)). Symmetric, and the
last layer in both closures: the gap of Λ = q(l-1) Q q(l). Directed, hidden layer: the site that
owns q(l), of Λ = q(l-1) Q, whose field is that of the layer after. Measured overlaps confront these
relations layer by layer, without the errors of all others.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import brentq

from gardner.errors import ConvergenceError
from gardner.model import CLOSURES, PRIORS
from gardner.theory.closures.base import Layers, Sector
from gardner.theory.nishimori.hidden_spin import site_averages
from gardner.theory.nishimori.quadrature import gap_averages

SMALLEST, LARGEST = 1e-6, 1.0 - 1e-12  # overlaps searched
FIELDS = (-12.0, 12.0)  # ln q̂ searched


def _strength(sector: Sector, overlap: float, own: float | None) -> float:
    """G of a gap, or of a site whose spins have the overlap `own`; 0 where they have it without a field."""
    product = np.array([overlap])
    if sector.kind == "gap":
        return gap_averages(product, 1.0 - product).strength[0]

    def site(log_field):
        return site_averages(product, 1.0 - product, np.array([math.exp(log_field)]))

    def excess(log_field):
        return -math.expm1(site(log_field).log_complement[0]) - own

    low, high = FIELDS
    if excess(low) >= 0.0:
        return 0.0
    return site(brentq(excess, low, high, xtol=1e-12)).strength[0]


def bond_overlap_given_spins(
    closure: str, alpha: float, before: float, after: float, weights: str = "spherical"
) -> float:
    """Q(l) for q(l-1) = before and q(l) = after, the largest solution; an overlap of 1 stands for a given end.

    weights: their prior. ValueError for an unknown closure or prior, or overlaps
    outside (0, 1]; ConvergenceError where no field gives the spins of a site their overlap (too small a q(l) for so
    many patterns). THEORY (T13), (T15).
    """
    part, prior = CLOSURES[closure], PRIORS[weights]
    for name, value in (("before", before), ("after", after)):
        if not 0.0 < value <= 1.0:
            raise ValueError(f"{name} = {value}: must lie in (0, 1], an overlap of spins")

    # the smallest net in which the layer has its place, and the sectors that read its bonds there
    l = 1 if before == 1.0 else 2
    spins = {("q", l - 1): before, ("q", l): after}
    sectors = part.checked_sectors(Layers(l if after == 1.0 else l + 1))
    readers = [sector for sector in sectors if ("Q", l) in sector.reads]
    if any(overlap not in spins for sector in readers for overlap in sector.reads if overlap != ("Q", l)):
        raise ValueError(f"closure = {closure!r}: its bonds are not determined by the spins next to them")

    def excess(Q):
        field = 0.0
        for sector in readers:
            others = math.prod(spins[overlap] for overlap in sector.reads if overlap != ("Q", l))
            field += alpha * _strength(sector, others * Q, spins.get(sector.own)) * others
        return -math.expm1(-prior.planted_rigidity(np.array([field]))[0][0]) - Q

    grid = 1.0 - np.geomspace(1.0 - LARGEST, 1.0 - SMALLEST, 40)
    for high, low in zip(grid, grid[1:]):  # from Q = 1 down
        if excess(low) >= 0.0:
            return brentq(excess, low, high, xtol=1e-14)
    if any(sector.kind == "site" for sector in readers):
        raise ConvergenceError(
            f"q(l) = {after:.6g}, q(l-1) = {before:.6g} at alpha = {alpha:g}: no field of the layer after gives that"
        )
    return 0.0
