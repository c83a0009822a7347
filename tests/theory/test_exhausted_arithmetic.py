"""Where 1 - Λ runs out of digits: `converged` means digits that are right, by 25-digit equations."""

import numpy as np
import pytest
from oracles_perceptron import replica_symmetric

import gardner
from gardner.potentials.soft import SoftCore
from gardner.results.solution import ADVICE, STATIONARY
from gardner.theory.search import fixed_point


@pytest.mark.parametrize("missing", ["1e-5", "1e-8"])
def test_converged_close_to_capacity_means_right_digits(missing):
    """L = 1, k = 0, α = 2 - missing: the error stated covers the true one, or the status is another."""
    overlap_rest, entropy = replica_symmetric(missing)
    solution = gardner.solve_random(2.0 - float(missing), 1, 0)
    assert solution.status == ("converged" if float(missing) > 2e-6 else "stalled")
    if solution.status == "converged":
        assert abs(solution.free_entropy - entropy) < 1e-9
        assert abs(1.0 - solution.Q_ea[0] - overlap_rest) < 2.0 * solution.error < 1e-9
    else:
        # what the status says is true; how far off s ends is a matter of round-off
        assert abs(solution.free_entropy - entropy) > 1e-9
        assert solution.stationarity > STATIONARY * abs(solution.free_entropy)
        assert "stationary" in solution.advice and "--alpha" in solution.advice


@pytest.mark.parametrize("missing", [1e-6, 1e-7, 1e-9])
def test_beyond_the_digits_nothing_is_called_converged(missing):
    """Errors of s against the 25-digit equations: 2e-6, 9e-4, 1.5 (and no smaller for another search)."""
    for method in ("newton", "damped"):
        solution = gardner.solve_random(2.0 - missing, 1, 0, method=method, max_iterations=150)
        assert solution.status in ("stalled", "no_solution") and solution.advice


@pytest.mark.parametrize("levels", [0, 3])
def test_the_error_stated_never_exceeds_the_tolerance(levels):
    for alpha in (12.0, 18.0, 24.0):
        solution = gardner.solve_random(alpha, 2, levels)
        if solution.status == "converged":
            assert solution.error <= 1e-9 and solution.shortcoming is None


@pytest.mark.parametrize("beta", [1e2, 1e4, 1e6])
def test_stationarity_is_judged_beside_the_size_of_s(beta):
    """A cold soft core beyond capacity has |s| ∝ β; s is right to as many digits at every β."""
    solution = gardner.solve_random(5.0, 1, 3, potential=SoftCore(beta))
    assert solution.status == "converged"
    assert solution.stationarity < 1e-7 * abs(solution.free_entropy)
    assert solution.free_entropy / beta == pytest.approx(-0.0676, abs=0.007)


def test_a_solution_that_is_not_stationary_is_stalled_by_that():
    """L = 2, α = 1.28, κ = 1.16, β = 5.4e5: frozen spins beside 1 - Q = 2e-6."""
    solution = gardner.solve_random(1.28, 2, 5, potential=SoftCore(5.4e5, 1.16), grid="uniform")
    assert (solution.status == "converged") == (solution.shortcoming is None)
    assert solution.status == "converged" or "--beta" in solution.advice


def test_round_off_is_amplified_by_the_inverse_of_one_minus_the_eigenvalue():
    """One unknown, F(x) = x₀ + (1-g)(x - x₀): the displacement is half a unit in the last place over g."""
    for gap in (1e-2, 1e-6):

        def linear(x_ri, with_jacobian, gap=gap):
            return fixed_point.MapValue(0.9 + (1.0 - gap) * (x_ri - 0.9), {(0, 0): np.array([[1.0 - gap]])})

        state = fixed_point._evaluate(linear, np.array([[0.9]]), 0)
        assert fixed_point.rounding_error(state)[0, 0] == pytest.approx(1.11e-16 / gap, rel=0.01)


def test_advice_names_what_is_wrong():
    early = gardner.solve_random(6, 4, 6, max_iterations=2)
    assert early.status == "stalled" and early.shortcoming == "residual" and "--max-iterations" in early.advice
    ended = gardner.solve_random(10, 1, 0)
    assert ended.status == "no_solution" and ended.advice == ADVICE["no_solution"]
    crawling = gardner.solve_random(1.9, 1, 0, method="damped", tolerance=1e-3)
    assert crawling.status == "stalled" and crawling.shortcoming == "error" and "newton" in crawling.advice
    for text in ADVICE.values():  # holds for every command: no option that only one of them has
        assert "--max-iterations" not in text and "--method" not in text
