"""All lines of one layer at one margin: α_AT, α_d, α_K, α_G and α_c (hard core, random patterns).

How replica symmetry ends is decided by the breaking point x of (C35) and its slope (C36) at the
instability α_AT:

    full RSB        x < 1, dx/dq > 0: continuous, q(x) opens from (Q, x) on;
    1RSB            x < 1, dx/dq < 0: continuous, one step opens at x; a Gardner transition α_G follows (C42);
    discontinuous   x > 1: states appear at α_d and take over at α_K < α_AT (C41), one step of m ≤ 1; then α_G;
    none            RS holds up to its capacity: κ ≥ 0.

α_c is the bound of so many steps (C5) that the last one lowers it by less than CAPACITY of itself,
or of STEPS steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from gardner.perceptron.closed_form import rs_capacity
from gardner.perceptron.discontinuous import discontinuous_transition
from gardner.perceptron.gardner_line import gardner_near_rs, gardner_transition
from gardner.perceptron.jamming import jamming_bound
from gardner.perceptron.one_step import GRID
from gardner.perceptron.replicon import ReplicaSymmetricPoint, instability, rs_gap, rs_point
from gardner.perceptron.vertices import BreakingPoint, breaking_point
from gardner.potentials import Potential
from gardner.potentials.hard import HardCore
from gardner.results.base import Entry, labelled

LOWEST = -3.0  # smallest margin at which the steps behind α_c are resolved
CAPACITY, STEPS = 2e-4, 8
MERGING = 6e-3  # x - 1 below which α_d, α_K are not told from α_AT: less by at most α_AT (x-1)²
ONSET = 4.0  # α_c - α_AT is less than this times κ² (3.0 for κ → 0-), where both are not told apart
CLOSE = 1e-3  # relative width in 1 - Q of the bracket in which the finer grid is asked
TRANSITIONS = ("none", "full RSB", "1RSB", "discontinuous")


@dataclass(frozen=True)
class MarginLines(Entry):
    """The lines at one margin; None where there is no such line.

    alpha_at, error_at: instability of RS, with x and dx/dq (breaking, slope) there; it is a
    transition only where breaking < 1; alpha_dynamic, alpha_static: α_d and α_K with their error,
    the larger one; static_overlap: Q_1 of the states at α_K; alpha_gardner, error_gardner: α_G,
    with m, x and dx/dq of level 1 there; alpha_c, error_c: capacity; alpha_rs: RS capacity;
    transition: how RS ends; status: "converged", or what could not be found.
    """

    margin: float
    transition: str = labelled("how replica symmetry ends", type=TRANSITIONS)
    alpha_at: float | None = labelled("α_AT, RS unstable")
    error_at: float | None = labelled("error of α_AT")
    breaking: float | None = labelled("breaking point x at α_AT")
    slope: float | None = labelled("dx/dq at α_AT")
    alpha_dynamic: float | None = labelled("α_d, states appear")
    alpha_static: float | None = labelled("α_K, states take over")
    error_static: float | None = labelled("error of α_d and α_K")
    static_overlap: float | None = labelled("overlap Q_1 of the states at α_K")
    alpha_gardner: float | None = labelled("α_G, states break further")
    error_gardner: float | None = labelled("error of α_G")
    gardner_m: float | None = labelled("m at α_G")
    gardner_breaking: float | None = labelled("breaking point x at α_G")
    gardner_slope: float | None = labelled("dx/dq at α_G")
    alpha_c: float = labelled("capacity α_c")
    error_c: float = labelled("error of α_c")
    alpha_rs: float = labelled("RS capacity")
    status: str = labelled("converged, or what could not be found")

    @property
    def alpha_break(self) -> float:
        """Where RS ends: α_AT, α_K, or the capacity."""
        found = self.alpha_static if self.transition == "discontinuous" else self.alpha_at
        return self.alpha_c if self.transition == "none" or found is None else found


def rs_breaking(edge: ReplicaSymmetricPoint, potential: Potential) -> BreakingPoint:
    """x and dx/dq of (C35), (C36) at the instability of RS."""
    return breaking_point(edge.alpha, np.array([edge.overlap]), rs_gap(edge.overlap, potential, GRID).flow)


def instability_error(edge: ReplicaSymmetricPoint, potential: Potential) -> float:
    """The change of α_AT on a finer grid."""
    grid, rest = GRID.refined(), 1.0 - edge.overlap
    bracket = 1.0 - rest * (1.0 + CLOSE), 1.0 - rest * (1.0 - CLOSE)
    Q = brentq(lambda Q: rs_point(Q, potential, grid).replicon, *bracket, xtol=1e-16, rtol=1e-15)
    return max(abs(rs_point(Q, potential, grid).alpha - edge.alpha), float(np.spacing(edge.alpha)))


def find_capacity(margin: float) -> tuple[float, float]:
    """α_c and its error: that of the last step, which is larger than what all others would add."""
    if margin >= 0.0:
        value = rs_capacity(margin)
        return value, float(np.spacing(value))
    bounds = [jamming_bound(margin, 1)]
    while len(bounds) < STEPS:
        bounds.append(jamming_bound(margin, len(bounds) + 1, bounds))
        gain = abs(bounds[-2].alpha - bounds[-1].alpha)
        if gain < CAPACITY * bounds[-1].alpha:
            break
    return bounds[-1].alpha, max(gain, bounds[-1].error)


def margin_lines(margin: float) -> MarginLines:
    """All lines at the margin κ, LOWEST ≤ κ ≤ 100. 1 to 3 s for κ < 0."""
    potential, (alpha_c, error_c) = HardCore(margin), find_capacity(margin)
    lines = dict.fromkeys(one for one in MarginLines.__dataclass_fields__)
    lines |= {"margin": margin, "transition": "none", "status": "converged"}
    lines |= {"alpha_c": alpha_c, "error_c": error_c, "alpha_rs": rs_capacity(margin)}
    edge = instability(potential) if margin < 0.0 else None
    if margin < 0.0 and edge is None:
        # at 1 - Q = O(κ²), lost to round-off
        lines |= {"transition": "full RSB", "alpha_at": alpha_c, "error_at": ONSET * margin**2}
    if edge is not None:
        lines |= _beyond_rs(edge, potential)
    return MarginLines(**lines)


def _beyond_rs(edge: ReplicaSymmetricPoint, potential: Potential) -> dict:
    """What is known of the end of RS, as fields of MarginLines."""
    broken, missing = rs_breaking(edge, potential), []
    known = {"alpha_at": edge.alpha, "error_at": instability_error(edge, potential)}
    known |= {"breaking": broken.breaking, "slope": broken.slope, "transition": "full RSB"}
    if broken.breaking < 1.0 and broken.slope >= 0.0:
        return known
    start, known["transition"] = (edge.overlap, broken.breaking), "1RSB"
    if broken.breaking >= 1.0:
        known["transition"], found = "discontinuous", discontinuous_transition(potential, edge)
        if found is None and broken.breaking < 1.0 + MERGING:
            known |= dict.fromkeys(("alpha_dynamic", "alpha_static"), edge.alpha)
            known |= {"error_static": edge.alpha * (broken.breaking - 1.0) ** 2, "static_overlap": edge.overlap}
        elif found is None:
            missing.append("α_d and α_K not found")
        else:
            start = found.static.point
            known |= {"alpha_dynamic": found.dynamic.point.alpha, "alpha_static": start.alpha}
            known |= {"error_static": max(found.dynamic.error, found.static.error), "static_overlap": start.inner}
    gardner = _known_gardner(start, edge, broken, potential)
    if gardner is None:
        missing.append("α_G not found")
    return known | (gardner or {}) | ({"status": "; ".join(missing)} if missing else {})


def _known_gardner(start, edge: ReplicaSymmetricPoint, broken: BreakingPoint, potential: Potential) -> dict | None:
    """α_G on the branch from `start`, as fields of MarginLines; None if it is not found."""
    found = gardner_transition(start, potential)
    if found is None:
        return None
    alpha, error, m, at = found.point.alpha, found.error, found.point.m, found.point.breaking()
    if np.isnan(error):  # unstable from the first jump on that is resolved
        near = gardner_near_rs(edge, broken, potential)
        if near is None:
            return None
        alpha, error, m, at = near.alpha, near.error, near.m, near.broken
    known = {"alpha_gardner": alpha, "error_gardner": error, "gardner_m": m}
    return known | {"gardner_breaking": at.breaking, "gardner_slope": at.slope}
