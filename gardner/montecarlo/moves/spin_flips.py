"""Attempts on the hidden spins of one layer for one pattern, under a soft potential.

A flip turns the gap r of the spin itself into -r, and shifts the gaps of the perceptrons that read it. What is stored
of a gap is its shortfall x = κ - r, so that a flip turns x into 2κ - x.

Speed. As energies are not negative, a spin whose own gap costs more than the bound plus all the energy above is refused
at once, before a gap above is looked at.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gardner.montecarlo.generator import below, exponential
from gardner.montecarlo.moves.gap_energy import FAST, shortfall_energy
from gardner.montecarlo.moves.soft_rows import sum_energies, sum_shifted
from gardner.runtime.compilation import kernel


class Site(NamedTuple):
    """The spins of one layer on one pattern with their shortfalls, and the spins and shortfalls of the layer above."""

    spin: np.ndarray
    short: np.ndarray
    above: np.ndarray
    above_spin: np.ndarray


class Readers(NamedTuple):
    """Who reads: column[j] … column[j+1] are the readers of spin j, with twice their scaled weights in that order."""

    column: np.ndarray
    reader: np.ndarray
    weight: np.ndarray


@kernel(forceinline=True, fastmath=FAST)
def flip_dense(law, site, weight_ji, rng):
    """One attempt per spin, all perceptrons above reading all; returns the number accepted."""
    spin, short, above, above_spin = site
    accepted = 0
    energy = sum_energies(law, above)
    count = spin.shape[0]
    for _ in range(count):
        j = below(rng, count)
        x = short[j]
        flipped = 2.0 * law.margin - x
        own = shortfall_energy(law.potential, flipped, law.margin) - shortfall_energy(law.potential, x, law.margin)
        bound = energy + law.temperature * exponential(rng)
        if own > bound:
            continue
        trial = sum_shifted(law, above, above_spin, weight_ji[j], -spin[j], bound - own)
        if own + trial > bound:
            continue

        accepted += 1
        for i in range(above.shape[0]):
            above[i] += spin[j] * weight_ji[j, i] * above_spin[i]
        spin[j] = -spin[j]
        short[j] = flipped
        energy = trial
    return accepted


@kernel(forceinline=True, fastmath=FAST)
def flip_sparse(law, site, readers, rng):
    """The same through lists of readers."""
    spin, short, above, above_spin = site
    column, reader, weight = readers
    accepted = 0
    energy = sum_energies(law, above)
    count = spin.shape[0]
    for _ in range(count):
        j = below(rng, count)
        x = short[j]
        flipped = 2.0 * law.margin - x
        paid = shortfall_energy(law.potential, x, law.margin)
        price = shortfall_energy(law.potential, flipped, law.margin)
        bound = law.temperature * exponential(rng) - price + paid
        if bound < -energy:
            continue
        change = 0.0
        sign = spin[j]
        for k in range(column[j], column[j + 1]):
            i = reader[k]
            old = above[i]
            new = old + sign * weight[k] * above_spin[i]
            was = shortfall_energy(law.potential, old, law.margin)
            change += shortfall_energy(law.potential, new, law.margin) - was
        if change > bound:
            continue

        accepted += 1
        for k in range(column[j], column[j + 1]):
            above[reader[k]] += sign * weight[k] * above_spin[reader[k]]
        spin[j] = -sign
        short[j] = flipped
        energy += change
    return accepted
