"""A net whose output is left free: the test that tells the two closures apart (THEORY section 2).

With nothing imposed at the output every choice of weights is as good as any other: V = 1, s = 0, and no layer
has a reason to order. In `directed` a free output has q̂(L) = 0, so G(L) = 0, Q = 0 and s = 0 at any α. In
`symmetric` the last bond layer and the free spins after it support each other: beyond α_1 they order, and s
is positive. The inner end of a front obeys the same equations (`fronts`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.model import CLOSURES, whole
from gardner.theory.closures.base import Layers
from gardner.theory.planted.chain import PlantedChain
from gardner.theory.planted.solve import checked_alpha
from gardner.theory.search.monotone import liquid_start, settle
from gardner.values import ByValue


@dataclass(frozen=True, eq=False)
class DanglingNet(ByValue):
    """q(0…L), Q(1…L) and the free entropy per N·M of a net with given input and free output."""

    q_l: np.ndarray
    Q_l: np.ndarray
    free_entropy: float


def free_output(alpha: float, depth: int = 1, closure: str = "symmetric") -> DanglingNet:
    """The stable fixed point reached from small overlaps."""
    chain = PlantedChain(CLOSURES[closure], Layers(whole("depth", depth, 1), output_free=True))
    point = settle(chain, checked_alpha(alpha), liquid_start(chain), 1e-13)
    overlaps = chain.overlaps(point.state)
    return DanglingNet(overlaps.q_l, overlaps.Q_l, chain.free_entropy(point.state, alpha))
