"""What a closure predicts for the overlaps that Monte Carlo measures, and which number of it that is.

A prediction is a vector in the order of `theory.liquid.overlaps_of`: Q(1)…Q(L), then q(1)…q(L-1).

*Planted*, hard core, κ = 0. On the Nishimori line the overlap between two students equals that with the teacher: one
RS number per layer (THEORY section 5). Where two branches coexist the runs, which start at the teacher, sample the
*crystal* branch: leaving it takes a time exponential in the width, also where the liquid has the larger free entropy.
That branch is compared, and a note says where it is not the stable one.

Binary weights: the crystal is perfect recovery at every α, and rows drawn afresh (`moves.binary_rows`) leave it at once
where a row, all others known, is not fixed by its patterns: that is a net of one layer, α < α*(1). What is stable is
compared then, and the crystal above; a note says where that is not the stable branch.

*Random*, soft core. A guest cloned from its host stays in the host's pure state: the host–guest overlap tends to q_EA =
q_k, the last level. In an RS phase all levels agree and q_EA is the RS overlap, 0 in the liquid. Two independent
replicas in equilibrium would have the mean ∫q(x)dx instead, up to a flip of each hidden unit, which makes their raw
overlaps of hidden layers vanish by symmetry; it is given beside. q_EA is computed with k and k/2 steps and carries
their difference as its error.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gardner.criteria import RESOLVED
from gardner.errors import ConvergenceError
from gardner.model import CLOSURES
from gardner.values import ByValue

LEVELS = 8  # RSB steps of the random setting


@dataclass(frozen=True, eq=False)
class Prediction(ByValue):
    """value_k, error_k: the overlaps of `theory.liquid.overlaps_of`; mean_k: ∫q dx of the same, random setting only.

    generalization_error: ε_g of a fresh input (T17), planted setting only; branch, note: module docstring.
    """

    closure: str
    value_k: np.ndarray
    error_k: np.ndarray
    branch: str
    note: str = ""
    mean_k: np.ndarray | None = None
    generalization_error: float | None = None


def leaves_teacher(alpha: float, weights: str) -> bool:
    """Whether single rows, all others being the teacher's, leave it at load α: discrete weights below α*(1)."""
    from gardner.model import PRIORS
    from gardner.theory.planted.solve import solve_planted

    return PRIORS[weights].log_values is not None and solve_planted(alpha, 1, weights=weights).equilibrium.Q_l[0] < 1.0


def draws_per_row(alpha: float, patterns: float) -> float:
    """Draws of a row of binary weights of which one agrees with its patterns, all others known: e^{-sM} at L = 1."""
    return math.exp(-_one_layer(alpha) * patterns)


@functools.cache
def _one_layer(alpha: float) -> float:
    from gardner.theory.planted.solve import solve_planted

    return solve_planted(alpha, 1, weights="binary").equilibrium.free_entropy


def planted(
    closure: str, alpha: float, depth: int, beta: float | None = None, weights: str = "spherical"
) -> Prediction:
    """The branch of the planted saddle point that runs from the teacher sample."""
    from gardner.theory.planted.solve import solve_planted

    solution = solve_planted(alpha, depth, closure, weights=weights)
    if solution.status != "converged":
        raise ConvergenceError(f"the {closure} closure did not converge at alpha = {alpha:g}, depth = {depth}")
    met = next(branch for branch in solution.branches if branch.start == "crystal")
    if leaves_teacher(alpha, weights):
        met = solution.equilibrium
    value = np.concatenate((met.Q_l, met.q_l[1:-1]))
    name, note = met.start, ""
    if solution.stable == "single":
        name = "single"
    elif solution.stable != met.start:
        liquid = solution.equilibrium
        numbers = ", ".join(f"{x:.4f}" for x in np.concatenate((liquid.Q_l, liquid.q_l[1:-1])))
        note = f"the stable branch of {closure} is the liquid one ({numbers}); the runs start in the crystal"
    return Prediction(closure, value, np.zeros_like(value), name, note, None, met.generalization_error)


def random(closure: str, alpha: float, depth: int, beta: float, weights: str = "spherical") -> Prediction:
    """q_EA of the random setting, soft core."""
    from gardner.potentials.soft import SoftCore
    from gardner.results.solution import uninterrupted
    from gardner.theory.random_setting import solve_random

    found = []
    for levels in (LEVELS // 2, LEVELS):
        solution = solve_random(
            alpha,
            depth,
            levels,
            potential=SoftCore(beta),
            closure=closure,
            tolerance=1e-8,
            accuracy=1e-8,
            weights=weights,
        )
        if uninterrupted(solution).status != "converged":
            raise ConvergenceError(
                f"the {closure} closure did not converge at alpha = {alpha:g}, depth = {depth}, beta = {beta:g}, "
                f"{levels} steps ({solution.status})"
            )
        found.append(np.concatenate((solution.Q_li, solution.q_li[1:-1])))
    last, steps = found[-1], np.diff(solution.setting.m)
    replica_symmetric = bool(np.ptp(last, axis=1).max() < RESOLVED)
    error = np.abs(found[-1][:, -1] - found[0][:, -1])
    branch = "replica-symmetric" if replica_symmetric else f"{LEVELS} steps of replica symmetry breaking"
    return Prediction(closure, last[:, -1], error, branch, "", last @ steps)


SETTINGS: dict[str, Callable[[str, float, int, float | None, str], Prediction]] = {"planted": planted, "random": random}


def predict(
    setting: str, closure: str, alpha: float, depth: int, beta: float | None, weights: str = "spherical"
) -> Prediction:
    """What `closure` says in a setting of weights of a prior."""
    return SETTINGS[setting](CLOSURES.check(closure), alpha, depth, beta, weights)


def linear_phase(alpha: float, depth: int) -> dict[str, float]:
    """(T22) for a fully connected net: the attainable ε_g, and that of one student drawn from the linear phase.

    Teacher and student outputs are signs of fields that share only their linear parts, of weight g = (2/π)^{L-1} and
    overlap Q; the rest is independent noise of each. Hence fields of overlap gQ and ε = arccos(gQ)/π; the best
    estimator knows the teacher's field up to gQ of its variance, ε = arccos((gQ)^{1/2})/π.
    """
    from gardner.theory.planted.generalization import linear_bound

    bound = linear_bound(alpha, depth)
    gain = (2.0 / np.pi) ** (depth - 1)
    return {
        "overlap": bound.overlap,
        "attainable": bound.generalization_error,
        "one_student": float(np.arccos(gain * bound.overlap) / np.pi),
    }
