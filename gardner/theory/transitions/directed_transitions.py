"""Transitions of the directed closure in the random setting: the front from the output, at k → ∞.

A front of j solid bond layers behind liquid ones is the net of depth j+1 whose input overlaps vanish: its bond layer 1
then stays liquid (Q̂ = αG q(0) = 0), the spins on layer 1 hear only the layer after them, and q_i(1) is the forward
overlap q_f,i of (T21). The next bond layer turns solid where

    α (2/π)² q_k(1)² = 1                       behind it at least two more liquid bond layers (T21),
    α (2/π)² q_k(1)² (1 + α (2/π)²) = 1        it is bond layer 2 of the net (T23); layer 1 orders with it.

Both need nothing beyond the front itself. Whether the new layer grows from zero is not tested: the status says so.
"""

from __future__ import annotations

import time

import numpy as np
from scipy.optimize import brentq

from gardner.errors import ConvergenceError
from gardner.model import MAX_DEPTH, HardCore, Network, RandomSetting, SolverSettings, uniform_parisi, whole
from gardner.results.solution import Solution, uninterrupted
from gardner.statistics import extrapolate_rough
from gardner.theory.random_setting import Watch, continued, solve
from gardner.theory.transitions.directed_front import GAIN
from gardner.theory.transitions.random_transitions import (
    MAX_COUNT,
    RandomTransition,
    RandomTransitions,
    level_sequence,
    successive,
)

STATUS = "instability"
STEP = 1.15  # factor in α while the sign change is looked for
STARTS = (1.0, 1.03, 1.07, 1.12)  # factors tried where the first α has no solution
FARTHEST = 30.0  # times the previous transition
ROOT = 1e-6  # relative accuracy of a root at finite k


class DirectedFront:
    """Fronts of j solid layers at one grid of m, followed in α from the last solution."""

    def __init__(self, layers: int, parisi: tuple[float, ...], accuracy: float):
        self.layers, self.parisi = layers, parisi
        self.solver = SolverSettings(accuracy=accuracy)
        self.last: Solution | None = None

    def solution(self, alpha: float) -> Solution:
        """The front at α; ConvergenceError where it has no solution."""
        nothing = (0.0,) * (len(self.parisi) + 1)
        net = Network(self.layers + 1)
        setting = RandomSetting(alpha, net, HardCore(), self.parisi, input_overlap=nothing, closure="directed")
        found = None
        if self.last is not None:
            found = uninterrupted(continued(setting, self.solver, self.last.q_li, self.last.Q_li))
        if found is None or found.status != "converged":
            found = uninterrupted(solve(setting, self.solver))
        if found.status != "converged":
            raise ConvergenceError(f"a front of {self.layers} layers has no solution at alpha = {alpha:.4f}", found)
        self.last = found
        return found

    def growth(self, alpha: float, bound: bool) -> float:
        """ln of the growth factor of the next layer; `bound`: it is bond layer 2 (T23)."""
        gain = alpha * GAIN
        q_f = float(self.solution(alpha).q_li[1, -1])
        return float(np.log(max(gain * q_f**2 * ((1.0 + gain) if bound else 1.0), 1e-300)))

    def root(self, low: float, bound: bool) -> float:
        """The α beyond `low` at which the next layer becomes unstable."""
        high = low = self._first(low)
        while self.growth(high, bound) < 0.0:
            low, high = high, high * STEP
            if high > FARTHEST * low:
                raise ConvergenceError(f"no transition below alpha = {high:.1f}")
        if high == low:
            return low
        return float(brentq(self.growth, low, high, args=(bound,), rtol=ROOT, xtol=1e-12))

    def _first(self, low: float) -> float:
        """The first α from `low` on with a solution: close to its own transition a front is nearly critical."""
        for factor in STARTS[:-1]:
            try:
                self.solution(low * factor)
                return low * factor
            except ConvergenceError:
                continue
        self.solution(low * STARTS[-1])
        return low * STARTS[-1]


def first_transition(bound: bool) -> float:
    """(T19): the output layer, q_f = 1."""
    return (np.sqrt(5.0) - 1.0) / 2.0 / GAIN if bound else 1.0 / GAIN


def directed_transitions(
    levels: int = 20, count: int = 4, depth: int | None = None, accuracy: float = 1e-8, watch: Watch | None = None
) -> RandomTransitions:
    """The first `count` transitions of the front of a half-infinite net, or all of a net of `depth` bond layers.

    Hard core at margin 0. Each α is extrapolated to k → ∞ from the roots at five k up to `levels`.
    """
    began, sequence = time.perf_counter(), level_sequence(levels)
    SolverSettings(accuracy=accuracy)
    steps = whole("count", count, 1, MAX_COUNT) if depth is None else max(1, whole("depth", depth, 1, MAX_DEPTH) - 1)
    if depth == 1:
        steps = 0

    def bound(layers: int) -> bool:
        return depth is not None and layers == depth - 2

    def following(layers: int, previous: float) -> RandomTransition:
        return _extrapolated(layers, bound(layers), previous, sequence, accuracy, watch)

    found, ended = successive(steps, float(first_transition(bound(0))), following, ConvergenceError)
    given = {"levels": levels, "count": count, "depth": depth, "closure": "directed", "accuracy": accuracy}
    return RandomTransitions(depth, sequence, found, ended, time.perf_counter() - began, "directed", given)


def _extrapolated(layers, bound, previous, sequence, accuracy, watch) -> RandomTransition:
    roots, low = [], previous * 1.02
    for k in sequence:
        roots.append(DirectedFront(layers, uniform_parisi(k), accuracy).root(low, bound))
        low = 0.97 * roots[-1]
        if watch is not None:
            watch(f"alpha_{layers + 1}, k = {k}: {roots[-1]:.6f}")
    limit = extrapolate_rough(sequence, roots, [ROOT * root for root in roots])
    return RandomTransition(limit.value, limit.error, STATUS, sequence, tuple(roots))
