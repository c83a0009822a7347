"""Where a closure is known to fail, said in one line beside its results.

Both closures give the liquid its mean overlaps, zero, and both leave it at the first transition of their own equations,
the α at which the quadratic form A of (T24) becomes singular (T19). From there on their overlaps are predictions that
can be wrong. `REMARKS` holds what the tests say of each closure; None stands for one that no test rejects so far. The
tests, with their commands, are collected in the README, "Claims of the paper, tested", and in THEORY section 15.
"""

from __future__ import annotations

from collections.abc import Callable

from gardner.model import whole
from gardner.potentials import Potential
from gardner.theory.liquid import SECTORS, liquid_instability

KINDS_OF_UNIT = 4  # bond layers of the smallest net with hidden units next to the input, in the middle, at the output
HALF_INFINITE = "L ≥ 3"  # a front does not see the far end, and the first transition is the same at every L ≥ 3


def first_transition(closure: str, depth: int, potential: Potential | None = None) -> float:
    """The smallest α at which the liquid of a net of `depth` ≥ 2 bond layers is unstable in this closure (T19).

    Fixed patterns at both ends; hard core without margin by default. inf where the liquid is stable at any α.
    ValueError for an unknown closure or impossible input.
    """
    kinds = min(whole("depth", depth, 2), KINDS_OF_UNIT)  # units of the middle are alike, however many there are
    return min(liquid_instability(closure, kinds, layer, potential) for layer in range(1, kinds))


def _paper_approximation(depth: int | None, first: float) -> str:
    """What Monte Carlo of the liquid and the Bayes inequality (T25) say of the closure of [Y20]."""
    place = HALF_INFINITE if depth is None else f"L = {depth}"
    judges = "Monte Carlo rejects" if depth == 2 else "Monte Carlo and a Bayes inequality reject"
    return (
        f"the symmetric closure is the paper's approximation; beyond its first transition (α = {first:.4g} at {place}) "
        f"{judges} it: see 'Claims of the paper, tested' in the README and, where it is offered, --closure directed"
    )


REMARKS: dict[str, Callable[[int | None, float], str] | None] = {"symmetric": _paper_approximation, "directed": None}


def closure_verdict(
    closure: str, depth: int | None, alpha: float | None = None, potential: Potential | None = None
) -> str | None:
    """The line that belongs beside results of this closure at `alpha`; None where nothing is held against them.

    depth: bond layers, None for a half-infinite front; alpha: None for results that lie beyond the first transition by
    what they are (later transitions, capacities); potential: hard core without margin by default. ValueError for an
    unknown closure.
    """
    if closure not in SECTORS:
        raise ValueError(f"closure = {closure!r}: must be one of {', '.join(SECTORS)}")
    remark = REMARKS.get(closure)
    if remark is None or depth == 1:
        return None
    first = first_transition(closure, KINDS_OF_UNIT if depth is None else depth, potential)
    return remark(depth, first) if alpha is None or alpha > first else None
