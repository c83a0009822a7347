"""Loads beyond the storage capacity of a closure, where that is known: there its saddle points say nothing about nets.

One layer, on which all closures agree: the exact value for κ ≥ 0 (C14), and for κ < 0 the smaller of two upper bounds,
that of RS and that of one step (C5). Nets: one step, or the layer at the end alone, whichever ends first (C54), (C58);
κ = 0, a second at most, once in a process.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from gardner.analysis.jammed_capacity import known_capacity as capacity_of_net
from gardner.model import PRIORS
from gardner.perceptron.closed_form import rs_capacity
from gardner.perceptron.jamming import jamming_bound
from gardner.potentials.hard import HardCore
from gardner.results.warnings import SolutionWarning, excess, judges
from gardner.theory.search.random_starts import fixed_boundaries

KIND = "capacity"
RESOLVED = -3.0  # κ below which one step is not resolved, and RS has to do


@judges("solve random")
def exceeds_capacity(solution) -> Iterator[SolutionWarning]:
    """A load above what the closure itself can store, of a solution with given patterns and a constraint."""
    setting = solution.setting
    if not (setting.potential.is_constraint and fixed_boundaries(setting)):
        return
    if PRIORS[setting.weights].log_values is not None:
        return  # what is counted ends where its entropy vanishes, and `theory.warnings.entropy` says so
    depth, margin, alpha = setting.network.depth, setting.potential.margin, setting.alpha
    if margin >= 0.0 and alpha <= rs_capacity(margin):  # deeper nets store more than one layer
        return
    known = known_capacity(solution.closure, depth, margin)
    if known is None or alpha <= known:
        return
    is_exact = depth == 1 and margin >= 0.0
    whose = "one layer" if depth == 1 else f"the {solution.closure} closure at L = {depth}"
    sign = "=" if is_exact else "≤"  # more steps lower it
    text = (
        f"α = {alpha:.6g} lies {excess(alpha, known)} the capacity α_c {sign} {known:.5g} of {whose}: beyond it the "
        "theory itself has no volume of solutions"
    )
    numbers = {"alpha": alpha, "capacity": known, "ratio": alpha / known, "closure": solution.closure, "depth": depth}
    yield SolutionWarning(KIND, text, numbers)


@lru_cache(maxsize=256)
def known_capacity(closure: str, depth: int, margin: float) -> float | None:
    """α_c of a closure, or an upper bound of it, without a search; None where none is known."""
    if depth > 1:  # at other margins the way there may take seconds
        return capacity_of_net(closure, depth, HardCore()) if margin == 0.0 else None
    value = rs_capacity(margin)
    return min(value, jamming_bound(margin, 1).alpha) if RESOLVED <= margin < 0.0 else value
