"""Which levels are frozen: q = 1 exactly, and what lies above a jump of q(x). (C20)

A strong step of the field freezes the spins of a layer from some level i on, q_j(l) = 1 for j ≥ i. There q(x) jumps in
all layers at x = m_i, and the levels above are merged in layer l.
"""

from __future__ import annotations

import numpy as np


def first_frozen(x_ri: np.ndarray) -> np.ndarray:
    """The first level of every row at which the overlap is 1, (R,); the number of levels where none is."""
    frozen = x_ri == 1.0
    return np.where(frozen.any(axis=1), frozen.argmax(axis=1), x_ri.shape[1])


def freezing_levels(x_ri: np.ndarray) -> list[int]:
    """The levels i at which the spins of some layer freeze, q_{i-1}(l) < 1 = q_i(l), in rising order."""
    return sorted(set(first_frozen(x_ri[1::2]).tolist()) - {0, x_ri.shape[1]})
