"""Phase boundaries of the planted setting in one call: continuous (`fronts`) and discontinuous (`folds`)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from gardner.model import CLOSURES
from gardner.theory.search.folds import crystal_transition, spinodal
from gardner.theory.transitions.planted_fronts import front_transitions, net_transitions


@dataclass(frozen=True)
class PlantedTransitions:
    """Phase boundaries in α of the planted setting.

    continuous: α_1 < α_2 < … of a half-infinite front (depth None) or of the liquid branch of a finite net; spinodal:
    fold of the crystal branch; crystal: α*(L), where crystal and liquid have equal s; None where there is none (always
    for a front); seconds: wall time.
    """

    closure: str
    depth: int | None
    continuous: tuple[float, ...]
    spinodal: float | None
    crystal: float | None
    seconds: float


def planted_transitions(closure: str = "symmetric", depth: int | None = None, count: int = 8) -> PlantedTransitions:
    """Transitions of a half-infinite front (the first `count`), or of a net of `depth` bond layers.

    Planted setting, hard core at margin 0; closure: "symmetric" or "directed". Continuous ones from (T20), (T21),
    (T23); the discontinuous one from the fold of the crystal branch and the crossing of s. Returns PlantedTransitions;
    ValueError for impossible input. THEORY sections 5 and 6.
    """
    CLOSURES.check(closure)
    began = time.perf_counter()
    if depth is None:
        continuous, fold, crossing = front_transitions(closure, count), None, None
    else:
        continuous = net_transitions(depth, closure)
        fold = spinodal(depth, closure)
        crossing = crystal_transition(depth, closure, fold) if fold else None
    return PlantedTransitions(closure, depth, tuple(continuous), fold, crossing, time.perf_counter() - began)
