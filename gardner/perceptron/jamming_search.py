"""How the optimal steps of the jamming limit are found: a start from fewer steps, and Newton's method.

The value ln A/(-F) of (C5) is nearly flat along moves of the innermost steps: at k = 12 the eigenvalues of its Hessian
span 1e-8 … 3e-2, and a search that compares values (BFGS) stops where 1-q_{k-1} still errs by a quarter. The gradient
does not: Newton's method on it, in the logarithms of 1-q_i and y_i, finds the steps to 1e-5.

Starts. The optimal ln(1-q_i) and ln y_i are smooth functions of the relative level, which drift slowly with k.
The last solutions, resampled to the new number of levels, are extrapolated in 1/(k+1): from k = 9 on the start is
within 1 % of the optimum, at k = 14 within 0.1 %.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from gardner.values import ByValue

LOOK_BACK = 4  # solutions with fewer steps that the start is extrapolated from
FEWEST = 4  # levels that a cubic needs
STEP = 0.3  # longest move of a Newton step, in ln(1-q) and ln y
DIFFERENCE = 1e-3  # of the finite differences of the Hessian
FLAT = 1e-13  # smallest curvature resolved
SETTLED, CLOSE = 1e-6, 3e-3  # length of the last step; above CLOSE the Hessian is taken anew
ROUGH = 1e-5  # longest step that may be due to round-off of the gradient
MOST = 16  # Newton steps, shortened ones included
SLACK = 1e-13  # rise of the value that is round-off


@dataclass(frozen=True, eq=False)
class Descent(ByValue):
    """End of a search: u (n,), value, ½ gᵀH⁻¹g by which it lies above the minimum, evaluations, settled or not."""

    u: np.ndarray
    value: float
    remaining: float
    evaluations: int
    settled: bool


def finer(values: np.ndarray, count: int, apart: int = 0) -> np.ndarray:
    """Positive values at `count` levels: the first `apart` kept, ln of the others as a cubic spline of their place."""
    inner = values[apart:]
    spline = CubicSpline(np.linspace(0.0, 1.0, len(inner)), np.log(inner))
    return np.append(values[:apart], np.exp(spline(np.linspace(0.0, 1.0, count - apart))))


def predict_steps(solutions: Sequence[np.ndarray], count: int, apart: int = 0) -> np.ndarray:
    """The values at `count` levels from those of the last solutions with fewer levels each (module docstring).

    apart: levels that may lie far from the others (q_0, where q(x) jumps: κ ≲ -2).
    """
    known = [v for v in solutions[-LOOK_BACK:] if len(v) >= max(FEWEST, count // 2 + 1)]
    x_j, x = np.array([1.0 / (len(v) + 1.0) for v in known]), 1.0 / (count + 1.0)
    weight_j = [np.prod([(x - b) / (a - b) for b in x_j if b != a]) for a in x_j]
    return np.exp(np.array(weight_j) @ np.array([np.log(finer(v, count, apart)) for v in known]))


def newton_descent(function: Callable, u: np.ndarray) -> Descent:
    """A minimum of `function` (u ↦ value, gradient) near u, from its gradient, downhill in every eigendirection.

    The Hessian (central differences) is kept while steps are short; a step that leads uphill is shortened. settled: the
    last step was shorter than SETTLED, or as short as round-off of the gradient lets it become, and the Hessian is
    positive.
    """
    evaluations, curvature, direction = 0, np.ones(len(u)), np.eye(len(u))
    lowest, remaining, length, settled = np.inf, np.inf, np.inf, False
    base, step = u, np.zeros_like(u)
    for _ in range(MOST):
        u = base + step
        value, gradient = function(u)
        evaluations += 1
        if not np.isfinite(value) and not np.isfinite(lowest):
            break  # not even a place to start from
        if not value <= lowest + SLACK:
            step = 0.25 * step
            continue
        base, lowest = u, value

        # curvature, where the last one was taken too far from here
        if length > CLOSE:
            moves = DIFFERENCE * np.eye(len(u))
            hessian = np.array([function(u + d)[1] - function(u - d)[1] for d in moves]) / (2.0 * DIFFERENCE)
            evaluations += 2 * len(u)
            if not np.all(np.isfinite(hessian)):
                break
            curvature, direction = np.linalg.eigh(0.5 * (hessian + hessian.T))

        # a step of limited length; at round-off steps no longer shrink
        along, curved = direction.T @ gradient, np.maximum(np.abs(curvature), FLAT)
        step, remaining = -direction @ (along / curved), 0.5 * float(np.sum(along**2 / curved))
        before, length = length, float(np.abs(step).max())
        if length < SETTLED or (length < ROUGH and length > 0.5 * before):
            settled = bool(curvature[0] > 0.0)
            break
        step *= min(1.0, STEP / length)
    return Descent(base, float(lowest), remaining, evaluations, settled)
