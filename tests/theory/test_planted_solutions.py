"""Branches of the planted setting: tabulated values, limits and identities (THEORY sections 5 and 9)."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gardner.criteria import ONE_POINT
from gardner.theory.closures import CLOSURES as DECLARED
from gardner.theory.closures import Layers
from gardner.theory.planted.chain import PlantedChain
from gardner.theory.planted.generalization import linear_bound
from gardner.theory.planted.solve import checked_net, same_point, scan_planted, solve_planted
from gardner.theory.search.monotone import FixedPoint, liquid_start, settle

LN2 = np.log(2)
CLOSURES = ("symmetric", "directed")


def single(alpha, depth, closure):
    solution = solve_planted(alpha, depth, closure)
    assert solution.stable == "single"
    return solution.branches[0]


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize(
    "alpha, Q, error, entropy_per_weight",
    ((1, 0.486264, 0.338359, -0.596441), (2, 0.728298, 0.240312, -1.031038)),
)
def test_one_layer_reproduces_the_table(closure, alpha, Q, error, entropy_per_weight):
    branch = single(alpha, 1, closure)
    assert branch.Q_l[0] == pytest.approx(Q, abs=6e-7)
    assert branch.generalization_error == pytest.approx(error, abs=6e-7)
    assert alpha * branch.free_entropy == pytest.approx(entropy_per_weight, abs=6e-7)


def test_one_layer_at_alpha_5():
    assert single(5, 1, "symmetric").Q_l[0] == pytest.approx(0.9321, abs=6e-5)


def test_gibbs_error_of_one_layer_falls_as_0_625_over_alpha():
    for alpha in (1e3, 1e4, 1e5):
        branch = single(alpha, 1, "symmetric")
        assert alpha * branch.generalization_error == pytest.approx(0.625, abs=6e-4)
        assert branch.generalization_error == pytest.approx(np.sqrt(2) * branch.bayes_error, rel=2e-3)


@pytest.mark.parametrize("alpha", (0.3, 2.0, 17.0, 400.0, 1e5))
def test_both_closures_agree_at_one_layer(alpha):
    one, other = single(alpha, 1, "symmetric"), single(alpha, 1, "directed")
    assert one.Q_l[0] == pytest.approx(other.Q_l[0], abs=1e-12)
    assert one.free_entropy == pytest.approx(other.free_entropy, abs=1e-12)


def test_directed_two_layers_at_alpha_10():
    branch = single(10, 2, "directed")
    assert branch.q_l[1] == pytest.approx(0.976141, abs=6e-7)
    np.testing.assert_allclose(branch.Q_l, (0.972927, 0.967329), atol=6e-7)
    assert branch.free_entropy == pytest.approx(-0.486667, abs=6e-7)


def test_directed_three_layers_at_alpha_10():
    branch = single(10, 3, "directed")
    np.testing.assert_allclose(branch.q_l[1:3], (0.566468, 0.598883), atol=6e-7)
    np.testing.assert_allclose(branch.Q_l, (0.674657, 0.688888, 0.853572), atol=6e-7)
    assert branch.free_entropy == pytest.approx(-0.662367, abs=6e-7)


def test_directed_orders_the_input_side_first_and_symmetric_does_not():
    directed, symmetric = single(10, 2, "directed"), single(10, 2, "symmetric")
    assert directed.Q_l[0] > directed.Q_l[1] + 1e-3
    assert symmetric.Q_l[0] == pytest.approx(symmetric.Q_l[1], abs=1e-12)


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("depth", (2, 3, 20))
def test_liquid_has_the_entropy_of_one_lost_bit_per_output(closure, depth):
    for alpha in (0.2, 1.2):
        branch = solve_planted(alpha, depth, closure).branches[0]
        assert np.all(branch.q_l[1:-1] == 0)
        assert branch.free_entropy == pytest.approx(-LN2, abs=1e-12)
        assert branch.generalization_error == 0.5


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("depth", (1, 2, 3, 4, 20))
def test_the_stable_branch_loses_at_most_one_bit_per_output(closure, depth):
    for solution in scan_planted(np.geomspace(0.3, 300, 25), depth, closure):
        assert solution.status == "converged"
        assert solution.equilibrium.free_entropy >= -LN2 - 1e-12


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("depth", (1, 2, 4, 20))
def test_students_share_among_themselves_what_they_share_with_the_teacher(closure, depth):
    for alpha in (1.0, 8.0, 30.0, 500.0):
        for branch in solve_planted(alpha, depth, closure, tolerance=1e-13).branches:
            assert branch.nishimori < 1e-12


@pytest.mark.parametrize("closure", CLOSURES)
def test_every_branch_is_locally_stable(closure):
    """Half-liquid fixed points exist at any α; those returned attract small perturbations."""
    for depth in (2, 3, 5, 20):
        for alpha in (2.6, 14.0, 60.0):
            for branch in solve_planted(alpha, depth, closure).branches:
                assert branch.status == "converged"
                assert branch.leading_eigenvalue < 1


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("depth, alpha", ((2, 3.0), (2, 9.95), (3, 12.0), (4, 16.0), (4, 30.0), (7, 8.0)))
def test_accelerated_steps_reach_the_fixed_points_of_plain_iteration(closure, depth, alpha):
    fast = solve_planted(alpha, depth, closure)
    plain = solve_planted(alpha, depth, closure, method="damped")
    for one, other in zip(fast.branches, plain.branches):
        assert one.status == other.status == "converged"
        np.testing.assert_allclose(one.q_l, other.q_l, atol=1e-9)
        np.testing.assert_allclose(one.Q_l, other.Q_l, atol=1e-9)
    assert fast.stable == plain.stable


@pytest.mark.parametrize("closure", CLOSURES)
def test_a_scan_finds_the_branches_of_separate_solves(closure):
    alphas = [30.0, 2.0, 9.0, 12.9, 15.0, 19.0, 20.0, 4.0]
    for alpha, scanned in zip(alphas, scan_planted(alphas, 4, closure)):
        solved = solve_planted(alpha, 4, closure)
        assert scanned.alpha == alpha
        assert scanned.stable == solved.stable
        for one, other in zip(scanned.branches, solved.branches):
            np.testing.assert_allclose(one.q_l, other.q_l, atol=1e-10)


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("depth, alpha", ((1, 3.0), (2, 6.0), (4, 11.0), (4, 25.0)))
def test_free_entropy_is_stationary(closure, depth, alpha):
    """ds/dα along a branch is its explicit derivative, -Σ[ln(1-Q) + Q]/2α²."""
    step = 1e-4 * alpha
    points = [solve_planted(alpha + k * step, depth, closure, tolerance=1e-13) for k in (-2, -1, 0, 1, 2)]
    for b in range(2):
        s = [point.branches[b].free_entropy for point in points]
        slope = (8 * (s[3] - s[1]) - (s[4] - s[0])) / (12 * step)
        Q_l = points[2].branches[b].Q_l
        assert slope == pytest.approx(-np.sum(np.log1p(-Q_l) + Q_l) / (2 * alpha**2), rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("closure", CLOSURES)
def test_field_derivative_of_the_free_entropy_is_half_the_hidden_overlap(closure):
    field, step = 0.05, 1e-4
    below, at, above = (solve_planted(4.0, 3, closure, field=field + k * step, tolerance=1e-13) for k in (-1, 0, 1))
    slope = (above.branches[0].free_entropy - below.branches[0].free_entropy) / (2 * step)
    assert slope == pytest.approx(0.5 * np.sum(at.branches[0].q_l[1:-1]), rel=1e-6)


@pytest.mark.parametrize("closure", CLOSURES)
def test_a_small_field_melts_no_layer_but_leaves_none_liquid(closure):
    bare = solve_planted(6.0, 6, closure).branches[0]
    biased = solve_planted(6.0, 6, closure, field=1e-3).branches[0]
    assert np.min(bare.q_l) == 0
    assert np.all(biased.q_l >= bare.q_l)
    assert np.min(biased.q_l) > 5e-4


@pytest.mark.parametrize("closure", CLOSURES)
def test_overlaps_grow_with_alpha_on_either_branch(closure):
    solutions = scan_planted(np.geomspace(1, 100, 40), 5, closure)
    for b in range(2):
        q_al = np.array([solution.branches[b].q_l for solution in solutions])
        assert np.all(np.diff(q_al, axis=0) > -1e-10)


def free_output(alpha, depth, closure):
    """Overlaps and s of a net with nothing imposed at its output, from small overlaps."""
    chain = PlantedChain(DECLARED[closure], Layers(depth, output_free=True))
    state = settle(chain, alpha, liquid_start(chain), 1e-13).state
    return chain.overlaps(state), chain.free_entropy(state, alpha)


def test_free_output_orders_in_symmetric_only():
    """A net with nothing to fit has V = 1, s = 0 exactly; `symmetric` gives it an ordered layer and s > 0."""
    overlaps, entropy = free_output(5, 1, "symmetric")
    assert overlaps.q_l[1] == pytest.approx(0.245, abs=6e-4)
    assert overlaps.Q_l[0] == pytest.approx(0.457, abs=6e-4)
    assert entropy == pytest.approx(0.0039, abs=6e-5)
    for alpha, depth in ((5, 1), (500, 1), (50, 4)):
        overlaps, entropy = free_output(alpha, depth, "directed")
        assert np.all(overlaps.q_l[1:] == 0) and np.all(overlaps.Q_l == 0)
        assert entropy == pytest.approx(0, abs=1e-13)


def test_linear_bound_at_one_layer_is_the_exact_solution():
    branch = single(3.0, 1, "symmetric")
    bound = linear_bound(3.0, 1)
    assert bound.overlap == pytest.approx(branch.Q_l[0], abs=1e-12)
    assert bound.free_entropy == pytest.approx(branch.free_entropy, abs=1e-12)
    assert bound.generalization_error == pytest.approx(branch.bayes_error, abs=1e-12)


def test_linear_bound_beats_the_liquid_and_the_hebb_rule():
    """s > -ln 2 and ε_g < 1/2 at every α > 0; at L = 2, α = 1 the Hebb rule reaches .3590."""
    for depth in (2, 3, 6):
        for alpha in (0.1, 1.0, 50.0):
            bound = linear_bound(alpha, depth)
            assert bound.free_entropy > -LN2
            assert bound.generalization_error < 0.5
    assert linear_bound(1, 2).generalization_error < 0.3590


def test_solutions_reach_complete_order_at_the_largest_alpha():
    """α = 1e6 has 1-Λ = 0.5e-12-ish complements; Q̂ ∝ α² there."""
    for closure in CLOSURES:
        branch = solve_planted(1e6, 3, closure).branches[1]
        smaller = solve_planted(1e5, 3, closure).branches[1]
        assert branch.status == smaller.status == "converged"
        assert branch.generalization_error > 0
        assert (1 - smaller.Q_l) / (1 - branch.Q_l) == pytest.approx(np.full(3, 100.0), rel=1e-3)


@pytest.mark.parametrize(
    "arguments, message",
    (
        ({"alpha": -1, "depth": 2}, "alpha = -1: must be greater than 0"),
        ({"alpha": float("nan"), "depth": 2}, "alpha = nan: must be a finite number"),
        ({"alpha": 1e7, "depth": 2}, "alpha = 10000000.0: must be at most 1e\\+06"),
        ({"alpha": 1, "depth": 0}, "depth = 0: must be at least 1"),
        (
            {"alpha": 1, "depth": 2, "closure": "round"},
            "closure = 'round': must be one of symmetric, directed",
        ),
        ({"alpha": 1, "depth": 2, "branch": "gas"}, "branch = 'gas': must be one of liquid, crystal, both"),
        ({"alpha": 1, "depth": 2, "field": -0.1}, "field = -0.1: must be at least 0"),
        ({"alpha": 1, "depth": 2, "tolerance": 0}, "tol = 0: must be greater than 0"),
        ({"alpha": 1, "depth": 2, "method": "magic"}, "method = 'magic': must be one of newton, damped"),
    ),
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        solve_planted(**arguments)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    alpha=st.floats(0.05, 2000),
    depth=st.integers(1, 9),
    closure=st.sampled_from(CLOSURES),
    field=st.sampled_from((0.0, 0.0, 0.02)),
)
def test_any_solution_is_bounded_ordered_and_nishimori(alpha, depth, closure, field):
    """Crystal overlaps exceed liquid ones, fresh overlaps fall with depth, Bayes never loses to Gibbs."""
    solution = solve_planted(alpha, depth, closure, field=field)
    assert solution.status == "converged"
    assert solution.equilibrium.free_entropy >= -LN2 - 1e-12
    liquid, crystal = solution.branches
    assert np.all(crystal.q_l >= liquid.q_l - 1e-9) and np.all(crystal.Q_l >= liquid.Q_l - 1e-9)
    for branch in solution.branches:
        assert np.all((branch.q_l >= 0) & (branch.q_l <= 1)) and np.all((branch.Q_l >= 0) & (branch.Q_l <= 1))
        assert np.all(np.diff(branch.fresh_overlap) <= 1e-15)
        assert branch.bayes_error <= branch.generalization_error + 1e-15
        assert branch.leading_eigenvalue <= 1 + 1e-9
        assert branch.nishimori < 1e-10


@pytest.mark.parametrize("closure", ("symmetric", "directed"))
def test_points_that_differ_by_less_than_their_errors_and_one_point_are_one(closure):
    """Twice the distance is two points, and one again where the residual of one of them is that large."""
    chain = checked_net(3, closure)

    def point(move, residual=0.0):
        state = chain.state(np.full(4, 0.5 + move), np.full(3, 0.5 + move))
        return FixedPoint(state, SimpleNamespace(residual=residual), "converged", 1, 0.5)

    assert same_point(chain, point(0.0), point(0.9 * ONE_POINT))
    assert not same_point(chain, point(0.0), point(2.0 * ONE_POINT))
    assert same_point(chain, point(0.0), point(2.0 * ONE_POINT, residual=ONE_POINT))
