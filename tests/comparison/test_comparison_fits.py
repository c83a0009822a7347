"""The limit of infinite size on synthetic runs of known truth: exactness, coverage of the errors, power.

Coverage is tested at 200 synthetic comparisons with fixed seeds. The accepted share of |z| > 2 (Student's t) and of
p < 0.05 lies within four binomial standard deviations of what it should be or below: false alarm 6e-5 per bound.
"""

import numpy as np
import pytest
from scipy import stats

from gardner.comparison.fits import Point, extrapolate, ratio_slope
from gardner.comparison.verdict import confront

SIZES = (8, 12, 16, 24, 32, 48)
CORRELATION = np.array([[1.0, 0.6, 0.5], [0.6, 1.0, 0.4], [0.5, 0.4, 1.0]])
TRIALS = 200


def exact_points(coefficients_pk, slope_k=0.0, sizes=SIZES, ratios=(0.05,)):
    x = [(size, ratio) for size in sizes for ratio in (ratios if size == sizes[0] else ratios[:1])]
    values = [sum(a * (1 / c) ** p for p, a in enumerate(coefficients_pk)) + slope_k * r for c, r in x]
    return [Point(c, r, value, np.eye(len(value)) * 1e-14, 8) for (c, r), value in zip(x, values)]


def noisy_points(rng, coefficients_pk, sigma=0.004, samples=8, sizes=SIZES):
    points = []
    for point in exact_points(coefficients_pk, sizes=sizes):
        noise_sk = rng.multivariate_normal(np.zeros(3), sigma**2 * CORRELATION, samples)
        covariance = np.cov(noise_sk, rowvar=False) / samples
        points.append(Point(point.size, point.ratio, point.mean_k + noise_sk.mean(axis=0), covariance, samples))
    return points


def test_a_polynomial_is_recovered_exactly():
    truth = np.array([[0.97, 0.96], [-0.2, 0.1], [0.5, -0.3]])
    limit = extrapolate(exact_points(truth))
    np.testing.assert_allclose(limit.value_k, truth[0], atol=1e-7)
    assert limit.chi_square < 1e-6
    for _, without, _ in limit.left_out:
        np.testing.assert_allclose(without, truth[0], atol=1e-6)


def test_two_ratios_at_one_size_remove_a_linear_influence_of_the_ratio():
    truth = np.array([[0.97, 0.96], [-0.2, 0.1]])
    points = exact_points(truth, np.array([0.3, -0.1]), ratios=(0.05, 0.1))
    np.testing.assert_allclose(ratio_slope(points).slope_k, [0.3, -0.1], atol=1e-5)
    np.testing.assert_allclose(extrapolate(points).value_k, truth[0], atol=1e-6)
    assert all(fit.with_ratio for weight, fit in extrapolate(points).fits if weight > 0.01)
    blind = extrapolate(points[:1] + points[2:])
    np.testing.assert_allclose(blind.value_k, truth[0] + 0.05 * np.array([0.3, -0.1]), atol=1e-6)


@pytest.mark.parametrize(
    ("slope", "curvature"),
    [(0.0, 0.0), *(pytest.param(*case, marks=pytest.mark.slow) for case in ((0.03, 0.0), (0.3, 0.0))), (0.3, 1.5)],
)
def test_errors_cover_the_truth(slope, curvature):
    truth = np.array([[0.97, 0.96, 0.98], [-slope, slope, 0.2 * slope], [curvature, -curvature, 0.5 * curvature]])
    rng = np.random.default_rng(3)
    z, p = [], []
    for _ in range(TRIALS):
        limit = extrapolate(noisy_points(rng, truth))
        found = confront("true", limit.value_k, limit.covariance_kk, limit.degrees, truth[0], np.zeros(3))
        z.append(found.z_k / stats.t.isf(0.025, limit.degrees))
        p.append(found.p_value)
    for share, size in ((np.mean(np.abs(z) > 1.0), TRIALS), (np.mean(np.array(p) < 0.05), TRIALS)):
        assert share <= 0.05 + 4.0 * np.sqrt(0.05 * 0.95 / size)
    assert np.mean(np.array(p) < 0.0027) <= 0.0027 + 4.0 * np.sqrt(0.0027 / TRIALS)


def test_a_theory_wrong_by_four_errors_in_each_overlap_is_rejected():
    truth = np.array([[0.97, 0.96, 0.98], [-0.3, 0.1, 0.05]])
    rng = np.random.default_rng(4)
    rejected = 0
    for _ in range(100):
        limit = extrapolate(noisy_points(rng, truth))
        wrong = truth[0] + 5.0 * limit.error_k * np.array([1.0, -1.0, 1.0])
        rejected += confront("wrong", limit.value_k, limit.covariance_kk, limit.degrees, wrong, np.zeros(3)).rejected
    assert rejected >= 90


def test_noise_beyond_the_stated_errors_widens_the_limit():
    rng = np.random.default_rng(5)
    points = noisy_points(rng, np.array([[0.97, 0.96, 0.98], [-0.3, 0.1, 0.05]]))
    shrunk = [Point(p.size, p.ratio, p.mean_k, p.covariance_kk / 100.0, p.samples) for p in points]
    assert extrapolate(shrunk).inflation > 5.0


def test_a_limit_too_far_from_the_sizes_is_called_unstable():
    # exp(-c/6) beside 1/c, which no low power of 1/c follows: the limit depends on the sizes taken
    rng = np.random.default_rng(6)
    truth = np.array([[0.97, 0.96, 0.98], [-0.3, 0.1, 0.05]])
    near = noisy_points(rng, truth, sigma=0.002, sizes=(8, 12, 16, 24, 32))
    far = [Point(p.size, p.ratio, p.mean_k - np.exp(-p.size / 6.0), p.covariance_kk, p.samples) for p in near]
    assert extrapolate(far).unstable
    alarms = sum(bool(extrapolate(noisy_points(rng, truth)).unstable) for _ in range(50))
    assert alarms == 0


def test_one_size_has_no_limit():
    with pytest.raises(ValueError, match="two sizes"):
        extrapolate(exact_points(np.array([[0.9], [0.1]]), sizes=(8,)))
