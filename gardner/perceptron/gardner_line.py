"""The Gardner transition of one layer: where one step of optimised m breaks further.

Along the solutions of (C37), by their relative jump d, the replicon R_1 of (C7) is positive at
first and vanishes at

    α_G:  R_1 = 0,      with the breaking point x of (C35) at level 1.                         (C42)

Beyond it the states of the one-step solution consist of states. If m < x < 1 and dx/dq > 0 (C36) a
continuous piece of x(q) begins at (Q_1, x): q(x) is then a step up to x and full RSB from there on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from gardner.perceptron.one_step import GRID, Located, OneStep, fraction, locate, logit, one_step, optimal_one_step
from gardner.perceptron.replicon import ReplicaSymmetricPoint
from gardner.perceptron.vertices import BreakingPoint
from gardner.potentials import Potential
from gardner.theory.parisi.flow import GridSettings

FIRST = 0.02  # relative jump at which a branch that leaves RS begins; below, digits are lost
STRIDE, SMALLEST = 0.15, 0.004  # steps along logit d
FARTHEST = 0.9995  # relative jump beyond which 1 - Q_1 is that of capacity
LEAP = 1.5, 0.2  # factors of m within which the next solution belongs to the same branch


def follow_one_step(start: OneStep | tuple[float, float], potential: Potential) -> Iterator[OneStep]:
    """The solutions of (C37) at growing jump, from a solution, or Q_0 and m at the edge of RS.

    Ends without a word where the next one is not found.
    """
    last = start if isinstance(start, OneStep) else optimal_one_step(FIRST, start, potential)
    if last is None:
        return
    yield last
    before, stride = None, STRIDE
    while last.jump < FARTHEST and stride > SMALLEST:
        z = logit(last.jump) + stride
        point = optimal_one_step(fraction(z), _guess(before, last, z), potential)
        if point is None or not LEAP[1] < point.m / last.m < LEAP[0]:
            stride *= 0.5
            continue
        before, last, stride = last, point, min(STRIDE, 1.5 * stride)
        yield point


def _guess(before: OneStep | None, last: OneStep, z: float) -> tuple[float, float]:
    """(Q_0, m) at logit d = z on the straight line through two solutions, in logit Q_0 and ln m."""
    if before is None:
        return last.outer, last.m
    ratio = (z - logit(last.jump)) / (logit(last.jump) - logit(before.jump))
    outer = logit(last.outer) + ratio * (logit(last.outer) - logit(before.outer))
    return fraction(outer), float(last.m * (last.m / before.m) ** ratio)


def _codes(point: OneStep) -> np.ndarray:
    return np.array([logit(point.outer), logit(point.jump), np.log(point.m)])


def gardner_transition(start: OneStep | tuple[float, float], potential: Potential) -> Located | None:
    """Where R_1 first vanishes on the branch from `start` (C42); None if it is not found.

    start: a solution, or Q_0 and m at the instability of RS. Where R_1 < 0 already at the jump
    FIRST, α_G lies between that instability and the solution there: it comes back, with R_1 < 0 and
    the error unknown, nan (`gardner_near_rs`).
    """

    def make(x: np.ndarray, grid: GridSettings) -> OneStep:
        return one_step(fraction(x[0]), fraction(x[1]), float(np.exp(x[2])), potential, grid)

    def equations(point: OneStep) -> list[float]:
        return [point.excess, point.scaled_complexity, point.replicon_i[1] / point.jump]

    before = None
    for point in follow_one_step(start, potential):
        if point.replicon_i[1] >= 0.0:
            before = point
            continue
        if before is None:
            return Located(point, np.nan)

        # from where the straight line between both codes has R_1 = 0
        part = before.replicon_i[1] / (before.replicon_i[1] - point.replicon_i[1])
        found = locate(equations, make, (1.0 - part) * _codes(before) + part * _codes(point))
        return found or _between(before, point, potential)
    return None


def _between(stable: OneStep, unstable: OneStep, potential: Potential) -> Located | None:
    """The same along the branch, where three equations are too close to one another (small jumps)."""
    ends, found = (logit(stable.jump), logit(unstable.jump)), {}

    def scaled(z, grid):
        part = (z - ends[0]) / (ends[1] - ends[0])
        near = (1.0 - part) * np.array([stable.outer, stable.m]) + part * np.array([unstable.outer, unstable.m])
        found[z] = optimal_one_step(fraction(z), tuple(near), potential, grid)
        return np.nan if found[z] is None else found[z].replicon_i[1] / found[z].jump ** 2

    def root(grid):
        return found[brentq(scaled, *ends, args=(grid,), xtol=1e-10)]

    try:
        point = root(GRID)
        return Located(point, abs(root(GRID.refined()).alpha - point.alpha))
    except ValueError:  # nan, or R_1 = 0 so close to an end that its sign is open
        return None


@dataclass(frozen=True)
class NearRS:
    """A Gardner transition at a jump below FIRST: α_G with its error, m there, and x, dx/dq."""

    alpha: float
    error: float
    m: float
    broken: BreakingPoint


def gardner_near_rs(edge: ReplicaSymmetricPoint, broken: BreakingPoint, potential: Potential) -> NearRS | None:
    """α_G at a jump between 0, the instability `edge` of RS with its breaking point, and FIRST.

    α, m and R_1/d² are smooth in the jump d. They are interpolated between what is known at d = 0
    and solutions at multiples of FIRST; the error is the difference to one solution less.
    """
    jump_p = FIRST * np.arange(1, 4)
    points = [optimal_one_step(jump, (edge.overlap, broken.breaking), potential) for jump in jump_p]
    if None in points:
        return None
    scaled_p = [point.replicon_i[1] / point.jump**2 for point in points]

    def at(count):
        """Jump, α and m at R_1 = 0 from the first `count` solutions."""
        roots = np.roots(np.polyfit(jump_p[:count], scaled_p[:count], count - 1))
        real = roots[np.abs(roots.imag) < 1e-12].real
        jump = float(np.clip(real[np.abs(real).argmin()], 0.0, FIRST)) if len(real) else 0.0
        known = np.append(0.0, jump_p[:count])
        values = [
            np.polyval(np.polyfit(known, np.append(first, [getattr(p, name) for p in points[:count]]), count), jump)
            for name, first in (("alpha", edge.alpha), ("m", broken.breaking))
        ]
        return jump, *map(float, values)

    (jump, alpha, m), (_, rough, _) = at(3), at(2)
    part, first = jump / FIRST, points[0].breaking()
    x, slope = ((1.0 - part) * getattr(broken, n) + part * getattr(first, n) for n in ("breaking", "slope"))
    return NearRS(alpha, abs(alpha - rough), m, BreakingPoint(x, slope, first.cubic))
