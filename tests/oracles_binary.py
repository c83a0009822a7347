"""Plain twins of the bit-packed binary sampler: whole nets run forward for every attempt, in Python integers."""

from __future__ import annotations

import numba
import numpy as np

from gardner.montecarlo.bitpacked.lanes import LANES
from gardner.montecarlo.bitpacked.packing import thresholds
from gardner.montecarlo.generator import below, uniform
from gardner.nets.disorder import random_signs, run_forward
from gardner.nets.graphs import from_masks

MASK = (1 << 64) - 1
FALSE_ALARM = 1e-4  # of every chi-square test


def problem(widths, patterns, seed, planted=True, dilution=0.0):
    """Topology, inputs and outputs of one sample, and the teacher."""
    rng = np.random.default_rng(seed)
    masks = []
    for n, m in zip(widths[1:], widths[:-1]):
        mask = rng.random((n, m)) >= dilution
        mask[~mask.any(axis=1), 0] = True
        masks.append(mask)
    topology = from_masks(masks, [float(m) ** -0.5 for m in widths[:-1]])
    inputs = random_signs(rng, (widths[0], patterns))
    teacher = random_signs(rng, (len(topology.source_k),)).astype(float)
    outputs = run_forward(topology, teacher, inputs)[topology.layer_units(topology.depth)]
    if not planted:
        outputs = random_signs(rng, outputs.shape)
    return topology, inputs, outputs, teacher


def unpack(word_uw: np.ndarray, patterns: int) -> np.ndarray:
    """Signs [unit, pattern], int8, of words [unit, word]."""
    octets = np.ascontiguousarray(word_uw.astype("<u8")).view(np.uint8)
    bits = np.unpackbits(octets, axis=1, count=patterns, bitorder="little")
    return (2 * bits.astype(np.int8) - 1).astype(np.int8)


def spins_of(lanes, lane):
    """Spins [unit, pattern] of one chain, all layers."""
    return unpack(lanes.work.spin.reshape(-1, lanes.words, LANES)[:, :, lane], lanes.patterns)


def sweep(lanes, beta_c, sweeps):
    """`sweeps` sweeps at one inverse temperature, or one per lane."""
    beta_c = np.broadcast_to(np.asarray(beta_c, dtype=float), LANES)
    lanes.run(thresholds(beta_c, lanes.outputs), sweeps)


def wrong_outputs(topology, weight_k, inputs, outputs):
    spins = run_forward(topology, np.asarray(weight_k, dtype=float), inputs)
    return int((spins[topology.layer_units(topology.depth)] != outputs).sum())


def rotated(word, count):
    return ((word << count) | (word >> (64 - count))) & MASK


def advanced(state):
    """The linear step that xoshiro256+ and ++ share."""
    s0, s1, s2, s3 = state
    shifted = (s1 << 17) & MASK
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    return [s0, s1, s2, rotated(s3, 45)]


class Dice:
    """xoshiro256: `plus` of the lanes, `below` of the sites (plus-plus)."""

    def __init__(self, state):
        self.state = [int(word) for word in state]

    def plus(self):
        word = (self.state[0] + self.state[3]) & MASK
        self.state = advanced(self.state)
        return word

    def below(self, count):
        word = (rotated((self.state[0] + self.state[3]) & MASK, 23) + self.state[0]) & MASK
        self.state = advanced(self.state)
        return ((word >> 32) * count) >> 32


def plain_sweeps(topology, inputs, outputs, weight_k, site, dice, beta, sweeps):
    """The trajectory of one lane: weights and energy after `sweeps` sweeps, from its own generators."""
    weight_k, site, dice = np.array(weight_k, dtype=float), Dice(site), Dice(dice)
    energy = wrong_outputs(topology, weight_k, inputs, outputs)
    perceptrons = len(topology.row_p) - 1
    for _ in range(sweeps * perceptrons):
        p = site.below(perceptrons)
        row, degree = int(topology.row_p[p]), int(topology.row_p[p + 1] - topology.row_p[p])
        for _ in range(degree + site.below(2)):
            k = row + (((dice.plus() >> 32) * degree) >> 32)
            weight_k[k] *= -1.0
            trial = wrong_outputs(topology, weight_k, inputs, outputs)
            drawn = (dice.plus() >> 1) / 2.0**63
            if drawn < (1.0 if trial <= energy else np.exp(-beta * (trial - energy))):
                energy = trial
            else:
                weight_k[k] *= -1.0
    return weight_k, energy


@numba.njit
def naive_loop(width_l, weight_lij, spin_lim, field_lim, output_im, beta, attempts, state, trial_spin, trial_field):
    """A plain Metropolis loop over dense layers with incremental integer fields; one attempt flips one weight.

    The perceptron's own fields change by ±2 for every pattern; above it only patterns whose spins changed are
    followed. What a careful first version without bit packing looks like; returns acceptances.
    """
    depth, patterns = len(width_l) - 1, spin_lim.shape[2]
    accepted = 0
    for _ in range(attempts):
        l = 1 + below(state, depth)
        i, j = below(state, width_l[l]), below(state, width_l[l - 1])
        weight_lij[l, i, j] = -weight_lij[l, i, j]
        change = 0
        for m in range(patterns):
            field = field_lim[l, i, m] + 2 * weight_lij[l, i, j] * spin_lim[l - 1, j, m]
            spin = 1 if field >= 0 else -1
            if spin == spin_lim[l, i, m]:
                continue
            if l == depth:
                change += 1 if spin_lim[l, i, m] == output_im[i, m] else -1
                continue
            for a in range(width_l[l + 1]):
                trial_field[l + 1, a] = field_lim[l + 1, a, m] + 2 * weight_lij[l + 1, a, i] * spin
                trial_spin[l + 1, a] = 1 if trial_field[l + 1, a] >= 0 else -1
            for u in range(l + 2, depth + 1):
                for a in range(width_l[u]):
                    total = 0
                    for b in range(width_l[u - 1]):
                        total += weight_lij[u, a, b] * trial_spin[u - 1, b]
                    trial_spin[u, a] = 1 if total >= 0 else -1
            for a in range(width_l[depth]):
                change += (trial_spin[depth, a] != output_im[a, m]) - (spin_lim[depth, a, m] != output_im[a, m])
        if change > 0 and uniform(state) >= np.exp(-beta * change):
            weight_lij[l, i, j] = -weight_lij[l, i, j]
            continue
        accepted += 1
        for m in range(patterns):
            field_lim[l, i, m] += 2 * weight_lij[l, i, j] * spin_lim[l - 1, j, m]
            spin = 1 if field_lim[l, i, m] >= 0 else -1
            if spin == spin_lim[l, i, m]:
                continue
            spin_lim[l, i, m] = spin
            for u in range(l + 1, depth + 1):
                for a in range(width_l[u]):
                    if u == l + 1:
                        field_lim[u, a, m] += 2 * weight_lij[u, a, i] * spin
                    else:
                        total = 0
                        for b in range(width_l[u - 1]):
                            total += weight_lij[u, a, b] * spin_lim[u - 1, b, m]
                        field_lim[u, a, m] = total
                for a in range(width_l[u]):
                    spin_lim[u, a, m] = 1 if field_lim[u, a, m] >= 0 else -1
    return accepted


def chi_square(counts, probability, least=10.0):
    """χ² and degrees of freedom, rare bins pooled; a count where the probability is 0 is infinitely unlikely."""
    if counts[probability == 0.0].any():
        return np.inf, len(counts) - 1
    expected = counts.sum() * probability
    order = np.argsort(expected)
    rare = order[: np.searchsorted(np.cumsum(expected[order]), least) + 1]
    kept = np.setdiff1d(np.flatnonzero(expected >= least), rare)
    rest = np.setdiff1d(np.arange(len(counts)), kept)
    seen = np.append(counts[kept], counts[rest].sum())
    mean = np.append(expected[kept], expected[rest].sum())
    return float(((seen - mean) ** 2 / mean).sum()), len(mean) - 1
