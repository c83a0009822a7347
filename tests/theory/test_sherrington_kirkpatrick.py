"""The SK model through the spin sector: known free energies and the exact sum rule of full RSB."""

import numpy as np
import pytest

import gardner


@pytest.mark.parametrize("temperature, f", [(0.5, -0.791178), (0.8, -0.865115)])
def test_free_energy_of_full_rsb(temperature, f):
    solution = gardner.solve_sk(1 / temperature, 50)
    assert solution.status == "converged"
    assert abs(solution.free_energy - f) < 2e-6
    assert abs(solution.mean_overlap - (1 - temperature)) < 1e-3


def test_edwards_anderson_overlap_at_half_the_critical_temperature():
    assert 0.638 < gardner.solve_sk(2.0, 30).q_ea < 0.640


@pytest.mark.parametrize("levels, integral", [(1, 0.5148), (7, 0.5010), (15, 0.5002)])
def test_mean_overlap_on_the_uniform_grid(levels, integral):
    assert abs(gardner.solve_sk(2.0, levels).mean_overlap - integral) < 1e-4


def test_paramagnet_above_the_transition():
    solution = gardner.solve_sk(0.5, 5)
    assert solution.q_ea < 1e-9
    assert abs(solution.free_energy + (0.25 * 0.5 + np.log(2) / 0.5)) < 1e-12
    assert solution.leading_eigenvalue == pytest.approx(0.25, abs=1e-6)  # β²


def test_energy_is_the_temperature_derivative():
    """e = ∂(βf)/∂β at the stationary point."""
    step = 1e-3
    up, mid, down = (gardner.solve_sk(2.0 + x, 6) for x in (step, 0, -step))
    derivative = ((2.0 + step) * up.free_energy - (2.0 - step) * down.free_energy) / (2 * step)
    assert abs(derivative - mid.energy) < 1e-6
    assert mid.entropy == pytest.approx(2.0 * (mid.energy - mid.free_energy), abs=1e-12)


GROUND_STATE = -0.7631667


@pytest.mark.parametrize("beta, levels", [(20.0, 10), (50.0, 10), (100.0, 20)])
def test_the_grid_follows_the_temperature(beta, levels):
    """Cold: f within 2e-5 of e_0 - .24 T³ (S = .72 T²), ∫q = 1 - T, and an entropy of the right size."""
    solution, temperature = gardner.solve_sk(beta, levels), 1.0 / beta
    assert solution.status == "converged"
    assert solution.free_energy == pytest.approx(GROUND_STATE - 0.24 * temperature**3, abs=2e-5)
    assert solution.mean_overlap == pytest.approx(1.0 - temperature, abs=1e-4)
    assert abs(solution.entropy - 0.72 * temperature**2) < 1e-3


@pytest.mark.parametrize("beta, levels", [(100.0, 20), (10.0, 5)])
def test_a_grid_that_does_not_resolve_the_temperature_is_not_called_converged(beta, levels):
    """The uniform grid: its own equations are solved, entropy and energy are those of no spin system."""
    solution = gardner.solve_sk(beta, parisi=tuple(np.arange(1, levels + 1) / (levels + 1)))
    assert solution.residual < 1e-9 and solution.entropy < -0.01
    assert solution.status == "stalled"
    assert "--levels" in solution.advice and "--from" not in solution.advice and "--alpha" not in solution.advice


def test_the_negative_entropy_of_few_steps_is_their_own():
    """RS tends to -1/2π at T → 0, a property of the ansatz, not of the grid."""
    solution = gardner.solve_sk(1000.0, 0)
    assert solution.status == "converged"
    assert solution.entropy == pytest.approx(-1.0 / (2.0 * np.pi), abs=2e-3)


def test_the_coldest_temperature_is_refused_in_words():
    solution = gardner.solve_sk(1e12, 3, max_iterations=20)
    assert solution.status == "stalled" and "lower --beta" in solution.advice
