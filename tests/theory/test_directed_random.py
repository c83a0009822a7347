"""The directed closure in the random setting: reference values, limits, transitions, the arrow of time, branch ends."""

import numpy as np
import pytest
from scipy.optimize import brentq

import gardner
from gardner.errors import FrozenError
from gardner.model import Network, RandomSetting, uniform_parisi
from gardner.potentials.hard import HardCore
from gardner.potentials.soft import SoftCore
from gardner.theory.chain import ChainState, evaluate, impose_boundaries
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.search import fixed_point
from gardner.theory.search.maps import chain_map

GAIN = (2.0 / np.pi) ** 2  # g of (T20)

LN2 = np.log(2.0)
ALPHA_1 = (np.pi / 2) ** 2
GOLDEN = (np.sqrt(5) - 1) / 2


def solve(alpha, depth, levels=None, **options):
    return gardner.solve_random(alpha, depth, levels, closure="directed", **options)


def check_physics(solution):
    """What every converged solution must satisfy."""
    assert solution.status == "converged" and solution.closure == "directed"
    for overlaps in (solution.q_li, solution.Q_li):
        assert np.all(np.diff(overlaps, axis=1) >= -1e-12)
        assert overlaps.min() >= 0.0 and overlaps.max() <= 1.0
    assert solution.residual < 1e-8
    assert solution.stationarity < 1e-6
    assert max(solution.error, solution.discretisation_error) < 1e-6
    if isinstance(solution.setting.potential, HardCore) and solution.setting.potential.margin == 0.0:
        assert solution.free_entropy <= -LN2 + 1e-12


def test_one_step_solution_equals_the_independent_program():
    """THEORY section 9; the digits printed there."""
    solution = solve(6, 2, parisi=(0.5,))
    check_physics(solution)
    assert np.abs(solution.q_li[1] - (0.21068760, 0.80616282)).max() < 1e-8
    assert np.abs(solution.Q_li - ((0.24376412, 0.84587840), (0.29586749, 0.86263088))).max() < 2e-8
    assert abs(solution.free_entropy + 0.73144188) < 1e-8


def test_single_layer_does_not_know_the_closure():
    """L = 1 has no hidden spin: both closures are Gardner's perceptron."""
    directed, symmetric = solve(1.5, 1, 4), gardner.solve_random(1.5, 1, 4)
    assert np.abs(directed.Q_li - symmetric.Q_li).max() < 1e-12
    assert directed.free_entropy == pytest.approx(symmetric.free_entropy, abs=1e-12)


@pytest.mark.parametrize("alpha, depth, levels", [(10.0, 2, 1), (10.0, 3, 3)])
def test_planted_solution_is_a_fixed_point_at_all_m_equal_one(alpha, depth, levels):
    """n → 1: with m_i = 1 the map (T12) leaves the overlaps of `solve planted --closure directed` where they are."""
    planted = gardner.solve_planted(alpha, depth, closure="directed")
    branch = planted.equilibrium

    class AllOne(RandomSetting):
        m = np.array([0.0] + [1.0] * (levels + 1))

    setting = AllOne(alpha, Network(depth), HardCore(), uniform_parisi(levels), closure="directed")
    line = np.linspace(0.0, 1.0, levels + 1)
    q_li = np.outer(branch.q_l, line)
    q_li[[0, -1]] = 1.0
    # any path through the levels will do for the last one: it is a martingale
    state = ChainState(q_li, np.outer(branch.Q_l, line))
    image = evaluate(state, setting, GridSettings()).image
    assert np.abs(image.q_li[1:-1, -1] - branch.q_l[1:-1]).max() < 1e-8
    assert np.abs(image.Q_li[:, -1] - branch.Q_l).max() < 1e-8


@pytest.mark.parametrize("depth, expected", [(2, ALPHA_1 * GOLDEN), (3, ALPHA_1), (5, ALPHA_1)])
def test_first_transition(depth, expected):
    """(π/2)² for L ≥ 3; (π/2)²(√5-1)/2 at L = 2, where the one hidden layer feels both ends (T19)."""

    def growth(alpha):
        setting = RandomSetting(alpha, Network(depth), HardCore(), (0.5,), closure="directed")
        zero = np.zeros((2 * depth - 1, 2))
        function = chain_map(setting, GridSettings())
        state = fixed_point.with_jacobian(function, fixed_point.Iterate(zero, function(zero, True), None, 1))
        return fixed_point.leading_eigenvalue(state) - 1.0

    assert brentq(growth, 0.9 * expected, 1.1 * expected, xtol=1e-9) == pytest.approx(expected, abs=1e-6)
    below, above = solve(expected - 0.03, depth, 3), solve(expected + 0.03, depth, 3)
    assert max(below.Q_ea.max(), below.q_ea[1:-1].max()) < 1e-9
    assert below.free_entropy == pytest.approx(-LN2, abs=1e-11)
    assert above.Q_ea[-1] > 1e-3
    assert above.free_entropy < -LN2


def test_second_transition_is_where_the_forward_overlap_says():
    """L = 3, k = 1, m_1 = 0.5: 8.0674 (T23); there the growth of the liquid layers reaches 1."""
    below, above = solve(8.05, 3, parisi=(0.5,)), solve(8.09, 3, parisi=(0.5,))
    assert solve(8.0674, 3, parisi=(0.5,)).leading_eigenvalue == pytest.approx(1.0, abs=5e-5)
    assert below.Q_ea[:2].max() < 1e-9 < 1e-4 < above.Q_ea[:2].min()
    growth = [alpha * GAIN * found.q_ea[2] ** 2 * (1 + alpha * GAIN) for alpha, found in ((8.05, below), (8.09, above))]
    assert growth[0] < 1.0 < growth[1]  # q_2 hears little more than the forward field so close to the transition


def test_input_layers_stay_liquid_until_the_front_from_the_output_arrives():
    """α = 20, L = 4, k = 6: order decays towards the input; `symmetric` has it at both ends."""
    directed, symmetric = solve(20, 4, 6), gardner.solve_random(20, 4, 6)
    check_physics(directed)
    assert directed.Q_ea[0] < 1e-9 and directed.q_ea[1] < 1e-9
    assert np.all(np.diff(directed.Q_ea) >= 0.0)
    assert symmetric.Q_ea[0] == pytest.approx(symmetric.Q_ea[-1], abs=1e-8) and symmetric.Q_ea[0] > 0.5


@pytest.mark.parametrize("overlap", [0.2, 0.9, 1 - 1e-6])
def test_knowing_the_first_layer_is_knowing_the_first_spins(overlap):
    """Two students with Q(1) → 1 share S(1) = sgn(J S(0)) exactly in `directed`, without any help from the output.

    No forward field, n → 1: the directed site gives q(1) = (2/π) arcsin Q(1), the overlap of the signs of two Gaussian
    fields of overlap Q(1). `symmetric` gives the spin a field q̂ = G(1) Q(1) at Λ = Q(1) q(1) instead: q(1) ends at
    0.441 even at Q(1) = 1.
    """
    m, grid = np.array([0.0, 1.0, 1.0]), GridSettings()
    from gardner.theory.sectors.gap import gap_sector
    from gardner.theory.sectors.site import site_sector
    from gardner.theory.sectors.spin import spin_sector

    directed = site_sector(np.array([0.0, overlap]), np.zeros(2), m, HardCore(), grid)
    assert directed.q_i[-1] == pytest.approx(2 / np.pi * np.arcsin(overlap), abs=1e-9)
    q_1 = 0.9
    for _ in range(60):
        gap = gap_sector(np.array([0.0, overlap * q_1]), m, HardCore(), grid)
        q_1 = spin_sector(gap.overlaps_i * overlap, m, grid).overlaps_i[-1]
    assert q_1 < 0.441 < 1.0 and q_1 < directed.q_i[-1]
    if overlap > 0.999:
        assert directed.q_i[-1] > 0.999 and q_1 == pytest.approx(0.4406, abs=1e-3)


def test_free_output_has_the_volume_of_everything():
    """A net whose output is left free: V = 1, s = 0 exactly, in `directed` (its last spin feels no field)."""
    from gardner.theory.sectors.site import site_sector
    from gardner.theory.sectors.spin import spin_entropy

    m, overlap = np.array([0.0, 1.0, 1.0]), np.array([0.0, 0.5])
    site = site_sector(overlap, np.zeros(2), m, HardCore(), GridSettings())
    assert spin_entropy(np.zeros(2), site.q_i, m, site.free_entropy) == pytest.approx(0.0, abs=1e-12)


def test_solution_with_margin_and_soft_core():
    check_physics(solve(4, 2, 3, potential=HardCore(0.2)))
    check_physics(solve(8, 2, 3, potential=HardCore(-0.4)))
    check_physics(solve(6, 2, 2, potential=SoftCore(66.7)))


def test_cold_soft_core_approaches_the_hard_core():
    hard = solve(5, 2, 2)
    soft = [solve(5, 2, 2, grid="uniform", potential=SoftCore(beta)) for beta in (1e3, 1e5)]
    errors = [np.abs(solution.q_ea - hard.q_ea).max() for solution in soft]
    assert errors[1] < 0.2 * errors[0] < 0.2


def test_newton_lands_where_damped_iteration_does():
    newton = solve(5, 2, 2)
    damped = solve(5, 2, 2, method="damped", tolerance=1e-11)
    assert damped.iterations > 3 * newton.iterations
    assert np.abs(newton.q_li - damped.q_li).max() < 1e-8


def test_jacobian_is_the_derivative_of_the_map():
    setting = RandomSetting(9.0, Network(3), HardCore(), (0.3, 0.6), closure="directed")
    function = chain_map(setting, GridSettings())
    rows = np.array([(0.1, 0.2, 0.3), (0.05, 0.15, 0.2), (0.2, 0.4, 0.5), (0.1, 0.3, 0.35), (0.3, 0.6, 0.7)])
    blocks = function(rows, True).blocks
    step = 1e-6 * np.random.default_rng(2).random(rows.shape)
    difference = (function(rows + step, False).image_ri - function(rows - step, False).image_ri) / 2e-6
    product = np.zeros_like(rows)
    for (row, column), block in blocks.items():
        product[row] += block @ step[column] / 1e-6
    assert np.abs(product - difference).max() < 1e-7


def test_replica_symmetric_branch_ends_where_q_and_Q_reach_one():
    """L = 2, k = 0: 1-Q falls linearly in α to zero near 20.5; beyond there is no solution."""
    last = [solve(alpha, 2, 0) for alpha in (18.0, 19.0, 20.0)]
    for solution in last:
        check_physics(solution)
    room = np.array([1 - solution.Q_ea[0] for solution in last])
    assert np.all(np.diff(room) < 0)
    assert 20.0 + room[2] / (room[1] - room[2]) == pytest.approx(20.6, abs=0.3)
    ended = solve(22.0, 2, 0)
    assert ended.status == "no_solution" and np.isnan(ended.free_entropy)
    assert ended.Q_ea.min() > 0.99 and ended.q_ea[1] > 0.99  # where the branch was last seen


def test_directed_setting_refuses_structured_outputs_and_unknown_closures():
    with pytest.raises(ValueError, match="fixed outputs"):
        RandomSetting(2.0, Network(2), HardCore(), (0.5,), None, (0.2, 0.9), "directed")
    with pytest.raises(ValueError, match="must be one of symmetric, directed"):
        solve_unknown = RandomSetting(2.0, Network(2), closure="sideways")
        assert solve_unknown is None


def test_structured_inputs_are_allowed():
    setting = RandomSetting(6.0, Network(2), HardCore(), (0.5,), (0.3, 0.9), None, "directed")
    solution = gardner.theory.random_setting.solve(setting)
    assert solution.status == "converged" and solution.q_li[0].tolist() == [0.3, 0.9]
    assert solution.q_ea[1] < solve(6.0, 2, parisi=(0.5,)).q_ea[1]


def test_saved_solution_keeps_its_closure_and_continues(tmp_path):
    first = solve(5, 2, 2)
    gardner.save(first, tmp_path / "run.nc")
    loaded = gardner.load(tmp_path / "run.nc")
    assert loaded.closure == loaded.setting.closure == "directed"
    again = solve(5, 2, 2, start=loaded)
    assert again.status == "converged" and again.iterations < first.iterations
    assert np.abs(again.q_li - first.q_li).max() < 1e-8


def test_fields_beyond_resolution_are_refused():
    from gardner.theory.sectors.site import site_sector

    with pytest.raises(FrozenError):
        site_sector(np.array([0.5]), np.array([1e9]), np.array([0.0, 1.0]), HardCore(), GridSettings())


def test_volume_of_two_layers_is_empty_beyond_a_load_between_eight_and_nine():
    """L = 2, k = 1: s(m_1) has a minimum inside (0, 1) at α = 8; at α = 9 it falls on as m_1 → 0."""
    s = {8.0: [], 9.0: []}
    for alpha, values in s.items():
        start = None
        for m in (0.5, 0.25, 0.15):
            start = solve(alpha, 2, parisi=(m,), start=start)
            assert start.status == "converged"
            values.append(start.free_entropy)
    assert s[8.0][1] < min(s[8.0][0], s[8.0][2])
    assert s[9.0][2] < s[9.0][1] - 0.05 < s[9.0][0] - 0.1


@pytest.mark.slow
@pytest.mark.parametrize("alpha, depth", [(20, 4), (6, 2)])
def test_full_symmetry_breaking(alpha, depth):
    """k = 20, all layers solid at L = 2; s keeps falling with k towards full RSB."""
    fine, coarse = solve(alpha, depth, 20), solve(alpha, depth, 3)
    check_physics(fine)
    assert fine.free_entropy < coarse.free_entropy
    assert impose_boundaries(fine.setting).depth == depth
