"""Capacity of discrete weights in the random setting: the load at which their entropy vanishes.

Weights ±1 can be counted. Of the 2^{N² L} nets e^{N M s} 2^{N² L} realise N M random outputs, so that the entropy per
weight is

    S(α) = ln 2 + (α/L) s(α),                                                          (C70)

and the capacity α_c is where it vanishes: beyond it the saddle point goes on to negative entropies, which no set of
nets has, and no net is left [Krauth and Mézard 1989 for L = 1]. At zero entropy the measure freezes onto single nets
(one step at Q_1 = q_1 = 1, m < 1), whose number is what S counted, so that more steps add nothing there; below it they
may, where the replica-symmetric state is unstable. α_c is computed for a few k, and its error is how much the last step
moved it.

No more nets can be expected than their mean number allows, (C71) of `theory.counting`: α_c ≤ L at κ = 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from gardner.errors import ConvergenceError
from gardner.model import PRIORS, Network, RandomSetting, SolverSettings, uniform_parisi
from gardner.potentials.hard import HardCore
from gardner.theory.counting import first_moment_bound
from gardner.theory.random_setting import solve
from gardner.values import ByValue

LEVELS = (0, 1, 2, 4)  # k of the sequence
TOLERANCE = 1e-9  # of the overlaps; S is stationary in them
LOWEST = 1e-3  # fraction of the bound at which the search begins
WIDEST = 1e4  # largest α tried where there is no bound
PRECISION = 1e-10  # relative, of the root


@dataclass(frozen=True, eq=False)
class ZeroEntropy(ByValue):
    """Where the entropy of discrete weights vanishes.

    levels, alpha_k: k and the α_c of k steps; alpha: that of the last k; error: how much the last step moved it, with
    the accuracy of the root; bound: (C71), inf where there is none; Q_l, q_l: the overlaps q_EA of the last k at α_c.
    """

    depth: int
    margin: float
    closure: str
    weights: str
    levels: tuple[int, ...]
    alpha_k: tuple[float, ...]
    alpha: float
    error: float
    bound: float
    Q_l: np.ndarray
    q_l: np.ndarray


def entropy_per_weight(alpha: float, depth: int, free_entropy: float, log_values: float = float(np.log(2.0))) -> float:
    """S of (C70)."""
    return log_values + alpha * free_entropy / depth


def zero_entropy(
    depth: int,
    margin: float = 0.0,
    closure: str = "symmetric",
    weights: str = "binary",
    watch: Callable[[str], None] = lambda _: None,
) -> ZeroEntropy:
    """The capacity of a net of `depth` bond layers whose weights have the discrete prior `weights`.

    watch: sees a line of text per evaluation. ValueError for a prior with no finite number of values or impossible
    input; ConvergenceError where a saddle point on the way is not found.
    """
    log_values = PRIORS[weights].log_values
    if log_values is None:
        raise ValueError(f"weights = {weights!r}: have no finite number of values, so that their entropy has no zero")
    bound = first_moment_bound(depth, margin, log_values)
    alpha_k, solution = [], None
    for k in LEVELS:

        def entropy(alpha: float, k=k) -> float:
            nonlocal solution
            watch(f"k = {k}, α = {alpha:.8g}")
            setting = RandomSetting(
                alpha, Network(depth), HardCore(margin), uniform_parisi(k), closure=closure, weights=weights
            )
            solution = solve(setting, SolverSettings(tolerance=TOLERANCE))
            if solution.status == "interrupted":
                raise KeyboardInterrupt
            if solution.status != "converged":
                raise ConvergenceError(f"no saddle point of {k} steps at α = {alpha:.6g}: {solution.status}")
            return entropy_per_weight(alpha, depth, solution.free_entropy, log_values)

        # one step changes little: the next root is looked for about the last one
        if alpha_k:
            low, high = 0.98 * alpha_k[-1], min(1.02 * alpha_k[-1], bound)
        else:
            low, high = LOWEST * min(bound, 1.0), min(bound, WIDEST)
            low, high = _bracket(entropy, low, high)
        alpha_k.append(float(brentq(entropy, low, high, xtol=1e-300, rtol=PRECISION)))

    error = abs(alpha_k[-1] - alpha_k[-2]) + PRECISION * alpha_k[-1]
    return ZeroEntropy(
        depth, margin, closure, weights, LEVELS, tuple(alpha_k), alpha_k[-1], error, bound,
        solution.Q_ea, solution.q_ea,
    )  # fmt: skip


def _bracket(entropy: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """Loads between which the entropy changes sign: from small α upward, in growing steps, at most to `high`."""
    factor = 2.0
    while True:
        trial = min(factor * low, high)
        if entropy(trial) <= 0.0:
            return low, trial
        if trial == high:
            raise ConvergenceError(f"the entropy is positive up to α = {high:.6g}")
        low = trial
