"""Optimised Parisi parameters of nets of any depth, and the limit of many steps."""

import numpy as np
import pytest

from gardner.analysis.limit import full_rsb_limit
from gardner.model import Network, RandomSetting, uniform_parisi
from gardner.perceptron.optimal import optimal_solution
from gardner.perceptron.replicon import solution_replicons
from gardner.potentials.hard import HardCore
from gardner.theory.optimal_parisi import optimise_parisi
from gardner.theory.random_setting import solve_random


def setting(alpha, depth, levels, margin=0.0):
    return RandomSetting(alpha, Network(depth), HardCore(margin), uniform_parisi(levels))


def test_single_layer_optimum_is_that_of_the_minimisation_over_overlaps_and_m_together():
    chain = optimise_parisi(setting(4.5, 1, 2, -0.5))
    direct = optimal_solution(4.5, 2, HardCore(-0.5))
    assert chain.solution.status == direct.status == "converged"
    assert abs(chain.solution.free_entropy - direct.free_entropy) < 1e-12
    np.testing.assert_allclose(chain.solution.setting.m, direct.m, atol=1e-5)  # slope / curvature
    np.testing.assert_allclose(chain.solution.Q_li[0], direct.Q_i, atol=1e-5)  # Q follows m


def test_optimum_lies_below_every_other_m():
    best = optimise_parisi(setting(6.0, 2, 1))
    (m_best,) = best.solution.setting.parisi
    s = best.solution.free_entropy
    assert best.slope < 1e-6
    around = [
        solve_random(alpha=6, depth=2, parisi=(m,)).free_entropy for m in (0.3, m_best - 0.01, m_best + 0.01, 0.7)
    ]
    assert min(around) > s
    curvature = (around[1] + around[2] - 2 * s) / 0.01**2
    assert 0.01 < curvature < 10.0  # a true minimum, quadratic on both sides


@pytest.mark.slow
def test_more_optimal_steps_lower_the_free_entropy_towards_full_rsb():
    values = [optimise_parisi(setting(6.0, 3, k)).solution.free_entropy for k in (1, 2, 3)]
    dense = solve_random(alpha=6, depth=3, levels=60).free_entropy
    assert values[0] > values[1] > values[2] > dense
    assert abs(values[2] - dense) < 1e-2 * abs(values[0] - solve_random(alpha=6, depth=3, levels=0).free_entropy)


def test_limit_of_many_steps_agrees_with_a_much_larger_k_within_its_error():
    limit = full_rsb_limit(setting(5.0, 2, 12))
    finer = solve_random(alpha=5, depth=2, levels=80)
    assert abs(limit.free_entropy - finer.free_entropy) < max(3.0 * limit.error, 1e-8)
    assert limit.error < 1e-5


@pytest.mark.parametrize(
    ("given", "optimise", "message"),
    [
        (setting(6, 2, 2), False, "at least 6"),
        (setting(6, 2, 2), True, "at least 3"),
        (RandomSetting(6, Network(2), parisi=tuple(np.linspace(0.1, 0.8, 8))), False, "use --levels"),
    ],
)
def test_limit_of_too_few_or_uneven_steps_is_refused(given, optimise, message):
    with pytest.raises(ValueError, match=message):
        full_rsb_limit(given, optimise=optimise)


def test_optimising_nothing_is_refused():
    with pytest.raises(ValueError, match="levels = 0"):
        optimise_parisi(setting(6, 2, 0))
    structured = RandomSetting(6, Network(2), parisi=(0.5,), input_overlap=(0.3, 1.0))
    with pytest.raises(ValueError, match="structured"):
        optimise_parisi(structured)


def test_replicon_changes_sign_at_the_instability_of_replica_symmetry():
    for alpha, sign in ((3.9, 1.0), (4.0, -1.0)):  # α_AT(κ = -1/2) = 3.9507 (THEORY section 9)
        solution = solve_random(alpha=alpha, depth=1, levels=0, potential=HardCore(-0.5))
        assert solution_replicons(solution)[0] * sign > 0.0
    with pytest.raises(ValueError, match="L = 1 only"):
        solution_replicons(solve_random(alpha=4, depth=2, levels=0))
