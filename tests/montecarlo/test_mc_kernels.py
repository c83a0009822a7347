"""The kernels follow, move by move, plain twins that compute everything from scratch from the same random numbers."""

import numpy as np
import pytest
from oracles_mc import hard_sweeps_twin, heat_bath_twin, soft_sweeps_twin

from gardner.montecarlo import generator
from gardner.montecarlo.moves.hard_rotations import hard_sweeps
from gardner.montecarlo.moves.heat_bath import between, heat_bath_sweeps
from gardner.montecarlo.moves.soft_core import soft_sweeps
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.nets.disorder import draw_disorder, draw_weights, run_forward
from gardner.potentials.soft import SoftCore


class Draws:
    """The generator of the kernels, called from Python."""

    def __init__(self, state):
        self.state = state

    def __getattr__(self, name):
        return lambda *arguments: getattr(generator, name)(self.state, *arguments)


GRAPHS = (
    {"widths": (5, 4, 3), "depth": 3},
    {"widths": (6, 5, 4), "depth": 3, "connectivity": 3},
    {"widths": (4, 4, 4), "depth": 4, "dilution": 0.5},
    {"widths": (7, 6, 2), "depth": 2},
    {"widths": (5, 1, 4), "depth": 1},
)


def sample(graph, alpha, weights, **changes):
    settings = MonteCarloSettings(alpha=alpha, weights=weights, seed=2, **graph, **changes)
    disorder = draw_disorder(settings, 0)
    return disorder, draw_weights(weights, disorder.topology, np.random.default_rng(1))


SOFT = [(graph, *case) for graph in GRAPHS for case in ((0.0, 2.0), (0.3, 2.5))] + [(GRAPHS[-1], 0.0, 30.0)]


@pytest.mark.parametrize("graph, margin, alpha", SOFT, ids=str)
@pytest.mark.parametrize("weights", ("spherical", "gaussian"))
def test_soft_core_kernel_is_its_twin(graph, weights, margin, alpha):
    """α = 30 gives more patterns than are summed in one piece, where sums are left early."""
    disorder, J = sample(graph, alpha, weights, potential=SoftCore(5.0))
    net, depth = disorder.topology, graph["depth"]
    spins = run_forward(net, J, disorder.input_jm).astype(float)
    spins[net.layer_units(depth)] = np.random.default_rng(3).choice([-1.0, 1.0], disorder.output_im.shape)
    step_l, seed = np.linspace(0.4, 0.8, depth), np.random.SeedSequence(4)
    gaussian = weights == "gaussian"
    arguments = (net, J, spins, gaussian, 5.0, margin, step_l, 3)
    twin_J, twin_spins, twin_energy = soft_sweeps_twin(*arguments, Draws(generator.start_generator(seed)))
    accepted, flipped = np.zeros(depth, np.int64), np.zeros(depth + 1, np.int64)
    rng = generator.start_generator(seed)
    energy, drift = soft_sweeps(
        J, spins, net, gaussian, SoftCore(5.0), margin, 5.0, step_l, 3, (accepted, flipped), rng
    )
    np.testing.assert_array_equal(spins, twin_spins)
    np.testing.assert_allclose(J, twin_J, rtol=1e-12, atol=1e-13)
    assert energy == pytest.approx(twin_energy, rel=1e-12, abs=1e-13)
    assert drift < 1e-13 and accepted.min() > 0
    assert accepted.sum() < 3 * net.row_p[-1]


@pytest.mark.parametrize("graph", GRAPHS, ids=str)
@pytest.mark.parametrize("temperature, alpha", ((0.0, 2.0), (1.0, 2.0), (0.0, 20.0), (2.0, 20.0)))
def test_hard_core_kernel_is_its_twin(graph, temperature, alpha):
    """From the teacher at temperature 0, from random weights with wrong outputs above it."""
    disorder, J = sample(graph, alpha, "spherical")
    J = disorder.teacher_k.copy() if temperature == 0.0 else J
    net, depth = disorder.topology, graph["depth"]
    inputs, outputs = disorder.input_jm.astype(float), disorder.output_im.astype(float)
    step_l, seed = np.linspace(0.3, 0.6, depth), np.random.SeedSequence(4)
    twin = hard_sweeps_twin(net, J, inputs, outputs, step_l, temperature, 4, Draws(generator.start_generator(seed)))
    accepted = np.zeros(depth, np.int64)
    wrong, drift = hard_sweeps(
        J, inputs, outputs, net, step_l, temperature, 4, accepted, generator.start_generator(seed)
    )
    np.testing.assert_allclose(J, twin[0], rtol=1e-12, atol=1e-13)
    assert wrong == twin[1] and drift < 1e-13
    assert 0 < accepted.sum() < 4 * net.row_p[-1]
    assert (wrong == 0) == (temperature == 0.0)


@pytest.mark.parametrize("graph", (*GRAPHS, {"widths": (5, 3, 4), "depth": 2, "connectivity": 1}), ids=str)
@pytest.mark.parametrize("alpha", (2.0, 20.0))
def test_heat_bath_kernel_is_its_twin(graph, alpha):
    """α = 2 leaves many patterns free, also through several layers; α = 20 binds nearly all."""
    disorder, _ = sample(graph, alpha, "spherical")
    net, J = disorder.topology, disorder.teacher_k.copy()
    inputs, outputs = disorder.input_jm.astype(float), disorder.output_im.astype(float)
    seed, rng = np.random.SeedSequence(4), generator.start_generator(np.random.SeedSequence(4))
    plain = generator.start_generator(seed)
    twin = heat_bath_twin(net, J, inputs, outputs, 3, Draws(plain), lambda low, high: between(low, high, plain))
    wrong, drift = heat_bath_sweeps(J, inputs, outputs, net, 3, rng)
    np.testing.assert_allclose(J, twin, rtol=1e-10, atol=1e-11)
    assert wrong == 0 and drift < 1e-13
    if graph.get("connectivity") == 1:  # the sign of a single weight is fixed
        return
    assert abs(J - disorder.teacher_k).max() > 0.01
    hidden = slice(net.width_l[0], net.first_l[graph["depth"]])
    turned = run_forward(net, J, disorder.input_jm)[hidden] != disorder.teacher_um[hidden]
    assert turned.any() == (graph["depth"] > 1)


def test_heat_bath_leaves_a_net_with_a_wrong_output_alone():
    disorder, _ = sample(GRAPHS[3], 2.0, "spherical")
    J = disorder.teacher_k.copy()
    outputs = disorder.output_im.astype(float)
    outputs[0, 0] *= -1.0
    rng = generator.start_generator(np.random.SeedSequence(4))
    wrong, _ = heat_bath_sweeps(J, disorder.input_jm.astype(float), outputs, disorder.topology, 3, rng)
    assert wrong == 1
    np.testing.assert_allclose(J, disorder.teacher_k, rtol=1e-14)


@pytest.mark.parametrize("low, high", ((-0.9, 1.3), (0.4, 2.5), (-1e30, 1e30), (-1e30, -1.5), (6.0, 1e30)))
def test_draws_between_two_ends_are_gaussian(low, high):
    from scipy import stats

    rng = generator.start_generator(np.random.SeedSequence(5))
    drawn = np.array([between(low, high, rng) for _ in range(20_000)])
    assert drawn.min() >= low and drawn.max() <= high
    assert stats.kstest(drawn, stats.truncnorm(low, high).cdf).pvalue > 1e-3
    wider = stats.truncnorm(low / 1.3, high / 1.3, scale=1.3)
    assert stats.kstest(drawn, wider.cdf).pvalue < 1e-3
