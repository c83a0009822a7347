"""What bounds the capacity of a net of depth L without replicas, and where RS of the symmetric closure ends.

Counting bound. What no net of signs can store, (C11), stands in `theory.counting`.

RS, exactly. In the limit 1 - Q(l) = a_l ε, 1 - q(l) = χ_l ε, ε → 0 (all layers freeze together), with
D_l = a_l + χ_{l-1} + χ_l and I(κ) = ∫_{-κ}^∞ Dt (t+κ)²,

    ε s → Σ_l [ 1/(2α a_l) - I/(2 D_l) ] + Σ_{l<L} 1/(π χ_l),

homogeneous, so that its stationary points are its zeros:

    D_l = r a_l,  r = sqrt(αI);    1/χ_l² = c [(χ_{l-1}+χ_l)^{-2} + (χ_l+χ_{l+1})^{-2}],  c = (πI/2)(1-1/r)².   (C12)

χ_0 = χ_L = 0. The recursion has a positive solution for one c = c(L) only: c(2) = 1/2, c(3) = 4/5, c(L) < 1.
RS ends at α = r²/I: 2/(1-sqrt(2/π))² = 48.96 for L = 2, κ = 0; for L ≥ 3, κ = 0, c(L) > π/4 and RS never ends. Both
violate (C11).

Both are statements about one formula or one inequality. What the replica theory with steps says, at which load the
clusters of solutions have all shrunk to points, is computed in `jammed_capacity`.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from gardner.model import MAX_DEPTH, whole
from gardner.perceptron.closed_form import rs_capacity


def freezing_constant(depth: int) -> float:
    """c(L) of (C12): 1/2, 4/5, .933, … for L = 2, 3, 4, and below 1 by some exp(-2^{L/2}) further on.

    With g_l = (1 + χ_{l+1}/χ_l)^{-2} the recursion is g_l = 1/c - 1 + 2 sqrt(g_{l-1}) - g_{l-1} from g_0 = 0, and the
    end χ_L = 0 asks for g_{L-1} = 1. The last g rises with 1/c - 1.
    """
    depth = whole("depth", depth, 2, MAX_DEPTH)

    def missing(log_excess: float) -> float:
        g, excess = 0.0, np.exp(log_excess)
        for _ in range(depth - 1):
            g = min(excess + 2.0 * np.sqrt(g) - g, 1.0)
        return g - 1.0 + excess * (g == 1.0)  # beyond the zero the sign is what matters

    smallest = np.log(np.finfo(float).eps)
    if missing(smallest) >= 0.0:
        return 1.0
    return float(1.0 / (1.0 + np.exp(brentq(missing, smallest, 1e-3, xtol=1e-15, rtol=1e-14))))


def rs_chain_capacity(depth: int, margin: float = 0.0) -> float:
    """Where the RS solution of the symmetric closure ends (C12); inf if it never does."""
    depth, square = whole("depth", depth, 1, MAX_DEPTH), 1.0 / rs_capacity(margin)
    if depth == 1:
        return 1.0 / square
    rest = np.sqrt(2.0 * freezing_constant(depth) / (np.pi * square))  # 1 - 1/r
    return float("inf") if rest >= 1.0 else float(1.0 / (square * (1.0 - rest) ** 2))
