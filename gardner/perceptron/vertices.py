"""Where replica symmetry breaks at L = 1: breaking point and slope, from vertices of the flow.

Where x(q) is continuous, the replicon (C7) vanishes, α λ² <f''²> = 1, with f(q,h) the flow (T5),
<…> its measure P(q,h) (T6), λ(q) = 1 - q_k + ∫_q x and λ' = -x. Two more derivatives along q, by
d<g>/dq = <∂_q g + ½ g'' + x f' g'>, give

    x  = <f'''²> / 2c,      c = <f''³> + 1/(α λ³),                                             (C35)
    dx/dq = [ <f''''²> - 12 x <f'' f'''²> + 6 x² (<f''⁴> - 1/(α λ⁴)) ] / 2c.                   (C36)

c > 0 is the cubic coefficient of the expansion, the gap's <f''³> < 0 against the bond's 1/(αλ³).
The averages of a solution whose last level is i = k say how that level breaks next: into a
continuous piece that begins at x with the slope of (C36) where that slope is positive, into one
further step where it is negative. x > 1 is impossible: a solution that jumps has then taken over
before the replicon vanishes. For RS (i = k = 0) this is the kind of transition at α_AT; for one
step (i = k = 1) of the Gardner transition, whose x must lie between m and 1. [Franz, Parisi,
Sevelev, Urbani and Zamponi, SciPost Phys. 2, 019 (2017); Kurchan, Parisi, Urbani and Zamponi, J.
Phys. Chem. B 117, 12979 (2013).]

f''' and f'''' are finite differences of order 12 of the flow's f'' on its grid: 1e-9 of the
averages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.theory.parisi.flow import Flow, differentiate_in_field
from gardner.theory.priors.spherical import bond_eigenvalues


@dataclass(frozen=True)
class BreakingPoint:
    """x of (C35), dx/dq of (C36) and the cubic coefficient c of one level of a solution with L = 1."""

    breaking: float
    slope: float
    cubic: float


def breaking_point(alpha: float, Q_i: np.ndarray, flow: Flow, level: int = -1) -> BreakingPoint:
    """(C35), (C36) at one level, by default the last, of the gap flow of a solution with overlaps Q_i."""
    level = level % len(Q_i)
    n = flow.n_i[level]
    p, second = flow.p_ia[level, :n], flow.d2_ia[level, :n]
    third = differentiate_in_field(flow, level, second)
    fourth = differentiate_in_field(flow, level, third)
    rest = bond_eigenvalues(np.asarray(Q_i), flow.m)[level]
    cubic = p @ second**3 + 1.0 / (alpha * rest**3)
    x = 0.5 * (p @ third**2) / cubic
    quartic = p @ fourth**2 - 12.0 * x * (p @ (second * third**2))
    quartic += 6.0 * x**2 * (p @ second**4 - 1.0 / (alpha * rest**4))
    return BreakingPoint(float(x), float(0.5 * quartic / cubic), float(cubic))
