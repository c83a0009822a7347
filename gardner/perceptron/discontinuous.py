"""The discontinuous transition of one layer: α_d, states appear, and α_K, they take over (m = 1).

Below the margin at which the breaking point of RS (C35) is 1, states of overlap Q_1 well above Q_0
exist before RS is unstable. At m = 1 they obey (C39) beside the RS solution Q_0:

    α_d:  g = 1 and R_1 = 0, the first α at which (C39) has a root Q_1 > Q_0;
    α_K:  g = 1 and Σ(1) = 0 at its outermost root.                                            (C41)

Between them the volume falls apart into e^{NMΣ} states and s is still that of RS; beyond α_K one
step with m* < 1 has the smaller s. Both are found from Q_0 and the relative jump d of Q_1, two
unknowns and two equations; a scan over d tells whether there are such states at all. Errors: 1e-9
of α, those of the grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from gardner.perceptron.one_step import Located, OneStep, fraction, locate, logit, one_step
from gardner.perceptron.replicon import ReplicaSymmetricPoint, instability
from gardner.potentials import Potential
from gardner.theory.parisi.flow import GridSettings

JUMPS = np.concatenate([np.linspace(0.004, 0.1, 13), np.linspace(0.12, 0.9, 40), 1.0 - np.geomspace(0.09, 1e-3, 20)])


EXTENT = 200  # steps of STRIDE along logit d within which Σ is looked for to vanish
STRIDE = 0.1


@dataclass(frozen=True, eq=False)
class Discontinuous:
    """The two solutions at m = 1: where states appear, and where their complexity vanishes."""

    dynamic: Located
    static: Located


def _maker(potential: Potential):
    """The point at m = 1 of (logit Q_0, logit d)."""

    def make(x: np.ndarray, grid: GridSettings) -> OneStep:
        return one_step(fraction(x[0]), fraction(x[1]), 1.0, potential, grid)

    return make


def _codes(point: OneStep) -> np.ndarray:
    return np.array([logit(point.outer), logit(point.jump)])


def best_jump(outer: float, potential: Potential) -> OneStep:
    """The point of the largest g (C39) among JUMPS at the RS solution Q_0 = `outer`."""
    points = [one_step(outer, float(jump), 1.0, potential) for jump in JUMPS]
    return max(points, key=lambda point: point.excess)


def _find_dynamic(edge: ReplicaSymmetricPoint, potential: Potential) -> Located | None:
    """α_d below the instability `edge` of RS, or None if no states appear before it."""
    top = best_jump(edge.overlap, potential)
    if top.excess < 0.0 or top.jump <= JUMPS[0]:  # g falls from its value 1 at Q_1 = Q_0
        return None

    # bracket the Q_0 at which the maximum of g is 1, then polish both unknowns
    def excess(z):
        return best_jump(fraction(z), potential).excess

    low = 0.5 * edge.overlap
    while excess(logit(low)) > 0.0:
        low *= 0.5
    z = brentq(excess, logit(low), logit(edge.overlap), xtol=1e-4)
    start = _codes(best_jump(fraction(z), potential))
    return locate(lambda p: [p.excess / p.jump, p.replicon_i[1] / p.jump], _maker(potential), start)


def _root_at(jump: float, outer: float, potential: Potential) -> OneStep | None:
    """The solution of (C39) with a given jump, its Q_0 near `outer`."""

    def excess(z):
        return one_step(fraction(z), jump, 1.0, potential).excess

    low, high = logit(0.9 * outer), logit(min(1.5 * outer, 0.999))
    while excess(low) * excess(high) > 0.0:
        low, high = low - 0.5, high + 0.5
        if high > 10.0:
            return None
    return one_step(fraction(brentq(excess, low, high, xtol=1e-12)), jump, 1.0, potential)


def _find_static(dynamic: OneStep, potential: Potential) -> Located | None:
    """α_K from α_d: along the outermost roots of (C39), whose jump grows, Σ falls through zero."""
    last, z = dynamic, logit(dynamic.jump)
    for _ in range(EXTENT):
        z += STRIDE
        point = _root_at(fraction(z), last.outer, potential)
        if point is None:
            return None
        if point.complexity < 0.0:
            return locate(lambda p: [p.excess, p.scaled_complexity], _maker(potential), _codes(last))
        last = point
    return None


def discontinuous_transition(potential: Potential, edge: ReplicaSymmetricPoint | None = None) -> Discontinuous | None:
    """α_d and α_K of (C41) below the instability of RS, `edge`; None where there are none."""
    edge = instability(potential) if edge is None else edge
    dynamic = None if edge is None else _find_dynamic(edge, potential)
    static = None if dynamic is None else _find_static(dynamic.point, potential)
    return None if static is None else Discontinuous(dynamic, static)
