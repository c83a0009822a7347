"""Rates of the packed binary sampler (`pytest -m benchmark -s`): ratios to a plain loop and to the arithmetic floor.

The plain loop flips one weight at a time of one chain, with incremental integer fields. The floor is the number of
vector operations that an attempt needs (full adders, popcounts, random words; no addressing, loads, stores or
branches) at the rate at which this machine performs full adders in registers.
"""

import time

import numba
import numpy as np
import pytest
from oracles_binary import naive_loop, problem

from gardner.montecarlo.bitpacked.chains import BinaryLanes
from gardner.montecarlo.bitpacked.counters import carry_of
from gardner.montecarlo.bitpacked.lanes import LANES, address, load, store
from gardner.montecarlo.bitpacked.packing import thresholds
from gardner.montecarlo.generator import start_generator
from gardner.nets.disorder import run_forward

pytestmark = pytest.mark.benchmark
BETA, ALPHA, DEPTH = 1.0, 2, 2


def best_of(function, repeats=9):
    times = []
    for _ in range(repeats):
        began = time.process_time()
        function()
        times.append(time.process_time() - began)
    return min(times)


@numba.njit
def adders(words, rounds):
    """Four independent chains of full adders: 8 operations of three inputs a round, all in registers."""
    at = address(words)
    a0, a1, a2, a3 = load(at, 0), load(at, LANES), load(at, 2 * LANES), load(at, 3 * LANES)
    b0, b1, b2, b3 = load(at, 4 * LANES), load(at, 5 * LANES), load(at, 6 * LANES), load(at, 7 * LANES)
    c = load(at, 8 * LANES)
    for _ in range(rounds):
        a0, b0 = a0 ^ b0 ^ c, carry_of(a0, b0, c)
        a1, b1 = a1 ^ b1 ^ c, carry_of(a1, b1, c)
        a2, b2 = a2 ^ b2 ^ c, carry_of(a2, b2, c)
        a3, b3 = a3 ^ b3 ^ c, carry_of(a3, b3, c)
    store(at, 0, a0 ^ a1 ^ a2 ^ a3 ^ b0 ^ b1 ^ b2 ^ b3)


def seconds_per_operation():
    words = np.random.default_rng(1).integers(0, 2**63, 9 * LANES, dtype=np.uint64)
    adders(words, 1)
    return best_of(lambda: adders(words, 100_000)) / 8e5


def operations_per_attempt(lanes, width, depth):
    """Vector operations of a visit, averaged over layers, divided by its attempts."""
    d, words = width, lanes.words
    bits, hidden_bits = int(lanes.net.bits_p[0]), lanes.net.change_bits
    perceptron = 3 * d  # agreement and full adder of every input
    total = 0.0
    for layer in range(1, depth + 1):
        change_bits = 2 if layer == depth else hidden_bits
        run_above = words * width * perceptron * (depth - layer)
        outputs = words * width * (3 + 2 * hidden_bits) * (layer < depth)
        attempt = words * (1 + 2 * bits + 4 * change_bits + bits) + 2 * 11 + 12  # two random words; rule and choices
        total += run_above + outputs + words * perceptron + (d + 0.5) * attempt
    return total / depth / (d + 0.5)


def plain_rate(width, topology, inputs, outputs, attempts):
    rng = np.random.default_rng(3)
    width_l = np.full(DEPTH + 1, width)
    weight_lij = np.zeros((DEPTH + 1, width, width), dtype=np.int64)
    weight_lij[1:] = 2 * rng.integers(0, 2, (DEPTH, width, width)) - 1
    spin_lim = run_forward(topology, weight_lij[1:].ravel().astype(float), inputs).astype(np.int64)
    spin_lim = spin_lim.reshape(DEPTH + 1, width, -1)
    field_lim = np.zeros_like(spin_lim)
    for l in range(1, DEPTH + 1):
        field_lim[l] = weight_lij[l] @ spin_lim[l - 1]
    state, scratch = start_generator(np.random.SeedSequence(4)), np.zeros((2, DEPTH + 1, width), dtype=np.int64)
    goal = outputs.astype(np.int64)

    def run(count):
        naive_loop(width_l, weight_lij, spin_lim, field_lim, goal, BETA, count, state, *scratch)

    run(attempts)  # compiles, and reaches typical energies
    expected = run_forward(topology, weight_lij[1:].ravel().astype(float), inputs).reshape(spin_lim.shape)
    assert np.array_equal(spin_lim, expected)
    return best_of(lambda: run(attempts)) / attempts


@pytest.mark.parametrize(("width", "least_gain"), [(4, 5), (20, 14), (64, 30)])
def test_packed_sampler_against_plain_loop_and_floor(width, least_gain):
    topology, inputs, outputs, _ = problem((width,) * (DEPTH + 1), ALPHA * width, 1)
    lanes = BinaryLanes.start(topology, inputs, outputs, np.random.SeedSequence(2))
    table, sweeps = thresholds(np.full(LANES, BETA), lanes.outputs), max(2, 100_000 // width**2)
    lanes.run(table, sweeps)
    before = lanes.attempts_l.sum()
    lanes.run(table, sweeps)
    attempts = (lanes.attempts_l.sum() - before) * LANES
    packed = best_of(lambda: lanes.run(table, sweeps)) / attempts
    plain = plain_rate(width, topology, inputs, outputs, max(2000, 4_000_000 // width**3))
    floor = operations_per_attempt(lanes, width, DEPTH) * seconds_per_operation() / LANES
    print(
        f"\nN = {width}, M = {ALPHA * width}, L = {DEPTH}: {1e9 * packed:.1f} ns an attempt, "
        f"plain/packed = {plain / packed:.0f}, packed/floor = {packed / floor:.1f}"
    )
    assert plain / packed > least_gain  # half of what a quiet machine shows
    assert packed / floor < 6.0
