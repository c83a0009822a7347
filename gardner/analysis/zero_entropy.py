"""Capacity of discrete weights in the random setting: the load at which their entropy vanishes.

Weights ±1 can be counted. Of the 2^{N² L} nets e^{N M s} 2^{N² L} realise N M random outputs, so that the
entropy per weight is

    S(α) = ln 2 + (α/L) s(α),                                                          (C70)

and the capacity α_c is where it vanishes: beyond it the saddle point goes on to negative entropies, which no
set of nets has, and no net is left [Krauth and Mézard 1989 for L = 1]. At zero entropy the measure freezes onto
single nets (one step at Q_1 = q_1 = 1, m < 1), whose number is what S counted, so that more steps add nothing
there; below it they may, where the replica-symmetric state is unstable. α_c is computed for k = 0 … 3, and its
error is how much the last step moved it.

The layer at the end. What holds for the net holds for a part of it: there must be weights of the last layer
that reach the N outputs of all patterns from *some* hidden spins, whatever is below. That layer with N free
spins as its inputs has the entropy per weight ln 2 + α s', where s' = s - ln Φ_N(-κ) of a net of two layers with
a liquid far end: the liquid layer says nothing. α_c is the smaller of the two loads.                  (C72)

No more nets can be expected than their mean number allows, (C71) of `theory.counting`: α_c ≤ L at κ = 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import log_ndtr

from gardner.errors import ConvergenceError
from gardner.model import CLOSURES, PRIORS, Network, RandomSetting, SolverSettings, uniform_parisi
from gardner.potentials.hard import HardCore
from gardner.results.solution import Solution, uninterrupted
from gardner.theory.counting import first_moment_bound
from gardner.theory.random_setting import solve
from gardner.values import ByValue

MOST_LEVELS = 6
LEVELS = 3  # k = 0 … LEVELS are computed unless another number is asked for
TOLERANCE = 1e-9  # of the overlaps; S is stationary in them
LOWEST = 1e-3  # fraction of the bound at which the search begins
WIDEST = 1e4  # largest α tried where there is no bound
NARROW = 0.02  # relative change of the root from k to k + 1 that is looked into first
PRECISION = 1e-10  # relative, of the root


@dataclass(frozen=True, eq=False)
class ZeroEntropy(ByValue):
    """Where the entropy of discrete weights vanishes.

    levels, alpha_k: k and the α_c of k steps; alpha: that of the last k; error: how much the last step moved it,
    with the accuracy of the root; bound: (C71), inf where there is none; is_end: the layer at the end decides
    (C72); Q_l, q_l: the overlaps q_EA of the last k at α_c, of the net or of the part that decides.
    """

    levels: tuple[int, ...]
    alpha_k: tuple[float, ...]
    alpha: float
    error: float
    bound: float
    is_end: bool
    Q_l: np.ndarray
    q_l: np.ndarray


class CountedNet:
    """The entropy per weight of a whole net as a function of α, with `levels` uniform steps. (C70)"""

    def __init__(self, depth: int, margin: float, closure: str, weights: str, watch: Callable[[str], None]):
        self.depth, self.potential = depth, HardCore(margin)
        self.closure, self.weights, self.watch = closure, weights, watch
        self.solution: Solution | None = None

    def setting(self, alpha: float, levels: int) -> RandomSetting:
        """The net in the random setting."""
        names = {"closure": self.closure, "weights": self.weights}
        return RandomSetting(alpha, Network(self.depth), self.potential, uniform_parisi(levels), **names)

    def counted(self, alpha: float, free_entropy: float) -> float:
        """S of (C70)."""
        return PRIORS[self.weights].log_values + alpha * free_entropy / self.depth

    def entropy(self, alpha: float, levels: int) -> float:
        """S at `alpha`; ConvergenceError without a saddle point."""
        self.watch(f"k = {levels}, α = {alpha:.8g}")
        found = uninterrupted(solve(self.setting(alpha, levels), SolverSettings(tolerance=TOLERANCE)))
        if found.status != "converged":
            raise ConvergenceError(f"no saddle point of {levels} steps at α = {alpha:.6g}: {found.status}", found)
        self.solution = found
        return self.counted(alpha, found.free_entropy)


class CountedEnd(CountedNet):
    """The same of the layer at the end alone, N free spins being its inputs. (C72)"""

    def setting(self, alpha: float, levels: int) -> RandomSetting:
        """Two layers, of which the far one is liquid."""
        far = "input_overlap" if "output" in CLOSURES[self.closure].fronts_from else "output_overlap"
        names = {"closure": self.closure, "weights": self.weights, far: (0.0,) * (levels + 1)}
        return RandomSetting(alpha, Network(2), self.potential, uniform_parisi(levels), **names)

    def counted(self, alpha: float, free_entropy: float) -> float:
        """ln 2 + α s', with what the liquid layer costs taken off, -ln Φ_N(-κ) per unit."""
        return PRIORS[self.weights].log_values + alpha * (free_entropy - log_ndtr(-self.potential.margin))


def zero_entropy(
    depth: int,
    margin: float = 0.0,
    closure: str = "symmetric",
    weights: str = "binary",
    levels: int | None = None,
    watch: Callable[[str], None] = lambda _: None,
) -> ZeroEntropy:
    """The capacity of a net of `depth` bond layers whose weights have the discrete prior `weights`.

    levels: the largest k, at most MOST_LEVELS; watch: sees a line of text per evaluation. ValueError for a prior
    with no finite number of values or impossible input; ConvergenceError where a saddle point on the way is not
    found, or where the entropy stays positive.
    """
    log_values, most = PRIORS[weights].log_values, LEVELS if levels is None else levels
    if log_values is None:
        raise ValueError(f"weights = {weights!r}: have no finite number of values, so that their entropy has no zero")
    if not 0 <= most <= MOST_LEVELS:
        raise ValueError(f"levels = {levels}: between 0 and {MOST_LEVELS} are allowed for discrete weights")
    bound, steps = first_moment_bound(depth, margin, log_values), range(most + 1)
    net, end = (kind(depth, margin, closure, weights, watch) for kind in (CountedNet, CountedEnd))

    alpha_k, ends = [], []
    for k in steps:
        near = alpha_k[-1] if alpha_k else None
        whole = _root(net, k, near, bound)
        # the layer at the end matters only if its entropy is gone before that of the net
        is_end = depth > 1 and end.entropy(whole, k) < 0.0
        alpha_k.append(_root(end, k, near, whole) if is_end else whole)
        ends.append(is_end)

    found = end.solution if ends[-1] else net.solution
    change = abs(alpha_k[-1] - alpha_k[-2]) if most else 0.0
    error = change + PRECISION * alpha_k[-1]
    return ZeroEntropy(
        tuple(steps), tuple(alpha_k), alpha_k[-1], error, bound, ends[-1], found.Q_ea, found.q_ea
    )  # fmt: skip


def _root(net: CountedNet, levels: int, near: float | None, highest: float) -> float:
    """Where the entropy vanishes, looked for about `near` or else from small α upward, at most to `highest`."""

    def entropy(alpha: float) -> float:
        return net.entropy(alpha, levels)

    low, high, factor = LOWEST * min(highest, 1.0), min(highest, WIDEST), 2.0
    if near is not None:
        low, factor = (1.0 - NARROW) * near, 1.0 + NARROW
        if entropy(low) <= 0.0:
            low, factor = LOWEST * min(highest, 1.0), 2.0
    while True:
        trial = min(factor * low, high)
        if entropy(trial) <= 0.0:
            return float(brentq(entropy, low, trial, xtol=1e-300, rtol=PRECISION))
        if trial == high:
            raise ConvergenceError(f"the entropy is positive up to α = {high:.6g}")
        low = trial
