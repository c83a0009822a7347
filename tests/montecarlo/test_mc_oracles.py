"""Samplers of real weights against exact enumeration and quadrature.

Every chi-square refuses a right sampler with probability 1e-3 (FALSE_ALARM); samples are thinned until their
autocorrelation is negligible, seeds are fixed.
"""

import numpy as np
import pytest
from oracles_mc import (
    FALSE_ALARM,
    chi_square,
    connected_component,
    gaussian_row_distribution,
    metropolis_twin,
    power,
    quadrant,
    spin_and_angle_distribution,
    spin_distribution,
    state_number,
    stationary_without_own_gap,
    wrong_outputs_by_class,
)

from gardner.montecarlo.generator import start_generator
from gardner.montecarlo.moves.hard_rotations import hard_sweeps
from gardner.montecarlo.moves.heat_bath import heat_bath_sweeps
from gardner.montecarlo.moves.soft_core import soft_sweeps
from gardner.montecarlo.sampler import Sampler
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.nets.disorder import draw_disorder
from gardner.nets.graphs import from_masks
from gardner.potentials.soft import SoftCore


def state_of(seed):
    return start_generator(np.random.SeedSequence(seed))


class Frozen:
    """Soft core at frozen weights: a net with two hidden layers and 2 patterns, 256 states of its hidden spins."""

    def __init__(self, sparse, seed=5):
        rng = np.random.default_rng(seed)
        self.masks = [np.ones(shape, bool) for shape in ((2, 3), (2, 2), (3, 2))]
        if sparse:
            self.masks[0][0, 1] = self.masks[1][1, 0] = self.masks[2][2, 1] = False
        self.scales = [3**-0.5, 2**-0.5, 2**-0.5]
        self.net = from_masks(self.masks, self.scales)
        self.weights = rng.standard_normal(len(self.net.source_k))
        self.matrices = [self.net.matrix(l, self.weights) for l in (1, 2, 3)]
        self.inputs, self.outputs = rng.choice([-1.0, 1.0], (3, 2)), rng.choice([-1.0, 1.0], (3, 2))

    def counts(self, beta, samples, thinning, margin=0.0, seed=1):
        spins = np.concatenate([self.inputs, np.ones((4, 2)), self.outputs])
        weights, rng = self.weights.copy(), state_of(seed)
        still, none, some = np.zeros(3), np.zeros(3, np.int64), np.zeros(4, np.int64)
        hidden = np.empty((samples, 8))
        for row in hidden:
            soft_sweeps(
                weights, spins, self.net, True, SoftCore(beta), margin, beta, still, thinning, (none, some), rng
            )
            row[:] = spins[3:7].ravel()
        np.testing.assert_allclose(weights, self.weights, rtol=1e-12)
        return np.bincount(state_number(hidden), minlength=256)


@pytest.mark.parametrize("sparse", (False, True))
@pytest.mark.parametrize("margin", (0.0, 0.4))
def test_spins_at_frozen_weights_follow_the_enumerated_boltzmann_weights(sparse, margin):
    net = Frozen(sparse)
    exact = spin_distribution(net.matrices, net.scales, net.inputs, net.outputs, 1.5, margin)
    assert chi_square(net.counts(1.5, 20_000, 20, margin), exact) > FALSE_ALARM


def test_an_acceptance_without_the_own_gap_is_refused_with_power_above_99_percent():
    net = Frozen(False)
    arguments = (net.matrices, net.scales, net.inputs, net.outputs)
    right, wrong = spin_distribution(*arguments, 1.5), stationary_without_own_gap(*arguments, 1.5)
    assert power(right, wrong, 20_000) > 0.99
    rng = np.random.default_rng(3)
    for own_gap in (True, False):
        hidden = metropolis_twin(*arguments, 1.5, 20_000, 400, rng, own_gap)
        p = chi_square(np.bincount(state_number(hidden), minlength=256), right)
        assert (p > FALSE_ALARM) == own_gap


def soft_samples(inputs, outputs, depth, gaussian, beta, step, samples, thinning, seed):
    """Weights (samples, bonds) and hidden spins of a net of width 2 whose spins and bonds move."""
    net = from_masks([np.ones((2, 2), bool)] * depth, [2**-0.5] * depth)
    hidden = np.ones((2 * (depth - 1), inputs.shape[1]))
    spins, rng = np.concatenate([inputs, hidden, outputs]), state_of(seed)
    weights = np.tile([1.0, 1.0], 2 * depth)
    accepted, flipped = np.zeros(depth, np.int64), np.zeros(depth + 1, np.int64)
    found_w, found_s = np.empty((samples, len(weights))), np.empty((samples, hidden.size))
    for w, s in zip(found_w, found_s):
        law, counts = (SoftCore(beta), 0.0, beta), (accepted, flipped)
        soft_sweeps(weights, spins, net, gaussian, *law, np.full(depth, step), thinning, counts, rng)
        w[:], s[:] = weights, spins[2 : 2 * depth].ravel()
    return found_w, found_s


def angle_bin(weights, bins):
    return np.floor(np.arctan2(weights[:, 1], weights[:, 0]) % (2 * np.pi) / (2 * np.pi) * bins).astype(int) % bins


def test_spins_and_bonds_on_the_sphere_follow_enumeration_times_quadrature():
    """N = 2, L = 2, M = 2: 16 hidden states × 12 angles of the first row, integrated over the other three rows."""
    inputs, outputs = np.array([[1.0, -1.0], [1.0, 1.0]]), np.array([[1.0, 1.0], [-1.0, 1.0]])
    beta, bins, samples = 3.0, 12, 20_000
    exact = spin_and_angle_distribution(inputs, outputs, beta, bins)
    weights, hidden = soft_samples(inputs, outputs, 2, False, beta, 1.0, samples, 25, 7)
    np.testing.assert_allclose((weights.reshape(samples, 4, 2) ** 2).sum(axis=2), 2.0, rtol=1e-10)
    counts = np.zeros((16, bins))
    np.add.at(counts, (state_number(hidden), angle_bin(weights, bins)), 1)
    assert chi_square(counts, exact) > FALSE_ALARM
    hotter = spin_and_angle_distribution(inputs, outputs, 0.8 * beta, bins)
    assert power(exact, hotter, samples) > 0.99  # an acceptance e^{-0.8 βΔE} would be refused
    assert chi_square(counts, hotter) < FALSE_ALARM


def test_gaussian_bonds_follow_quadrature_in_radius_and_angle():
    """N = 2, L = 1, M = 3: the shift (J + δx)/sqrt(1+δ²) keeps the Gaussian prior."""
    rng = np.random.default_rng(2)
    inputs, outputs = rng.choice([-1.0, 1.0], (2, 3)), np.array([[1.0, -1.0, 1.0], [1.0, 1.0, -1.0]])
    beta, bins, radii, samples = 2.0, 10, np.array([0.6, 1.1, 1.7]), 12_000
    weights, _ = soft_samples(inputs, outputs, 1, True, beta, 0.8, samples, 30, 11)
    for row, output in enumerate(outputs):
        pair = weights[:, 2 * row : 2 * row + 2]
        shell = np.searchsorted(radii, np.hypot(*pair.T))
        counts = np.zeros((4, bins))
        np.add.at(counts, (shell, angle_bin(pair, bins)), 1)
        exact = gaussian_row_distribution(inputs, output, beta, radii, bins)
        assert chi_square(counts, exact) > FALSE_ALARM
        unshrunk = gaussian_row_distribution(inputs, output, 1.25 * beta, radii, bins)
        assert power(exact, unshrunk, samples) > 0.99
        assert chi_square(counts, unshrunk) < FALSE_ALARM


def hard_classes(inputs, outputs, depth, temperature, samples, thinning, seed, start=None, heat_bath=False):
    """Sign classes of all rows [sample, row] along a run of the hard core at N = 2."""
    net = from_masks([np.ones((2, 2), bool)] * depth, [2**-0.5] * depth)
    rng = state_of(seed)
    weights = np.tile([2**0.5, 0.0], 2 * depth) if start is None else start.copy()
    accepted, found = np.zeros(depth, np.int64), np.empty((samples, 2 * depth), int)
    drifts = []
    for row in found:
        if heat_bath:
            wrong, drift = heat_bath_sweeps(weights, inputs, outputs, net, thinning, rng)
        else:
            wrong, drift = hard_sweeps(
                weights, inputs, outputs, net, np.full(depth, 3.0), temperature, thinning, accepted, rng
            )
        drifts.append(drift)
        row[:] = quadrant(weights.reshape(-1, 2))
    assert max(drifts) < 1e-12
    return found, weights, wrong


def class_number(classes):
    return classes @ 4 ** np.arange(classes.shape[1])[::-1]


@pytest.mark.parametrize(
    "depth, samples, patterns",
    ((1, 5_000, 3), (2, 20_000, 3), pytest.param(3, 60_000, 2, marks=pytest.mark.slow)),
)
def test_annealing_energy_of_the_hard_core_follows_enumeration_over_sign_classes(depth, samples, patterns):
    """exp(-wrong/T) over all 4^(2L) classes: gains and losses of outputs through one, two and three layers."""
    rng = np.random.default_rng(depth)
    inputs, outputs = rng.choice([-1.0, 1.0], (2, patterns)), rng.choice([-1.0, 1.0], (2, patterns))
    wrong = wrong_outputs_by_class(inputs, outputs, depth)
    exact = np.exp(-wrong / 0.8)
    exact /= exact.sum()
    classes, _, _ = hard_classes(inputs, outputs, depth, 0.8, samples, 12, 3)
    counts = np.bincount(class_number(classes), minlength=len(exact))
    assert chi_square(counts, exact) > FALSE_ALARM
    cold = np.exp(-wrong / 0.6)
    assert power(exact, cold / cold.sum(), samples) > 0.99
    assert chi_square(counts, cold / cold.sum()) < FALSE_ALARM


@pytest.mark.parametrize("heat_bath", (False, True), ids=("metropolis", "heat-bath"))
@pytest.mark.parametrize(
    "depth, patterns, samples", (pytest.param(1, 1, 4_000, marks=pytest.mark.slow), (2, 2, 10_000), (3, 2, 25_000))
)
def test_hard_core_is_uniform_on_what_single_rows_reach_from_the_teacher(depth, patterns, samples, heat_bath):
    """The wrong rule here does not count refused moves as time: it visits states in proportion to their neighbours."""
    inputs = np.array([[1.0, 1.0], [1.0, -1.0]])[:, :patterns]
    teacher = np.random.default_rng(0).standard_normal((2 * depth, 2))
    teacher *= np.sqrt(2.0 / (teacher**2).sum(axis=1, keepdims=True))
    outputs = inputs
    for layer in range(depth):
        outputs = np.where(teacher[2 * layer : 2 * layer + 2] @ outputs >= 0.0, 1.0, -1.0)
    allowed = wrong_outputs_by_class(inputs, outputs, depth) == 0
    start = int(class_number(quadrant(teacher)[None])[0])
    states, neighbours = connected_component(allowed, start, 2 * depth)
    assert len(states) == (4, 24, 448)[depth - 1]
    exact, wrong_rule = np.zeros(len(allowed)), np.zeros(len(allowed))
    exact[states], wrong_rule[states] = 1.0 / len(states), neighbours / neighbours.sum()
    classes, _, wrong = hard_classes(inputs, outputs, depth, 0.0, samples, 25, 5, teacher.ravel(), heat_bath)
    assert wrong == 0
    counts = np.bincount(class_number(classes), minlength=len(exact))
    assert chi_square(counts, exact) > FALSE_ALARM
    if depth > 1:  # at L = 1 all states have as many neighbours
        assert power(exact, wrong_rule, samples) > 0.99
        assert chi_square(counts, wrong_rule) < FALSE_ALARM


def test_heat_bath_is_uniform_in_angle_and_forgets_the_length():
    """One row of two weights, one pattern: the angle is uniform on the half circle where the output is right."""
    inputs, outputs, net = np.array([[1.0], [1.0]]), np.ones((1, 1)), from_masks([np.ones((1, 2), bool)], [2**-0.5])
    weights, rng, samples, bins = np.array([1.2, 0.75]), state_of(3), 20_000, 12
    weights *= np.sqrt(2.0 / (weights @ weights))
    angle = np.empty(samples)
    for i in range(samples):
        heat_bath_sweeps(weights, inputs, outputs, net, 6, rng)
        angle[i] = np.arctan2(weights[1], weights[0]) - np.pi / 4
    counts, _ = np.histogram(angle, bins, (-np.pi / 2, np.pi / 2))
    flat = np.full(bins, 1.0 / bins)
    assert counts.sum() == samples and chi_square(counts, flat) > FALSE_ALARM
    tilted = flat * (1.0 + 0.1 * np.cos(2.0 * np.pi * (np.arange(bins) + 0.5) / bins))
    assert power(flat, tilted, samples) > 0.99 and chi_square(counts, tilted) < FALSE_ALARM


def test_the_coldest_slot_of_a_tempered_ladder_follows_enumeration_times_quadrature():
    """N = 2, L = 2, M = 2 at β = 3 under exchanges with three hotter slots; exchanges must have happened."""
    settings = MonteCarloSettings(
        2, 2, 1.0, setting="random", potential=SoftCore(3.0), tempering=4, replicas=1, step=1.0, seed=8
    )
    disorder = draw_disorder(settings, 0)
    sampler = Sampler(settings, disorder, settings.seeds(0)[1])
    bins, samples = 12, 5_000
    counts = np.zeros((16, bins))
    for _ in range(samples):
        sampler.run(15)
        hidden = sampler.spin_rum[0, 2:4].ravel()
        counts[state_number(hidden), angle_bin(sampler.weight_rk[:, :2], bins)[0]] += 1
    exact = spin_and_angle_distribution(disorder.input_jm.astype(float), disorder.output_im.astype(float), 3.0, bins)
    assert chi_square(counts, exact) > FALSE_ALARM
    second = settings.beta * np.exp(-0.7)  # slots that exchange whatever their energies would mix these two
    mixed = 0.5 * exact + 0.5 * spin_and_angle_distribution(
        disorder.input_jm.astype(float), disorder.output_im.astype(float), second, bins
    )
    assert power(exact, mixed, samples) > 0.99
    assert chi_square(counts, mixed) < FALSE_ALARM
    assert (sampler.counts["exchange_accepted"] > 1000).all()
