"""Entropies below zero where the states can be counted, so that there is at least one.

Ising spins (the Sherrington–Kirkpatrick model): the entropy per spin is ≥ 0 at every temperature. k steps give a
negative one when it is cold, RS -1/2π per spin at T = 0 and one step -.0103; a grid of m that misses T gives any.

Layered nets. The free entropy s per N·M is taken with a prior of weight one, so that

    S = s + βe + (L/α) ln n,      e = -∂s/∂β,                                                              (C64)

counts the states of hidden spins and weights if a weight has n values (hard core: βe = 0): S ≥ 0. Spherical
weights lie in a continuum. Their entropy is the logarithm of a volume and may have any sign: it tends to -∞
where the volume shrinks to a point, at capacity or, for a soft core beyond it, as T → 0. It counts hidden spins
and weights together, and the part of the spins alone, which would be ≥ 0, is no term of (T2) or (T4). So nothing
is claimed of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from gardner.model import PRIORS, RandomSetting
from gardner.results.warnings import SolutionWarning, judges
from gardner.theory.chain import ChainState, evaluate, free_entropy
from gardner.theory.parisi.flow import GridSettings

KIND = "negative-entropy"
RESOLVED = 1e-8  # an entropy below minus this is negative: searches end with residuals of 1e-9
STEP = 1e-4  # of ln β in the derivative of s


@judges("solve random", "solve sk")
def entropy_is_negative(result) -> Iterator[SolutionWarning]:
    """The entropy per spin of the SK model, or that of a net whose weights have a countable number of values."""
    if result.kind == "solve sk":
        entropy = result.entropy
        what = f"per spin at T = {1.0 / result.beta:g} with {result.levels} steps: Ising spins have at least one state"
    else:
        entropy = counted_entropy(result)
        what = "per N·M: hidden spins and weights have at least one state"
    if entropy is not None and entropy < -RESOLVED:
        text = f"the entropy is {entropy:.3g} {what}, hence an entropy of at least 0"
        yield SolutionWarning(KIND, text, {"entropy": entropy, "bound": 0.0})


def counted_entropy(solution) -> float | None:
    """S of (C64) per N·M; None where weights lie in a continuum (a prior without `log_values`), or s is unknown."""
    setting = solution.setting
    log_values = PRIORS[setting.weights].log_values
    if log_values is None or not np.isfinite(solution.free_entropy):
        return None
    states = setting.network.depth / setting.alpha * log_values
    return float(solution.free_entropy + states + _thermal_part(solution, setting))


def _thermal_part(solution, setting: RandomSetting) -> float:
    """βe = -∂s/∂ln β at fixed overlaps and fields, at which s is stationary; 0 for a potential without temperature."""
    potential = setting.potential
    if not potential.has_temperature():
        return 0.0
    grid, state = GridSettings.for_accuracy(solution.parameters["accuracy"]), ChainState(solution.q_li, solution.Q_li)
    fields = evaluate(state, setting, grid).fields
    values = []
    for sign in (1.0, -1.0):
        shifted = replace(setting, potential=replace(potential, beta=potential.beta * np.exp(sign * STEP)))
        values.append(free_entropy(state, fields, shifted, grid))
    return -(values[0] - values[1]) / (2.0 * STEP)
