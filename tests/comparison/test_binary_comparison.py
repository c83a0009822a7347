"""Binary weights against their theory: rows counted, and the comparison of dense nets."""

import numpy as np
import pytest

import gardner
from gardner.comparison.enumeration import confront_counted, enumerate_sizes, point_of
from gardner.comparison.planning import Speed, cost, make_plan, pilot_settings, run_settings
from gardner.comparison.settings import ComparisonSettings
from gardner.comparison.theory import predict
from gardner.comparison.transition_points import PointSettings, counted_overlaps, transition_point
from gardner.comparison.verdict import confront
from gardner.montecarlo.enumeration import enumerate_rows
from gardner.montecarlo.settings import MonteCarloSettings


@pytest.fixture(scope="module")
def counted():
    """L = 1, planted, N = 7…13, a quarter of a million samples at most of each."""
    return enumerate_sizes(0.6, (7, 9, 11, 13), rows=2**25, seed=7)


@pytest.mark.parametrize("alpha", (1 / 3, 0.5))
def test_counted_rows_agree_with_the_theory_and_refuse_that_of_random_labels(counted, alpha):
    """Q and s for N → ∞; false alarm 0.0027 each. With random labels rows are fewer and closer to each other."""
    found = confront_counted(alpha, counted)
    assert not found.confrontation.rejected and found.limit.error_k.max() < 0.03
    random = gardner.solve_random(alpha, 1, 0, weights="binary")
    wrong = np.array([random.Q_ea[0], random.free_entropy])
    limit = found.limit
    assert confront("random", limit.value_k, limit.covariance_kk, limit.degrees, wrong, np.zeros(2)).rejected


def test_counted_rows_recover_the_teacher_above_the_transition():
    """α = 2.5: 1 - Q and what s exceeds -ln 2 / α by, positive by definition, fall by a third at least from N to N + 4,
    at five errors; the sphere's Q = 0.80 and s = -0.48 are far off. (Not along powers of 1/N: no limit is fitted.)"""
    counted = [enumerate_rows(N, 33, samples, seed=9) for N, samples in ((5, 20_000), (9, 40_000), (13, 8_000))]
    points = [point_of(each, 2.5) for each in counted]
    crystal = gardner.solve_planted(2.5, 1, weights="binary").equilibrium
    away_nk = np.abs([p.mean_k - (crystal.Q_l[0], crystal.free_entropy) for p in points])
    error_nk = np.array([np.sqrt(np.diag(p.covariance_kk)) for p in points])
    assert np.all(away_nk[1:] + 5.0 * error_nk[1:] < 0.67 * away_nk[:-1]) and np.all(away_nk[-1] < 0.005)
    sphere = gardner.solve_planted(2.5, 1).equilibrium
    assert np.all(np.abs(points[-1].mean_k - (sphere.Q_l[0], sphere.free_entropy)) > 0.1)


@pytest.mark.slow
def test_more_rows_still_agree_below_the_transition():
    """α = 0.8, N = 7…15: within the errors of the limit, 0.02 of Q; false alarm 0.0027."""
    found = confront_counted(0.8, enumerate_sizes(0.8, (7, 9, 11, 13, 15), rows=2**28, seed=6))
    assert not found.confrontation.rejected and found.limit.error_k.max() < 0.03


def test_the_posterior_of_few_weights_is_a_mixture_of_liquid_and_crystal_near_the_transition():
    """α = 1: every sample of V rows is the teacher itself with probability 1/V, at N ≤ 15 a fifth of all: Q lies above
    the liquid by far, by what the theory says of two states of these free entropies, within a factor of two."""
    alpha, size = 1.0, 15
    (counted,) = enumerate_sizes(alpha, (size,), rows=2**25)
    liquid, crystal = gardner.solve_planted(alpha, 1, weights="binary").branches
    share = (1.0 / counted.count_sm[:, size]).mean()
    expected = np.exp(size * alpha * (crystal.free_entropy - liquid.free_entropy))
    assert 0.5 < share / expected < 2.0
    excess = counted.overlaps(alpha).mean() - liquid.Q_l[0]
    assert 0.5 * share * (1 - liquid.Q_l[0]) < excess < 2.0 * share * (1 - liquid.Q_l[0])


def test_runs_from_the_teacher_are_compared_with_what_drawn_rows_relax_to():
    """Below α*(1) = 1.2447 rows leave the teacher: the stable branch; above they are fixed: perfect recovery."""
    below, above = (predict("planted", "directed", alpha, 2, None, "binary") for alpha in (1.1, 1.8))
    assert np.all(below.value_k < 1e-6) and not below.note
    assert np.all(above.value_k == 1.0) and "stable branch of directed is the liquid one" in above.note
    one = predict("planted", "symmetric", 1.0, 1, None, "binary")
    assert one.value_k == pytest.approx([0.5607147], abs=5e-8) and one.branch == "liquid"


def test_connectivities_are_odd_with_whole_numbers_of_patterns():
    for alpha, sizes in ((1.0, (5, 7, 9, 11, 13)), (0.6, (5, 15, 25)), (1 / 3, (9, 15, 21, 27, 33))):
        assert ComparisonSettings("planted", 1, alpha, weights="binary").sizes == sizes


@pytest.mark.parametrize(
    "changes, told",
    [
        ({"sizes": (8, 10, 12)}, "binary weights need odd numbers"),
        ({"alpha": 0.5, "sizes": (5, 7, 9)}, "αc whole"),
        ({"alpha": 0.5}, "choose another alpha"),
        ({"limit": "full"}, "dense limit only"),
        ({"dynamics": "metropolis"}, "never leave the cluster of the teacher"),
        ({"setting": "random", "beta": 10.0}, "with random labels they freeze"),
        ({"weights": "ternary"}, "spherical, binary"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(changes, told):
    with pytest.raises(ValueError, match=told) as refused:
        ComparisonSettings(**{"setting": "planted", "depth": 2, "alpha": 1.0, "weights": "binary"} | changes)
    assert "\n" not in str(refused.value)


def test_the_cost_of_rows_grows_as_their_solutions_become_rare():
    """e^{-sM}, s = -0.5870389 at α = 1: a row of 13 inputs takes 10.5 times the draws of one of 9."""
    settings = ComparisonSettings("planted", 1, 1.0, weights="binary")
    speed = Speed(5, 5, 1e-6, 0.0, 2.0)
    runs = [run_settings(settings, c, 60, 200, 4) for c in (9, 13)]
    per_bond = [cost(run, speed) / (60 * c) for run, c in zip(runs, (9, 13))]
    assert per_bond[1] / per_bond[0] == pytest.approx(np.exp(4 * 0.5870389), rel=1e-6)
    plan = make_plan(settings, speed, 1)
    assert all(run.dynamics == "heat-bath" and run.weights == "binary" for run in plan.runs)
    assert {MonteCarloSettings.read(run.parameters()) == run for run in plan.runs} == {True}
    assert pilot_settings(settings).sweeps == 400


def test_points_of_a_transition_tell_both_starts_apart():
    """L = 2, α = 1.8, c = 7: drawn rows from the teacher stay near it (the crystal at finite c), flips from random
    weights stay far (the liquid); counted rows of one layer rise with α."""
    settings = PointSettings(connectivity=7, ratio=0.5, samples=2, rows=20, flips=50, temperatures=8)
    near, far = (transition_point(2, 1.8, start, settings) for start in ("teacher", "random"))
    assert near.keys == [("Q", 1), ("Q", 2), ("q", 1)]
    assert np.all(near.raw_k > 0.8) and near.energy == 0.0 and near.excluded
    assert np.all(np.abs(far.raw_k) < 0.2) and far.excluded
    mean, error = counted_overlaps([0.4, 0.8, 1.2, 1.6], 11, 400)
    assert np.all(np.diff(mean) > 3.0 * error[1:])
