"""What a closure says of one layer when the spins on both sides are known: Q(l) given q(l-1) and q(l).

The saddle point (T13), (T15) without what ties the fields of the spins to other layers. Symmetric, and the last layer
in both closures:

    Q/(1-Q) = α G(Λ) q(l-1) q(l),      Λ = q(l-1) Q q(l)         (T13),   q(L) = 1.

Directed, hidden layer: Q/(1-Q) = α G(Λ, q̂) q(l-1), Λ = q(l-1) Q (T15), where the field q̂ of the layer after is the
one at which the spins have the overlap q(l). Measured overlaps confront these relations layer by layer, without the
errors of all other layers.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import brentq

from gardner.errors import ConvergenceError
from gardner.theory.nishimori.hidden_spin import site_averages
from gardner.theory.nishimori.quadrature import gap_averages

CLOSURES = ("symmetric", "directed")
SMALLEST, LARGEST = 1e-6, 1.0 - 1e-12  # overlaps searched
FIELDS = (-12.0, 12.0)  # ln q̂ searched


def _overlap(strength, alpha: float, before: float, after: float) -> float:
    """The largest root Q of Q = x/(1+x), x = α G q q', G = strength(Q)."""

    def excess(Q):
        x = alpha * strength(Q) * before * after
        return x / (1.0 + x) - Q

    grid = 1.0 - np.geomspace(1.0 - LARGEST, 1.0 - SMALLEST, 40)
    for high, low in zip(grid, grid[1:]):  # from Q = 1 down
        if excess(low) >= 0.0:
            return brentq(excess, low, high, xtol=1e-14)
    return 0.0


def bond_overlap_given_spins(closure: str, alpha: float, before: float, after: float, last: bool) -> float:
    """Q(l) for q(l-1) = before and q(l) = after; last: whether layer l is the output.

    ValueError for an unknown closure or overlaps outside (0, 1]; ConvergenceError where no field of the layer after
    gives the spins the overlap q(l) (too small a q(l) for so many patterns). THEORY (T13), (T15).
    """
    if closure not in CLOSURES:
        raise ValueError(f"closure = {closure!r}: must be one of {', '.join(CLOSURES)}")
    for name, value in (("before", before), ("after", after)):
        if not 0.0 < value <= 1.0:
            raise ValueError(f"{name} = {value}: must lie in (0, 1], an overlap of spins")
    if closure == "symmetric" or last or after == 1.0:  # a spin that is known is an output

        def gap(Q):
            overlap = np.array([before * Q * after])
            return gap_averages(overlap, 1.0 - overlap).strength[0]

        return _overlap(gap, alpha, before, after)

    def hidden(log_field):
        """(Q, q(l)) at a field."""
        field = np.array([math.exp(log_field)])

        def site(Q):
            overlap = np.array([before * Q])
            return site_averages(overlap, 1.0 - overlap, field)

        Q = _overlap(lambda Q: site(Q).strength[0], alpha, before, 1.0)
        return Q, -math.expm1(site(Q).log_complement[0])

    low, high = FIELDS
    if not hidden(low)[1] < after < hidden(high)[1]:
        raise ConvergenceError(
            f"q(l) = {after:.6g}, q(l-1) = {before:.6g} at alpha = {alpha:g}: no field of the layer after gives that"
        )
    return hidden(brentq(lambda x: hidden(x)[1] - after, low, high, xtol=1e-10))[0]
