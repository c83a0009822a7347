"""All rows of one perceptron of weights ±1: the counts themselves, and what they say of random labels."""

import numpy as np
import pytest

from gardner.montecarlo.bitpacked.words import pack_bits
from gardner.montecarlo.enumeration import count_survivors, enumerate_rows


def test_rows_are_counted_as_matrices_count_them():
    rng = np.random.default_rng(3)
    sign_smj, teacher_sj = rng.choice([-1, 1], (4, 12, 9)), rng.choice([-1, 1], (4, 9))
    count_sm, agree_sm = np.zeros((4, 13), np.int64), np.zeros((4, 13), np.int64)
    count_survivors(pack_bits(sign_smj), 9, pack_bits(teacher_sj), count_sm, agree_sm)
    row_xj = 1 - 2 * ((np.arange(512)[:, None] >> np.arange(9)) & 1)
    for s in range(4):
        right_xm = row_xj @ sign_smj[s].T > 0
        left_mx = np.vstack([np.ones(512, bool), np.logical_and.accumulate(right_xm, axis=1).T])
        assert np.array_equal(count_sm[s], left_mx.sum(axis=1))
        assert np.array_equal(agree_sm[s], left_mx @ (row_xj == teacher_sj[s]).sum(axis=1))


def test_a_teacher_is_always_left_and_loads_are_interpolated():
    found = enumerate_rows(9, 12, 300, seed=4)
    assert (found.count_sm >= 1).all() and (found.count_sm[:, 0] == 512).all()
    assert (np.diff(found.count_sm, axis=1) <= 0).all() and np.abs(found.overlap_sm).max() <= 1.0
    assert found.overlaps(1.0) == pytest.approx(found.overlap_sm[:, 9], abs=1e-12)
    for load in (1.3, 6.75, 11.9):  # exact for cubic polynomials of the number of patterns
        cubic_m = np.polyval([0.3, -1.0, 2.0, 5.0], np.arange(13.0))[None]
        assert found.at_load(cubic_m, load / 9)[0] == pytest.approx(np.polyval([0.3, -1.0, 2.0, 5.0], load), rel=1e-12)
    assert found == enumerate_rows(9, 12, 300, seed=4) != enumerate_rows(9, 12, 300, seed=5)


def test_one_pattern_halves_the_rows_and_tells_of_every_weight_alike():
    """M = 1: V = 2^{N-1}, and teacher and student, on one side of a pattern, have the overlap a², a = E|J·x|/N."""
    found = enumerate_rows(7, 1, 20_000, seed=1)
    assert (found.count_sm[:, 1] == 64).all()
    a = np.sum([35, 21, 7, 1] * np.array([1, 3, 5, 7])) / 64 / 7
    mean, error = found.overlap_sm[:, 1].mean(), found.overlap_sm[:, 1].std() / np.sqrt(20_000)
    assert abs(mean - a**2) < 4.4 * error < 0.01  # once in 10⁵


def test_random_labels_are_stored_up_to_krauth_and_mezards_capacity():
    """Most patterns that a sample stores, per weight: 400 samples each of N = 7…15, line in 1/N; the limit 0.8331 lies
    within four errors (once in 10⁴) and the counting bound 1 and the sphere's 2 do not."""
    sizes = np.array([7, 9, 11, 13, 15])
    stored = [enumerate_rows(size, 3 * size, 400, seed=2, planted=False).stored() for size in sizes]
    mean, error = np.mean(stored, axis=1), np.std(stored, axis=1) / 20.0
    line, covariance = np.polyfit(1.0 / sizes, mean, 1, w=1.0 / error, cov="unscaled")
    limit, limit_error = line[1], np.sqrt(covariance[1, 1])
    assert abs(limit - 0.8330786) < 4.0 * limit_error
    assert abs(limit - 1.0) > 4.0 * limit_error


@pytest.mark.parametrize("size, named", [(8, "must be odd"), (27, "size"), (1, "size")])
def test_sizes_that_cannot_be_counted_are_refused(size, named):
    with pytest.raises(ValueError, match=named):
        enumerate_rows(size, 4, 2)


def test_loads_that_were_not_counted_are_refused():
    found = enumerate_rows(5, 5, 10)
    with pytest.raises(ValueError, match="at most 5 patterns"):
        found.overlaps(1.5)
    with pytest.raises(ValueError, match="stores all its patterns"):
        found.stored()
