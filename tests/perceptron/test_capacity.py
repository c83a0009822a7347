"""Storage capacity: closed forms, de Almeida–Thouless points, the jamming limit, and the same at finite α."""

import numpy as np
import pytest
from oracles_threshold import saddle_point

from gardner.analysis.capacity import ValidityWarning, capacity
from gardner.analysis.capacity_growth import capacity_curve
from gardner.analysis.deep_capacity import rs_chain_capacity
from gardner.analysis.jammed_capacity import one_step
from gardner.errors import ConvergenceError
from gardner.model import Network, RandomSetting
from gardner.perceptron.closed_form import rs_capacity
from gardner.perceptron.jamming import jamming_bound, jamming_bounds
from gardner.perceptron.optimal import optimal_solution
from gardner.perceptron.replicon import instability, replicons, rs_point, rs_solution
from gardner.potentials.hard import HardCore
from gardner.potentials.soft import SoftCore
from gardner.statistics import extrapolate
from gardner.theory import chain
from gardner.theory.counting import counting_bound
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.search import fixed_point
from gardner.theory.search import increments as inc
from gardner.theory.sectors.gap import gap_sector

GRID = GridSettings.for_accuracy(1e-11)


@pytest.fixture(scope="module")
def bounds_half():
    """Jamming bounds at κ = -0.5, k = 1…9."""
    return jamming_bounds(-0.5, 9)


@pytest.fixture(scope="module")
def sequence():
    """Optimised solutions at κ = -0.5, α = 4.6 (between α_AT and α_c), k = 1…5."""
    found = []
    for k in range(1, 6):
        found.append(optimal_solution(4.6, k, HardCore(-0.5), found[-1] if found else None))
    return found


@pytest.mark.parametrize("margin, value", [(0.0, 2.0), (0.5, 0.961205), (1.0, 0.519572), (-0.5, 4.7701)])
def test_replica_symmetric_capacity_of_gardner(margin, value):
    assert rs_capacity(margin) == pytest.approx(value, rel=2e-6)


@pytest.mark.parametrize("margin, value", [(-0.5, 3.95070), (-1.0, 7.87356)])
def test_de_almeida_thouless_point(margin, value):
    point = instability(HardCore(margin))
    assert point.alpha == pytest.approx(value, abs=6e-6)
    assert point.replicon == pytest.approx(0.0, abs=1e-10)
    assert rs_solution(0.99 * point.alpha, HardCore(margin)).replicon > 0
    assert rs_solution(1.01 * point.alpha, HardCore(margin)).replicon < 0


@pytest.mark.parametrize("margin", [0.0, 0.5, 1.0])
def test_rs_is_stable_up_to_capacity_for_non_negative_margins(margin):
    assert instability(HardCore(margin)) is None
    assert all(rs_point(1.0 - rest, HardCore(margin)).replicon > 0 for rest in (0.5, 0.1, 1e-2, 1e-4))
    assert capacity(1, margin).alpha_at is None


def test_replicon_tends_to_one_minus_capacity_times_share_below_margin():
    """At Q → 1 the curvature of φ is -θ(κ-h)/(1-Q): R → 1 - α_c Φ_N(κ), corrections of order sqrt(1-Q)."""
    from scipy.special import ndtr

    for margin in (-1.0, -0.5, 0.5):
        limit = 1.0 - rs_capacity(margin) * ndtr(margin)
        far, near = (rs_point(1.0 - rest, HardCore(margin)).replicon - limit for rest in (1e-4, 1e-6))
        assert abs(near) < 5e-3 * max(1.0, abs(limit))
        assert far / near == pytest.approx(10.0, rel=0.15)


def test_rs_table_of_the_theory():
    """THEORY section 9, entropies per weight."""
    for alpha, overlap, entropy in ((1.0, 0.585312, -0.855821), (1.5, 0.821721, -1.589208)):
        point = rs_solution(alpha)
        assert point.overlap == pytest.approx(overlap, abs=6e-7)
        assert alpha * point.free_entropy == pytest.approx(entropy, abs=6e-7)


def test_one_step_capacity(bounds_half):
    assert bounds_half[0].alpha == pytest.approx(4.70014, abs=6e-6)
    assert bounds_half[0].error < 1e-9


def test_full_rsb_capacity_and_its_stated_error(bounds_half):
    """4.6966 from the literature; the error stated from k ≤ 6 covers the much better estimate from k ≤ 9."""
    values = [bound.alpha for bound in bounds_half]
    result = capacity(1, -0.5)
    assert result.alpha_c == pytest.approx(4.6966, abs=5e-5)
    assert result.error < 1e-6
    few = extrapolate(range(2, 7), values[1:6], (4.0, 5.0, 6.0))
    best = extrapolate(range(3, 10), values[2:], (4.0, 5.0, 6.0))
    assert abs(few.value - best.value) < few.error
    assert abs(result.alpha_c - best.value) < result.error + best.error


def test_more_steps_lower_the_capacity_with_the_fourth_power(bounds_half):
    values = np.array([bound.alpha for bound in bounds_half])
    assert np.all(np.diff(values) < 0)
    limit = extrapolate(range(3, 10), values[2:], (4.0, 5.0, 6.0)).value
    k = np.arange(1, 10)
    slopes = np.diff(np.log(values - limit)) / np.diff(np.log(k + 1.0))
    assert np.all((-5.2 < slopes) & (slopes < -3.8))  # (k+1)^-4 with decaying corrections; -2 is excluded


@pytest.mark.parametrize("margin", [-0.005, pytest.param(-0.1, marks=pytest.mark.slow)])
def test_close_to_zero_margin_the_error_covers_the_search(margin):
    """RSB changes α_c by 1e-8 … 1e-4 here: the result stays below RS and every bound, with an honest error."""
    result = capacity(1, margin)
    assert result.alpha_c <= min(result.bounds) < result.alpha_rs
    assert result.error >= max(0.0, np.max(np.diff(result.bounds)))
    assert result.error < 1e-5
    assert result.alpha_at < result.alpha_c


def test_no_trial_function_beats_rs_at_non_negative_margin():
    for margin in (0.0, 0.5):
        assert jamming_bound(margin, 1).alpha >= rs_capacity(margin) * (1.0 - 1e-12)
        assert jamming_bound(margin, 1).alpha == pytest.approx(rs_capacity(margin), rel=1e-6)


def test_jammed_hard_core_is_the_limit_of_finite_alpha(bounds_half):
    """1 step: as α → α_c, m_1/(1-Q_1) → y_1 and Q_0 → q_0."""
    target = bounds_half[0]
    ratios, outer = [], []
    for alpha in (4.66, 4.69, 4.7):
        solution = optimal_solution(alpha, 1, HardCore(-0.5))
        assert solution.status == "converged"
        ratios.append(abs(solution.m[1] / (1.0 - solution.Q_i[1]) / target.y_i[0] - 1.0))
        outer.append(abs(solution.Q_i[0] - target.q_i[0]))
    assert ratios[0] > ratios[1] > ratios[2] and ratios[2] < 0.006
    assert outer[0] > outer[1] > outer[2] and outer[2] < 3e-4
    assert optimal_solution(4.71, 1, HardCore(-0.5)).status == "no_solution"


def test_optimised_solution_is_a_saddle_point_stationary_in_m(sequence):
    for solution in sequence:
        assert solution.status == "converged"
        assert solution.residual < 1e-12
        assert solution.stationarity < 1e-9
    assert np.all(np.diff([solution.free_entropy for solution in sequence]) < 0)


def test_optimised_solution_is_the_fixed_point_of_the_chain_map(sequence):
    best = sequence[2]
    setting = RandomSetting(4.6, Network(1), HardCore(-0.5), tuple(best.m[1:-1]))
    state = chain.ChainState(np.ones((2, 4)), best.Q_i[None, :])
    value = chain.evaluate(state, setting, GRID)
    np.testing.assert_allclose(value.image.Q_li[0], best.Q_i, atol=1e-10)
    assert value.free_entropy == pytest.approx(best.free_entropy, abs=1e-10)


def test_any_other_m_has_a_larger_free_entropy(sequence):
    """The minimum over m is physical: moving m_1 of the one-step solution at its saddle point raises s."""
    best = sequence[0]

    def entropy(m):
        setting = RandomSetting(4.6, Network(1), HardCore(-0.5), (m,))
        base = chain.ChainState(np.ones((2, 2)), np.ones((1, 2)))

        def function(x_ri, with_jacobian):
            value = chain.evaluate(base.replaced(x_ri), setting, GRID, with_jacobian)
            return fixed_point.MapValue(value.image.unknowns(), value.jacobian, value.free_entropy)

        result = fixed_point.newton(function, best.Q_i[None, :], 1e-10, 100, False)
        assert result.status == "converged"
        return result.value.payload

    assert entropy(best.m[1]) == pytest.approx(best.free_entropy, abs=1e-11)
    assert min(entropy(0.9 * best.m[1]), entropy(1.1 * best.m[1])) > best.free_entropy + 1e-6


def test_replicons_of_optimised_solutions_are_negative_and_vanish_with_more_steps(sequence):
    """R_i < 0: each further step improves; |R_k| falls like a power of k, towards marginal full RSB."""
    deepest = [solution.replicon_i[-1] for solution in sequence]
    assert all(np.all(solution.replicon_i < 0) for solution in sequence)
    slopes = np.diff(np.log(np.abs(deepest))) / np.diff(np.log(np.arange(1, 6)))
    assert np.all((-2.2 < slopes) & (slopes < -1.4))
    assert extrapolate(range(1, 6), deepest, (2.0, 3.0)).value == pytest.approx(0.0, abs=1.5e-3)


def test_replicons_are_the_growth_of_split_levels(sequence):
    """1 - R_i is the exact growth factor that the fixed-point solver assigns to a merged copy of level i."""
    best = sequence[2]
    m = best.m
    for i in range(4):
        doubled = np.insert(best.Q_i, i, best.Q_i[i])
        parisi = np.insert(m[1:-1], i, 0.5 * (m[i] + m[i + 1]))
        setting = RandomSetting(4.6, Network(1), HardCore(-0.5), tuple(parisi))
        state = chain.ChainState(np.ones((2, 5)), doubled[None, :])
        blocks = inc.transform_blocks(chain.evaluate(state, setting, GRID, True).jacobian)
        free = np.ones((1, 5), dtype=bool)
        free[0, i + 1] = False
        assert inc.split_growth(blocks, free)[0][i + 1] == pytest.approx(1.0 - best.replicon_i[i], abs=1e-8)


def test_replicon_of_rs_is_the_growth_of_a_split_rs_solution():
    point = instability(HardCore(-0.5))
    Q_i, m = np.full(2, point.overlap), np.array([0.0, 0.3, 1.0])
    setting = RandomSetting(point.alpha, Network(1), HardCore(-0.5), (0.3,))
    value = chain.evaluate(chain.ChainState(np.ones((2, 2)), Q_i[None, :]), setting, GRID, True)
    growth = inc.split_growth(inc.transform_blocks(value.jacobian), np.array([[True, False]]))[0][1]
    assert growth == pytest.approx(1.0, abs=1e-8)
    flow = gap_sector(Q_i, m, HardCore(-0.5), GRID).flow
    np.testing.assert_allclose(replicons(point.alpha, Q_i, flow), 0.0, atol=1e-8)


def test_steps_merge_below_the_instability_of_rs():
    solution = optimal_solution(3.8, 1, HardCore(-0.5))
    assert solution.merged and solution.residual < 1e-10
    assert solution.free_entropy == pytest.approx(rs_solution(3.8, HardCore(-0.5)).free_entropy, abs=1e-12)
    just_above = optimal_solution(4.0, 1, HardCore(-0.5))
    assert not just_above.merged and just_above.free_entropy < rs_solution(4.0, HardCore(-0.5)).free_entropy


def test_free_entropy_extrapolates_in_the_number_of_steps(sequence):
    values = [solution.free_entropy for solution in sequence]
    few = extrapolate(range(1, 5), values[:4], (4.0, 6.0))
    all_steps = extrapolate(range(1, 6), values, (4.0, 5.0, 6.0))
    assert abs(few.value - all_steps.value) < few.error
    assert all_steps.error < 1e-5
    assert all_steps.value < values[-1]


def test_soft_core_has_no_capacity():
    solution = optimal_solution(8.0, 1, SoftCore(20.0, 0.0))
    assert solution.status == "converged" and solution.residual < 1e-10


def test_deep_negative_margin_warns_that_the_transition_is_discontinuous():
    with pytest.warns(ValidityWarning, match="discontinuous"):
        result = capacity(1, -3.0, levels=2)
    assert result.alpha_at is None and "discontinuous" in result.caveat


def test_the_instability_lies_below_capacity_or_is_not_given():
    """The RS line turns unstable before its capacity down to κ ≈ -3.3; beyond, its unstable point lies above it."""
    for margin in (-0.5, -2.0, -3.0):
        assert capacity(1, margin, levels=0).alpha_at < rs_capacity(margin)
    for margin in (-3.37, -6.0, -100.0):
        assert capacity(1, margin, levels=0).alpha_at is None


def test_small_negative_margins_scale():
    """(C16): the gain of RSB is of third order in κ, the distance of α_AT from capacity of second."""
    gains = [rs_capacity(margin) - jamming_bound(margin, 2).alpha for margin in (-0.04, -0.02, -0.01, -0.002)]
    assert gains[0] / gains[1] == pytest.approx(8.0, rel=0.04)  # searched
    assert gains[1] / gains[2] == pytest.approx(8.0, rel=0.02) and gains[2] / gains[3] == pytest.approx(125.0, rel=0.02)
    distances = [rs_capacity(margin) - instability(HardCore(margin)).alpha for margin in (-1e-3, -1e-4)]
    assert distances[0] / distances[1] == pytest.approx(100.0, rel=0.01)


@pytest.mark.parametrize("margin", [pytest.param(-1e-4, marks=pytest.mark.slow), -1e-12])
def test_at_tiny_margins_the_error_is_that_of_the_distance_to_rs(margin):
    """RS and full RSB agree to |κ|³, and so does the stated error (warnings are errors here)."""
    result = capacity(1, margin)
    assert 2.0 < result.alpha_at <= result.alpha_c <= min(result.bounds) <= result.alpha_rs
    assert result.alpha_rs - result.alpha_c < abs(margin) ** 3 + 1e-15
    assert result.error < 0.1 * abs(margin) ** 3 + 1e-14


@pytest.mark.parametrize(
    "margin, value, error",
    [
        (-0.5, 146.3933, 2e-3),
        pytest.param(-0.2, 17.51678, 5e-4, marks=pytest.mark.slow),
        pytest.param(4.5, 0.06029, 2e-5, marks=pytest.mark.slow),
    ],
)
def test_one_step_at_other_margins(margin, value, error):
    """Fits of α*(m) to m → 0 gave `value` within `error`; at large κ it lies just below the end of RS (C12)."""
    state = one_step("symmetric", 2, margin)
    assert state.error < 1e-7
    assert state.alpha == pytest.approx(value, abs=error)
    assert rs_capacity(margin) < state.alpha < rs_chain_capacity(2, margin)


def test_one_step_without_an_end_is_refused_with_the_reason():
    with pytest.raises(ConvergenceError, match="rises without bound"):
        one_step("symmetric", 2, -5.0)


def test_capacity_has_the_bounds_of_every_other_command():
    for arguments in ({"margin": 101.0}, {"margin": 1e300}, {"depth": 1001}, {"depth": 10**8}):
        with pytest.raises(ValueError, match="must"):
            capacity(**arguments)
    with pytest.raises(ValueError, match="at most 1000"):
        capacity(10**8, levels=0)
    assert capacity(1000, levels=0).alpha_c == np.inf and capacity(100, 3.0, levels=0).alpha_c < np.inf


def rs_chain(alpha, depth, start):
    """The RS fixed point of a net of `depth` layers."""
    setting = RandomSetting(alpha, Network(depth), HardCore())
    base = chain.ChainState(np.ones((depth + 1, 1)), np.ones((depth, 1)))

    def function(x_ri, with_jacobian):
        value = chain.evaluate(base.replaced(x_ri), setting, GRID, with_jacobian)
        return fixed_point.MapValue(value.image.unknowns(), value.jacobian)

    result = fixed_point.newton(function, start, 1e-11, 200, False)
    assert result.status == "converged"
    return result.x_ri


def test_rs_of_two_layers_ends_where_all_overlaps_freeze():
    """1 - Q vanishes linearly at α = 2/(1-sqrt(2/π))²; the two-layer (C12) gives (1-q)/(1-Q) → r - 1 = 3.948."""
    end = rs_chain_capacity(2)
    assert end == pytest.approx(2.0 / (1.0 - np.sqrt(2.0 / np.pi)) ** 2, rel=1e-12)
    x_ri, rest = np.full((3, 1), 0.5), {}
    for alpha in (6.0, 12.0, 20.0, 30.0, 40.0, 45.0, 47.0, 48.0, 48.5, 48.8, 48.9):
        x_ri = rs_chain(alpha, 2, x_ri)
        rest[alpha] = 1.0 - x_ri[:, 0]
    slope = (rest[48.9][0] - rest[48.8][0]) / 0.1
    assert 48.9 - rest[48.9][0] / slope == pytest.approx(end, abs=2e-3)
    assert rest[48.9][1] / rest[48.9][0] == pytest.approx(np.sqrt(0.5 * end) - 1.0, rel=5e-3)


def test_rs_of_deeper_nets_never_ends_in_the_symmetric_closure():
    assert rs_chain_capacity(3) == rs_chain_capacity(6) == np.inf
    assert rs_chain_capacity(1, -0.5) == rs_capacity(-0.5)


@pytest.mark.parametrize("depth, value", [(2, 8.73552), (3, 15.6282)])
def test_one_step_ends_below_the_counting_bound(depth, value):
    """Own figures (no published value), from a fit to m → 0: RS violates counting, one step does not."""
    assert one_step("symmetric", depth).alpha == pytest.approx(value, abs=4e-4)
    for closure in ("symmetric", "directed"):
        state = one_step(closure, depth)
        assert state.error < 1e-8 and state.alpha < counting_bound(depth) < rs_chain_capacity(depth)


def test_the_threshold_in_m_of_one_layer_is_the_optimised_solution(sequence):
    """ds/dm = 0 along α at fixed m, the rule used at L ≥ 2, is the optimum at fixed α of L = 1."""
    best = sequence[0]
    below, at, above = (
        saddle_point(alpha, 1, float(best.m[1]), best.Q_i[None, :], -0.5)[1] for alpha in (4.599, 4.6, 4.601)
    )
    assert below < 0 < above
    assert at == pytest.approx(0.0, abs=1e-5 * (above - below))


def test_levels_select_the_method():
    assert capacity(1, -0.5, levels=0).alpha_c == rs_capacity(-0.5)
    one = capacity(1, -0.5, levels=1)
    assert one.method.startswith("1-step") and len(one.bounds) == 1 and one.alpha_at == pytest.approx(3.9507, abs=6e-5)
    assert capacity(3, 0.0, levels=0).alpha_c == np.inf
    for arguments in ({"depth": 0}, {"levels": -1}, {"depth": 2, "levels": 5}, {"depth": 1001}, {"margin": np.nan}):
        with pytest.raises(ValueError):
            capacity(**arguments)


def test_the_layer_at_the_end_bounds_where_one_step_has_no_end(monkeypatch):
    """κ = -.1, L = 20: one step rises without bound, the end layer alone ends at 819.7."""

    def endless(*_):
        raise ConvergenceError("rises without bound")

    monkeypatch.setattr("gardner.analysis.capacity.steps_of", endless)
    found = capacity(20, -0.1)
    assert found.alpha_c == pytest.approx(819.7365, rel=1e-6) and found.levels == 2
    assert np.isnan(found.bounds[0]) and found.bounds[1] == found.alpha_c
    with pytest.raises(ConvergenceError):  # the end layer can always be stored: nothing is known
        capacity(20, -0.2)
    curve = capacity_curve(range(15, 20), -0.1, closures=("symmetric",))
    assert np.isnan([point.one_step for point in curve.points]).all() and not curve.fits
    assert {point.status for point in curve.points} == {"converged"}
