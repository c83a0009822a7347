"""How many patterns a net of signs can store at most, by counting what it can say.

A perceptron with N inputs realises at most C(M,N) = 2 Σ_{j<N} binom(M-1,j) dichotomies of M given points
[T. M. Cover, IEEE Trans. Electron. Comput. EC-14, 326 (1965)]. Given the sign tables of layer l-1, the N
perceptrons of layer l have at most C(M,N)^N sign tables; by induction a net of depth L maps M given inputs
to at most C(M,N)^{NL} output tables, out of 2^{NM}. Random tables can be stored only while C(M,N)^{NL} is
not exponentially smaller than 2^{NM}; with ln C(αN,N) = αN H(1/α), H the binary entropy in bits times
ln 2 and α ≥ 2,

    L H(1/α) ≥ ln 2,      that is   N M ≤ N² L · log_2(…),  log factor α H(1/α)/ln 2 ≤ log_2(eα).         (C11)

It is exact at L = 1 (α = 2) and holds for margins κ ≥ 0: then every stored table is a realised sign table.
A negative margin does not fix the output signs, and nothing is claimed. With connectivity c the same holds
with α = M/c. No closure enters.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import entr

from gardner.checks import checked_margin
from gardner.model import MAX_DEPTH, positive, whole


def counting_bound(depth: int, margin: float = 0.0) -> float | None:
    """The largest α that (C11) allows; None for negative margins, to which it does not apply."""
    depth = whole("depth", depth, 1, MAX_DEPTH)
    return None if checked_margin(margin) < 0.0 else _bound(depth)


@lru_cache(maxsize=256)
def _bound(depth: int) -> float:
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
