"""Covariances of the liquid (T24) from the closures' free entropies: closed forms, finite differences, transitions."""

import math

import numpy as np
import pytest
from oracles_liquid import pair_weight, two_replica_free_entropy

from gardner.model import CLOSURES
from gardner.potentials.hard import HardCore
from gardner.potentials.soft import SoftCore
from gardner.theory.liquid import (
    liquid_covariances,
    liquid_instability,
    overlaps_of,
    pair_coefficients,
    quadratic_form,
)

A, G = 2.0 / math.pi, (2.0 / math.pi) ** 2


def closed_form(delta: float, alpha: float) -> np.ndarray:
    """THEORY section 14.1, L = 2."""
    return np.linalg.inv([[1 / alpha + delta, 0, -A], [0, 1 / alpha, -A], [-A, -A, 1]])


@pytest.mark.parametrize(("closure", "delta"), [("symmetric", 0.0), ("directed", G)])
@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.8125, 1.2])
def test_two_layers_have_the_closed_form(closure, delta, alpha):
    np.testing.assert_allclose(liquid_covariances(closure, 2, alpha, 1), closed_form(delta, alpha), rtol=1e-12)


def test_values_of_theory_section_11():
    places = ((0, 0), (1, 1), (2, 2), (0, 2), (1, 2), (0, 1))
    printed = {
        ("directed", 0.8125): (0.969, 1.445, 2.364, 0.920, 1.223, 0.476),
        ("symmetric", 0.8125): (1.596, 1.596, 2.929, 1.515, 1.515, 0.784),
        ("directed", 0.5): (0.527, 0.661, 1.590, 0.421, 0.506, 0.134),
        ("symmetric", 0.5): (0.670, 0.670, 1.682, 0.535, 0.535, 0.170),
    }
    for (closure, alpha), values in printed.items():
        found = liquid_covariances(closure, 2, alpha, 1)
        np.testing.assert_allclose([found[place] for place in places], values, atol=6e-4)


@pytest.mark.parametrize("alpha", [0.7, 2.0])
def test_deeper_nets_enhance_the_output_side_and_only_symmetric_the_input_side(alpha):
    enhanced = alpha / (1 - G * alpha), A * alpha / (1 - G * alpha), 1 / (1 - G * alpha)
    for closure in CLOSURES:
        output = liquid_covariances(closure, 4, alpha, 3)
        np.testing.assert_allclose([output[1, 1], output[1, 2], output[2, 2]], enhanced, rtol=1e-12)
        between = liquid_covariances(closure, 4, alpha, 2)
        np.testing.assert_allclose(between, np.diag([alpha, alpha, 1.0]), atol=1e-12)
    plain = liquid_covariances("directed", 4, alpha, 1)
    np.testing.assert_allclose([plain[0, 0], plain[0, 2], plain[2, 2]], [alpha, A * alpha, 1 + G * alpha], rtol=1e-12)
    symmetric = liquid_covariances("symmetric", 4, alpha, 1)
    np.testing.assert_allclose([symmetric[0, 0], symmetric[0, 2], symmetric[2, 2]], enhanced, rtol=1e-12)


def second_differences(function, count: int, step: float) -> np.ndarray:
    """Hessian at zero by central differences, extrapolated once in the step."""

    def plain(h):
        unit, hessian = h * np.eye(count), np.empty((count, count))
        for i in range(count):
            for j in range(count):
                signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
                values = [s * t * function(s * unit[i] + t * unit[j]) for s, t in signs]
                hessian[i, j] = sum(values) / (4.0 * h * h)
        return hessian

    return (4.0 * plain(step) - plain(2.0 * step)) / 3.0


@pytest.mark.parametrize("potential", [HardCore(), SoftCore(5.0), SoftCore(66.7), HardCore(0.3)])
@pytest.mark.parametrize("closure", list(CLOSURES))
@pytest.mark.parametrize("depth", [2, 3])
def test_quadratic_form_equals_second_differences_of_the_free_entropy(closure, depth, potential):
    count, alpha = len(overlaps_of(depth)), 0.8
    found = second_differences(lambda x: two_replica_free_entropy(closure, depth, alpha, x, potential), count, 4e-3)
    np.testing.assert_allclose(quadratic_form(closure, depth, alpha, potential), -found, atol=1e-8)


def test_pair_weight_of_the_hard_core_is_an_orthant():
    for overlap in (-0.6, -0.01, 0.0, 0.3, 0.7):
        assert pair_weight(overlap, HardCore()) == pytest.approx(0.25 + math.asin(overlap) / (2 * math.pi), abs=1e-11)


def test_soft_core_delta_agrees_with_exact_sums_over_two_replicas():
    """δ = g - c_2 (THEORY section 14.1): the site of L = 2, two spins and two Gaussians summed without expansion."""
    beta = 4.0
    x, w = np.polynomial.hermite_e.hermegauss(200)
    w = w / w.sum()
    f = np.where(x < 0.0, np.exp(-beta * x * x), 1.0)
    a, c2 = pair_coefficients(SoftCore(beta))

    # moments of f by a fine integral
    grid = np.linspace(-9, 9, 200_001)
    density = np.exp(-0.5 * grid**2) / math.sqrt(2 * math.pi)
    fine = np.where(grid < 0.0, np.exp(-beta * grid**2), 1.0)
    mean, first, second = (np.trapezoid(density * fine * h, grid) for h in (1.0, grid, grid**2 - 1.0))
    assert a == pytest.approx((first / mean) ** 2, rel=1e-8) and c2 == pytest.approx((second / mean) ** 2, rel=1e-6)
    assert f.min() < 1.0

    # the entropy of the site at q = 0 against Λ: curvature -(g - c_2)
    def site(overlap):
        plus, minus = pair_weight(overlap, SoftCore(beta)), pair_weight(-overlap, SoftCore(beta))
        return 0.5 * (math.log(plus) + math.log(minus))

    h = 1e-2
    curvature = (site(h) - 2 * site(0.0) + site(-h)) / h**2
    assert curvature == pytest.approx(-(a * a - c2), abs=1e-4)


def test_liquid_ends_where_the_first_transitions_are():
    assert liquid_instability("symmetric", 2, 1) == pytest.approx(math.pi**2 / 8, rel=1e-12)
    assert liquid_instability("directed", 2, 1) == pytest.approx((math.pi / 2) ** 2 * (5**0.5 - 1) / 2, rel=1e-12)
    for closure in CLOSURES:
        assert liquid_instability(closure, 5, 4) == pytest.approx(math.pi**2 / 4, rel=1e-12)
        assert liquid_instability(closure, 5, 2) == math.inf
    assert liquid_instability("symmetric", 5, 1) == pytest.approx(math.pi**2 / 4, rel=1e-12)
    assert liquid_instability("directed", 5, 1) == math.inf


def test_what_has_no_liquid_is_refused():
    with pytest.raises(ValueError, match=r"alpha = 1\.3: the liquid of the symmetric closure ends at 1\.2337"):
        liquid_covariances("symmetric", 2, 1.3, 1)
    with pytest.raises(ValueError, match="closure = 'other': must be one of symmetric, directed"):
        quadratic_form("other", 2, 1.0)
    with pytest.raises(ValueError, match="depth = 1: must be at least 2"):
        quadratic_form("symmetric", 1, 1.0)
    with pytest.raises(ValueError, match="layer = 2: must be at most 1"):
        liquid_covariances("directed", 2, 0.5, 2)
