"""The bit-packed binary sampler against plain nets and a plain Metropolis loop with the same random numbers."""

import numpy as np
import pytest
from oracles_binary import plain_sweeps, problem, spins_of, sweep, unpack, wrong_outputs

from gardner.montecarlo.bitpacked.chains import BinaryLanes
from gardner.montecarlo.bitpacked.lanes import LANES
from gardner.montecarlo.bitpacked.packing import NEVER, metropolis, pack, thresholds
from gardner.nets.disorder import run_forward

NETS = [
    ((3, 3, 3), 9, 0.0),
    ((4, 4, 4, 4, 4), 16, 0.4),
    ((1, 1, 1), 3, 0.0),
    ((7, 5, 2), 70, 0.3),
    ((20, 20), 130, 0.0),
    ((9, 17, 6, 3), 64, 0.0),
    ((33, 12, 40, 1), 20, 0.1),
    ((12, 12, 12, 12, 12), 130, 0.7),
]


def sampler(widths, patterns, dilution, seed=1, planted=True):
    topology, inputs, outputs, teacher = problem(widths, patterns, seed, planted, dilution)
    lanes = BinaryLanes.start(topology, inputs, outputs, np.random.SeedSequence(seed))
    return lanes, topology, inputs, outputs, teacher


@pytest.mark.parametrize(("widths", "patterns", "dilution"), NETS)
def test_packed_nets_run_like_plain_ones(widths, patterns, dilution):
    """Spins of every unit and pattern, ties included, and the number of wrong outputs, before and after moves."""
    lanes, topology, inputs, outputs, _ = sampler(widths, patterns, dilution)
    for _ in range(3):
        for c in range(LANES):
            assert np.array_equal(spins_of(lanes, c), run_forward(topology, lanes.weight_ck[c].astype(float), inputs))
            assert lanes.energy_c[c] == wrong_outputs(topology, lanes.weight_ck[c], inputs, outputs)
        assert np.array_equal(lanes.energy_c, lanes.recompute())
        sweep(lanes, 0.5, 4)
    assert lanes.accepted_lc.sum() > 0


@pytest.mark.parametrize(("widths", "patterns", "dilution"), NETS)
def test_trajectories_equal_those_of_a_plain_metropolis_loop(widths, patterns, dilution):
    lanes, topology, inputs, outputs, _ = sampler(widths, patterns, dilution, planted=False)
    start, site, dice = lanes.weight_ck, lanes.site.copy(), lanes.dice.reshape(4, LANES).copy()
    beta_c = np.linspace(0.2, 3.0, LANES)
    sweep(lanes, beta_c, 2)
    for c in (0, 5):
        weight_k, energy = plain_sweeps(topology, inputs, outputs, start[c], site, dice[:, c], beta_c[c], 2)
        assert np.array_equal(lanes.weight_ck[c], weight_k)
        assert lanes.energy_c[c] == energy


def test_fields_that_vanish_point_up():
    """Two inputs that disagree with equal weights: every spin +1, in packed and plain nets alike."""
    topology, _, outputs, _ = problem((2, 2), 4, 0)
    inputs = np.array([[1, -1, 1, -1], [-1, 1, -1, 1]], dtype=np.int8)
    lanes = BinaryLanes.start(topology, inputs, outputs, np.random.SeedSequence(0))
    for sign in (1, -1):
        lanes.set_weights(np.full((LANES, 4), sign))
        assert (spins_of(lanes, 0)[2:] == 1).all()


def test_packing_is_invertible_and_pads_with_zeros():
    rng = np.random.default_rng(1)
    for patterns in (1, 63, 64, 65, 200):
        signs = (2 * rng.integers(0, 2, (5, patterns)) - 1).astype(np.int8)
        words = pack(signs)
        assert np.array_equal(unpack(words, patterns), signs)
        assert np.bitwise_count(words).sum() == (signs > 0).sum()


def test_acceptance_thresholds_hold_the_metropolis_rule():
    beta_c = np.array([0.0, 0.1, 1.0, 2.0, 5.0, 10.0, 50.0, np.inf])
    table = thresholds(beta_c, 400).view(np.int64)
    assert len(table) == 401  # the hottest lane accepts everything
    probability = (table.astype(float) + 1.0) / 2.0**63
    for c, beta in enumerate(beta_c):
        assert probability[:, c] == pytest.approx(metropolis(beta, np.arange(401)), rel=1e-12, abs=2.0**-62)
    assert (table[0] == 2**63 - 1).all() and (table[1:, -1] == -1).all()
    cold = thresholds(np.full(LANES, 5.0), 400)
    assert len(cold) - 1 == int(np.ceil(NEVER / 5.0)) and (cold[-1].view(np.int64) == -1).all()


def test_greedy_descent_never_goes_up_and_reaches_zero_on_a_perceptron():
    lanes, *_ = sampler((15, 1), 8, 0.0)
    energies = [lanes.energy_c.copy()]
    for _ in range(60):
        sweep(lanes, np.inf, 1)
        energies.append(lanes.energy_c.copy())
    assert (np.diff(np.array(energies, dtype=int), axis=0) <= 0).all()
    assert (energies[-1] == 0).any()


def test_annealing_equals_sweeps_at_its_temperatures():
    beta_t = np.concatenate([np.geomspace(0.05, 20.0, 70), [np.inf]])
    first, *_ = sampler((9, 9, 9), 30, 0.0)
    second, *_ = sampler((9, 9, 9), 30, 0.0)
    first.anneal(beta_t)
    for beta in beta_t:
        sweep(second, beta, 1)
    assert np.array_equal(first.weight_ck, second.weight_ck)


def test_teacher_makes_no_error_on_fresh_inputs_and_its_negative_on_one_layer_makes_all():
    lanes, topology, _, _, teacher = sampler((7, 3), 20, 0.0)
    fresh = 2 * np.random.default_rng(5).integers(0, 2, (7, 300), dtype=np.int8) - 1
    answers = run_forward(topology, teacher, fresh)[7:]
    lanes.set_weights(np.tile(teacher, (LANES, 1)) * np.where(np.arange(LANES) % 2, -1, 1)[:, None])
    assert lanes.errors_on(fresh, answers).tolist() == [0.0, 1.0] * (LANES // 2)  # odd fan-in: no ties


def test_attempts_and_acceptances_are_counted_by_layer():
    lanes, *_ = sampler((7, 5, 2), 70, 0.0)
    sweep(lanes, 0.0, 200)
    bonds_l = np.array([35, 10])
    # visits are drawn at random: 1400 visits of 7 perceptrons, relative spread below 5 % per layer; bound at 5 σ
    assert np.abs(lanes.attempts_l / (200 * bonds_l * np.array([7.5 / 7, 5.5 / 5])) - 1.0).max() < 5 * 0.04
    assert np.array_equal(lanes.accepted_lc, np.repeat(lanes.attempts_l[:, None], LANES, axis=1))  # β = 0 takes all
