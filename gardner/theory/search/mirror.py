"""Mirror symmetry of the symmetric closure: with equal boundaries the solution has q(L-l) = q(l), Q(L+1-l) = Q(l).

The map (T11) commutes with the reflection, so mirrored states stay mirrored and the search may go on in half of the
rows: position p along the chain stands for p and 2L-2-p. Every evaluation then costs half. A solution found so is
assessed with the full Jacobian, because a perturbation that breaks the mirror may grow where a mirrored one does not.
"""

from __future__ import annotations

import numpy as np

from gardner.theory.search.increments import Blocks


def half(rows: int) -> int:
    """Number of independent rows among the 2L-1 of a mirrored state."""
    return (rows + 1) // 2


def fold(x_ri: np.ndarray) -> np.ndarray:
    """The independent rows of a mirrored state."""
    return x_ri[: half(len(x_ri))]


def unfold(x_ri: np.ndarray) -> np.ndarray:
    """All rows of the mirrored state with independent rows x_ri."""
    return np.concatenate([x_ri, x_ri[-2::-1]])


def fold_blocks(blocks: Blocks, rows: int) -> Blocks:
    """The Jacobian between independent rows: a row moves together with its mirror image."""
    count = half(rows)
    folded: Blocks = {}
    for (row, column), block in blocks.items():
        if row < count:
            key = row, min(column, rows - 1 - column)
            folded[key] = folded[key] + block if key in folded else block
    return folded
