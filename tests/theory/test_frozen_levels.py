"""Frozen spins: q = 1 exactly above a jump of q(x), on every grid of m, and where the jump sits."""

import numpy as np
import pytest

from gardner.model import Network, RandomSetting, SolverSettings, uniform_parisi
from gardner.potentials.hard import HardCore
from gardner.theory.optimal_parisi import jump_level, optimise_parisi
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.random_setting import continued, solve_random
from gardner.theory.search import fixed_point
from gardner.theory.search.frozen import first_frozen, freezing_levels
from gardner.theory.search.maps import chain_map
from gardner.theory.search.random_starts import coarse_settings, embedded_rows, interpolated_rows
from gardner.theory.sectors.spin import spin_sector

GRID = GridSettings()


def setting(alpha, depth, levels):
    return RandomSetting(alpha, Network(depth), HardCore(), uniform_parisi(levels))


def test_a_strong_step_of_the_field_freezes_the_spin_exactly_and_a_weak_one_by_the_mean_of_sech_squared():
    m = np.array([0.0, 0.3, 0.6, 1.0])
    frozen = spin_sector(np.array([0.4, 1.1, 4e3]), m, GRID).overlaps_i
    assert frozen[-1] == 1.0 and frozen[1] < 0.9

    # k = 0: 1 - q = ∫Dz sech²(√q̂ z), by an independent rule
    h = np.linspace(-30.0, 30.0, 20001)
    for field in (0.5, 20.0, 60.0):
        weight = np.exp(-0.5 * h**2 / field) / np.sqrt(2.0 * np.pi * field) * (h[1] - h[0])
        found = 1.0 - spin_sector(np.array([field]), np.array([0.0, 1.0]), GRID).overlaps_i[0]
        assert found == pytest.approx(float(weight @ np.cosh(h) ** -2.0), rel=1e-9)


def test_interpolation_keeps_the_jump_at_its_m_and_what_is_frozen_frozen():
    m_old, m_new = np.array([0.0, 0.25, 0.5, 0.75, 1.0]), np.linspace(0.0, 1.0, 17)
    rows = np.array([[0.1, 0.3, 0.99, 0.99], [0.2, 0.4, 1.0, 1.0], [0.0, 0.0, 0.5, 0.6]])
    fine = interpolated_rows(rows, m_old, m_new)
    assert freezing_levels(rows) == [2] and freezing_levels(fine) == [8] and m_new[8] == m_old[2]
    assert np.all(np.diff(fine, axis=1) >= 0.0)
    assert np.all(fine[1, 8:] == 1.0) and np.all(fine[0, 8:] == 0.99)
    assert fine[1, :8].max() < 0.7 and np.all(fine[2, :8] == 0.0)  # nothing leaks through the jump
    # without a jump it is the interpolation through q(0) = 0
    smooth = interpolated_rows(0.9 * rows, m_old, m_new)
    middle = 0.5 * (m_new[1:] + m_new[:-1])
    np.testing.assert_allclose(smooth[0], np.interp(middle, [0, 0.125, 0.375, 0.625, 0.875], [0, *(0.9 * rows[0])]))


def test_opening_merged_levels_leaves_frozen_spins_frozen():
    rows = np.array([[0.1, 0.3, 1.0 - 1e-9, 1.0 - 1e-9], [0.2, 0.2, 1.0, 1.0], [0.0, 0.0, 0.5, 0.5]])
    opened = fixed_point.spread(rows, 0.1)
    assert np.all(opened[1, 2:] == 1.0) and np.all(np.diff(opened[:, :2], axis=1) > 0.0) and opened[2, 0] > 0.0
    assert np.all(1.0 - opened[0, 2:] <= 1.2e-9)  # 1 - Q beside frozen spins keeps its size
    assert opened[2, 2] < opened[2, 3]


FINE = setting(100.0, 20, 20)


@pytest.fixture(scope="module")
def overloaded():
    """Beyond the end of the unfrozen front, on the coarse grid that the search on `FINE` takes first."""
    return solve_random(alpha=100, depth=20, parisi=coarse_settings(FINE)[0].parisi)


def test_above_the_jump_the_outermost_spins_are_frozen_and_the_levels_of_all_layers_merged(overloaded):
    solution = overloaded
    assert solution.status == "converged"
    (j,) = freezing_levels(solution.q_li[[0, 1]])
    assert first_frozen(solution.q_li[1:2])[0] == j == first_frozen(solution.q_li[19:20])[0]
    assert np.all(solution.q_li[1, j:] == 1.0) and solution.q_li[1, j - 1] < 0.9
    assert np.ptp(solution.Q_li[:, j:], axis=1).max() == 0.0 and np.all(solution.Q_ea < 1.0)
    # q(x) jumps in all solid layers
    solid = solution.q_ea[2:10] > 0.01
    assert solid.sum() >= 3 and np.all((solution.q_li[2:10, j] - solution.q_li[2:10, j - 1])[solid] > 0.01)


def test_a_coarse_state_is_a_state_of_every_finer_grid_of_the_search(overloaded):
    """The coarse m are among the finer ones: the embedded state solves the equations of the fine grid."""
    coarse = overloaded.setting
    assert set(coarse.parisi) < set(FINE.parisi)
    rows = np.empty((39, coarse.levels + 1))
    rows[0::2], rows[1::2] = overloaded.Q_li, overloaded.q_li[1:-1]
    embedded = embedded_rows(rows, coarse.m, FINE.m)
    assert np.abs(chain_map(FINE, GRID)(embedded, False).image_ri - embedded).max() < 1e-8
    assert FINE.m[freezing_levels(embedded)[0]] == coarse.m[freezing_levels(rows)[0]]


def test_the_optimal_jump_has_the_smaller_s_and_moves_down_as_the_load_grows():
    states = {alpha: optimise_parisi(setting(alpha, 2, 1)) for alpha in (7.5, 8.6)}
    places = []
    for alpha, best in states.items():
        solution = best.solution
        assert solution.status == "converged" and jump_level(solution.q_li[:2]) == 1
        places.append(solution.setting.parisi[0])
        for shift in (0.97, 1.03):  # a minimum: the state followed to another m has a larger s
            beside = RandomSetting(alpha, Network(2), HardCore(), (places[-1] * shift,))
            moved = continued(beside, SolverSettings(), solution.q_li, solution.Q_li, 1e-3)
            assert moved.status == "converged" and moved.free_entropy > solution.free_entropy
    assert places[0] > places[1] > 0.0


@pytest.mark.slow
def test_beyond_capacity_no_position_of_the_jump_is_the_best():
    beyond = RandomSetting(10.0, Network(2), HardCore(), (0.03,))
    assert optimise_parisi(beyond).solution.status == "no_solution"  # α_c = 8.736 (C13)


def test_the_state_with_a_jump_is_found_beside_a_stable_one_without():
    """L = 4, α = 18: the dynamics from small overlaps ends without a jump, whose s is larger."""
    best = optimise_parisi(setting(18.0, 4, 2)).solution
    assert best.status == "converged" and best.q_ea[1] > 0.9999
    default = solve_random(alpha=18, depth=4, parisi=best.setting.parisi)
    assert default.q_ea[1] < 0.999 and best.free_entropy < default.free_entropy


@pytest.mark.slow
def test_the_unfrozen_front_ends_in_a_fold():
    """(C21) at L = 20, k = 10: (1 - λ)² vanishes linearly at α = 79.889, where 1 - q_k(1) = .181 is still finite."""
    state, squares = None, {}
    for alpha in (60, 70, 76, 79, 79.85, 79.88, 79.886, 79.888):
        state = solve_random(alpha=alpha, depth=20, levels=10, tolerance=1e-10, start=state)
        assert state.status == "converged" and state.q_ea[1] < 0.85
        squares[alpha] = (1.0 - state.leading_eigenvalue) ** 2
    slope = (squares[79.886] - squares[79.888]) / 0.002
    end = 79.888 + squares[79.888] / slope
    assert 79.8883 < end < 79.8893
    assert squares[79.88] == pytest.approx(slope * (end - 79.88), rel=0.2)
    beyond = solve_random(alpha=79.95, depth=20, levels=10, start=state)
    assert beyond.status == "converged" and beyond.q_ea[1] == 1.0


@pytest.mark.slow
def test_many_levels_far_beyond_capacity_end_with_a_solution():
    """L = 20, k = 100, α = 130: some 13 s; the frozen levels of the outermost layer begin where those of k = 9 do."""
    solution = solve_random(alpha=130, depth=20, levels=100)
    assert solution.status == "converged" and solution.iterations < 500
    assert solution.q_ea[1] == 1.0 and solution.discretisation_error < 1e-8
