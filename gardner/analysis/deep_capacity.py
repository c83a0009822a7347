"""What bounds the capacity of a net of depth L without replicas, and where RS of the symmetric closure ends.

Counting bound. A perceptron with N inputs realises at most C(M,N) = 2 Σ_{j<N} binom(M-1,j) dichotomies of M given
points [T. M. Cover, IEEE Trans. Electron. Comput. EC-14, 326 (1965)]. Given the sign tables of layer l-1, the N
perceptrons of layer l have at most C(M,N)^N sign tables; by induction a net of depth L maps M given inputs to at most
C(M,N)^{NL} output tables, out of 2^{NM}. Random tables can be stored only while C(M,N)^{NL} is not exponentially
smaller than 2^{NM}; with ln C(αN,N) = αN H(1/α), H the binary entropy in bits times ln 2 and α ≥ 2,

    L H(1/α) ≥ ln 2,      that is   N M ≤ N² L · log_2(…),  log factor α H(1/α)/ln 2 ≤ log_2(eα).         (C11)

It is exact at L = 1 (α = 2) and holds for margins κ ≥ 0: then every stored table is a realised sign table. A negative
margin does not fix the output signs, and nothing is claimed. With connectivity c the same holds with α = M/c.

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
from scipy.special import entr

from gardner.checks import checked_margin
from gardner.model import MAX_DEPTH, positive, whole
from gardner.perceptron.closed_form import rs_capacity


def counting_bound(depth: int, margin: float = 0.0) -> float | None:
    """The largest α that (C11) allows; None for negative margins, to which it does not apply."""
    depth = whole("depth", depth, 1, MAX_DEPTH)
    if checked_margin(margin) < 0.0:
        return None
    if depth == 1:
        return 2.0

    def excess(log_alpha):
        return counting_entropy(depth, float(np.exp(log_alpha))) - np.log(2.0)

    return float(np.exp(brentq(excess, np.log(2.0), np.log(100.0 * depth**2), xtol=1e-14)))


def counting_entropy(depth: int, alpha: float) -> float:
    """L H(1/α): ln of the number of output tables that a net can realise, per N·M, in the bound of (C11), α ≥ 2.

    Random tables need at least ln 2 of it. The outputs of a teacher are one of these tables, so that their entropy -s
    cannot exceed it: s ≥ -L H(1/α) for the equilibrium state of the planted setting, hard core, κ = 0. (C17)
    """
    x = 1.0 / positive("alpha", alpha)
    return float(whole("depth", depth, 1) * (entr(x) + entr(1.0 - x)))


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
