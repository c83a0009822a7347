"""Where a closure is known to fail, said in one line beside its results.

Both closures give the liquid its mean overlaps, zero, and both leave it at the first transition of their own equations,
the α at which the quadratic form A of (T24) becomes singular (T19). From there on their overlaps are predictions that
can be wrong. A closure declares as its `remark` what the tests say of it, None if no test rejects it so far. The tests,
with their commands, are collected in the README, "Claims of the paper, tested", and in THEORY section 15.
"""

from __future__ import annotations

from gardner.model import CLOSURES, whole
from gardner.potentials import Potential
from gardner.theory.liquid import liquid_instability

KINDS_OF_UNIT = 4  # bond layers of the smallest net with hidden units next to the input, in the middle, at the output


def first_transition(closure: str, depth: int, potential: Potential | None = None) -> float:
    """The smallest α at which the liquid of a net of `depth` ≥ 2 bond layers is unstable in this closure (T19).

    Fixed patterns at both ends; hard core without margin by default. inf where the liquid is stable at any α.
    ValueError for an unknown closure or impossible input.
    """
    kinds = min(whole("depth", depth, 2), KINDS_OF_UNIT)  # units of the middle are alike, however many there are
    return min(liquid_instability(closure, kinds, layer, potential) for layer in range(1, kinds))


def closure_verdict(
    closure: str, depth: int | None, alpha: float | None = None, potential: Potential | None = None
) -> str | None:
    """The line that belongs beside results of this closure at `alpha`; None where nothing is held against them.

    depth: bond layers, None for a half-infinite front; alpha: None for results that lie beyond the first transition by
    what they are (later transitions, capacities); potential: hard core without margin by default. ValueError for an
    unknown closure.
    """
    remark = CLOSURES[closure].remark
    if remark is None or depth == 1:
        return None
    first = first_transition(closure, KINDS_OF_UNIT if depth is None else depth, potential)
    return remark(depth, first) if alpha is None or alpha > first else None
