"""One perceptron of N weights ±1: all its rows counted (`montecarlo.enumeration`) against the planted theory.

Observables are Q and s. Each N gives their mean and covariance over independent samples, the limit 1/N → 0 is
formed as for runs (`fits`), and confronted with the prediction of the prior (`verdict`). Nothing is sampled by a
dynamics, so that nothing has to equilibrate: what is left are the finite number of samples and of weights. L = 1,
where both closures coincide.

In equilibrium: at every N the posterior is that of all students, so that at α > α* the limit is perfect recovery. Near
α* samples of finite N are in either state and powers of 1/N do not describe them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gardner.comparison.fits import Limit, Point, extrapolate
from gardner.comparison.measured import covariance_of_mean
from gardner.comparison.verdict import Confrontation, confront
from gardner.errors import ConvergenceError
from gardner.montecarlo.enumeration import Enumerated, enumerate_rows
from gardner.theory.planted.solve import solve_planted
from gardner.values import ByValue

SIZES = (9, 11, 13, 15, 17, 19)
ROWS = 2**27  # of one N: samples × 2^N, at least FEWEST samples
FEWEST, MOST = 200, 2**20


@dataclass(frozen=True, eq=False)
class Counted(ByValue):
    """Points and limit of (Q, s) at load α, and what the theory of each prior says of them."""

    alpha: float
    points: tuple[Point, ...]
    limit: Limit
    theory_k: np.ndarray
    confrontation: Confrontation


def count_samples(size: int, rows: int = ROWS) -> int:
    """Samples of N = `size` for which about `rows` rows are looked at."""
    return int(np.clip(rows >> size, FEWEST, MOST))


def point_of(counted: Enumerated, alpha: float) -> Point:
    """(Q, s) at load α with the covariance of their means."""
    value_sk = np.column_stack([counted.overlaps(alpha), counted.entropies(alpha)])
    return Point(counted.size, 0.0, value_sk.mean(axis=0), covariance_of_mean(value_sk), len(value_sk))


def enumerate_sizes(alpha: float, sizes: Sequence[int] = SIZES, rows: int = ROWS, seed: int = 0) -> list[Enumerated]:
    """All N at loads up to α."""
    return [enumerate_rows(size, int(np.ceil(alpha * size)), count_samples(size, rows), seed) for size in sizes]


def confront_counted(alpha: float, counted: Sequence[Enumerated], weights: str = "binary") -> Counted:
    """The limit of (Q, s) at load α against the planted theory of the prior `weights`.

    ValueError where α was not counted; ConvergenceError where the theory has no solution. A right theory is rejected
    with probability `verdict.REJECT` = 0.0027.
    """
    points = tuple(point_of(each, alpha) for each in counted)
    limit = extrapolate(points)
    solution = solve_planted(alpha, 1, weights=weights)
    if solution.status != "converged":
        raise ConvergenceError(f"the theory of {weights} weights did not converge at alpha = {alpha:g}")
    branch = solution.equilibrium
    theory_k = np.array([branch.Q_l[0], branch.free_entropy])
    met = confront(weights, limit.value_k, limit.covariance_kk, limit.degrees, theory_k, np.zeros(2))
    return Counted(alpha, points, limit, theory_k, met)
