"""Bit-sliced counters: 64 patterns and `LANES` chains are added at a time.

Word b of a counter holds bit b of a number for every pattern. Adding a word of weight 1 takes a full adder, two
logical operations of three inputs, per bit. A perceptron's counter holds n + 2^{B-1} - ⌈d/2⌉, n of its d inputs in
agreement with their weights: its field 2n - d is ≥ 0 where the top word is set, so that word is the spin, sgn(0) = +1.
Signed numbers are in two's complement.
"""

from __future__ import annotations

import numba

from gardner.montecarlo.bitpacked.lanes import LANES, entry, load, load_mask, popcount, splat, store


@numba.njit
def carry_of(a, b, c):
    """Majority of three."""
    return (a & b) | (c & (a ^ b))


@numba.njit
def choose(mask, first, second):
    """`first` where the mask is set, `second` elsewhere."""
    return second ^ ((first ^ second) & mask)


@numba.njit
def place(unit, words, w):
    """First element of word w of a unit."""
    return (unit * words + w) * LANES


@numba.njit
def agreement(spin, weight, source_k, base, stride, k):
    """Where input and weight of bond k agree; `base` is the first unit below, at one word."""
    return load(spin, base + entry(source_k, k) * stride) ^ load_mask(weight, k * LANES)


@numba.njit
def add_from(count, bit, bits, carry):
    """Add a word of weight 2^bit to a counter."""
    for b in range(bit, bits):
        old = load(count, b * LANES)
        store(count, b * LANES, old ^ carry)
        carry = old & carry


@numba.njit
def add_four(c0, c1, x0, x1, x2, x3):
    """Bits 0 and 1 of a counter with four words of weight 1 added, and the word of weight 4 left over."""
    s = c0 ^ x0 ^ x1
    t0 = carry_of(c0, x0, x1)
    t1 = carry_of(s, x2, x3)
    return s ^ x2 ^ x3, c1 ^ t0 ^ t1, carry_of(c1, t0, t1)


@numba.njit
def count_agreements(spin, weight, source_k, start, end, base, stride, count, bits):
    """The counter of one perceptron and one word of patterns: n + 2^{B-1} - ⌈d/2⌉ in B = `bits` words."""
    offset = (1 << (bits - 1)) - (end - start + 1) // 2
    for b in range(bits):
        store(count, b * LANES, splat(-((offset >> b) & 1)))
    k = start
    if k + 4 <= end:
        c0, c1 = load(count, 0), load(count, LANES)
        while k + 4 <= end:
            x0 = agreement(spin, weight, source_k, base, stride, k)
            x1 = agreement(spin, weight, source_k, base, stride, k + 1)
            x2 = agreement(spin, weight, source_k, base, stride, k + 2)
            x3 = agreement(spin, weight, source_k, base, stride, k + 3)
            c0, c1, four = add_four(c0, c1, x0, x1, x2, x3)
            k += 4
            if k + 4 <= end:
                x0 = agreement(spin, weight, source_k, base, stride, k)
                x1 = agreement(spin, weight, source_k, base, stride, k + 1)
                x2 = agreement(spin, weight, source_k, base, stride, k + 2)
                x3 = agreement(spin, weight, source_k, base, stride, k + 3)
                c0, c1, more = add_four(c0, c1, x0, x1, x2, x3)
                k += 4
                c2 = load(count, 2 * LANES)
                store(count, 2 * LANES, c2 ^ four ^ more)
                add_from(count, 3, bits, carry_of(c2, four, more))
            else:
                add_from(count, 2, bits, four)
        store(count, 0, c0)
        store(count, LANES, c1)
    while k < end:
        add_from(count, 0, bits, agreement(spin, weight, source_k, base, stride, k))
        k += 1


@numba.njit
def add_change(change, bits, now, then, target, valid):
    """Add wrong(then) - wrong(now) of one output to the signed counter `change`."""
    flipped = (now ^ then) & valid
    down = flipped & (now ^ target)
    old = load(change, 0)
    store(change, 0, old ^ flipped)
    carry = carry_of(old, flipped ^ down, down)
    for b in range(1, bits):
        old = load(change, b * LANES)
        store(change, b * LANES, old ^ down ^ carry)
        carry = carry_of(old, down, carry)


@numba.njit
def step_counter(count, trial, bits, agrees):
    """The counter after a weight was flipped: one less where it agreed, one more elsewhere; returns its top word."""
    carry = load(count, 0)
    top = carry ^ splat(-1)
    store(trial, 0, top)
    for b in range(1, bits):
        old = load(count, b * LANES)
        top = old ^ agrees ^ carry
        store(trial, b * LANES, top)
        carry = carry_of(old, agrees, carry)
    return top


@numba.njit
def summed_change(change, bits, differs):
    """Σ D_m over the patterns of one word in `differs`."""
    total = splat(0)
    for b in range(bits - 1):
        total = total + (popcount(differs & load(change, b * LANES)) << b)
    return total - (popcount(differs & load(change, (bits - 1) * LANES)) << (bits - 1))
