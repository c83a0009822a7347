"""State evolution: the planted map of a closure, iterated from where a run of message passing starts.

In the dense limit the messages of a drawn net have the statistics that an exact closure gives to one perceptron, and a
sweep acts on their overlaps as the map of (T13) or (T15) does. The order of updates within a sweep is another one, so
that histories agree sweep by sweep at L = 1 only; where they end is the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.model import CLOSURES
from gardner.theory.closures.base import Layers
from gardner.theory.planted.chain import PlantedChain
from gardner.theory.planted.generalization import generalization
from gardner.values import ByValue

UNINFORMED = 1e-3  # overlap that stands for the fluctuations of which an uninformed search starts
MOST = 20_000  # iterations
SETTLED = 1e-10  # change of an overlap


@dataclass(frozen=True, eq=False)
class Evolution(ByValue):
    """Of one closure: q_tl of spin layers 0…L and Q_tl of bond layers 1…L after t iterations, row 0 the start; the free
    entropy, and the errors of majority and student, at the end; settled: whether it has come to rest.
    """

    closure: str
    q_tl: np.ndarray
    Q_tl: np.ndarray
    free_entropy: float
    estimator_error: float
    student_error: float
    settled: bool

    def body(self) -> dict:
        """The end of it, as plain values."""
        ends = {"q": self.q_tl[-1].tolist(), "Q": self.Q_tl[-1].tolist()}
        names = ("free_entropy", "estimator_error", "student_error", "settled")
        return ends | {name: getattr(self, name) for name in names}


def state_evolution(closure: str, alpha: float, depth: int, overlap: float, weights: str = "spherical") -> Evolution:
    """The overlaps of a net with its teacher from a start of this overlap on (0: uninformed). THEORY section 18."""
    chain = PlantedChain(CLOSURES[closure], Layers(depth), prior=weights)
    start = overlap or UNINFORMED
    state = chain.state(np.full(depth + 1, start), np.full(depth, start), np.full(depth + 1, np.arctanh(start)))
    seen, settled = [chain.overlaps(state)], False
    for _ in range(MOST):
        image = chain.image(state, alpha)
        state = image.value
        seen.append(chain.overlaps(state))
        if settled := image.residual < SETTLED:
            break
    errors = generalization(seen[-1].Q_l, seen[-1].Q_complement_l)
    return Evolution(
        closure,
        np.array([one.q_l for one in seen]),
        np.array([one.Q_l for one in seen]),
        chain.free_entropy(state, alpha),
        errors.bayes,
        errors.gibbs,
        settled,
    )
