"""Derivatives and codes behind the capacity: every analytic gradient against central differences."""

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad

from gardner.analysis.deep_capacity import freezing_constant
from gardner.model import Network, RandomSetting
from gardner.perceptron.closed_form import rs_capacity
from gardner.perceptron.jamming import jamming_bound, log_alpha
from gardner.perceptron.optimal import free_entropy, optimal_solution
from gardner.perceptron.replicon import rs_point, rs_solution
from gardner.potentials.hard import HardCore
from gardner.potentials.soft import SoftCore
from gardner.statistics import extrapolate
from gardner.theory import chain
from gardner.theory.counting import counting_bound
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.parisi.functional import StepCode, bond_functional, bond_integral, resample
from gardner.theory.priors.spherical import bond_entropy
from gardner.theory.search import fixed_point
from gardner.theory.sectors.base import differentiate_in_parisi
from gardner.theory.sectors.spin import spin_sector

GRID = GridSettings.for_accuracy(1e-11)
Q = np.array([0.3, 0.55, 0.8, 0.93])
M = np.array([0.0, 0.2, 0.45, 0.7, 1.0])


def numerical_gradient(function, x, step=1e-5):
    """Central differences; error step² plus round-off/step."""
    x = np.asarray(x, dtype=float)
    return np.array([(function(x + step * e) - function(x - step * e)) / (2.0 * step) for e in np.eye(len(x))])


@pytest.mark.parametrize("bounded", [True, False])
def test_step_codes_are_inverted_exactly_and_keep_order(bounded):
    code, rng = StepCode(4, 3, bounded), np.random.default_rng(3)
    for z in rng.normal(size=(20, 7)):
        gaps_i, y_i = code.decode(z)
        assert np.all(np.diff(gaps_i) < 0) and np.all(np.diff(y_i) > 0)
        assert 0 < gaps_i[-1] and gaps_i[0] < 1 and 0 < y_i[0]
        np.testing.assert_allclose(code.encode(gaps_i, y_i), z, atol=1e-11)


def test_bond_functional_is_the_sectors_and_its_gradient_is_exact():
    value, by_q, by_m = bond_functional(Q, M)
    assert value == pytest.approx(bond_entropy(Q, M), abs=1e-14)
    np.testing.assert_allclose(by_q, numerical_gradient(lambda q: bond_entropy(q, M), Q), rtol=1e-7)
    inner = numerical_gradient(lambda m: bond_entropy(Q, np.concatenate([[0.0], m, [1.0]])), M[1:-1])
    np.testing.assert_allclose(by_m, inner, rtol=1e-7)


def test_bond_integral_is_half_the_integral_of_one_over_lambda():
    q, y = np.array([0.2, 0.6, 1.0]), np.array([1.5, 6.0])

    def tail(x):
        return 1.0 + sum(h * max(b - max(a, x), 0.0) for a, b, h in zip(q, q[1:], y))

    expected = 0.5 * sum(quad(lambda x: 1.0 / tail(x), a, b)[0] for a, b in ((0.0, 0.2), (0.2, 0.6), (0.6, 1.0)))
    assert bond_integral(q, y, 1.0)[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("potential", [HardCore(-0.4), SoftCore(20.0, 0.3)])
def test_gradient_of_the_free_entropy_is_exact(potential):
    _, by_q, by_m, _ = free_entropy(3.0, Q, M, potential, GRID)
    numeric_q = numerical_gradient(lambda q: free_entropy(3.0, q, M, potential, GRID)[0], Q)
    numeric_m = numerical_gradient(
        lambda m: free_entropy(3.0, Q, np.concatenate([[0.0], m, [1.0]]), potential, GRID)[0], M[1:-1]
    )
    np.testing.assert_allclose(by_q, numeric_q, atol=1e-8)
    np.testing.assert_allclose(by_m, numeric_m, atol=1e-8)


def test_soft_core_derivative_in_beta_is_exact():
    h = np.linspace(-4.0, 4.0, 41)
    step = 1e-5
    up, core, down = (SoftCore(beta, -0.2) for beta in (3.0 + step, 3.0, 3.0 - step))
    numeric = (up.terminal(h, 0.4)[0] - down.terminal(h, 0.4)[0]) / (2.0 * step)
    exact = core.terminal_by_beta(h, core.terminal(h, 0.4)[0], 0.4)
    np.testing.assert_allclose(exact, numeric, atol=1e-8)


def test_gradient_of_the_jamming_ratio_is_exact():
    u = np.log([0.6, 0.2, 0.1, 3.0, 8.0, 20.0])
    gradient = log_alpha(np.exp(u[:3]), np.exp(u[3:]), -0.5, GRID)[1]
    numeric = numerical_gradient(lambda x: log_alpha(np.exp(x[:3]), np.exp(x[3:]), -0.5, GRID)[0], u)
    np.testing.assert_allclose(gradient, numeric, atol=1e-8)


def test_total_derivative_in_m_of_a_two_layer_net_is_the_explicit_one():
    def solved(m, start, track):
        setting = RandomSetting(6.0, Network(2), HardCore(), (m,))
        base = chain.ChainState(np.ones((3, 2)), np.ones((2, 2)))

        def function(x_ri, with_jacobian):
            state = base.replaced(x_ri)
            value = chain.evaluate(state, setting, GRID, with_jacobian)
            return fixed_point.MapValue(value.image.unknowns(), value.jacobian, (state, value))

        result = fixed_point.newton(function, start, 1e-10, 200, track)
        assert result.status == "converged"
        return result, setting

    centre, setting = solved(0.5, fixed_point.spread(np.full((3, 2), 0.5), 0.5), True)
    low, high = (solved(m, centre.x_ri, False)[0].value.payload[1].free_entropy for m in (0.499, 0.501))
    state, value = centre.value.payload
    slope = chain.parisi_gradient(state, value.fields, setting, GRID)[0]
    assert slope == pytest.approx((high - low) / 0.002, abs=1e-6)


def test_rs_capacity_is_the_integral_of_gardner():
    for kappa in (-2.0, -0.5, 0.0, 0.7):
        inverse = quad(lambda t: np.exp(-0.5 * t * t) / np.sqrt(2 * np.pi) * (t + kappa) ** 2, -kappa, 40.0)[0]  # noqa: B023
        assert rs_capacity(kappa) == pytest.approx(1.0 / inverse, rel=1e-8)


def test_rs_capacity_has_no_cancellation_at_large_negative_margin():
    for kappa in (-1.0, -4.9, -5.1, -8.0, -19.9, -20.1, -30.0):
        with mpmath.workdps(60):
            k = mpmath.mpf(kappa)
            exact = float(1 / ((1 + k**2) * mpmath.erfc(-k / mpmath.sqrt(2)) / 2 + k * mpmath.npdf(k)))
        assert rs_capacity(kappa) == pytest.approx(exact, rel=2e-9)


def test_extrapolation_recovers_a_series_and_its_error_covers_a_truncated_one():
    k = np.arange(2, 9)
    exact = 3.0 - 0.5 * (k + 1.0) ** -2 + 2.0 * (k + 1.0) ** -4
    result = extrapolate(k, exact, (2.0, 4.0))
    assert result.value == pytest.approx(3.0, abs=1e-12)
    truncated = extrapolate(k, exact + 5.0 * (k + 1.0) ** -6, (2.0, 4.0))
    assert 1e-6 < abs(truncated.value - 3.0) < truncated.error
    assert truncated.error < 1e-2


def test_extrapolation_carries_the_errors_of_its_values():
    k = np.arange(2, 9)
    result = extrapolate(k, 3.0 - 0.5 * (k + 1.0) ** -2.0, (2.0,), errors=np.full(7, 0.1))
    assert result.error > 0.1


@pytest.mark.parametrize(
    "arguments, message",
    [
        (([1, 2], [1.0, 2.0]), "at least 4"),
        (([1, 1, 2, 3], [1.0] * 4), "distinct"),
        (([1, 2, 3, 4], [1.0, np.nan, 1.0, 1.0]), "finite"),
        (([1, 2, 3, 4], [1.0] * 4, (0.0,)), "positive exponent"),
    ],
)
def test_extrapolation_refuses_what_it_cannot_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        extrapolate(*arguments)


def test_resampling_keeps_log_linear_profiles_and_order():
    values = np.exp(-np.linspace(0.5, 3.5, 4))
    fine = resample(values, 8)
    assert np.all(np.diff(fine) < 0)
    np.testing.assert_allclose(np.diff(np.log(fine)), -0.5, atol=1e-12)


def test_counting_bound_and_freezing_constants_have_their_exact_values():
    assert counting_bound(1) == 2.0
    alpha = counting_bound(2)
    entropy = -np.log2(1.0 / alpha) / alpha - (1.0 - 1.0 / alpha) * np.log2(1.0 - 1.0 / alpha)
    assert entropy == pytest.approx(0.5, abs=1e-12)
    assert counting_bound(3, -0.1) is None
    # L = 4: y = χ_2/χ_1 solves (1+y)² + 1 = 2y², so y = 1 + √3 and c = 1/(1 + (1+y)^{-2})
    exact = 1.0 / (1.0 + (2.0 + np.sqrt(3.0)) ** -2)
    assert [freezing_constant(L) for L in (2, 3, 4)] == pytest.approx([0.5, 0.8, exact], abs=1e-12)


def test_freezing_constants_rise_towards_one_and_solve_their_recursion():
    """c < 1 because 1/χ_1² = c [1/χ_1² + …]; the χ_l of (C12), built from c alone, end in χ_L = 0."""
    values = [freezing_constant(depth) for depth in range(2, 9)]
    assert np.all(np.diff(values) > 0) and values[-1] < 1.0
    for depth, c in zip(range(2, 8), values):
        chi = [0.0, 1.0]
        for l in range(1, depth):
            chi.append((1.0 / (c * chi[l] ** 2) - (chi[l - 1] + chi[l]) ** -2) ** -0.5 - chi[l])
        assert chi[-1] == pytest.approx(0.0, abs=1e-6 * max(chi))
    assert freezing_constant(1000) == 1.0


@pytest.mark.parametrize("qhat", [(30.0, 7030.0), (30.0, 9030.0), (30.0, 60.0, 1e5)])
def test_derivative_in_m_of_a_frozen_spin(qhat):
    """∂Φ/∂m_1 of the spin sector where increments are cut (the last two cases), against differences."""
    variances, step, grid = np.array(qhat), 1e-5, GridSettings()

    def sector(first):
        m = np.array([0.0, first, 1.0] if len(qhat) == 2 else [0.0, first, 0.5, 1.0])
        return spin_sector(variances, m, grid), m

    value, m = sector(0.1)
    difference = (sector(0.1 + step)[0].free_entropy - sector(0.1 - step)[0].free_entropy) / (2.0 * step)
    assert differentiate_in_parisi(value, m)[0] == pytest.approx(difference, rel=1e-6)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: jamming_bound(-0.5, 0), "levels = 0"),
        (lambda: jamming_bound(float("nan"), 1), "margin"),
        (lambda: optimal_solution(-1.0, 1), "alpha"),
        (lambda: rs_point(1.0), "overlap"),
        (lambda: rs_solution(2.1), "beyond the RS capacity"),
        (lambda: counting_bound(0), "depth"),
    ],
)
def test_impossible_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
