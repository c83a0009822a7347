"""Verdicts say what the numbers allow, and no more."""

import numpy as np
import pytest

from gardner.comparison.verdict import REJECT, confront, hotelling, judge

DIRECTED = np.array([0.9729, 0.9673, 0.9761])
SYMMETRIC = np.array([0.9746, 0.9746, 0.9908])


def verdict(value, error, theories=(DIRECTED, SYMMETRIC), names=("directed", "symmetric"), degrees=30.0):
    covariance = np.diag(np.full(len(value), float(error)) ** 2)
    found = [confront(n, value, covariance, degrees, t, np.zeros(len(t))) for n, t in zip(names, theories)]
    return judge(found, list(theories), covariance, degrees)


def test_a_closure_is_accepted_only_where_the_other_is_rejected():
    assert (verdict(DIRECTED, 0.001).status, verdict(DIRECTED, 0.001).accepted) == ("accepted", "directed")
    assert verdict(SYMMETRIC, 0.001).accepted == "symmetric"
    wide = verdict(DIRECTED, 0.03)
    assert (wide.status, wide.accepted) == ("undecided", None)
    assert "undecided" in wide.words


def test_runs_far_from_both_accept_neither():
    found = verdict(DIRECTED + 0.05, 0.001)
    assert (found.status, found.accepted) == ("neither", None)


def test_no_closure_is_accepted_where_the_predictions_themselves_are_not_apart():
    # 3.5 errors beyond A, on the side away from B: B is rejected, but A and B are two errors apart
    theories = (np.array([0.0]), np.array([-2.0]))
    found = verdict(np.array([2.5]), 1.0, theories, degrees=1000.0)
    assert [c.rejected for c in found.confrontations] == [False, True]
    assert (found.status, found.accepted) == ("undecided", None)


def test_closures_that_coincide_are_a_control():
    same = (DIRECTED[:1], DIRECTED[:1])
    assert verdict(DIRECTED[:1] + 0.001, 0.001, same).status == "agrees"
    assert verdict(DIRECTED[:1] + 0.006, 0.001, same).status == "disagrees"
    assert verdict(DIRECTED[:1], 0.001, same).accepted is None


def test_a_single_closure_that_survives_excludes_nothing():
    found = verdict(DIRECTED, 0.001, (DIRECTED,), ("directed",))
    assert found.status == "agrees" and found.accepted is None


@pytest.mark.parametrize("degrees", (4.0, 12.0, 40.0))
def test_p_values_are_uniform_with_an_estimated_covariance(degrees):
    # 2000 draws: the share below 0.05 within four binomial deviations (false alarm 6e-5); Bonferroni may lie below
    rng = np.random.default_rng(int(degrees))
    samples = int(degrees) + 1
    root = np.linalg.cholesky(np.array([[1.0, 0.7], [0.7, 1.0]]))
    p = []
    for _ in range(2000):
        draws_sk = rng.standard_normal((samples, 2)) @ root.T
        p.append(hotelling(draws_sk.mean(axis=0), np.cov(draws_sk, rowvar=False) / samples, degrees)[1])
    share = np.mean(np.array(p) < 0.05)
    assert share <= 0.05 + 4.0 * np.sqrt(0.05 * 0.95 / 2000)
    assert share > 0.03
    assert np.mean(np.array(p) < REJECT) <= REJECT + 4.0 * np.sqrt(REJECT / 2000)


def test_the_error_of_the_theory_counts():
    covariance = np.eye(1) * 1e-6
    sharp = confront("t", np.array([0.5]), covariance, 30.0, np.array([0.51]), np.zeros(1))
    blunt = confront("t", np.array([0.5]), covariance, 30.0, np.array([0.51]), np.array([0.01]))
    assert sharp.rejected and not blunt.rejected


def test_an_observable_without_error_is_refused():
    with pytest.raises(ValueError, match="without any error"):
        hotelling(np.array([1.0]), np.zeros((1, 1)), 5.0)
