"""Loads beyond the counting bound (C11): random patterns that no net of signs can store, whatever a closure says."""

from __future__ import annotations

from collections.abc import Iterator

from gardner.model import PRIORS
from gardner.results.warnings import SolutionWarning, excess, judges
from gardner.theory.counting import counting_bound
from gardner.theory.search.random_starts import fixed_boundaries

KIND = "counting-bound"


@judges("solve random", "transitions random")
def exceeds_counting_bound(result) -> Iterator[SolutionWarning]:
    """A load above the bound: of a solution with given patterns and a constraint, or of a finite net's transition."""
    if result.kind == "solve random":
        setting = result.setting
        if setting.potential.is_constraint and fixed_boundaries(setting):
            net = setting.network.depth, setting.potential.margin, setting.weights
            yield from _beyond(setting.alpha, *net, {})
    elif result.depth is not None:
        for number, found in enumerate(result.transitions, start=1):
            yield from _beyond(found.alpha, result.depth, 0.0, result.weights, {"transition": number})


def _beyond(alpha: float, depth: int, margin: float, weights: str, more: dict) -> Iterator[SolutionWarning]:
    bound = counting_bound(depth, margin, PRIORS[weights].log_values)
    if bound is None or alpha <= bound:
        return
    name = f"α_{more['transition']}" if more else "α"
    text = (
        f"{name} = {alpha:.6g} lies {excess(alpha, bound)} the counting bound {bound:.4g} at L = {depth}: no net can "
        "store that many random patterns"
    )
    numbers = {"alpha": alpha, "counting_bound": bound, "ratio": alpha / bound, "depth": depth}
    yield SolutionWarning(KIND, text, numbers | more)
