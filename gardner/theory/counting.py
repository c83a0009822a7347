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
from scipy.special import entr, log_ndtr

from gardner.checks import checked_margin
from gardner.model import MAX_DEPTH, positive, whole


def counting_bound(depth: int, margin: float = 0.0, log_values: float | None = None) -> float | None:
    """The largest α that (C11) allows; None for negative margins, to which it does not apply.

    log_values: ln of the number of values that a weight can have, for which (C71) is known as well, at any margin.
    """
    depth = whole("depth", depth, 1, MAX_DEPTH)
    bound = None if checked_margin(margin) < 0.0 else _bound(depth)
    if log_values is None:
        return bound
    counted = first_moment_bound(depth, margin, log_values)
    return counted if bound is None else min(bound, counted)


def first_moment_bound(depth: int, margin: float = 0.0, log_values: float = float(np.log(2.0))) -> float:
    """The largest α at which a net of discrete weights can be expected to exist (C71); inf where that is always so.

    No more nets can be expected than their mean number, e^{N²L log_values} times the probability that fair signs obey
    every margin, 2 Φ_N(-κ) per hidden spin, of either sign, and Φ_N(-κ) per output:

        α ≤ L log_values / [ -ln Φ_N(-κ) - (L-1) ln 2Φ_N(-κ) ];     for ±1 and κ = 0 that is L.            (C71)
    """
    depth, margin = whole("depth", depth, 1, MAX_DEPTH), checked_margin(margin)
    lost = -log_ndtr(-margin) - (depth - 1) * (np.log(2.0) + log_ndtr(-margin))
    return float(depth * log_values / lost) if lost > 0.0 else float("inf")


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
