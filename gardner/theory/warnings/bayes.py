"""Planted solutions that no posterior allows: a training pattern known worse than a fresh one, against (T25)."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from gardner.criteria import VIOLATED
from gardner.results.warnings import SolutionWarning, judges

KIND = "bayes-inequality"


@judges("solve planted", "planted branch")
def violates_bayes(result) -> Iterator[SolutionWarning]:
    """One for every branch with q(l) < r(l) in a hidden layer, of the layer that misses it most.

    r(1) = (2/π) arcsin Q(1), so that the second inequality of (T25) is the first one at l = 1.
    """
    branches = getattr(result, "branches", (result,))
    if getattr(result, "stable", "") == "single":  # both starts meet: one solution
        branches = branches[:1]
    for branch in branches:
        margin_l = (branch.q_l - branch.fresh_overlap)[1:-1]
        if margin_l.size and margin_l.min() < -VIOLATED:
            yield _warning(branch, 1 + int(np.argmin(margin_l)), int(np.sum(margin_l < -VIOLATED)))


def _warning(branch, layer: int, count: int) -> SolutionWarning:
    q, fresh = float(branch.q_l[layer]), float(branch.fresh_overlap[layer])
    others = f", and {count - 1} other layers likewise" if count > 2 else ", and another layer" if count == 2 else ""
    digits = max(4, 2 - math.floor(math.log10(fresh - q)))  # enough to tell them apart
    text = (
        f"{branch.start}: q({layer}) = {q:.{digits}f} on training patterns lies below r({layer}) = "
        f"{fresh:.{digits}f} on fresh ones{others}: no posterior knows less of what it was taught (T25)"
    )
    numbers = {"branch": branch.start, "layer": layer, "q": q, "r": fresh, "layers_violated": count}
    return SolutionWarning(KIND, text, numbers)
