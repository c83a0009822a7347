"""The random setting, symmetric closure: reference values, limits, stability, and the honesty of its diagnostics."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

import gardner
from gardner.model import Network, RandomSetting
from gardner.potentials.hard import HardCore
from gardner.potentials.soft import SoftCore
from gardner.theory.chain import impose_boundaries
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.priors.spherical import bond_entropy, bond_sector
from gardner.theory.search import fixed_point
from gardner.theory.search.maps import chain_map
from gardner.theory.search.random_starts import starting_rows

LN2 = np.log(2.0)


def check_physics(solution):
    """What every converged solution must satisfy."""
    assert solution.status == "converged"
    for overlaps in (solution.q_li, solution.Q_li):
        assert np.all(np.diff(overlaps, axis=1) >= -1e-12)
        assert overlaps.min() >= 0.0 and overlaps.max() <= 1.0
    assert solution.residual < 1e-8
    assert solution.stationarity < 1e-6
    if isinstance(solution.setting.potential, HardCore) and solution.setting.potential.margin == 0.0:
        assert solution.free_entropy <= -LN2 + 1e-12


# THEORY section 9: nested quadrature of an independent program
REFERENCE = {
    2: ({1: (0.182239025, 0.683261781)}, {1: (0.261502886, 0.791035573), 2: (0.261502886, 0.791035573)}, -0.734382091),
    3: (
        {1: (0.079478629, 0.244114841)},
        {1: (0.160437709, 0.449441505), 2: (0.019816518, 0.173818395)},
        -0.697974372,
    ),
}


@pytest.mark.parametrize("depth", [2, 3])
def test_one_step_solution_equals_independent_nested_quadrature(depth):
    solution = gardner.solve_random(6, depth, parisi=(0.5,))
    q, big_q, s = REFERENCE[depth]
    check_physics(solution)
    for l, values in q.items():
        assert np.abs(solution.q_li[l] - values).max() < 1e-8
    for l, values in big_q.items():
        assert np.abs(solution.Q_li[l - 1] - values).max() < 1e-8
    assert abs(solution.free_entropy - s) < 1e-8


@pytest.mark.parametrize("alpha, q, s", [(1.0, 0.585312, -0.855821), (1.5, 0.821721, -1.589208)])
def test_single_layer_replica_symmetric_values(alpha, q, s):
    """L = 1 is Gardner's perceptron; s per weight is α times (T2)."""
    solution = gardner.solve_random(alpha, 1, 0)
    check_physics(solution)
    assert abs(solution.Q_li[0, 0] - q) < 1e-6
    assert abs(alpha * solution.free_entropy - s) < 1e-6


def test_a_net_beyond_capacity_is_refused_before_its_search_has_crept_to_the_end():
    """Its 1 - Q tends to 0 without end, 600 evaluations long; k = 0 has no solution, which 24 evaluations tell."""
    beyond = gardner.solve_random(0.6165, 5, 3, potential=HardCore(1.9))
    assert beyond.status == "no_solution" and beyond.iterations < 100


def test_single_layer_beyond_capacity_has_no_solution():
    """α_c = 2 at κ = 0: beyond it the volume is empty."""
    assert gardner.solve_random(1.9, 1, 0).status == "converged"
    assert gardner.solve_random(2.2, 1, 0).status == "no_solution"


@pytest.mark.parametrize("levels", [0, 2, pytest.param(6, marks=pytest.mark.slow)])
def test_single_layer_of_negative_margin_ends_between_its_capacities(levels):
    """κ = -0.5: solutions at α = 4.6, below the full-RSB capacity 4.6966; none at 4.8, above the RS one, 4.7701."""
    assert gardner.solve_random(4.6, 1, levels, potential=HardCore(-0.5)).status == "converged"
    assert gardner.solve_random(4.8, 1, levels, potential=HardCore(-0.5)).status == "no_solution"


def test_first_transition_is_pi_squared_over_four():
    below, above = gardner.solve_random(2.45, 4, 6), gardner.solve_random(2.55, 4, 6)
    for solution in (below, above):
        check_physics(solution)
    assert below.q_ea[1:-1].max() < 1e-6
    assert above.q_ea[1:-1].max() > 1e-3
    assert abs(below.free_entropy + LN2) < 1e-10


@pytest.mark.parametrize("alpha", [1.0, 2.0, 5.0])
def test_liquid_state_grows_at_rate_alpha_over_alpha_1(alpha):
    """The map at q = Q = 0 has leading eigenvalue α(2/π)², so α_1 = (π/2)² (T19); the solver must leave it above."""
    setting = RandomSetting(alpha, Network(4), HardCore(), (0.3, 0.6))
    function = chain_map(setting, GridSettings())
    liquid = fixed_point.Iterate(np.zeros((7, 3)), function(np.zeros((7, 3)), True), None, 1)
    liquid = fixed_point.with_jacobian(function, liquid)
    # next to a boundary the eigenvalue of a pair (Q, q) is sqrt(α) 2/π
    assert fixed_point.leading_eigenvalue(liquid) == pytest.approx(np.sqrt(alpha) * 2 / np.pi, abs=1e-12)
    solution = gardner.solve_random(alpha, 4, parisi=(0.3, 0.6))
    assert (solution.q_ea[1] > 1e-3) == (alpha > (np.pi / 2) ** 2)
    assert solution.leading_eigenvalue < 1.0


def test_two_layers_freeze_at_pi_squared_over_eight():
    """At L = 2 the one hidden layer feels both ends, symmetric closure: π²/8 (T19)."""
    alpha = np.pi**2 / 8
    assert gardner.solve_random(alpha * 0.99, 2, 4).q_ea[1] < 1e-6
    assert gardner.solve_random(alpha * 1.03, 2, 4).q_ea[1] > 1e-3


def test_input_output_symmetry_of_the_closure():
    solution = gardner.solve_random(20, 4, 12)
    check_physics(solution)
    assert np.abs(solution.q_li - solution.q_li[::-1]).max() < 1e-9
    assert np.abs(solution.Q_li - solution.Q_li[::-1]).max() < 1e-9


def test_solution_does_not_depend_on_the_start():
    """α = 20, L = 4: from small and from large overlaps the same saddle point is reached."""
    setting = RandomSetting(20.0, Network(4), HardCore(), tuple(np.arange(1, 9) / 9))
    function = chain_map(setting, GridSettings())
    rows = starting_rows(setting)
    low = fixed_point.newton(function, rows)
    high = fixed_point.newton(function, np.tile(np.linspace(0.4, 0.9, 9), (7, 1)))
    assert low.status == high.status == "converged"
    assert np.abs(low.x_ri - high.x_ri).max() < 1e-7


def test_newton_lands_where_damped_iteration_does():
    newton = gardner.solve_random(6, 2, 3)
    damped = gardner.solve_random(6, 2, 3, method="damped", tolerance=1e-11)
    assert damped.iterations > 5 * newton.iterations
    assert np.abs(newton.q_li - damped.q_li).max() < 1e-7
    assert abs(newton.free_entropy - damped.free_entropy) < 1e-11


@pytest.mark.slow
def test_newton_lands_where_damped_iteration_crawls_to():
    """α = 6, L = 4, k = 10 has merging levels: plain iteration needs thousands of steps for six digits."""
    newton = gardner.solve_random(6, 4, 10)
    damped = gardner.solve_random(6, 4, 10, method="damped", tolerance=3e-8, accuracy=1e-7)
    assert damped.iterations > 1000
    # the estimate of damped iteration is half the distance at a merging level
    assert np.abs(newton.q_ea - damped.q_ea).max() < 3 * damped.error < 1e-2
    assert abs(newton.free_entropy - damped.free_entropy) < 1e-8


@pytest.mark.parametrize("iterations", [60, pytest.param(250, marks=pytest.mark.slow)])
def test_estimated_error_agrees_with_the_true_one(iterations):
    """α = 6, L = 4, k = 10, stopped early: within a factor 3 of the distance to the converged solution."""
    exact = gardner.solve_random(6, 4, 10, tolerance=1e-12)
    early = gardner.solve_random(6, 4, 10, method="damped", max_iterations=iterations)
    assert early.status == "stalled"
    true = max(np.abs(early.q_ea - exact.q_ea).max(), np.abs(early.Q_ea - exact.Q_ea).max())
    assert 1 / 3 < early.error / true < 3


def test_levels_merge_on_plateaus_and_order_is_kept():
    solution = gardner.solve_random(6, 4, 10)
    check_physics(solution)
    increments = np.diff(solution.q_li[1])
    assert (increments == 0).sum() >= 4  # the plateau at q_EA
    assert (increments[:4] > 0.01).all()  # the continuous part


def test_deeper_layer_starts_at_a_breakpoint_of_the_first():
    """α = 20, L = 6: layer 2 vanishes below a breakpoint in x and is solid above."""
    solution = gardner.solve_random(20, 6, 12)
    check_physics(solution)
    second = solution.Q_li[1]
    assert second[4] < 1e-9 and second[-1] > 0.2
    assert solution.Q_li[0, 0] > 1e-3


def test_free_entropy_falls_with_the_load():
    values = [gardner.solve_random(alpha, 3, 4).free_entropy for alpha in (1, 3, 6, 12)]
    assert np.all(np.diff(values) < 1e-12)


def test_soft_core_without_repulsion_leaves_every_spin_free():
    """β → 0: no constraint, s = (L-1) ln 2 and no order."""
    solution = gardner.solve_random(2, 3, 2, potential=SoftCore(1e-9))
    assert solution.status == "converged"
    assert abs(solution.free_entropy - 2 * LN2) < 1e-6
    assert solution.q_ea[1:-1].max() < 1e-6


def test_cold_soft_core_approaches_the_hard_core():
    hard = gardner.solve_random(6, 2, 3)
    soft = [gardner.solve_random(6, 2, 3, grid="uniform", potential=SoftCore(beta)) for beta in (1e3, 1e5)]
    errors = [np.abs(solution.q_ea - hard.q_ea).max() for solution in soft]
    assert errors[1] < 0.2 * errors[0] < 0.2


@pytest.mark.parametrize("alpha, depth, s", [(6, 2, -0.044745650), (12, 3, 0.279455115)])
def test_negative_margin_leaves_the_liquid_stable(alpha, depth, s):
    """κ = -0.5 in the liquid: s = L ln Φ_N(-κ) + (L-1) ln 2, exactly."""
    solution = gardner.solve_random(alpha, depth, 5, potential=HardCore(-0.5))
    assert solution.status == "converged" and solution.q_ea[1] < 1e-9
    assert solution.free_entropy == pytest.approx(depth * np.log(ndtr(0.5)) + (depth - 1) * LN2, abs=1e-10)
    assert solution.free_entropy == pytest.approx(s, abs=1e-8)


def test_negative_margin_orders_at_higher_load():
    solution = gardner.solve_random(8, 2, 5, potential=HardCore(-0.5))
    check_physics(solution)
    assert 1e-3 < solution.q_ea[1] < 0.1


def test_saved_solution_continues_without_moving(tmp_path):
    first = gardner.solve_random(6, 3, 5)
    gardner.save(first, tmp_path / "run.nc")
    again = gardner.solve_random(6, 3, 5, start=gardner.load(tmp_path / "run.nc"))
    assert again.status == "converged"
    assert again.iterations < first.iterations
    assert np.abs(again.q_li - first.q_li).max() < 1e-8


def test_start_of_another_depth_is_refused():
    first = gardner.solve_random(3, 2, 1)
    with pytest.raises(ValueError, match="depth 2 given, 3 needed"):
        gardner.solve_random(3, 3, 1, start=first)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    alpha=st.floats(0.2, 25.0),
    depth=st.integers(2, 5),
    levels=st.integers(0, 6),
    margin=st.sampled_from([0.0, 0.0, 0.2]),
)
def test_random_parameters_give_ordered_bounded_overlaps(alpha, depth, levels, margin):
    solution = gardner.solve_random(alpha, depth, levels, potential=HardCore(margin))
    if solution.status == "converged":
        check_physics(solution)
        assert solution.leading_eigenvalue < 1.0 + 1e-6
    else:
        assert solution.status in ("stalled", "no_solution")
        assert levels == 0 or alpha > 6  # few levels at high load may end; nothing else may


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 12), st.integers(0, 2**31), st.floats(-4, 4))
def test_bond_sector_satisfies_sphere_and_determinant(levels, seed, exponent):
    """λ_{k+1} + Q_k = 1, order kept, and ½ ln det Q computed from Q̂ equals that from Q."""
    rng = np.random.default_rng(seed)
    m = np.concatenate([[0.0], np.sort(rng.random(levels)), [1.0]])
    qhat = np.sort(rng.random(levels + 1)) * 10**exponent
    value = bond_sector(qhat, m)
    assert np.all(np.diff(value.overlaps_i) >= 0)
    assert 0 <= value.overlaps_i[0] and value.overlaps_i[-1] < 1
    # (T9) inverted: 1/λ_{i+1} = 1/λ_i + m_i ΔQ̂_i with the λ of Q
    steps = m[1:-1] * np.diff(value.overlaps_i)
    eigenvalues = np.append(1 - value.overlaps_i[-1] + np.cumsum(steps[::-1])[::-1], 1 - value.overlaps_i[-1])
    assert np.diff(1 / eigenvalues) == pytest.approx(m[1:-1] * np.diff(qhat), rel=1e-6, abs=1e-9)
    assert value.overlaps_i[0] == pytest.approx(qhat[0] * eigenvalues[0] ** 2, rel=1e-6)
    assert value.free_entropy == pytest.approx(bond_entropy(value.overlaps_i, m), rel=1e-7, abs=1e-9)


def test_one_step_determinant_equals_the_matrix_determinant():
    """(T9) is the n → 0 limit of ln det of the hierarchical matrix: compare at small n by its exact eigenvalues."""
    q = np.array([0.2, 0.7])
    m, n = 0.4, 1e-6
    eigenvalues = [(1 - q[1], n * (1 - 1 / m)), (1 - q[1] + m * (q[1] - q[0]), n / m - 1), (None, 1)]
    last = 1 - q[1] + m * (q[1] - q[0]) + n * q[0]
    log_det = sum(count * np.log(value if value is not None else last) for value, count in eigenvalues)
    assert bond_entropy(q, np.array([0, m, 1])) == pytest.approx(0.5 * log_det / n, rel=1e-5)


def test_boundary_rows_stay_fixed():
    setting = RandomSetting(6.0, Network(3), HardCore(), (0.5,), (0.5, 0.9), None)
    state = impose_boundaries(setting)
    assert state.q_li[0].tolist() == [0.5, 0.9] and state.q_li[-1].tolist() == [1.0, 1.0]
    solution = gardner.theory.random_setting.solve(setting)
    assert solution.q_li[0].tolist() == [0.5, 0.9]
    assert solution.status == "converged"
