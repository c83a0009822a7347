"""Rates of the real-weight samplers against a plain Numba loop and the arithmetic floor (`pytest -m benchmark -s`).

CPU times of this process, the least of several repeats; ratios are what counts. The plain loop keeps gaps too, in the
order of the indices of the model, and adds up every gap a move touches. The floor is that sum alone over contiguous
memory: no random numbers, no decision, no update. The samplers can fall below it where a bound ends the sum early.
"""
# ruff: noqa: NPY002 - the plain loop draws as plain loops do

import math
import time

import numba
import numpy as np
import pytest

from gardner.montecarlo.generator import start_generator
from gardner.montecarlo.moves.gap_energy import FAST
from gardner.montecarlo.moves.hard_rotations import hard_sweeps
from gardner.montecarlo.moves.heat_bath import heat_bath_sweeps
from gardner.montecarlo.moves.soft_core import soft_sweeps
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.nets.disorder import draw_disorder, gaps, run_forward
from gardner.potentials.soft import SoftCore

pytestmark = pytest.mark.benchmark
BETA = 66.7
LAW = SoftCore(BETA), 0.0, BETA


@numba.njit
def plain_bonds(J, S, r, beta, delta, scale, accepted):
    """One attempt per bond: J[l, i, j], S[l, mu, i], r[l, mu, i]; returns the attempts."""
    depth, n, patterns = J.shape[0], J.shape[1], S.shape[1]
    for _ in range(depth * n * n):
        l, i, j = np.random.randint(depth), np.random.randint(n), np.random.randint(n)
        new = (J[l, i, j] + delta * np.random.normal()) / math.sqrt(1.0 + delta * delta)
        step = scale * (new - J[l, i, j])
        change = 0.0
        for mu in range(patterns):
            old = r[l, mu, i]
            moved = old + step * S[l, mu, j] * S[l + 1, mu, i]
            change += (moved * moved if moved < 0.0 else 0.0) - (old * old if old < 0.0 else 0.0)
        if change <= 0.0 or np.random.random() < math.exp(-beta * change):
            J[l, i, j] = new
            accepted[0] += 1
            for mu in range(patterns):
                r[l, mu, i] += step * S[l, mu, j] * S[l + 1, mu, i]
    return depth * n * n


@numba.njit
def plain_spins(J, S, r, beta, scale, accepted):
    """One attempt per hidden spin."""
    depth, n, patterns = J.shape[0], J.shape[1], S.shape[1]
    for _ in range((depth - 1) * n * patterns):
        l, mu, j = 1 + np.random.randint(depth - 1), np.random.randint(patterns), np.random.randint(n)
        own = r[l - 1, mu, j]
        change = (own * own if own > 0.0 else 0.0) - (own * own if own < 0.0 else 0.0)
        for i in range(n):
            old = r[l, mu, i]
            moved = old - 2.0 * scale * J[l, i, j] * S[l, mu, j] * S[l + 1, mu, i]
            change += (moved * moved if moved < 0.0 else 0.0) - (old * old if old < 0.0 else 0.0)
        if change <= 0.0 or np.random.random() < math.exp(-beta * change):
            accepted[1] += 1
            for i in range(n):
                r[l, mu, i] -= 2.0 * scale * J[l, i, j] * S[l, mu, j] * S[l + 1, mu, i]
            S[l, mu, j] = -S[l, mu, j]
            r[l - 1, mu, j] = -own
    return (depth - 1) * n * patterns


@numba.njit(fastmath=FAST)
def floor_sums(short, own, lines, repeats):
    total = 0.0
    for k in range(repeats):
        j = k % lines.shape[0]
        for m in range(short.shape[0]):
            x = short[m] - 0.01 * own[m] * lines[j, m]
            x = x if x > 0.0 else 0.0
            total += x * x
    return total


def least(function, repeats):
    """Least CPU seconds of several calls, after one that compiles."""
    function()
    times = []
    for _ in range(repeats):
        began = time.process_time()
        function()
        times.append(time.process_time() - began)
    return min(times)


def floor(count):
    rng = np.random.default_rng(0)
    short, own, lines = -rng.random(count), rng.choice([-1.0, 1.0], count), rng.choice([-1.0, 1.0], (20, count))
    return least(lambda: floor_sums(short, own, lines, 20_000), 7) / 20_000


@pytest.mark.parametrize("n, depth, warm", ((20, 10, 300), (64, 4, 60), (256, 2, 10)))
def test_soft_core_against_plain_loop_and_floor(n, depth, warm, capsys):
    """α = 2, β = 66.7, Gaussian weights, δ = 0.1, states annealed by the sampler itself; ns per attempt."""
    settings = MonteCarloSettings(n, depth, 2.0, setting="random", weights="gaussian", potential=SoftCore(BETA))
    disorder = draw_disorder(settings, 0)
    net, patterns = disorder.topology, disorder.patterns
    weights = np.random.default_rng(1).standard_normal(len(net.source_k))
    spins = run_forward(net, weights, disorder.input_jm).astype(float)
    spins[net.layer_units(depth)] = disorder.output_im
    rng, accepted, flipped = (
        start_generator(np.random.SeedSequence(1)),
        np.zeros(depth, np.int64),
        np.zeros(depth + 1, np.int64),
    )
    step_l, none = np.full(depth, 0.1), np.zeros(depth, np.int64)
    soft_sweeps(weights, spins, net, True, *LAW, step_l, warm, (accepted, flipped), rng)

    def ours(count):
        soft_sweeps(weights, spins, net, True, *LAW, step_l, count, (none, flipped), rng)

    sweeps = max(1, 40 // (n // 20) ** 2)
    bonds, sites = depth * n * n, (depth - 1) * n * patterns
    whole = least(lambda: ours(sweeps), 5)
    setup = least(lambda: ours(0), 5)
    one = MonteCarloSettings(n, 1, 2.0, setting="random", weights="gaussian", potential=SoftCore(BETA))
    bond_time = bond_seconds(one, patterns)
    spin_time = ((whole - setup) / sweeps - bonds * bond_time) / sites
    J = np.stack([net.matrix(l, weights) for l in range(1, depth + 1)])
    S = np.stack([spins[net.layer_units(l)].T for l in range(depth + 1)])
    r = gaps(net, weights, spins).reshape(depth, n, patterns).transpose(0, 2, 1).copy()
    counts = np.zeros(2)
    plain_bond = least(lambda: plain_bonds(J, S, r, BETA, 0.1, n**-0.5, counts), 3) / bonds
    plain_spin = least(lambda: plain_spins(J, S, r, BETA, n**-0.5, counts), 3) / sites
    floors = floor(patterns), floor(n)
    with capsys.disabled():
        for name, mine, plain, lowest in (
            ("bond", bond_time, plain_bond, floors[0]),
            ("spin", spin_time, plain_spin, floors[1]),
        ):
            print(
                f"\nN = {n}, L = {depth}, M = {patterns}, {name}: {mine * 1e9:.1f} ns per attempt, plain loop "
                f"{plain * 1e9:.1f} ({plain / mine:.1f}×), floor {lowest * 1e9:.1f} ({mine / lowest:.1f}×)",
                end="",
            )
    assert plain_bond > 1.5 * bond_time and plain_spin > 1.2 * spin_time


def bond_seconds(settings, patterns):
    """Seconds per bond attempt: one layer, no hidden spins, as many patterns."""
    disorder = draw_disorder(settings, 0)
    net = disorder.topology
    weights = np.random.default_rng(1).standard_normal(len(net.source_k))
    spins = np.concatenate([disorder.input_jm, disorder.output_im]).astype(float)
    rng, counts = start_generator(np.random.SeedSequence(2)), np.zeros(1, np.int64)
    step, none = np.full(1, 0.1), np.zeros(2, np.int64)
    assert disorder.patterns == patterns

    def run(sweeps):
        soft_sweeps(weights, spins, net, True, *LAW, step, sweeps, (counts, none), rng)

    run(100)
    sweeps = max(2, 400 // (len(net.source_k) // 400))
    return (least(lambda: run(sweeps), 5) - least(lambda: run(0), 5)) / (sweeps * len(net.source_k))


def test_hard_core_on_the_graphs_of_the_dense_limit(capsys):
    """N = 256, c = 16, L = 2, α = 10: a plain loop takes 3 ms a sweep."""
    settings = MonteCarloSettings(256, 2, 10.0, connectivity=16, start="teacher")
    disorder = draw_disorder(settings, 0)
    net, weights = disorder.topology, disorder.teacher_k.copy()
    inputs, outputs = disorder.input_jm.astype(float), disorder.output_im.astype(float)
    rng, accepted, step_l = start_generator(np.random.SeedSequence(1)), np.zeros(2, np.int64), np.full(2, 0.15)

    def run(sweeps):
        hard_sweeps(weights, inputs, outputs, net, step_l, 0.0, sweeps, accepted, rng)

    run(50)
    accepted[:] = 0
    seconds = (least(lambda: run(20), 5) - least(lambda: run(0), 5)) / 20
    share = accepted.sum() / (6 * 20 * len(net.source_k))
    with capsys.disabled():
        print(f"\nhard core, N = 256, c = 16: {seconds * 1e3:.2f} ms a sweep at acceptance {share:.2f}", end="")
    assert seconds < 3e-3


def forgetting(run, state, start, goal):
    """CPU seconds and sweeps until the overlap with the start is down to `goal`, looked at in steps of a fifth."""
    seconds, step, sweeps = 0.0, 10, 0
    while state @ start / len(start) > goal:
        began = time.process_time()
        run(step)
        seconds += time.process_time() - began
        sweeps += step
        step = max(10, sweeps // 5)
    return seconds, sweeps


def test_heat_bath_forgets_its_start_sooner_than_rotations(capsys):
    """N = 600, c = 12, L = 2, α = 10: hidden spins leave the teacher to within .970 (equilibrium: .968)."""
    settings = MonteCarloSettings(600, 2, 10.0, connectivity=12, graph="regular", start="teacher")
    disorder = draw_disorder(settings, 0)
    net, inputs, outputs = disorder.topology, disorder.input_jm.astype(float), disorder.output_im.astype(float)
    start = disorder.teacher_um[net.layer_units(1)].astype(float).ravel()
    found = []
    for dynamics in ("metropolis", "heat-bath"):
        weights, rng = disorder.teacher_k.copy(), start_generator(np.random.SeedSequence(1))
        spins, accepted, step_l = start.copy(), np.zeros(2, np.int64), np.full(2, 0.115)

        def run(sweeps, dynamics=dynamics, weights=weights, rng=rng, spins=spins, accepted=accepted, step_l=step_l):
            if dynamics == "metropolis":
                hard_sweeps(weights, inputs, outputs, net, step_l, 0.0, sweeps, accepted, rng)
            else:
                heat_bath_sweeps(weights, inputs, outputs, net, sweeps, rng)
            spins[:] = run_forward(net, weights, disorder.input_jm)[net.layer_units(1)].ravel()

        run(0)
        found.append(forgetting(run, spins, start, 0.970))
    (slow, many), (fast, few) = found
    weights, rng = disorder.teacher_k.copy(), start_generator(np.random.SeedSequence(1))
    heat_bath_sweeps(weights, inputs, outputs, net, 50, rng)

    def sweeps(count):
        return least(lambda: heat_bath_sweeps(weights, inputs, outputs, net, count, rng), 5)

    per_weight = (sweeps(20) - sweeps(0)) / (20 * len(net.source_k))
    lowest = 2.0 * floor(disorder.patterns)
    with capsys.disabled():
        print(
            f"\nheat bath, c = 12: the start is forgotten in {few} sweeps against {many} of rotations, "
            f"{slow / fast:.1f}× sooner; {per_weight * 1e9:.0f} ns per weight, floor of two "
            f"passes {lowest * 1e9:.0f} ({per_weight / lowest:.1f}×)",
            end="",
        )
    assert slow > 2.0 * fast
