"""The binary sampler against all states of small nets: chi-square, false-alarm rate 10⁻⁴ each, power ≥ 0.99.

Draws of one chain are far enough apart to be independent: the autocorrelation time of the energy is checked to be one
draw. The wrong rule that has to be caught accepts increases with the heat-bath probability 1/(1 + e^{βΔE}) and
decreases always; each half is a common rule, together they obey no detailed balance.
"""

import numpy as np
import pytest
from oracles_binary import FALSE_ALARM, chi_square, problem
from oracles_enumeration import enumerate_states, state_of, weights_of
from scipy.stats import chi2, ncx2

from gardner.montecarlo.bitpacked.chains import BinaryLanes
from gardner.montecarlo.bitpacked.lanes import LANES
from gardner.montecarlo.bitpacked.packing import metropolis, thresholds
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.nets.disorder import draw_disorder
from gardner.statistics import integrated_time


def heat_bath_up_always_down(beta, increase_e):
    return np.where(increase_e > 0, 1.0 / (1.0 + np.exp(beta * increase_e)), 1.0)


def draw(lanes, beta, draws, apart, rule=metropolis):
    """States [draw, lane] and energies, `apart` sweeps between draws, after 50 such intervals."""
    table = thresholds(np.full(LANES, beta), lanes.outputs, rule)
    lanes.run(table, 50 * apart)
    states, energies = np.empty((draws, LANES), dtype=np.int64), np.empty((draws, LANES), dtype=np.int64)
    for t in range(draws):
        lanes.run(table, apart)
        states[t], energies[t] = state_of(lanes.weight_ck), lanes.energy_c
    return states, energies


def stationary(enumeration, topology, beta, rule):
    """Stationary distribution of the sampler as it moves: a unit at random, d or d + 1 attempts on its weights."""
    energy_x, bonds = enumeration.energy_x, enumeration.bonds
    states = np.arange(len(energy_x))
    total = np.zeros((len(states), len(states)))
    perceptrons = len(topology.row_p) - 1
    for p in range(perceptrons):
        row = range(topology.row_p[p], topology.row_p[p + 1])
        one = np.zeros_like(total)
        for k in row:
            there = states ^ (1 << k)
            accept = rule(beta, np.maximum(energy_x[there] - energy_x, 0)) / len(row)
            one[states, there] += accept
            one[states, states] += 1.0 / len(row) - accept
        visit = np.linalg.matrix_power(one, len(row))
        total += visit @ (np.eye(len(states)) + one) / (2.0 * perceptrons)
    probability = np.full(len(states), 1.0 / len(states))
    for _ in range(60):
        probability = probability @ total
        total = total @ total if _ < 12 else total
    assert bonds == topology.row_p[-1]
    return probability / probability.sum()


@pytest.fixture(scope="module")
def eight_bonds():
    """N = 2, L = 2, six random patterns: 256 states, every one with its own probability; even fan-in, so ties."""
    topology, inputs, outputs, _ = problem((2, 2, 2), 6, 2, planted=False)
    return topology, inputs, outputs, enumerate_states(topology, inputs, outputs)


DRAWS, BETA = 3000, 0.7


def test_metropolis_rule_leaves_the_boltzmann_measure_and_the_wrong_one_does_not(eight_bonds):
    topology, _, _, exact = eight_bonds
    assert stationary(exact, topology, BETA, metropolis) == pytest.approx(exact.probabilities(BETA), abs=1e-12)
    wrong = stationary(exact, topology, BETA, heat_bath_up_always_down)
    assert np.abs(wrong - exact.probabilities(BETA)).sum() > 0.1


def test_every_state_of_a_net_is_visited_with_its_boltzmann_weight(eight_bonds):
    topology, inputs, outputs, exact = eight_bonds
    lanes = BinaryLanes.start(topology, inputs, outputs, np.random.SeedSequence(11))
    states, energies = draw(lanes, BETA, DRAWS, 12)
    assert np.array_equal(exact.energy_x[states], energies)
    assert integrated_time(energies.T) < 1.2
    value, degrees = chi_square(np.bincount(states.ravel(), minlength=256), exact.probabilities(BETA))
    assert degrees > 150 and value < chi2.isf(FALSE_ALARM, degrees)


def test_wrong_acceptance_rule_is_rejected_with_power_099(eight_bonds):
    topology, inputs, outputs, exact = eight_bonds
    right, wrong = exact.probabilities(BETA), stationary(exact, topology, BETA, heat_bath_up_always_down)
    limit = chi2.isf(FALSE_ALARM, 255)
    assert ncx2.sf(limit, 255, DRAWS * LANES * ((wrong - right) ** 2 / right).sum()) > 0.99
    lanes = BinaryLanes.start(topology, inputs, outputs, np.random.SeedSequence(11))
    states, _ = draw(lanes, BETA, DRAWS, 12, heat_bath_up_always_down)
    value, degrees = chi_square(np.bincount(states.ravel(), minlength=256), right)
    assert value > chi2.isf(FALSE_ALARM, degrees)
    value, degrees = chi_square(np.bincount(states.ravel(), minlength=256), wrong)
    assert value < chi2.isf(FALSE_ALARM, degrees)  # it does sample what it was computed to sample


@pytest.mark.parametrize(("planted", "beta", "rule"), [(True, 0.5, True), (False, 1.0, True), (True, 0.5, False)])
def test_energies_and_overlaps_of_all_262144_states(planted, beta, rule):
    """N = 3, L = 2: joint distribution of the energy and the overlaps of both layers with the teacher."""
    topology, inputs, outputs, teacher = problem((3, 3, 3), 6, 4, planted=planted)
    exact = enumerate_states(topology, inputs, outputs)
    agree_xl = exact.overlaps_with(teacher)
    bin_x = (exact.energy_x * 10 + agree_xl[:, 0]) * 10 + agree_xl[:, 1]
    probability = np.bincount(bin_x, weights=exact.probabilities(beta))
    lanes = BinaryLanes.start(topology, inputs, outputs, np.random.SeedSequence(12))
    states, energies = draw(lanes, beta, DRAWS, 12, metropolis if rule else heat_bath_up_always_down)
    assert integrated_time(energies.T) < 1.2
    value, degrees = chi_square(np.bincount(bin_x[states.ravel()], minlength=len(probability)), probability)
    assert degrees > 100
    assert (value < chi2.isf(FALSE_ALARM, degrees)) == rule


def test_volume_and_histogram_of_a_perceptron_without_hidden_layer():
    """Three inputs, one pattern: each output fixes the sign of a sum of three weights, half of its 8 states."""
    topology, inputs, outputs, _ = problem((3, 3), 1, 5)
    exact = enumerate_states(topology, inputs, outputs)
    assert exact.volume == 1 / 8
    assert exact.histogram_e.tolist() == [64, 192, 192, 64]
    assert exact.level_probabilities(np.inf).tolist() == [1.0, 0.0, 0.0, 0.0]
    assert exact.level_probabilities(0.7) == pytest.approx(
        np.array([64, 192, 192, 64]) * np.exp(-0.7 * np.arange(4)) / (64 * (1 + np.exp(-0.7)) ** 3)
    )


def test_replica_overlap_is_the_mean_over_pairs_of_states(eight_bonds):
    *_, exact = eight_bonds
    p_x, weight_xk = exact.probabilities(1.3), weights_of(np.arange(256), 8).astype(float)
    pairs = [p_x @ (weight_xk[:, bonds] @ weight_xk[:, bonds].T / 4) @ p_x for bonds in exact.layer_l]
    assert exact.replica_overlaps(1.3) == pytest.approx(pairs)


@pytest.mark.parametrize(("widths", "depth"), [((5, 5, 2), 1), ((4, 2, 1), 2)])
@pytest.mark.parametrize("own_teacher", [True, False])
def test_nishimori_identity_of_exact_overlaps(widths, depth, own_teacher):
    """Binary students of a binary teacher at β = ∞: student–teacher equal student–student overlaps on average over 600
    samples, exactly enumerated (10 bonds); 4.4 standard errors, one in 10⁵ per layer. Another net of the prior in the
    teacher's place must fail. (With an odd number of inputs flips are exact symmetries and hidden overlaps vanish.)"""
    settings = MonteCarloSettings(widths, depth, 2.0, weights="binary", seed=5)
    gap_sl = []
    for sample in range(600):
        disorder = draw_disorder(settings, sample)
        exact = enumerate_states(disorder.topology, disorder.input_jm, disorder.output_im)
        teacher = disorder.teacher_k if own_teacher else draw_disorder(settings, sample + 600).teacher_k
        mean_k = exact.mean_weights(np.inf)
        with_teacher = [np.mean(mean_k[part] * teacher[part]) for part in exact.layer_l]
        gap_sl.append(np.array(with_teacher) - exact.replica_overlaps(np.inf))
    gap_l, error_l = np.mean(gap_sl, axis=0), np.std(gap_sl, axis=0, ddof=1) / np.sqrt(600)
    assert (np.abs(gap_l) < 4.4 * error_l).all() == own_teacher


def test_chains_that_start_alike_become_independent_replicas():
    """Eight lanes from one teacher at β = 3: mean overlaps of pairs are those of independent replicas, at 4.4 standard
    errors of 40 blocks (one in 10⁵ per layer); the overlaps of the first sweep are far from them."""
    topology, inputs, outputs, teacher = problem((3, 3, 3), 6, 4)
    exact = enumerate_states(topology, inputs, outputs)
    lanes = BinaryLanes.start(topology, inputs, outputs, np.random.SeedSequence(13))
    lanes.set_weights(np.tile(teacher, (LANES, 1)))
    table, pairs, overlaps = thresholds(np.full(LANES, 3.0), lanes.outputs), np.triu_indices(LANES, 1), []
    for _ in range(4000):
        lanes.run(table, 5)
        weight_ck = lanes.weight_ck.astype(float)
        matrices = [(w @ w.T / w.shape[1])[pairs].mean() for w in (weight_ck[:, part] for part in exact.layer_l)]
        overlaps.append(matrices)
    blocks_bl = np.array(overlaps[400:]).reshape(40, -1, 2).mean(axis=1)
    error_l = blocks_bl.std(axis=0, ddof=1) / np.sqrt(40)
    expected_l = exact.replica_overlaps(3.0)
    assert (np.abs(blocks_bl.mean(axis=0) - expected_l) < 4.4 * error_l).all()
    assert (np.array(overlaps[0]) - expected_l > 20 * error_l).all()


def test_too_many_states_are_refused():
    topology, inputs, outputs, _ = problem((4, 4, 4), 3, 1)
    with pytest.raises(ValueError, match="at most 18"):
        enumerate_states(topology, inputs, outputs)
