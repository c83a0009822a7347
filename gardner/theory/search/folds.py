"""Discontinuous transition: the fold of the crystal branch, and α*(L) where its s meets that of the liquid.

*Continuation.* The fixed points (x, α), F(x, α) = x, form a curve. It is followed from the crystal at large α
by pseudo-arclength: a predictor along the unit tangent in (x, ln α), a Newton corrector on the plane normal
to it. A fold is a point where the component of the tangent along ln α changes sign; its arclength is refined
by bracketing that component, and α, stationary there, comes out with the square of the accuracy. No threshold
on an overlap is involved. The curve ends where a layer becomes liquid: there a component of x crosses zero
transversally, and the crystal has turned into the liquid branch. If no fold came first, crystal and liquid
are one branch and there is no discontinuous transition.

*Crossing.* Along a branch ds/dα = -Σ[ln(1-Q) + Q]/2α², larger on the crystal, so that s_crystal - s_liquid
increases with α. It is negative at the crystal fold and positive where the liquid branch ends; the root in
between is α*.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from gardner.runtime.progress import tell
from gardner.theory.planted.solve import checked_net, same_point
from gardner.theory.search.monotone import crystal_start, liquid_start, settle
from gardner.theory.search.recovery import liquid_spinodal, recovery_transition
from gardner.values import ByValue

_START_ALPHA = 60.0
_FIRST_STEP, _LARGEST_STEP, _SMALLEST_STEP = 0.2, 3.0, 1e-9
_MAX_STEPS = 5_000
_CORRECTIONS = 8
_TURN = 0.97  # smallest cosine between successive tangents


@dataclass(frozen=True, eq=False)
class Fold(ByValue):
    """A turning point of the curve of fixed points."""

    alpha: float
    q_l: np.ndarray
    Q_l: np.ndarray


class _Curve:
    """Points z = (x, ln α) of the curve F(x, α) = x."""

    def __init__(self, chain):
        self.chain = chain

    def tangent(self, point, orientation):
        """Unit tangent with a positive component along `orientation`."""
        image = self.chain.image(point[:-1], np.exp(point[-1]))
        matrix = np.column_stack((image.jacobian - np.eye(len(point) - 1), image.alpha_slope))
        bordered = np.vstack((matrix, orientation))
        tangent = np.linalg.solve(bordered, np.append(np.zeros(len(point) - 1), 1.0))
        return tangent / np.linalg.norm(tangent)

    def corrected(self, guess, tangent):
        """The point of the curve on the plane through `guess` normal to `tangent`, or None."""
        point = guess.copy()
        for _ in range(_CORRECTIONS):
            image = self.chain.image(point[:-1], np.exp(point[-1]))
            matrix = np.column_stack((image.jacobian - np.eye(len(point) - 1), image.alpha_slope))
            sides = np.append(point[:-1] - image.value, tangent @ (guess - point))
            try:
                change = np.linalg.solve(np.vstack((matrix, tangent)), sides)
            except np.linalg.LinAlgError:
                return None
            point = point + change
            if np.min(point[:-1]) < 0 or not np.all(np.isfinite(point)):
                return None
            if np.max(np.abs(change) / (1 + np.abs(point))) < 1e-13:
                return point
        return point if np.max(np.abs(change)) < 1e-9 else None


def _start(chain):
    """The crystal well above its fold, and the direction of decreasing α."""
    state = settle(chain, _START_ALPHA, crystal_start(chain, _START_ALPHA), 1e-13).state
    return np.append(state, np.log(_START_ALPHA)), np.append(np.zeros(len(state)), -1.0)


def crystal_folds(
    depth: int, closure: str = "symmetric", limit: int | None = None, weights: str = "spherical"
) -> list[Fold]:
    """The folds, at most `limit`, on the way from the crystal at large α to where a layer turns liquid.

    None where the crystal is perfect recovery, which has no end.
    """
    chain = checked_net(depth, closure, weights=weights)
    if chain.prior.log_values is not None or not len(chain.hidden):
        return []  # a single layer of the sphere orders gradually from α = 0
    curve = _Curve(chain)
    point, orientation = _start(chain)
    tangent = curve.tangent(point, orientation)
    step, folds = _FIRST_STEP, []
    for _ in range(_MAX_STEPS):
        tell(f"following the crystal down to its end, α = {np.exp(point[-1]):.6g}")
        falling = np.flatnonzero(tangent[:-1] < 0)
        # a component heading for zero is approached by halves of the distance
        ahead = np.min(point[falling] / -tangent[falling], initial=np.inf)
        step = min(step, 0.5 * ahead)
        if step < _SMALLEST_STEP or point[-1] > np.log(_START_ALPHA) + 1e-9 or len(folds) == limit:
            break
        following = curve.corrected(point + step * tangent, tangent)
        turned = None if following is None else curve.tangent(following, tangent)
        if turned is None or turned @ tangent < _TURN:
            step *= 0.5
            continue
        if turned[-1] * tangent[-1] < 0:
            folds.append(_refined_fold(curve, point, tangent, step))
        point, tangent = following, turned
        step = min(1.5 * step, _LARGEST_STEP)
    return folds


def _refined_fold(curve, point, tangent, step) -> Fold:
    """The fold between `point` and the point `step` ahead."""

    def at(length):
        return curve.corrected(point + length * tangent, tangent)

    def slope(length):
        return curve.tangent(at(length), tangent)[-1]

    best = at(brentq(slope, 0.0, step, xtol=1e-12 * step, rtol=1e-12))
    overlaps = curve.chain.overlaps(best[:-1])
    return Fold(float(np.exp(best[-1])), overlaps.q_l, overlaps.Q_l)


def spinodal(depth: int, closure: str = "symmetric", weights: str = "spherical") -> float | None:
    """The α at which the metastable branch ends.

    On the sphere that is the crystal, None where it turns into the liquid branch without a fold. Weights that can be
    recovered have a crystal at every α, and it is the liquid that ends (`recovery`).
    """
    chain = checked_net(depth, closure, weights=weights)
    if chain.prior.log_values is not None:
        return liquid_spinodal(chain)
    folds = crystal_folds(depth, closure, limit=1)
    return folds[0].alpha if folds else None


def crystal_transition(
    depth: int, closure: str = "symmetric", fold: float | None = None, weights: str = "spherical"
) -> float | None:
    """α*(L), above which the crystal is stable; None without a fold. `fold` is the spinodal if known."""
    fold = fold or spinodal(depth, closure, weights)
    if fold is None:
        return None
    chain = checked_net(depth, closure, weights=weights)
    if chain.prior.log_values is not None:
        return recovery_transition(chain, fold)

    def excess(alpha):
        tell(f"crystal transition, α = {alpha:.8g}")
        liquid = settle(chain, alpha, liquid_start(chain), 1e-13)
        crystal = settle(chain, alpha, crystal_start(chain, alpha), 1e-13)
        if same_point(chain, liquid, crystal):
            return 1.0
        return chain.free_entropy(crystal.state, alpha) - chain.free_entropy(liquid.state, alpha)

    low = high = fold * (1 + 1e-9)
    while excess(high) < 0:
        low, high = high, 1.1 * high
    return float(brentq(excess, low, high, xtol=1e-300, rtol=1e-12))
