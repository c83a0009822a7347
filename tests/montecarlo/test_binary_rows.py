"""Rows of binary weights drawn afresh, against all states: chi-square, false-alarm rate 10⁻⁴ (`oracles_binary`)."""

from dataclasses import replace

import numpy as np
import pytest
from oracles_binary import FALSE_ALARM, chi_square, problem
from oracles_enumeration import enumerate_states, state_of
from scipy.stats import chi2

from gardner.montecarlo.generator import start_generator
from gardner.montecarlo.moves import choose_move
from gardner.montecarlo.moves.binary_rows import BLOCK, BinaryRows, row_sweeps
from gardner.montecarlo.run import run_monte_carlo
from gardner.montecarlo.sampler import Sampler
from gardner.montecarlo.settings import MonteCarloSettings, WrongOutputs
from gardner.nets.disorder import draw_disorder
from gardner.potentials.hard import HardCore


def draw(problem, beta, draws, apart, block=BLOCK, seed=5):
    """States of one chain from the teacher, `apart` sweeps between draws."""
    topology, inputs, outputs, teacher = problem
    weight_k, rng = teacher.astype(np.int64), start_generator(np.random.SeedSequence(seed))
    ends = inputs.astype(np.int64), outputs.astype(np.int64), topology
    states = np.empty(draws, dtype=np.int64)
    for t in range(draws):
        drawn_l = np.zeros(topology.depth, np.int64)
        _, drift = row_sweeps(weight_k, *ends, beta, block, apart, drawn_l, rng)
        assert drift == 0.0
        states[t] = state_of(weight_k[None])[0]
    return states


@pytest.mark.parametrize("beta, block", ((0.7, BLOCK), (2.0, 2), (0.7, 1)))
def test_every_state_of_two_layers_has_its_boltzmann_weight_whatever_the_block(beta, block):
    net = problem((3, 2, 2), 5, 2)
    exact = enumerate_states(*net[:3])
    counts = np.bincount(draw(net, beta, 4000, 6, block), minlength=len(exact.energy_x))
    value, degrees = chi_square(counts, exact.probabilities(beta))
    assert value < chi2.isf(FALSE_ALARM, degrees)
    value, degrees = chi_square(counts, exact.probabilities(1.4 * beta))
    assert value > chi2.isf(FALSE_ALARM, degrees)


@pytest.mark.parametrize("right", (True, False))
def test_flips_travel_through_three_layers(right):
    """N = 2, L = 3, fields that can vanish: energy × overlaps with the teacher; another temperature is found out."""
    net = problem((3, 2, 2, 2), 6, 4)
    exact = enumerate_states(*net[:3])
    agree_xl = exact.overlaps_with(net[3])
    bin_x = (exact.energy_x * 7 + agree_xl[:, 0]) * 25 + agree_xl[:, 1] * 5 + agree_xl[:, 2]
    probability = np.bincount(bin_x, weights=exact.probabilities(0.8 if right else 1.1))
    counts = np.bincount(bin_x[draw(net, 0.8, 6000, 6)], minlength=len(probability))
    value, degrees = chi_square(counts, probability)
    assert degrees > 50 and (value < chi2.isf(FALSE_ALARM, degrees)) == right


HARD = {
    "weights": "binary",
    "potential": WrongOutputs(1000.0),
    "start": "teacher",
    "connectivity": 9,
    "graph": "regular",
}


@pytest.mark.parametrize("dynamics, reaches", (("heat-bath", True), ("metropolis", False)))
def test_rows_of_one_layer_leave_the_teacher_where_single_flips_stay_in_its_cluster(dynamics, reaches):
    """27 perceptrons of 9 weights and 9 patterns: 130 sweeps of two replicas against the exact mean overlap of all rows
    of this sample. Rows are independent and, drawn afresh, so are sweeps: error from the exact variance, five of it."""
    settings = MonteCarloSettings((27,), 1, 1.0, sweeps=150, burn_in=20, samples=1, seed=3, dynamics=dynamics, **HARD)
    disorder = draw_disorder(settings, 0)
    mean, variance = exact_overlap(disorder)
    data = run_monte_carlo(replace(settings, measurements=150, points=1)).data
    late = data["Q_teacher"].isel(sample=0, bond_layer=0, time=data["time"].values > 20)
    error = np.sqrt(variance / late.size)
    assert (abs(float(late.mean()) - mean) < 5.0 * error) == reaches
    assert reaches or float(late.mean()) > mean + 0.1


def exact_overlap(disorder):
    """Mean over all satisfying rows of the overlap with the teacher, and its variance, of a net of one layer."""
    net, mean_p, variance_p = disorder.topology, [], []
    for p, (start, stop) in enumerate(zip(net.row_p[:-1], net.row_p[1:])):
        rows = 1 - 2 * ((np.arange(2 ** (stop - start))[:, None] >> np.arange(stop - start)) & 1)
        right = np.all((rows @ disorder.input_jm[net.source_k[start:stop]] >= 0) == (disorder.output_im[p] > 0), axis=1)
        overlap = rows[right] @ disorder.teacher_k[start:stop] / (stop - start)
        mean_p.append(overlap.mean())
        variance_p.append(overlap.var())
    return np.mean(mean_p), np.sum(variance_p) / len(variance_p) ** 2


def test_the_heat_bath_of_binary_weights_draws_rows():
    settings = MonteCarloSettings((18,), 2, 1.0, dynamics="heat-bath", **HARD)
    assert choose_move(settings) is BinaryRows
    with pytest.raises(ValueError, match="drop --step"):
        replace(settings, step=0.1)
    with pytest.raises(ValueError, match="hidden spins slaved to the weights need margin 0"):
        replace(settings, potential=HardCore(0.1))


def test_a_ladder_of_temperatures_leaves_the_measure_of_the_coldest():
    """N = 2, L = 2, M = 6, three temperatures, random start: all 256 states at β = 2."""
    common = {"setting": "random", "weights": "binary", "tempering": 3, "replicas": 1, "seed": 2}
    settings = MonteCarloSettings(2, 2, 3.0, potential=WrongOutputs(2.0), dynamics="binary-rows", **common)
    disorder, counts = draw_disorder(settings, 0), np.zeros(256)
    exact = enumerate_states(disorder.topology, disorder.input_jm, disorder.output_im)
    sampler = Sampler(settings, disorder, settings.seeds(0)[1])
    for _ in range(2500):
        sampler.run(10)
        counts[state_of(sampler.weight_rk)[0]] += 1
    value, degrees = chi_square(counts, exact.probabilities(2.0))
    assert value < chi2.isf(FALSE_ALARM, degrees)
    value, degrees = chi_square(counts, exact.probabilities(1.4))
    assert value > chi2.isf(FALSE_ALARM, degrees)
    assert sampler.counts["round_trips"] > 100
