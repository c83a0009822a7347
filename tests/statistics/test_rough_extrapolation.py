"""Limits k → ∞ of values with a rough part: coverage of the error, and what it must not cover."""

import numpy as np
import pytest

from gardner.statistics import extrapolate_rough

LEVELS = np.array([10, 14, 20, 28, 40])


def covered(values_of, draws: int = 1000) -> float:
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(draws):
        found = extrapolate_rough(LEVELS, values_of(rng))
        hits += abs(found.value - 3.0) < found.error
    return hits / draws


def test_error_covers_the_limit_of_rough_values():
    """Coverage 95 % (20000 other draws) shows as less than 92 % of 1000 draws at 4.3 σ: false alarms 1e-5."""
    roughness = 4.0
    assert covered(lambda rng: 3.0 + (2.0 + rng.uniform(-roughness, roughness, 5)) / (LEVELS + 1.0) ** 2) > 0.92


def test_wrong_power_is_not_covered():
    """Values that approach their limit like 1/(k+1) lie outside the error claimed for 1/(k+1)²."""
    assert covered(lambda rng: 3.0 + (2.0 + rng.uniform(-0.01, 0.01, 5)) / (LEVELS + 1.0)) < 0.05


def test_error_of_smooth_values_is_the_whole_correction_and_given_errors_are_carried():
    values = 3.0 + 2.0 / (LEVELS + 1.0) ** 2
    found = extrapolate_rough(LEVELS, values)
    assert found.value == pytest.approx(3.0, abs=1e-13)
    assert found.error == pytest.approx(2.0 / 41.0**2, rel=1e-9)
    carried = extrapolate_rough(LEVELS, np.full(5, 3.0), np.full(5, 1e-3)).error
    assert 1e-3 <= carried < 4e-3


def test_too_few_points_are_refused():
    with pytest.raises(ValueError, match="at least 5"):
        extrapolate_rough(LEVELS[:4], np.ones(4))
    with pytest.raises(ValueError, match="distinct"):
        extrapolate_rough([1, 1, 2, 3, 4], np.ones(5))
