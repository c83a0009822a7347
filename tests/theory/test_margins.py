"""Margins in the directed closure: the limit of small overlaps, frozen levels, and loads without an allowed state."""

import numpy as np
import pytest
from random_scan import drawn_settings
from scipy.stats import norm

import gardner
from gardner.model import Network, RandomSetting, uniform_parisi
from gardner.potentials.hard import HardCore
from gardner.potentials.soft import SoftCore
from gardner.results.solution import ADVICE
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.random_setting import solve
from gardner.theory.search import fixed_point, overload
from gardner.theory.search.maps import chain_map

CORES = [HardCore(0.01), HardCore(-0.5), HardCore(1.6), SoftCore(20.0, 0.7)]


def weight_at_zero(potential):
    """g(0) and (ln g)'(0), (ln g)''(0) of a single perceptron, σ = 1."""
    value, slope, curvature = (float(x[0]) for x in potential.log_weight(0.0)(np.zeros(1)))
    return np.exp(value), slope, curvature


def solve_directed(alpha, depth, levels, potential, **options):
    return gardner.solve_random(alpha, depth, levels, potential=potential, closure="directed", **options)


@pytest.mark.parametrize("potential", CORES)
def test_liquid_with_a_margin_is_a_fixed_point_whose_growth_matrix_is_known(potential):
    """Small overlaps at L = 2, from (T10): G(1) = (a² + b)² Λ + a² q̂, q = q̂ + a² Λ with a = (ln g)'(0), b its slope.

    Hence by (T12) Q(1)' = α[(a² + b)² Q(1) + a⁴ Q(2)], q(1)' = a² [Q(1) + Q(2)], Q(2)' = α a² q(1). For the hard core
    a² + b = aκ: with a margin the input layer is ordered by its own spins too.
    """
    _, a, b = weight_at_zero(potential)
    if isinstance(potential, HardCore):
        assert a**2 + b == pytest.approx(a * potential.margin, abs=1e-12)
    alpha = 0.7
    setting = RandomSetting(alpha, Network(2), potential, (0.5,), closure="directed")
    function, zero = chain_map(setting, GridSettings()), np.zeros((3, 2))
    value = function(zero, True)
    assert np.abs(value.image_ri).max() == 0.0
    state = fixed_point.with_jacobian(function, fixed_point.Iterate(zero, value, None, 1))
    matrix = np.array([[alpha * (a**2 + b) ** 2, 0, alpha * a**4], [a**2, 0, a**2], [0, alpha * a**2, 0]])
    expected = np.linalg.eigvals(matrix).real.max()
    assert fixed_point.leading_eigenvalue(state) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("alpha", [0.01, 0.3, 1.0, 2.0])
@pytest.mark.parametrize("depth", [2, 3, 5])
@pytest.mark.parametrize("margin", [-0.5, -0.01, 0.01, 0.5])
def test_directed_solves_small_loads_with_a_margin(alpha, depth, margin):
    """Both closures have a solution there; the liquid's s is that of independent spins."""
    solution = solve_directed(alpha, depth, 0, HardCore(margin))
    assert solution.status == "converged"
    assert max(solution.residual, solution.error, solution.discretisation_error) < 1e-8
    assert solution.stationarity < 1e-7
    if solution.Q_ea.max() < 1e-12:
        weight = norm.cdf(-margin)
        free = (depth - 1) * np.log(2 * weight) + np.log(weight)
        assert solution.free_entropy == pytest.approx(free, abs=1e-11)
    else:
        assert solution.leading_eigenvalue < 1.0


def test_first_layer_orders_by_itself_at_large_margins():
    """κ = 1.6, L = 4: α (aκ)² = 1 at α = .101; the deeper layers wait for the output."""
    _, a, _ = weight_at_zero(HardCore(1.6))
    critical = 1.0 / (1.6 * a) ** 2
    below, above = (solve_directed(x * critical, 4, 0, HardCore(1.6)) for x in (0.9, 1.1))
    assert below.status == above.status == "converged"
    assert below.Q_ea[0] < 1e-10 < 1e-3 < above.Q_ea[0]


@pytest.mark.parametrize(
    "alpha, depth, levels, potential",
    [
        (12.382860, 3, 4, HardCore(0.19261719)),
        pytest.param(7.2098596, 5, 4, SoftCore(35.1756, 0.75042038), marks=pytest.mark.slow),
    ],
)
def test_frozen_levels_are_found_from_one_step_at_the_same_m(alpha, depth, levels, potential):
    """All levels above the first are merged with it and frozen: the k = 1 solution at m_1 is the solution at k."""
    fine = solve_directed(alpha, depth, levels, potential)
    one = gardner.solve_random(alpha, depth, parisi=(1 / (levels + 1),), potential=potential, closure="directed")
    assert fine.status == one.status == "converged"
    assert fine.leading_eigenvalue < 1.0 and fine.stationarity < 1e-5
    assert np.abs(fine.Q_li[:, 1:] - one.Q_li[:, 1:]).max() < 1e-8
    assert fine.free_entropy == pytest.approx(one.free_entropy, abs=1e-7)


@pytest.mark.parametrize(
    "alpha, depth, levels, margin",
    [pytest.param(2.36031717, 3, 12, 1.13726847, marks=pytest.mark.slow), (0.886, 3, 12, 1.62)],
)
def test_load_without_an_allowed_state_is_refused_by_its_replica_symmetric_branch(alpha, depth, levels, margin):
    """k = 0 has no solution, hence no k has: said at once, with advice that is true, and in the shape asked for."""
    solution = solve_directed(alpha, depth, levels, HardCore(margin))
    assert solution.status == "no_solution" and "no allowed state" in ADVICE["no_solution"]
    assert "--levels" not in ADVICE["no_solution"]
    assert solution.q_li.shape == (depth + 1, levels + 1) and np.isnan(solution.free_entropy)
    assert solution.iterations < 60
    assert solve_directed(alpha, depth, 0, HardCore(margin)).status == "no_solution"
    # half the load has states
    assert solve_directed(alpha / 3.0, depth, 0, HardCore(margin)).status == "converged"


def test_only_the_hard_core_runs_out_of_states():
    """A soft core has a solution at any load: the search is not refused, however the k = 0 branch ends."""

    class Unasked:
        setting = RandomSetting(50.0, Network(2), SoftCore(50.0, 1.0), (0.5,), closure="directed")

    assert overload.refusal(Unasked()) is None


@pytest.mark.slow
@pytest.mark.parametrize("alpha, depth, levels, potential", [
    (3.8373, 2, 4, SoftCore(59.49, 1.8234)),
    (31.5, 3, 10, HardCore()),
    (46.0, 3, 10, HardCore()),
])  # fmt: skip
def test_overloaded_nets_end_with_a_solution(alpha, depth, levels, potential):
    solution = solve_directed(alpha, depth, levels, potential)
    assert solution.status == "converged" and solution.leading_eigenvalue < 1.0
    assert solution.error < 1e-8 and solution.stationarity < 1e-4 * abs(solution.free_entropy)


@pytest.mark.slow
def test_random_settings_have_an_answer():
    """The first of the 200 settings of `random_scan`: all converge, but for loads that k = 0 refuses too."""
    settings = drawn_settings()[:24]
    assert len({s.closure for s in settings}) == 2 and len({type(s.potential) for s in settings}) == 2
    refused = []
    for setting in settings:
        solution = solve(setting)
        if solution.status == "no_solution":
            refused.append(setting)
            continue
        assert solution.status == "converged", setting
        assert solution.seconds < 60.0
    assert len(refused) <= 3
    for setting in refused:
        assert isinstance(setting.potential, HardCore)
        flat = RandomSetting(
            setting.alpha, setting.network, setting.potential, uniform_parisi(0), closure=setting.closure
        )
        assert solve(flat).status == "no_solution"
