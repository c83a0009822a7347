"""Attempts on the weights of one perceptron under a soft potential: rotations on the sphere, shifts of Gaussians.

Spherical weights: `rotation` of two elements of a row. Gaussian weights: J → (J + δx)/sqrt(1+δ²), x ~ N(0, 1),
reversible for N(0, 1). What is stored of a gap r is its shortfall x = κ - r.

Speed. The bound -ln(u)/β is drawn before an energy is computed, and the sum over gaps is left as soon as it exceeds
it, which is right because no energy is negative.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from gardner.montecarlo.generator import below, exponential, normal
from gardner.montecarlo.moves.gap_energy import FAST, shortfall_energy
from gardner.montecarlo.moves.rotation import other_element, tangent, turn_first, turn_second
from gardner.potentials import Potential
from gardner.runtime.compilation import kernel

WHOLE = 96  # so many gaps are summed without looking at the bound
CHUNK = 64  # gaps between two looks at the bound beyond that


class Law(NamedTuple):
    """The measure: v(r), its margin κ, and 1/β."""

    potential: Potential
    margin: float
    temperature: float


class Row(NamedTuple):
    """One perceptron: its weights, the spins that they read, its own spins and shortfalls, the factor of its field."""

    weight: np.ndarray
    source: np.ndarray
    below_jm: np.ndarray
    own: np.ndarray
    short: np.ndarray
    scale: float


@kernel(forceinline=True, fastmath=FAST)
def sum_shifted(law, short, own, source, change, limit):
    """Σ v after r → r + change·S_own·S_source, left early above `limit`."""
    total = 0.0
    if short.shape[0] <= WHOLE:
        for m in range(short.shape[0]):
            total += shortfall_energy(law.potential, short[m] - change * own[m] * source[m], law.margin)
        return total
    count, start = np.uint64(short.shape[0]), np.uint64(0)  # unsigned: no wraparound, which would bar vectors
    while start < count and total <= limit:
        stop = min(start + np.uint64(CHUNK), count)
        part = 0.0
        for m in range(start, stop):
            part += shortfall_energy(law.potential, short[m] - change * own[m] * source[m], law.margin)
        total += part
        start = stop
    return total


@kernel(forceinline=True, fastmath=FAST)
def _sum_rotated(law, short, own, source_a, source_b, change_a, change_b, limit):
    """The same for two bonds at once."""
    total = 0.0
    if short.shape[0] <= WHOLE:
        for m in range(short.shape[0]):
            x = short[m] - own[m] * (change_a * source_a[m] + change_b * source_b[m])
            total += shortfall_energy(law.potential, x, law.margin)
        return total
    count, start = np.uint64(short.shape[0]), np.uint64(0)
    while start < count and total <= limit:
        stop = min(start + np.uint64(CHUNK), count)
        part = 0.0
        for m in range(start, stop):
            x = short[m] - own[m] * (change_a * source_a[m] + change_b * source_b[m])
            part += shortfall_energy(law.potential, x, law.margin)
        total += part
        start = stop
    return total


@kernel(forceinline=True, fastmath=FAST)
def sum_energies(law, short):
    """Σ v of shortfalls as they are."""
    total = 0.0
    for m in range(short.shape[0]):
        total += shortfall_energy(law.potential, short[m], law.margin)
    return total


@kernel(forceinline=True, fastmath=FAST)
def shift_row(law, row, step, rng):
    """One attempt per bond of one perceptron, Gaussian prior; returns the number accepted."""
    weight, source, below_jm, own, short, scale = row
    accepted = 0
    energy = sum_energies(law, short)
    shrink = 1.0 / math.sqrt(1.0 + step * step)
    for _ in range(weight.shape[0]):
        k = below(rng, weight.shape[0])
        new = (weight[k] + step * normal(rng)) * shrink
        limit = energy + law.temperature * exponential(rng)
        change = scale * (new - weight[k])
        line = below_jm[source[k]]
        trial = sum_shifted(law, short, own, line, change, limit)
        if trial > limit:
            continue

        weight[k] = new
        energy = trial
        accepted += 1
        for m in range(short.shape[0]):
            short[m] -= change * own[m] * line[m]
    return accepted


@kernel(forceinline=True, fastmath=FAST)
def rotate_row(law, row, step, rng):
    """One attempt per bond of one perceptron on the sphere; returns the number accepted."""
    weight, source, below_jm, own, short, scale = row
    accepted = 0
    energy = sum_energies(law, short)
    fan = weight.shape[0]
    for _ in range(fan):
        a = below(rng, fan)
        b = other_element(fan, a, rng)
        t = tangent(fan, step, rng)
        new_a, new_b = turn_first(weight[a], weight[b], t, fan), turn_second(weight[a], weight[b], t)
        change_a, change_b = scale * (new_a - weight[a]), scale * (new_b - weight[b])
        limit = energy + law.temperature * exponential(rng)
        line_a, line_b = below_jm[source[a]], below_jm[source[b]]
        trial = _sum_rotated(law, short, own, line_a, line_b, change_a, change_b, limit)
        if trial > limit:
            continue

        weight[b] = new_b
        weight[a] = new_a
        energy = trial
        accepted += 1
        for m in range(short.shape[0]):
            short[m] -= own[m] * (change_a * line_a[m] + change_b * line_b[m])
    return accepted
