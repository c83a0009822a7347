"""From a start to the fixed point its iteration would reach, in a few steps.

The map F of a closure (`planted.chain`) is non-decreasing in every component, so that the flow
dx/dt = F(x) - x preserves order: from a state with F(x) ≥ x it climbs to the lowest fixed point
above, from one with F(x) ≤ x it descends to the highest one below. Plain damped iteration follows
this flow at unit time steps and crawls where the leading eigenvalue of the Jacobian J comes close
to 1: at transitions, near folds, in their shadow.
`implicit_step` takes linearly implicit Euler steps instead,

    [(1 + κ) I - J] δ = F(x) - x,

with 1/κ the length of the step: κ = 0 is Newton's method, and 1/κ → 0 the flow itself. The smallest κ from a
fixed ladder is taken for which

* (1 + κ) I - J is a non-singular M-matrix: [(1 + κ) I - J] w = 1 has a positive solution w. As J ≥ 0 this
  means that 1 + κ exceeds the leading eigenvalue of J; a step then never jumps over an unstable fixed
  point that should repel it;
* no rigidity moves by more than a fixed fraction of itself (with an absolute allowance near zero).

Fixed points with liquid layers (q = Q = 0) exist at any α. Whether one is left is decided by the leading
eigenvalue: above 1 the state is moved by a small amount along the unstable eigenvectors of J, and the flow
goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.theory.planted.chain import Image, PlantedChain

_LADDER = (0.0, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
_ALLOWANCE, _FRACTION = 0.1, 0.5  # largest change of a rigidity: 0.1 + half of itself
_KICK = 1e-3
_NOISE = 1e-7
_SOFT = 0.9
_UNSTABLE = 1e-9  # leading eigenvalues above 1 + this are acted upon
_LIMIT = {"newton": 3_000, "damped": 300_000}  # evaluations of the map
METHODS = tuple(_LIMIT)


@dataclass(frozen=True)
class FixedPoint:
    """Where a search ended, "converged" or "stalled"; the eigenvalue is that of the map of (q, Q)."""

    state: np.ndarray
    image: Image
    status: str
    iterations: int
    leading_eigenvalue: float


def leading_eigenvalue(matrix: np.ndarray) -> float:
    """The Perron eigenvalue of a non-negative matrix."""
    return float(np.max(np.abs(np.linalg.eigvals(matrix)), initial=0.0))


def unstable_direction(matrix: np.ndarray) -> np.ndarray:
    """Sum of the moduli of the eigenvectors whose eigenvalues exceed 1, rounding noise in other layers
    removed.

    Both ends of a net go unstable at the same α; each is to be left.
    """
    values, vectors = np.linalg.eig(matrix)
    values = np.real(values)
    unstable = values > min(1.0, np.max(values) - 1e-12)
    direction = np.sum(np.abs(vectors[:, unstable]), axis=1)
    direction /= np.max(direction)
    return np.where(direction > _NOISE, direction, 0.0)


def implicit_step(state: np.ndarray, image: Image) -> np.ndarray:
    """The state after one linearly implicit Euler step; components that would turn negative take the plain
    step.

    Layers that are exactly liquid, and stay so under F, take no part.
    """
    active = np.flatnonzero((state > 0) | (image.value > 0))
    moved = state.copy()
    moved[active] = _step_of_active(state[active], image.value[active], image.jacobian[np.ix_(active, active)])
    return moved


def _step_of_active(state, value, jacobian):
    change = value - state
    sides = np.column_stack((change, np.ones_like(state)))
    limit = _ALLOWANCE + _FRACTION * state
    identity = np.eye(len(state))
    for kappa in _LADDER:
        try:
            step, witness = np.linalg.solve((1 + kappa) * identity - jacobian, sides).T
        except np.linalg.LinAlgError:
            continue
        if np.all(witness > 0) and np.all(np.abs(step) <= limit):
            break
    else:
        step = np.clip(change, -limit, limit)
    moved = state + step
    return np.where(moved > 0, moved, np.minimum(value, state))


def _met(image: Image, tolerance: float) -> bool:
    """Residual below `tolerance`, and 1-q, 1-Q to a relative accuracy: G depends on them at 1-Λ = 1e-12."""
    return image.residual <= tolerance and image.relative <= max(100 * tolerance, 1e-13)


def _search(chain, alpha, state, tolerance, limit, advance):
    """Repeat `advance` until the tolerance is met or `limit` evaluations are spent."""
    image = chain.image(state, alpha)
    iterations = 1
    while not _met(image, tolerance) and iterations < limit:
        state = advance(state, image)
        image = chain.image(state, alpha)
        iterations += 1
    return state, image, iterations


def settle(chain: PlantedChain, alpha, state, tolerance=1e-12, method="newton", damping=0.7, limit=None) -> FixedPoint:
    """The locally stable fixed point reached from `state` by "newton" (`implicit_step`) or "damped" steps."""
    if method not in METHODS:
        raise ValueError(f"method = {method!r}: must be one of {', '.join(METHODS)}")

    def damped_step(x, image):
        return x + damping * (image.value - x)

    advance = implicit_step if method == "newton" else damped_step
    limit = limit or _LIMIT[method]
    spent = 0
    while True:
        state, image, iterations = _search(chain, alpha, state, tolerance, limit - spent, advance)
        spent += iterations
        leading = leading_eigenvalue(chain.stability_matrix(image))
        if method == "newton" and _SOFT < leading <= 1 + _UNSTABLE:  # the error is residual/(1 - leading): refine
            state = implicit_step(state, image)
            image = chain.image(state, alpha)
        converged, stable = _met(image, tolerance), leading <= 1 + _UNSTABLE
        if not converged or stable or spent >= limit:
            status = "converged" if converged and stable else "stalled"
            return FixedPoint(state, image, status, spent, leading)
        state = state + _KICK * unstable_direction(image.jacobian)


def liquid_start(chain: PlantedChain) -> np.ndarray:
    """All overlaps zero; `settle` leaves it where it is unstable."""
    return np.zeros(chain.size)


def crystal_start(chain: PlantedChain, alpha: float) -> np.ndarray:
    """Overlaps above those of any fixed point: of weights what their prior says, and 1-q below e^{-α}."""
    known = chain.prior.crystal_rigidity(alpha)
    start = np.full(chain.size, known)
    start[: len(chain.hidden)] = max(5 + 2 * alpha, known)
    return start
