"""Metropolis moves of binary nets, bit-packed: one word per 64 patterns, one lane per chain.

The energy E is the number of wrong outputs over patterns × output units, hidden spins slaved. A visit to a hidden unit
asks once, for 64 patterns at a time, how many outputs would go wrong (or right) if its spin were the other one; the
layers above need to be run for this alone. The answer, a number D_m in [-n_L, n_L] for each pattern, does not depend
on which weight causes the flip, so the Metropolis attempts on the d weights of the unit that follow cost one addition
of ±1 to its counter and ΔE = Σ_m D_m [spin of pattern m differs].

All chains visit the same units, drawn at random: that order is a schedule, not noise. Which weights are tried, and what
is accepted, is drawn in every lane for itself, so that chains that start alike part, and the product of their
measures is invariant. (Were the weights shared too, chains would run together: at low temperature all that could tell
them apart is a rare increase of the energy.) The number of attempts in a visit is d or d + 1 with equal chance: a
fixed one would conserve the parity of the weights at β = 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numba

from gardner.montecarlo.bitpacked.counters import (
    add_change,
    choose,
    count_agreements,
    place,
    step_counter,
    summed_change,
)
from gardner.montecarlo.bitpacked.lanes import (
    LANE_BITS,
    LANES,
    address,
    any_bit,
    at_most,
    entry,
    gather,
    gather_mask,
    lane_numbers,
    load,
    popcount,
    scatter_mask,
    splat,
    store,
)
from gardner.montecarlo.generator import below as index_below
from gardner.runtime.compilation import kernel


class Memory(NamedTuple):
    """Addresses of the arrays of `packing.LaneNet` and `packing.Work`, and three numbers."""

    first_l: int
    row_p: int
    source_k: int
    column_u: int
    reader_k: int
    bits_p: int
    dense_p: int
    spin: int
    other: int
    weight: int
    target: int
    valid: int
    count: int
    trial: int
    change: int
    start: int
    words: int
    depth: int
    change_bits: int


@numba.njit
def memory_of(net, work, words):
    """Addresses of everything; the arrays must outlive their use."""
    return Memory(
        address(net.first_l),
        address(net.row_p),
        address(net.source_k),
        address(net.column_u),
        address(net.reader_k),
        address(net.bits_p),
        address(net.dense_p),
        address(work.spin),
        address(work.other),
        address(work.weight),
        address(work.target),
        address(work.valid),
        address(work.count),
        address(work.trial),
        address(work.change),
        address(work.start),
        words,
        len(net.first_l) - 2,
        net.change_bits,
    )


@numba.njit
def next_words(dice):
    """64 random bits per lane (xoshiro256+), state in 4 * LANES words at `dice`."""
    s0, s1 = load(dice, 0), load(dice, LANES)
    s2, s3 = load(dice, 2 * LANES), load(dice, 3 * LANES)
    word = s0 + s3
    shifted = s1 << 17
    s2 = s2 ^ s0
    s3 = s3 ^ s1
    s1 = s1 ^ s2
    s0 = s0 ^ s3
    s2 = s2 ^ shifted
    s3 = (s3 << 45) | (s3 >> 19)
    store(dice, 0, s0)
    store(dice, LANES, s1)
    store(dice, 2 * LANES, s2)
    store(dice, 3 * LANES, s3)
    return word


@numba.njit
def set_unit(at, below, unit, source_spin, spin):
    """Slave one spin to its inputs: the top word of its counter."""
    p = unit - entry(at.first_l, 1)
    start, end, bits = entry(at.row_p, p), entry(at.row_p, p + 1), entry(at.bits_p, p)
    for w in range(at.words):
        base = place(below, at.words, w)
        count_agreements(source_spin, at.weight, at.source_k, start, end, base, at.words * LANES, at.count, bits)
        store(spin, place(unit, at.words, w), load(at.count, (bits - 1) * LANES))


@numba.njit
def set_layers(at, lowest, spin):
    """Slave all spins of the layers from `lowest` on."""
    for layer in range(lowest, at.depth + 1):
        for unit in range(entry(at.first_l, layer), entry(at.first_l, layer + 1)):
            set_unit(at, entry(at.first_l, layer - 1), unit, spin, spin)


@kernel()
def run_lanes(net, work, words, energy_c):
    """All spins from the inputs already in place, and the number of wrong outputs of every lane."""
    at = memory_of(net, work, words)
    set_layers(at, 1, at.spin)
    first, total = entry(at.first_l, at.depth), splat(0)
    for unit in range(first, entry(at.first_l, at.depth + 1)):
        for w in range(words):
            wrong = load(at.spin, place(unit, words, w)) ^ load(at.target, place(unit - first, words, w))
            total = total + popcount(wrong & splat(entry(at.valid, w)))
    store(address(energy_c), 0, total)


@numba.njit
def flip_unit(at, unit):
    """The other spin for all patterns of a unit."""
    for w in range(at.words):
        here = place(unit, at.words, w)
        store(at.spin, here, load(at.spin, here) ^ splat(-1))


@numba.njit
def propagate_flip(at, layer, unit):
    """Spins `other` of the layers above if all spins of `unit` were the other ones."""
    below, first = entry(at.first_l, layer), entry(at.first_l, layer + 1)
    if layer + 1 < at.depth:  # units that do not read this one go on as inputs of the next layer
        for here in range(place(first, at.words, 0), place(entry(at.first_l, layer + 2), at.words, 0), LANES):
            store(at.other, here, load(at.spin, here))
    flip_unit(at, unit)
    for r in range(entry(at.column_u, unit), entry(at.column_u, unit + 1)):
        set_unit(at, below, first + entry(at.reader_k, r), at.spin, at.other)
    flip_unit(at, unit)
    set_layers(at, layer + 2, at.other)


@numba.njit
def output_changes(at, layer, unit):
    """D_m of the flip of a hidden unit, `change_bits` words in two's complement."""
    first, bits = entry(at.first_l, at.depth), at.change_bits
    for here in range(0, at.words * bits * LANES, LANES):
        store(at.change, here, splat(0))
    direct = layer + 1 == at.depth  # then only the readers of the unit can differ
    start = entry(at.column_u, unit) if direct else 0
    end = entry(at.column_u, unit + 1) if direct else entry(at.first_l, at.depth + 1) - first
    for r in range(start, end):
        output = entry(at.reader_k, r) if direct else r
        for w in range(at.words):
            here = place(first + output, at.words, w)
            goal, valid = load(at.target, place(output, at.words, w)), splat(entry(at.valid, w))
            change = at.change + 8 * w * bits * LANES
            add_change(change, bits, load(at.spin, here), load(at.other, here), goal, valid)


@numba.njit
def own_changes(at, unit):
    """D_m of the flip of an output unit, two words: +1 where it is right, -1 where it is wrong."""
    output = unit - entry(at.first_l, at.depth)
    for w in range(at.words):
        valid = splat(entry(at.valid, w))
        wrong = load(at.spin, place(unit, at.words, w)) ^ load(at.target, place(output, at.words, w))
        store(at.change, 2 * w * LANES, valid)
        store(at.change, (2 * w + 1) * LANES, wrong & valid)


@numba.njit
def start_counters(at, p, base, bits):
    """Counters and spins of a perceptron, all words, as the visit begins."""
    row, end = entry(at.row_p, p), entry(at.row_p, p + 1)
    for w in range(at.words):
        count = at.count + 8 * w * bits * LANES
        count_agreements(at.spin, at.weight, at.source_k, row, end, base + w * LANES, at.words * LANES, count, bits)
        store(at.start, w * LANES, load(count, (bits - 1) * LANES))


@numba.njit
def threshold(table, last, increase):
    """Acceptance threshold of an energy increase, each lane from its own column; decreases use entry 0."""
    index = increase & (at_most(increase, splat(0)) ^ splat(-1))
    index = choose(at_most(index, splat(last)), index, splat(last))
    return gather(table, (index << LANE_BITS) + lane_numbers())


@numba.njit
def attempt_row(at, p, base, number, bits, change_bits, table, last, dice, tally):
    """`number` Metropolis attempts on the weights of one row; tally holds the energy gained, then the acceptances."""
    row, degree = entry(at.row_p, p), entry(at.row_p, p + 1) - entry(at.row_p, p)
    dense = entry(at.dense_p, p) != 0
    gained, accepted = splat(0), splat(0)
    for _ in range(number):
        column = ((next_words(dice) >> 32) * splat(degree)) >> 32
        bond = splat(row) + column
        unit = column if dense else gather(at.source_k, bond)
        source = splat(base) + unit * splat(at.words * LANES) + lane_numbers()
        mask = (bond << LANE_BITS) + lane_numbers()
        weight, shift = gather_mask(at.weight, mask), splat(0)
        for w in range(at.words):
            agrees = gather(at.spin, source + splat(w * LANES)) ^ weight
            offset = 8 * w * bits * LANES
            differs = step_counter(at.count + offset, at.trial + offset, bits, agrees) ^ load(at.start, w * LANES)
            shift = shift + summed_change(at.change + 8 * w * change_bits * LANES, change_bits, differs)
        accept = at_most(next_words(dice) >> 1, threshold(table, last, shift - gained))
        if any_bit(accept):
            scatter_mask(at.weight, mask, weight ^ accept)
            for here in range(0, at.words * bits * LANES, LANES):
                store(at.count, here, choose(accept, load(at.trial, here), load(at.count, here)))
            gained = choose(accept, shift, gained)
            accepted = accepted - accept
    store(tally, 0, gained)
    store(tally, LANES, accepted)


@numba.njit
def commit(at, layer, unit, bits):
    """Give the unit its new spins and the layers above those that go with them."""
    for w in range(at.words):
        new = load(at.count, (w * bits + bits - 1) * LANES)
        differs = new ^ load(at.start, w * LANES)
        if not any_bit(differs):
            continue
        store(at.spin, place(unit, at.words, w), new)
        if layer == at.depth:
            continue
        for r in range(entry(at.column_u, unit), entry(at.column_u, unit + 1)):
            adopt(at, entry(at.first_l, layer + 1) + entry(at.reader_k, r), w, differs)
        for above in range(entry(at.first_l, layer + 2), entry(at.first_l, at.depth + 1)):
            adopt(at, above, w, differs)


@numba.njit
def adopt(at, unit, w, differs):
    """The spins of the flipped branch where the mask is set."""
    here = place(unit, at.words, w)
    store(at.spin, here, choose(differs, load(at.other, here), load(at.spin, here)))


@numba.njit
def visit(at, layer, p, number, table, last, dice, tally):
    """`number` attempts on the weights of one perceptron, all spins kept up to date."""
    unit, bits = p + entry(at.first_l, 1), entry(at.bits_p, p)
    base = place(entry(at.first_l, layer - 1), at.words, 0)
    if layer == at.depth:
        change_bits = 2
        own_changes(at, unit)
    else:
        change_bits = at.change_bits
        propagate_flip(at, layer, unit)
        output_changes(at, layer, unit)
    start_counters(at, p, base, bits)
    attempt_row(at, p, base, number, bits, change_bits, table, last, dice, tally)
    commit(at, layer, unit, bits)


@kernel()
def sweep(net, work, words, sweeps, table_tk, dice, site, energy_c, attempts_l, accepted_lc, tally):
    """`sweeps` sweeps: one visit per perceptron on average each, the units drawn at random.

    table_tk holds one row of acceptance thresholds per sweep; the last goes on.
    """
    at = memory_of(net, work, words)
    energy, accepted, gains = address(energy_c), address(accepted_lc), address(tally)
    perceptrons, last = net.first_l[-1] - net.first_l[1], table_tk.shape[1] // LANES - 1
    for s in range(sweeps):
        table = address(table_tk) + 8 * min(s, len(table_tk) - 1) * table_tk.shape[1]
        for _ in range(perceptrons):
            p, layer = index_below(site, perceptrons), 1
            while net.first_l[layer + 1] <= p + net.first_l[1]:
                layer += 1
            number = net.row_p[p + 1] - net.row_p[p] + index_below(site, 2)
            visit(at, layer, p, number, table, last, address(dice), gains)
            store(energy, 0, load(energy, 0) + load(gains, 0))
            here = (layer - 1) * LANES
            store(accepted, here, load(accepted, here) + load(gains, LANES))
            attempts_l[layer - 1] += number
