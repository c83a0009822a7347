"""Jamming: the exponents of the scaling equations, the same from k steps, contacts per weight."""

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.interpolate import BarycentricInterpolator
from scipy.optimize import linprog
from scipy.special import log_ndtr, ndtr

import gardner
from gardner.analysis.jamming import JammedDensity, contact_fraction_rs, jamming_scaling
from gardner.perceptron.closed_form import rs_capacity
from gardner.perceptron.jamming import jamming_bound, jamming_bounds, log_alpha
from gardner.perceptron.jamming_exponents import jamming_exponents, solve_scaling
from gardner.potentials.soft import SoftCore
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.sectors.gap import gap_sector


@pytest.fixture(scope="module")
def steps():
    """Exponents and contacts of 1…7 steps at κ = -0.5."""
    return jamming_scaling(-0.5, 7)


def test_exponents_of_the_literature():
    """Charbonneau et al. 2014: γ = .41269, θ = .42311; κ_J = 1.41574, a = 1 - 1/κ_J."""
    found = jamming_exponents()
    literature = {"gamma": 0.41269, "theta": 0.42311, "a": 0.29365, "kappa": 1.41574}
    for name, value in literature.items():
        assert getattr(found, name) == pytest.approx(value, abs=6e-6)
    assert found.error < 1e-9


def test_relations_between_the_exponents_are_those_of_the_literature():
    found = jamming_exponents()
    assert found.gamma == pytest.approx(1.0 / (2.0 + found.theta), rel=1e-14)
    assert found.a == pytest.approx((1.0 + found.theta) / (4.0 + 2.0 * found.theta), rel=1e-14)
    assert found.kappa == pytest.approx(2.0 - 2.0 / (3.0 + found.theta), rel=1e-14)


def test_marginal_stability_follows_from_the_relation_that_replaces_it():
    """(C47) is not imposed: γ = 1-2a is. A solution of one part in 1e4 beside it violates it."""
    found = solve_scaling()
    assert found.violation < 1e-9
    p = found.p_j * np.exp(1e-4 * found.t_j)
    first = _derivative(found.t_j, found.M_j)
    second = _derivative(found.t_j, first)
    order = np.argsort(found.t_j)

    def ratio(p_j):
        loss, gain = p_j * second**2, 2.0 * found.a * p_j * first**2 * (1.0 + first)
        return np.trapezoid(loss[order], found.t_j[order]) / np.trapezoid(gain[order], found.t_j[order])

    assert abs(ratio(p) / ratio(found.p_j) - 1.0) > 1e-6


def _derivative(t_j, values):
    return BarycentricInterpolator(t_j, values).derivative(t_j)


def test_scaling_functions_by_shooting():
    """Integrated from t = 3, M is the one found; from both ends p'/p meet at t = -1, with another γ they do not."""
    a, t, M, p = (getattr(jamming_exponents().solution, name) for name in ("a", "t_j", "M_j", "p_j"))
    gamma = 1.0 - 2.0 * a
    slope_M, slope_p = _derivative(t, M), _derivative(t, p)
    M_at, slope_at = BarycentricInterpolator(t, M), BarycentricInterpolator(t, slope_M)

    inwards = solve_ivp(
        lambda t, y: [y[1], gamma * y[0] - t * y[1] - 2.0 * a * y[0] * y[1]],
        (3.0, -1.0), [float(M_at(3.0)), float(slope_at(3.0))], method="DOP853", rtol=1e-12, atol=1e-16,
    )  # fmt: skip
    assert inwards.y[0, -1] == pytest.approx(float(M_at(-1.0)), rel=1e-6)

    def mismatch(gamma):
        def function(t, y):
            m, slope = float(M_at(t)), float(slope_at(t))
            return [y[1], gamma * y[0] + t * y[1] + 2.0 * a * (y[1] * m + y[0] * slope)]

        ends = []
        for side in (0, -1):
            start = [p[side], slope_p[side]]
            end = solve_ivp(function, (t[side], -1.0), start, rtol=1e-9, atol=1e-13).y[:, -1]
            ends.append(end[1] / end[0])
        return abs(ends[0] - ends[1])

    assert mismatch(gamma) < 1e-6
    assert mismatch(gamma + 1e-3) > 1e-4


def test_corrections_do_not_depend_on_the_mesh():
    from gardner.perceptron.jamming_exponents import _smallest_correction

    other = _smallest_correction(solve_scaling(64, -12.0, 8.0))
    assert jamming_exponents().correction == pytest.approx(other, abs=1e-6)
    assert other == pytest.approx(0.325773, abs=2e-6)


@pytest.mark.parametrize("name", ["gamma", "theta", "a"])
def test_steps_show_the_exponents_of_the_scaling_equations(steps, name):
    found, theory = steps.measured[name], steps.exponents[name]
    assert abs(found["value"] - theory) < 2.0 * found["error"] < 2e-3
    others = {
        "gamma": 0.5,
        "theta": 0.0,
        "a": 0.5,
    }  # mean field without marginality: regular densities, y ~ (1-q)^{-1/2}
    assert abs(found["value"] - others[name]) > 20.0 * found["error"]


def test_jamming_is_isostatic_at_negative_margin(steps):
    """Each number of steps has more than one contact per weight, full RSB exactly one."""
    assert np.all(np.diff(steps.contact_k) < 0.0) and steps.contact_k[-1] > 1.01
    assert abs(steps.contacts["value"] - 1.0) < 2.0 * steps.contacts["error"] < 1e-3
    assert steps.contacts["fraction"] == pytest.approx(1.0 / steps.alpha_c, rel=1e-3)


def test_half_of_the_patterns_touch_at_zero_margin():
    assert contact_fraction_rs(0.0) == pytest.approx(0.5, abs=1e-9)
    assert rs_capacity(0.0) * contact_fraction_rs(0.0) == pytest.approx(1.0, abs=1e-9)


def test_contacts_at_positive_margin_are_those_of_rs():
    """One step merges with RS: α_c Φ_N(κ) < 1 contacts, hypostatic."""
    bound = jamming_bound(0.5, 1)
    found = JammedDensity(bound, 0.5).state().contacts
    assert found == pytest.approx(rs_capacity(0.5) * ndtr(0.5), rel=1e-4) and found < 0.7


def test_contacts_are_those_of_the_flow(steps):
    """z of the density (G1), point by point, against an average over the nodes of the flow."""
    bound = jamming_bounds(-0.5, 3)[-1]
    top, sigma = bound.y_i[-1], np.sqrt(1.0 - bound.q_i[-1])
    core = SoftCore(0.5 * top, -0.5)
    flow = gap_sector(bound.q_i, np.append(0.0, bound.y_i / top), core, GridSettings.for_accuracy(1e-11)).flow
    n = flow.n_i[-1]
    d, phi, b = flow.h_ia[-1, :n] + 0.5, flow.phi_ia[-1, :n], 1.0 + top * sigma**2
    share = np.exp(-0.5 * np.log(b) - 0.5 * top * d**2 / b + log_ndtr(-d / sigma / np.sqrt(b)) - phi)
    assert bound.alpha * (flow.p_ia[-1, :n] @ share) == pytest.approx(steps.contact_k[2], rel=1e-7)


def test_optimal_steps_are_stationary_and_their_innermost_falls_with_the_fifth_power(steps):
    y_i = np.diff(np.append(steps.growth_i, 1.0)) / np.diff(np.append(steps.rest_i, 0.0))
    slope = log_alpha(steps.rest_i, y_i, -0.5, GridSettings.for_accuracy(1e-10))[1]
    assert np.abs(slope).max() < 1e-10
    power = np.diff(np.log(steps.rest_k[-2:])) / np.diff(np.log(steps.level_k[-2:] + 1.0))
    assert power == pytest.approx(-5.0, abs=0.25)


def largest_margin(width: int, alpha: float, seed: int) -> tuple[float, int]:
    """κ and the number of contacts where the smallest gap on the sphere has a (local) maximum: linear programs."""
    rng = np.random.default_rng(seed)
    patterns = rng.standard_normal((int(alpha * width), width)) / np.sqrt(width)
    weights = rng.standard_normal(width)
    weights *= np.sqrt(width) / np.linalg.norm(weights)
    radius, objective = 0.5, np.append(np.zeros(width), -1.0)
    while radius > 1e-8:
        gaps = patterns @ weights
        bounds = [(-radius, radius)] * width + [(None, None)]
        table = np.column_stack([-patterns, np.ones(len(patterns))])
        tangent = np.append(weights / width, 0.0)[None, :]
        found = linprog(objective, table, gaps, tangent, [0.0], bounds, method="highs").x
        if found is None:  # HiGHS at small radius
            break
        trial = (weights + found[:-1]) * np.sqrt(width) / np.linalg.norm(weights + found[:-1])
        if (patterns @ trial).min() > gaps.min() + 1e-14:
            weights = trial
        else:
            radius *= 0.3
    gaps = patterns @ weights
    return gaps.min(), int(np.sum(gaps < gaps.min() + 1e-9))


def test_contacts_of_a_finite_perceptron():
    """Negative margin: as many contacts as weights, exactly. Positive: α Φ_N(κ) per weight (5 samples, ±3 σ)."""
    margin, contacts = largest_margin(30, 5.0, seed=1)
    assert margin < 0.0 and contacts == 30
    found = np.array([largest_margin(40, 1.0, seed) for seed in range(5)])
    assert np.all(found[:, 0] > 0.0)
    z = found[:, 1] / 40 - ndtr(found[:, 0])
    assert abs(z.mean()) < 3.0 * z.std(ddof=1) / np.sqrt(5) + 1.0 / 40 and found[:, 1].mean() < 33


@pytest.mark.slow
@pytest.mark.parametrize("margin, levels", [(-1.0, 12), (-0.1, 10), (-2.0, 10)])
def test_exponents_do_not_depend_on_the_margin(margin, levels):
    found = jamming_scaling(margin, levels)
    for name in ("gamma", "theta", "a"):
        measured = found.measured[name]
        assert abs(measured["value"] - found.exponents[name]) < measured["error"] < 2.5e-2
    assert abs(found.contacts["value"] - 1.0) < found.contacts["error"] < 2e-3


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"margin": 0.0}, "1.000000 contacts"),
        ({"margin": 0.5}, "must be negative"),
        ({"margin": -0.001}, "must lie between"),
        ({"margin": -4.0}, "must lie between"),
        ({"margin": -0.5, "levels": 3}, "levels = 3"),
        ({"margin": -0.5, "levels": 21}, "levels = 21"),
    ],
)
def test_exponents_are_refused_where_there_are_none(arguments, message):
    with pytest.raises(ValueError, match=message):
        jamming_scaling(**arguments)


def test_bayes_error_of_the_planted_layer_at_large_load():
    """1-Q → (sqrt(2π)/(2αI))², I = ∫ϕ²/Φ_N (T13): the Bayes error .44170/α, the Gibbs error √2 times that."""
    integral = quad(lambda u: np.exp(-(u**2) - log_ndtr(u)) / (2.0 * np.pi), -30.0, 10.0, epsabs=1e-13)[0]
    constant = 1.0 / (np.sqrt(2.0 * np.pi) * integral)
    branch = gardner.solve_planted(alpha=1e4, depth=1).equilibrium
    assert constant == pytest.approx(0.4417000, abs=1e-7)
    assert 1e4 * branch.bayes_error == pytest.approx(constant, rel=1e-7)
    assert 1e4 * branch.generalization_error == pytest.approx(np.sqrt(2.0) * constant, rel=1e-7)
