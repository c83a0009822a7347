"""Complexity of one-step states: Σ(m) against differences of s, one layer by itself, and the planted state."""

import numpy as np
import pytest

import gardner
from gardner.analysis.complexity import Branch, complexity_curve
from gardner.model import Network, RandomSetting, SolverSettings
from gardner.perceptron.one_step import one_step
from gardner.perceptron.replicon import solution_replicons
from gardner.potentials.hard import HardCore
from gardner.results.solution import Solution
from gardner.theory.chain import evaluate, impose_boundaries, parisi_gradient


@pytest.fixture(scope="module")
def single():
    """κ = -2.2, α = 150, beyond α_K = 111.5 and before α_G = 175.4."""
    return complexity_curve(150.0, 1, (0.3, 0.45, 0.5, 0.55, 0.8, 1.0), HardCore(-2.2))


@pytest.fixture(scope="module")
def two_layers():
    return complexity_curve(6.0, 2, (0.3, 0.5, 0.7))


@pytest.mark.parametrize("depth, alpha, closure", [(1, 4.2, "symmetric"), (2, 6.0, "symmetric")])
def test_complexity_is_the_legendre_transform_of_s(depth, alpha, closure):
    """Σ = -m² ds/dm and s_int = d(ms)/dm, against central differences of s between saddle points."""
    potential, m, step = HardCore(-0.5 if depth == 1 else 0.0), 0.4, 1e-3
    found = complexity_curve(alpha, depth, (m - step, m, m + step), potential, closure)
    s, m_j = found.free_entropy_j, found.m_j
    assert found.complexity_j[1] == pytest.approx(-(m**2) * (s[2] - s[0]) / (2.0 * step), abs=2e-8)
    both = m_j * s
    assert found.internal_entropy_j[1] == pytest.approx((both[2] - both[0]) / (2.0 * step), abs=2e-7)
    # dΣ/ds_int = -m
    slope = np.diff(found.complexity_j[[0, 2]]) / np.diff(found.internal_entropy_j[[0, 2]])
    assert slope[0] == pytest.approx(-m, abs=2e-4)


def test_complexity_of_one_layer_is_that_of_its_own_equations(single):
    """The same numbers from the chain of sectors and from (C37), where α follows from the overlaps."""
    for j in (1, 3, 5):
        outer, inner = single.Q_jlo[j, 0]
        point = one_step(outer, (inner - outer) / (1.0 - outer), single.m_j[j], HardCore(-2.2))
        assert point.alpha == pytest.approx(150.0, rel=1e-7) and abs(point.excess) < 1e-7
        assert single.complexity_j[j] == pytest.approx(point.complexity, abs=1e-9)
        assert single.internal_entropy_j[j] == pytest.approx(point.internal_entropy, abs=1e-9)
        assert single.stability_j[j] == pytest.approx(point.replicon_i[1], abs=1e-6)


def test_static_point_is_the_minimum_of_s_and_separates_the_signs(single):
    assert single.static_m == pytest.approx(0.53086053, abs=1e-7)  # as optimal_solution finds it
    assert np.all(single.complexity_j[single.m_j < single.static_m] > 0.0)
    assert np.all(single.complexity_j[single.m_j > single.static_m] < 0.0)
    assert np.all(single.free_entropy_j > single.static_entropy)
    assert single.unstable_m == pytest.approx(0.494642, abs=1e-5)  # below it the states break up
    assert np.all((single.stability_j > 0.0) == (single.m_j > single.unstable_m))


def test_states_exist_at_unit_m_between_the_dynamic_and_the_static_transition_only_with_complexity():
    """κ = -2.2: α_d = 111.305, α_K = 111.535. Below α_d there are no states at any m ≤ 1."""
    grid = (0.97, 1.0)
    assert complexity_curve(110.0, 1, grid, HardCore(-2.2)).status == "no_solution"
    between = complexity_curve(111.4, 1, grid, HardCore(-2.2))
    assert between.m_j[-1] == 1.0 and 0.0 < between.weight_complexity_j[-1] < 1.1e-4
    assert between.static_m is None and between.upper_reason == "grid"
    assert between.lower_reason == "lost" and 0.97 < between.lower_end < 1.0  # the threshold states
    assert complexity_curve(112.0, 1, grid, HardCore(-2.2)).complexity_j[-1] < 0.0


def test_split_stability_of_one_layer_is_its_replicon(single):
    setting = RandomSetting(150.0, Network(1), HardCore(-2.2), (0.55,))
    numbers = dict.fromkeys(("residual", "error", "discretisation_error", "stationarity", "leading_eigenvalue"), 0.0)
    solution = Solution(
        setting=setting, q_li=np.ones((2, 2)), Q_li=single.Q_jlo[3], status="converged", free_entropy=0.0,
        iterations=0, seconds=0.0, **numbers,
    )  # fmt: skip
    assert single.stability_j[3] == pytest.approx(solution_replicons(solution)[1], abs=1e-6)


def test_a_split_level_grows_where_the_stability_says_so(two_layers):
    """L = 2: a second step close to the first merges with it where R > 0 and opens where R < 0."""
    assert two_layers.stability_j[0] < 0.0
    stable = complexity_curve(6.0, 2, (0.9,))
    assert stable.stability_j[0] > 0.0
    for m, opens in ((0.3, True), (0.9, False)):
        found = gardner.solve_random(6.0, 2, parisi=(m, m + 0.02))
        gap = (found.Q_ea - found.Q_li[:, 1]).max()
        assert found.status == "converged" and (gap > 1e-4) == opens


@pytest.mark.parametrize("depth, alpha", [(2, 10.0), (3, 18.0)])
def test_states_at_unit_m_on_the_liquid_are_the_planted_crystal(depth, alpha):
    """With Q_0 = q_0 = 0 and m → 1 a one-step state obeys the Nishimori equations: s_int is the planted s, and
    Σ = s_annealed - s_planted with s_annealed = -ln 2. Outside the crystal's overlaps nothing of this holds."""
    planted = gardner.solve_planted(alpha=alpha, depth=depth).equilibrium
    branch = Branch(RandomSetting(alpha, Network(depth), HardCore(), (0.5,)), SolverSettings())
    setting = branch.at(1.0)
    rows = np.zeros((2 * depth - 1, 2))
    rows[0::2, 1], rows[1::2, 1] = planted.Q_l, planted.q_l[1:-1]

    def value(rows):
        chain = impose_boundaries(setting).replaced(rows)
        found = evaluate(chain, setting, branch.grid)
        return found, parisi_gradient(chain, found.fields, setting, branch.grid)[0]

    found, slope = value(rows)
    np.testing.assert_allclose(found.image.unknowns(), rows, atol=1e-9)
    assert found.free_entropy == pytest.approx(-np.log(2.0), abs=1e-9)
    assert found.free_entropy + slope == pytest.approx(planted.free_entropy, abs=1e-9)
    assert np.abs(value(0.98 * rows)[0].image.unknowns() - 0.98 * rows).max() > 1e-4


@pytest.mark.parametrize("m", [(0.5,), pytest.param((0.5, 0.6), marks=pytest.mark.slow)])
def test_closure_with_sites_gets_its_slope_from_differences(m):
    """directed, L = 2: s at m = ½ is that of THEORY section 9, Σ > 0 there, and Σ = 0 where s is smallest."""
    found = complexity_curve(6.0, 2, m, closure="directed", tolerance=1e-8)
    assert found.free_entropy_j[0] == pytest.approx(-0.73144188, abs=1e-8)
    assert found.complexity_j[0] == pytest.approx(1.4579e-3, abs=1e-7)
    if len(m) > 1:
        assert found.complexity_j[1] < 0.0 and found.static_entropy < found.free_entropy_j.min()


@pytest.mark.parametrize(
    "m, words", [((), "no value"), ((0.0,), "m = 0: .*between"), ((1.2,), "1.2"), ((0.5, 0.5), "once")]
)
def test_impossible_grid_is_refused(m, words):
    with pytest.raises(ValueError, match=words):
        complexity_curve(6.0, 1, m)
