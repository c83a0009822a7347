"""Spins, weights and acceptance rules of binary nets in the layout of the kernels.

Words: bit m mod 64 of word m // 64 is pattern m, set for spin +1. Flat arrays: element (unit, word, lane) of the spins,
(bond, lane) of the weights, whose int8 masks are 0 for +1 and -1 for -1.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from gardner.montecarlo.bitpacked.lanes import LANES
from gardner.nets.graphs import Topology

WORD = 64
NEVER = 63.0 * math.log(2.0)  # β ΔE beyond which acceptance is rarer than the random numbers resolve


class LaneNet(NamedTuple):
    """The graph as the kernels read it; see `graphs.Topology`.

    bits_p: words of a perceptron's counter; dense_p: 1 where bond j of a perceptron reads unit j below; change_bits:
    words of a signed number of outputs.
    """

    first_l: np.ndarray
    row_p: np.ndarray
    source_k: np.ndarray
    column_u: np.ndarray
    reader_k: np.ndarray
    bits_p: np.ndarray
    dense_p: np.ndarray
    change_bits: int


class Work(NamedTuple):
    """Everything the kernels write, flat: spins of the chains and of the flipped branch, weights, counters."""

    spin: np.ndarray
    other: np.ndarray
    weight: np.ndarray
    target: np.ndarray
    valid: np.ndarray
    count: np.ndarray
    trial: np.ndarray
    change: np.ndarray
    start: np.ndarray


def lane_net(topology: Topology) -> LaneNet:
    """Counter sizes: B with ⌈d/2⌉ ≤ 2^{B-1} and d - ⌈d/2⌉ < 2^{B-1}; two's complement of -n_L…n_L."""
    degree_p = np.diff(topology.row_p)
    half_p = (degree_p + 1) // 2
    bits_p = 1 + np.ceil(np.log2(np.maximum(half_p, degree_p - half_p + 1))).astype(np.int64)
    change_bits = 1 + int(topology.width_l[-1]).bit_length()
    graph = (topology.first_l, topology.row_p, topology.source_k, topology.column_u, topology.reader_k)
    starts = topology.row_p[:-1]
    position_k = np.arange(len(topology.source_k)) - np.repeat(starts, degree_p)
    dense_p = np.logical_and.reduceat(position_k == topology.source_k, starts).astype(np.int64)
    return LaneNet(*graph, bits_p, dense_p, change_bits)


def word_count(patterns: int) -> int:
    """Words that hold one bit per pattern."""
    return -(-patterns // WORD)


def pack(sign_um: np.ndarray) -> np.ndarray:
    """Words [unit, word] of the signs [unit, pattern]; bits beyond the last pattern are 0."""
    units, patterns = sign_um.shape
    bits = np.zeros((units, word_count(patterns) * WORD), dtype=np.uint8)
    bits[:, :patterns] = sign_um > 0
    return np.packbits(bits, axis=1, bitorder="little").view("<u8").astype(np.uint64)


def in_every_lane(word_uw: np.ndarray) -> np.ndarray:
    """Flat (unit, word, lane) array with the same words in all lanes."""
    return np.repeat(word_uw.reshape(-1), LANES)


def new_work(topology: Topology, net: LaneNet, input_jm: np.ndarray, output_im: np.ndarray) -> Work:
    """Kernel arrays with inputs and outputs in place, weights all +1, spins not yet set."""
    patterns, units = input_jm.shape[1], int(topology.first_l[-1])
    words = word_count(patterns)

    def zeros(vectors):
        return np.zeros(vectors * LANES, dtype=np.uint64)

    spin = zeros(units * words)
    spin[: input_jm.shape[0] * words * LANES] = in_every_lane(pack(input_jm))
    bits = int(net.bits_p.max())
    return Work(
        spin=spin,
        other=zeros(units * words),
        weight=np.zeros(len(topology.source_k) * LANES, dtype=np.int8),
        target=in_every_lane(pack(output_im)),
        valid=pack(np.ones((1, patterns)))[0].view(np.int64),
        count=zeros(words * bits),
        trial=zeros(words * bits),
        change=zeros(words * max(2, net.change_bits)),
        start=zeros(words),
    )


def metropolis(beta: np.ndarray, increase: np.ndarray) -> np.ndarray:
    """Acceptance probabilities min(1, e^{-βΔE}) of ΔE ≥ 0; β = ∞ accepts what costs nothing."""
    return np.exp(-np.where(increase > 0, beta * np.maximum(increase, 1), 0.0))


def thresholds(beta_c: np.ndarray, largest: int, rule=metropolis) -> np.ndarray:
    """Table [ΔE, lane]: an attempt is accepted iff a 63-bit random integer is at most its entry.

    Rows ΔE = 0…E, E the first one no lane ever accepts, or `largest`, the number of outputs.
    """
    hottest = float(np.min(beta_c))
    last = largest if hottest * largest <= NEVER else max(1, math.ceil(NEVER / hottest))
    p_ec = rule(np.asarray(beta_c, dtype=float)[None], np.arange(last + 1)[:, None])
    scaled = np.floor(np.minimum(p_ec, 1.0 - 2.0**-53) * 2.0**63).astype(np.int64)  # 2^63 itself would overflow
    return np.where(p_ec >= 1.0, 2**63 - 1, scaled - 1).view(np.uint64)
