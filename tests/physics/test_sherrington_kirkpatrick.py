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
