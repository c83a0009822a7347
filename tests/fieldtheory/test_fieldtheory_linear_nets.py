"""Deep linear nets: derivatives, training to the global minimum, and the number of zero modes."""

from dataclasses import replace

import numpy as np
import pytest

from gardner.errors import ConvergenceError
from gardner.fieldtheory.linear_net import Architecture, hessian_product, join, loss_gradient, smallest_loss, split
from gardner.fieldtheory.zero_modes import (
    DEFAULT_ARCHITECTURES,
    GAP,
    count_zero_modes,
    dense_hessian,
    spectrum,
    zero_mode_verdicts,
    zero_modes,
)

THREE_KINDS = [Architecture((3, 4, 2, 3)), Architecture((3, 3, 2, 2), "layer"), Architecture((3, 2, 3, 1, 3), "block")]


@pytest.mark.parametrize(
    "widths, count", [((3, 3, 3), 9), ((3, 3, 3, 3), 18), ((2, 5, 2), 16), ((5, 2, 5), 4), ((6, 3, 2, 5), 16)]
)
def test_prediction_takes_the_values_of_the_theory_chapter(widths, count):
    assert Architecture(widths).zero_modes == count


@pytest.mark.parametrize("net", THREE_KINDS, ids=lambda net: net.name)
def test_gradient_and_hessian_are_derivatives_of_the_loss(net):
    rng = np.random.default_rng(2)
    vector, direction = rng.standard_normal((2, net.parameters))
    target, identity, step = rng.standard_normal((net.widths[-1], net.widths[0])), np.eye(net.widths[0]), 1e-5
    up, down = (loss_gradient(net, vector + s * step * direction, identity, target) for s in (1, -1))
    _, gradient = loss_gradient(net, vector, identity, target)
    assert gradient @ direction == pytest.approx((up[0] - down[0]) / (2 * step), rel=1e-7)
    product = hessian_product(net, vector, direction, target)
    np.testing.assert_allclose(product, (up[1] - down[1]) / (2 * step), rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(join(split(vector, net.widths)), vector)


@pytest.fixture(scope="module")
def trained():
    return [zero_modes(net) for net in DEFAULT_ARCHITECTURES]


def test_count_equals_the_prediction_in_every_architecture(trained):
    kinds = {(result.architecture.residual != "none", result.architecture.bottleneck) for result in trained}
    assert len(trained) >= 12 and len(kinds) == 4
    for result in trained:
        assert result.counted == result.predicted, result.architecture.name
        assert result.gap > GAP, result.architecture.name
        assert result.loss == pytest.approx(result.global_loss, abs=1e-12)
    assert {result.method for result in trained} == {"dense", "lanczos"}
    assert all(verdict.agrees for verdict in zero_mode_verdicts(trained))


def test_wrong_predictions_are_refuted(trained):
    """The gauge group's dimension, and the formula that ignores residual blocks, both miss the count."""
    assert any(result.counted != result.architecture.gauge_dimension for result in trained)
    blocks = [result for result in trained if result.architecture.residual == "block"]
    plain = [Architecture(result.architecture.widths).zero_modes for result in blocks]
    assert any(result.counted != count for result, count in zip(blocks, plain))
    wrong = [replace(result, predicted=result.predicted + (r == 3)) for r, result in enumerate(trained)]
    assert not zero_mode_verdicts(wrong)[0].agrees


def test_residual_layers_only_translate_the_parameters():
    net = Architecture((3, 3, 3), "layer")
    rng = np.random.default_rng(3)
    vector, target = rng.standard_normal(net.parameters), rng.standard_normal((3, 3))
    moved = join([W + np.eye(3) for W in split(vector, net.widths)])
    plain = Architecture((3, 3, 3))
    np.testing.assert_allclose(dense_hessian(net, vector, target), dense_hessian(plain, moved, target), atol=1e-12)


def test_count_at_a_rank_deficient_product_depends_on_the_point():
    """4-4-4 at rank 2: 20 zero modes with both factors of rank 2, 16 with one of them of full rank."""
    rng = np.random.default_rng(4)
    net, thin = Architecture((4, 4, 4)), rng.standard_normal((4, 2)) @ rng.standard_normal((2, 4))
    left, right = rng.standard_normal((4, 2)) @ np.eye(2, 4), np.eye(4, 2) @ rng.standard_normal((2, 4))
    full = rng.standard_normal((4, 4))
    for factors, expected in (([right, left], 20), ([full, thin], 16), ([thin, full], 16)):
        target = factors[1] @ factors[0]
        values = np.linalg.eigvalsh(dense_hessian(net, join(factors), target))
        assert count_zero_modes(values, net.parameters)[0] == expected


def test_lanczos_and_the_whole_spectrum_give_the_same_count(monkeypatch):
    from gardner.fieldtheory import zero_modes as module

    net = Architecture((4, 6, 5, 3))
    rng = np.random.default_rng(5)
    vector = rng.standard_normal(net.parameters)
    target = _product(net, vector)
    whole, method = spectrum(net, vector, target)
    assert method == "dense"
    monkeypatch.setattr(module, "DENSE", 10)
    part, method = spectrum(net, vector, target)
    assert method == "lanczos" and len(part) < net.parameters
    np.testing.assert_allclose(part[-net.product_dimension :], whole[-net.product_dimension :], rtol=1e-9)
    assert count_zero_modes(part, net.parameters)[0] == count_zero_modes(whole, net.parameters)[0] == net.zero_modes
    with pytest.raises(ConvergenceError):
        count_zero_modes(part[-5:], net.parameters)


def _product(net, vector):
    matrix = np.eye(net.widths[0])
    for W in split(vector, net.widths):
        matrix = W @ matrix
    return matrix


def test_global_minimum_of_residual_blocks_is_eckart_young_for_the_distance_from_one():
    target = np.diag([4.0, 1.5, 1.0])
    assert smallest_loss(Architecture((3, 1, 3), "block"), target) == pytest.approx(0.5 * 0.5**2)
    assert smallest_loss(Architecture((3, 1, 3)), target) == pytest.approx(0.5 * (1.5**2 + 1.0))


@pytest.mark.parametrize(
    "widths, residual",
    [((3, 3), "none"), ((3, 0, 3), "none"), ((3, 2, 4), "layer"), ((3, 2, 4), "block"), ((3, 2, 3), "all")],
)
def test_impossible_architectures_are_refused(widths, residual):
    with pytest.raises(ValueError, match=r"widths|residual"):
        Architecture(widths, residual)
