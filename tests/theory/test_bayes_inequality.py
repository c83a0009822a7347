"""A training pattern is known at least as well as a fresh one (T25): directed obeys, symmetric does not."""

import math

import numpy as np
import pytest

from gardner.theory.planted.solve import solve_planted


@pytest.mark.parametrize(
    ("alpha", "depth", "q", "r"), [(6.6, 3, 0.4371, 0.4904), (10.75, 4, 0.4357, 0.5843), (20.0, 6, 0.5074, 0.7175)]
)
def test_symmetric_violates_it_at_the_values_of_theory(alpha, depth, q, r):
    branch = solve_planted(alpha, depth, "symmetric", branch="liquid").branches[0]
    assert branch.q_l[1] == pytest.approx(q, abs=6e-5) and branch.fresh_overlap[1] == pytest.approx(r, abs=6e-5)
    assert branch.bayes_margin <= q - r + 1e-4


def test_directed_obeys_it_at_a_hundred_random_nets():
    rng = np.random.default_rng(25)
    for _ in range(100):
        alpha, depth = float(np.exp(rng.uniform(math.log(0.1), math.log(100.0)))), int(rng.integers(2, 13))
        solution = solve_planted(alpha, depth, "directed")
        for branch in solution.branches:
            if branch.status == "converged":
                assert branch.bayes_margin >= -1e-10, (alpha, depth, branch.start)


def test_one_layer_has_no_margin():
    assert math.isnan(solve_planted(2.0, 1).branches[0].bayes_margin)
