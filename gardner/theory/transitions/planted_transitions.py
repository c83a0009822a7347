"""Phase boundaries of the planted setting in one call: continuous (`planted_fronts`), discontinuous (`folds`)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from gardner.model import CLOSURES, PRIORS
from gardner.results import schema as words
from gardner.results.base import Result, labelled
from gardner.theory.search.folds import crystal_transition, spinodal
from gardner.theory.transitions.planted_fronts import front_transitions, net_transitions


@dataclass(frozen=True, eq=False)
class PlantedTransitions(Result):
    """Phase boundaries in α of the planted setting.

    Attributes
    ----------
    closure, weights : str
        Of the net; the prior of its weights.
    depth : int, optional
        Bond layers; None for a half-infinite front.
    continuous : tuple of float
        α_1 < α_2 < … of the front or of the liquid branch of a finite net.
    spinodal : float, optional
        The end of the branch that is metastable: the fold of the crystal, or, where weights of
        a discrete prior are recovered at any α, of the liquid. None where there is none (always
        for a front).
    crystal : float, optional
        α*(L), where crystal and liquid have equal s. None where there is none.
    seconds : float
        Wall time.
    parameters : dict
        What was asked for.
    """

    closure: str = labelled(type=CLOSURES)
    depth: int | None = labelled(type=words.MAYBE_COUNT)
    continuous: tuple[float, ...] = labelled("α at which layer l turns solid", axes="transition")
    spinodal: float | None = labelled("α of the fold that ends the metastable branch")
    crystal: float | None = labelled("α at which crystal and liquid have equal s")
    seconds: float = field(compare=False)
    parameters: dict = field(default_factory=dict)
    weights: str = labelled(type=PRIORS, default="spherical")

    kind = "transitions planted"

    def body(self) -> dict:
        """The entries of the JSON document of `gardner transitions planted`."""
        return {"setting": "planted"} | super().body()

    @classmethod
    def from_body(cls, body: dict, **header) -> PlantedTransitions:
        """The inverse of `body`; files of older versions do not name the weights."""
        return super().from_body({"weights": "spherical"} | body, **header)

    @classmethod
    def schema(cls) -> words.Schema:
        """What its fields say."""
        return super().schema().without("weights")

    def case(self) -> tuple:
        """Closure and depth, by which `closure_verdict` judges."""
        return self.closure, self.depth

    def tell(self) -> None:
        """Print every transition."""
        where = "half-infinite front" if self.depth is None else f"L = {self.depth}"
        print(f"teacher–student setting, {self.closure} closure, {self.weights} weights, {where}")
        for number, alpha in enumerate(self.continuous, start=1):
            print(f"α_{number} = {alpha:.8g}")
        if self.depth is not None:
            print(f"spinodal = {self._told(self.spinodal, self._at_the_fold())}")
            print(f"α* = {self._told(self.crystal, 'the crystal, a student that knows its teacher, is stable beyond')}")

    @staticmethod
    def _told(alpha: float | None, meaning: str) -> str:
        return "none" if alpha is None else f"{alpha:.8g}: {meaning}"

    def _at_the_fold(self) -> str:
        """What ends at the spinodal: the branch that is metastable there."""
        if self.spinodal is not None and self.crystal is not None and self.spinodal > self.crystal:
            return "the liquid ends, and a student without knowledge finds its teacher"
        return "the crystal begins, metastable at first"


def planted_transitions(
    closure: str = "symmetric", depth: int | None = None, count: int = 8, weights: str = "spherical"
) -> PlantedTransitions:
    """Transitions of a front, or of a net, in the planted setting, hard core at margin 0.

    Continuous ones from (T20), (T21), (T23); the discontinuous one from the fold of the metastable
    branch and the crossing of s.

    Parameters
    ----------
    closure, weights : str
        Names in CLOSURES and PRIORS.
    depth : int, optional
        Bond layers; a half-infinite front without it.
    count : int
        How many transitions of a front.

    Returns
    -------
    PlantedTransitions
        α_1, α_2, …, and of a net the spinodal and α*.

    Raises
    ------
    ValueError
        For impossible input and for closures whose sectors depend on how far the ends are
        (`planted_fronts`).
    ConvergenceError
        Where the liquid gives way without a declared front.

    Notes
    -----
    THEORY sections 5 and 6.
    """
    CLOSURES.check(closure)
    PRIORS.check(weights)
    began = time.perf_counter()
    if depth is None:
        continuous, fold, crossing = front_transitions(closure, count, weights), None, None
    else:
        continuous = net_transitions(depth, closure, weights)
        fold = spinodal(depth, closure, weights)
        crossing = crystal_transition(depth, closure, fold, weights) if fold else None
    given = {"closure": closure, "count": count, "depth": depth, "weights": weights}
    seconds = time.perf_counter() - began
    return PlantedTransitions(closure, depth, tuple(continuous), fold, crossing, seconds, given, weights)
