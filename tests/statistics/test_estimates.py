"""Autocorrelation times, R-hat and errors against chains whose values are known exactly."""

import math

import numpy as np
import pytest
from scipy.signal import lfilter

from gardner.statistics import (
    Estimate,
    effective_size,
    estimate,
    integrated_time,
    split_rhat,
    standard_error,
)


def ar1(rng, phi, shape):
    """Stationary x_t = φ x_{t-1} + noise of unit variance: τ = (1+φ)/(1-φ), Var x = 1/(1-φ²)."""
    noise = rng.standard_normal(shape)
    noise[..., 0] /= math.sqrt(1.0 - phi * phi)
    return lfilter([1.0], [1.0, -phi], noise, axis=-1)


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.9, 0.98])
def test_autocorrelation_time_of_an_ar1_chain(phi):
    """τ from T = 10⁴τ (3·10⁴ steps at least): 5 standard deviations, about (10 τ/T)^{1/2} each (Sokal), one in 10⁶."""
    tau = (1 + phi) / (1 - phi)
    x = ar1(np.random.default_rng(1), phi, (4, round(2500 * max(tau, 3.0))))
    allowed = 5.0 * math.sqrt(1e-3)
    assert abs(integrated_time(x) / tau - 1.0) < allowed
    assert effective_size(x) == pytest.approx(x.size / integrated_time(x))
    wrong = (1 + phi**2) / (1 - phi**2)  # the time of x_{2t}: a wrong theory that must fail
    assert phi == 0.0 or abs(integrated_time(x) / wrong - 1.0) > allowed


def test_error_of_one_sample_is_that_of_its_correlated_mean():
    """(mean/error)² of 400 chains of mean zero is χ²_400: outside 5 standard deviations once in 10⁶; the naive
    error, blind to τ = 9, must fail."""
    x = ar1(np.random.default_rng(2), 0.8, (400, 1, 4000))
    single = [estimate(row[None]) for row in x]
    chi = sum((e.mean / e.error) ** 2 for e in single)
    naive = sum((row.mean() / (row.std() / math.sqrt(row.size))) ** 2 for row in x)
    spread = 5.0 * math.sqrt(2.0 * 400)
    assert abs(chi - 400) < spread + 0.1 * 400  # 10 % for the bias of the estimated τ at T = 444 τ
    assert naive > 400 + 2 * spread


def test_error_over_samples_contains_disorder_and_noise():
    """Sample means of variance 1 + σ²: the standard error of 64 samples is ((1+σ²)/64)^½ within 5 σ (± 44 %)."""
    rng = np.random.default_rng(3)
    x = ar1(rng, 0.5, (64, 2, 1000)) + rng.standard_normal((64, 1, 1))
    expected = math.sqrt((1.0 + 4.0 / 2000) / 64)
    assert estimate(x).error == pytest.approx(expected, rel=5 / math.sqrt(2 * 63))


def test_interval_scales_time_and_nothing_else():
    x = ar1(np.random.default_rng(4), 0.5, (2, 2, 500))
    one, ten = estimate(x), estimate(x, interval=10)
    assert (ten.tau, ten.run) == (10 * one.tau, 10 * one.run)
    assert (ten.mean, ten.error, ten.rhat, ten.ess) == (one.mean, one.error, one.rhat, one.ess)


def test_long_chains_are_equilibrated_and_short_ones_are_not():
    rng = np.random.default_rng(5)
    assert estimate(ar1(rng, 0.9, (4, 2, 20_000))).equilibrated
    assert not estimate(ar1(rng, 0.99, (4, 2, 1000))).equilibrated  # T = 5 τ


def test_chains_that_disagree_or_drift_are_caught_by_rhat():
    rng = np.random.default_rng(6)
    good = rng.standard_normal((2, 1000))
    assert split_rhat(good) < 1.01
    assert split_rhat(good + np.array([[0.0], [2.0]])) > 1.3
    assert split_rhat(good * np.array([[1.0], [4.0]])) > 1.1  # same mean, other width: the folded part
    assert split_rhat(np.tile([0.0, 1.0], (2, 40))) < 1.0  # two values: 0/0 in the folded part
    drift = rng.standard_normal((1, 1000)) + np.linspace(0, 4, 1000)
    assert split_rhat(drift) > 1.3
    one_bad = rng.standard_normal((8, 2, 1000))
    one_bad[3, 1] += 2.0
    assert not estimate(one_bad).equilibrated


def test_imposed_constant_is_known_but_a_stuck_chain_is_not():
    constant = estimate(np.ones((3, 2, 100)), interval=5)
    assert constant == Estimate(1.0, 0.0, 5.0, 1.0, 600.0, 500.0) and constant.equilibrated
    stuck = np.ones((3, 1, 100))
    stuck[1] = 2.0
    assert math.isnan(estimate(stuck).tau) and not estimate(stuck).equilibrated
    apart = np.ones((3, 2, 100))
    apart[1, 1] = 2.0
    assert math.isnan(estimate(apart).rhat) and not estimate(apart).equilibrated
    half_stuck = np.random.default_rng(7).standard_normal((1, 2, 100))
    half_stuck[0, 1] = 0.0
    assert estimate(half_stuck).rhat > 1.05 and not estimate(half_stuck).equilibrated


def test_chains_of_one_sample_that_stand_still_together_are_known_there():
    """Energies at their bound in one sample, moving in another: the verdict rests on the one that moves."""
    x = np.random.default_rng(9).integers(0, 2, (2, 2, 800)).astype(float)
    x[0] = 0.0
    assert estimate(x).equilibrated
    assert estimate(x).ess == pytest.approx(1600 + effective_size(x[1]))


def test_series_of_steps_is_not_equilibrated():
    x = np.repeat([[[0.0, 1.0, 0.0, 1.0]] * 2], 25, axis=2)
    assert split_rhat(x[0]) == math.inf and not estimate(x).equilibrated
    assert not estimate(np.repeat([[[0.0, 1.0]] * 2], 50, axis=2)).equilibrated


@pytest.mark.parametrize("times", [1, 2, 3, 7])
def test_few_points_give_a_mean_without_a_verdict(times):
    short = estimate(np.random.default_rng(8).standard_normal((3, 2, times)))
    assert math.isfinite(short.mean) and math.isfinite(short.error)
    assert math.isnan(short.rhat) and not short.equilibrated


def test_unmeasured_series_stay_nan():
    assert math.isnan(estimate(np.full((2, 2, 50), np.nan)).mean)
    assert math.isnan(estimate(np.full((2, 2, 50), np.inf)).mean)


@pytest.mark.parametrize("shape", [(3, 4), (0, 2, 5), (2, 0, 5), (2, 2, 0)])
def test_wrong_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="samples × chains × times"):
        estimate(np.zeros(shape))


def test_standard_error_keeps_axes_and_admits_one_sample():
    mean, error = standard_error(np.array([[1.0, 2.0], [3.0, 2.0]]))
    assert mean.tolist() == [2.0, 2.0] and error.tolist() == [1.0, 0.0]
    assert np.isnan(standard_error(np.ones((1, 3)))[1]).all()
    with pytest.raises(ValueError, match="no samples"):
        standard_error(np.ones((0, 3)))
