"""Results whose overlaps are steps in x: q(x) = q_i on (m_i, m_{i+1}), with m_0 = 0 and m_{k+1} = 1."""

from __future__ import annotations

import numpy as np

from gardner.results.base import Result


class ResultInSteps(Result):
    """A result with an axis x; its document holds the m_1 … m_k as `m`, its Dataset the ends of every step."""

    @classmethod
    def document_of(cls, dataset) -> dict:
        """The document in a Dataset of `to_dataset`, the m_i from the steps of x."""
        return super().document_of(dataset) | {"m": dataset["m_lower"].values[1:].tolist()}


def coordinates_of_steps(m: np.ndarray) -> dict:
    """The coordinates of the steps between the m (k+2,): their middles, m_lower = m_i and m_upper = m_{i+1}."""
    return {"x": 0.5 * (m[:-1] + m[1:]), "m_lower": ("x", m[:-1]), "m_upper": ("x", m[1:])}
