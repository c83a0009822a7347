"""Do runs reach zero error? Annealing and greedy descent of binary students ([Y20] section 6.2)."""

import dataclasses

import numpy as np
import pytest

from gardner.montecarlo.binary_training import schedule_of, train
from gardner.montecarlo.settings import MonteCarloSettings

YOSHINO = MonteCarloSettings((4,), 4, 8.0, weights="binary", dilution=0.2, sweeps=600, samples=24, seed=2)


def test_annealing_reaches_zero_more_often_than_greedy_descent():
    """N = 4, L = 4, α = 8, a fifth of the bonds removed: paired over 24 samples, 5 standard errors (one in 10⁶)."""
    greedy, annealed = train(YOSHINO, "greedy"), train(YOSHINO, "annealed")
    gain_s = greedy.final_sr.mean(axis=1) - annealed.final_sr.mean(axis=1)
    assert gain_s.mean() > 5 * gain_s.std(ddof=1) / np.sqrt(len(gain_s))
    assert annealed.success[0] - greedy.success[0] > 5 * np.hypot(annealed.success[1], greedy.success[1]) / 2
    assert np.nanmean(annealed.fresh_sr) < np.nanmean(greedy.fresh_sr)


def test_few_patterns_are_always_learned():
    easy = dataclasses.replace(YOSHINO, alpha=1.0, dilution=0.0, samples=8)
    result = train(easy, "annealed")
    assert result.success == (1.0, 0.0)
    assert result.ended_at_zero[0] > 0.9


def test_random_outputs_beyond_the_counting_bound_are_never_learned():
    """2^64 weights against 4·M = 256 random bits: a solution exists with probability 2^-192."""
    impossible = dataclasses.replace(YOSHINO, setting="random", alpha=16.0, dilution=0.0, samples=4)
    result = train(impossible, "annealed")
    assert result.success[0] == 0.0 and result.final_sr.min() > 0.1
    assert np.isnan(result.fresh_sr).all()


def test_greedy_error_never_rises_and_first_zero_is_where_the_curve_says():
    result = train(dataclasses.replace(YOSHINO, samples=4), "greedy")
    assert (np.diff(result.error_tsr, axis=0) <= 0.0).all()
    assert result.time_t[-1] == 600 and np.array_equal(result.error_tsr[-1], result.final_sr)
    for first, error_t in zip(result.first_sr.ravel(), result.error_tsr.reshape(len(result.time_t), -1).T):
        assert (first == -1 and error_t.min() > 0.0) or error_t[result.time_t == first] == 0.0


def test_training_depends_on_the_seed_alone():
    small = dataclasses.replace(YOSHINO, samples=2, sweeps=35, burn_in=0)
    one, two = train(small, "annealed"), train(small, "annealed")
    assert np.array_equal(one.error_tsr, two.error_tsr)
    assert not np.array_equal(one.error_tsr, train(dataclasses.replace(small, seed=3), "annealed").error_tsr)


def test_schedules():
    beta_t = schedule_of("annealed", 100)
    assert beta_t[0] == 0.2 and beta_t[89] == pytest.approx(5.0) and np.isinf(beta_t[90:]).all()
    assert np.isinf(schedule_of("greedy", 5)).all()
    with pytest.raises(ValueError, match="greedy, annealed"):
        schedule_of("quenched", 5)
