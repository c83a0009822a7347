"""Which levels are frozen: q = 1 exactly, and what lies above a jump of q(x). (C20)

A strong step of the field freezes the spins of a layer from some level i on, q_j(l) = 1 for j ≥ i. There q(x) jumps in
all layers at x = m_i, and the levels above are merged in layer l.
"""

from __future__ import annotations

import numpy as np

ROUNDED = 4e-15  # 1 - x of a frozen overlap after sums over its increments


def first_frozen(x_ri: np.ndarray) -> np.ndarray:
    """The first level of every row at which the overlap is 1, (R,); the number of levels where none is."""
    frozen = x_ri == 1.0
    return np.where(frozen.any(axis=1), frozen.argmax(axis=1), x_ri.shape[1])


def freezing_levels(x_ri: np.ndarray) -> list[int]:
    """The levels i at which the spins of some layer freeze, q_{i-1}(l) < 1 = q_i(l), in rising order."""
    return sorted(set(first_frozen(x_ri[1::2]).tolist()) - {0, x_ri.shape[1]})


def without_rounding(x_ri: np.ndarray, image_ri: np.ndarray) -> np.ndarray:
    """The overlaps x, those set to 1 that are 1 but for round-off in rows whose image F(x) is frozen."""
    return np.where((image_ri[:, -1:] == 1.0) & (x_ri > 1.0 - ROUNDED), 1.0, x_ri)
