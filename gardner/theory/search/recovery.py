"""Discontinuous transition to perfect recovery: weights of a discrete prior, planted setting.

Such weights hold finitely many bits each, and Q = q = 1 is a fixed point at every α, of free entropy

    s = -(L/α) ln 2                                                                    (T26)

for ±1. In equilibrium it is where no other state has a larger s. The liquid has s ≥ -ln 2, so that α* ≥ L, and exceeds
it as soon as its first layers order, so that α* lies just above L. Where some layers are recovered and the others are
not, s is that of a shallower net less the bits that are known: below α* the liquid has more, above it the crystal.

The liquid, the lowest fixed point, is continued by every α at which it exists and ends at a fold, its spinodal. As the
map is non-decreasing in α, "the liquid start ends in perfect recovery" is true above that α and false below: bisection
finds it, whatever other folds and continuous transitions the branch passes before. Just above the fold the map still
has a residual ∝ α - α_s where the branch was, which counts as a fixed point below the tolerance: the error is 1e-11.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from gardner.runtime.progress import tell
from gardner.theory.planted.chain import PlantedChain
from gardner.theory.search.monotone import liquid_start, settle

_TOLERANCE = 1e-13
_RESOLVED = 1e-11  # relative width of the final bracket of the spinodal
_GROWTH = 1.3  # factor between the α at which recovery is looked for
MAX_RECOVERY = 1e6  # largest α tried


def is_recovered(chain: PlantedChain, state: np.ndarray) -> bool:
    """True if every weight is known exactly, Q(l) = 1."""
    return bool(np.all(chain.overlaps(state).Q_l == 1.0))


def liquid_spinodal(chain: PlantedChain) -> float | None:
    """The α at which the liquid branch gives way to perfect recovery; None beyond MAX_RECOVERY."""
    low, state = 0.5, liquid_start(chain)

    def ends_recovered(alpha: float) -> bool:
        nonlocal state
        tell(f"end of the liquid branch, α = {alpha:.8g}")
        point = settle(chain, alpha, state, _TOLERANCE)
        if is_recovered(chain, point.state):
            return True
        state = point.state  # the branch rises with α: every larger α may be climbed to from here
        return False

    # bracket the end of the branch, then halve the bracket
    high = low * _GROWTH
    while not ends_recovered(high):
        low, high = high, high * _GROWTH
        if high > MAX_RECOVERY:
            return None
    while high - low > _RESOLVED * high:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if ends_recovered(middle) else (middle, high)
    return 0.5 * (low + high)


def recovery_transition(chain: PlantedChain, spinodal: float) -> float:
    """α*(L): where perfect recovery and the liquid have equal s, between L and the `spinodal` of the liquid."""

    def excess(alpha: float) -> float:
        tell(f"crystal transition, α = {alpha:.8g}")
        liquid = settle(chain, alpha, liquid_start(chain), _TOLERANCE)
        return -chain.depth * chain.prior.log_values / alpha - chain.free_entropy(liquid.state, alpha)

    low, high = float(chain.depth), spinodal * (1.0 - 1e-9)
    if excess(low) >= 0.0:
        return low  # the liquid is still without any order
    if excess(high) <= 0.0:
        return spinodal
    return float(brentq(excess, low, high, xtol=1e-300, rtol=1e-13))
