"""The isolated hidden unit at finite connectivity: against another method, its limit, and what it cannot know."""

import math

import numpy as np
import pytest
from oracles_liquid import PLACES, isolated_unit_by_importance

from gardner.theory.isolated_unit import isolated_unit
from gardner.theory.liquid import liquid_covariances

A, G = 2.0 / math.pi, (2.0 / math.pi) ** 2


def entries(values):
    return np.stack([values[:, i, j] for i, j in PLACES], axis=1)


def deviations(first, second):
    """Differences of means in standard errors."""
    error = np.sqrt(first.var(axis=0, ddof=1) / len(first) + second.var(axis=0, ddof=1) / len(second))
    return (first.mean(axis=0) - second.mean(axis=0)) / error


@pytest.mark.slow
def test_gibbs_sampling_agrees_with_importance_sampling():
    """False alarm of the largest of six below 4: 4e-4."""
    plain = isolated_unit_by_importance(8, 6, realisations=2500, draws=1500, seed=1)
    found = entries(isolated_unit(8, 6, realisations=6000, seed=2).values)
    assert np.abs(deviations(found, plain)).max() < 4.0

    # a wrong theory fails: the limit of many connections, and one pattern fewer
    limit = liquid_covariances("directed", 2, 0.75, 1)
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert np.abs((found.mean(axis=0) - [limit[p] for p in PLACES]) / error).max() > 10.0
    fewer = entries(isolated_unit(8, 5, realisations=6000, seed=2).values)
    assert np.abs(deviations(fewer, plain)).max() > 10.0


def test_units_whose_readers_are_no_outputs_know_nothing_but_their_prior():
    """L ≥ 3, input side: M<R²> = α and M<C²> = α exactly; between the ends M<q²> = 1. False alarm at 4.5σ: 5e-5."""
    c, M = 12, 18
    first = isolated_unit(c, M, True, False, realisations=3000, seed=3)
    expected = {(0, 0): M / c, (1, 1): M / c, (0, 1): 0.0, (1, 2): 0.0}
    for place, value in expected.items():
        assert abs(first.mean[place] - value) < 4.5 * first.error[place]
    between = isolated_unit(c, M, False, False, realisations=3000, seed=4)
    for place, value in {(2, 2): 1.0, (0, 2): 0.0, (0, 0): M / c}.items():
        assert abs(between.mean[place] - value) < 4.5 * between.error[place]


def test_output_side_of_deep_nets_approaches_the_enhancement_of_theory():
    """α = 1: M<q²> is enhanced from 1 to about 1/(1-gα) = 1.68 and M<C²> with it; 5 and 10 %, some seven errors."""
    enhanced = 1.0 / (1.0 - G)
    found = isolated_unit(24, 24, False, True, realisations=1500, seed=5)
    assert found.mean[2, 2] == pytest.approx(enhanced, rel=0.05)
    assert found.mean[1, 1] == pytest.approx(enhanced, rel=0.10)
    assert found.mean[1, 2] == pytest.approx(A * enhanced, rel=0.10)


@pytest.mark.slow
def test_the_limit_of_many_connections_is_the_directed_closure():
    """L = 2, α = .5: what is missing at c falls like 1/c and ends at (T24) of directed within 3 %, not symmetric's."""
    found = [isolated_unit(c, c // 2, realisations=3000, seed=6) for c in (12, 24, 48)]
    values = np.array([[f.mean[p] for p in PLACES] for f in found])
    limit = values[-1] + (values[-1] - values[-2])
    directed = np.array([liquid_covariances("directed", 2, 0.5, 1)[p] for p in PLACES])
    symmetric = np.array([liquid_covariances("symmetric", 2, 0.5, 1)[p] for p in PLACES])
    np.testing.assert_allclose(limit, directed, rtol=0.03)
    assert np.abs(limit / symmetric - 1.0).max() > 0.15


def test_impossible_numbers_are_refused():
    with pytest.raises(ValueError, match="connectivity = 3: must be at least 4"):
        isolated_unit(3, 2)
    with pytest.raises(ValueError, match="realisations = 1: must be at least 2"):
        isolated_unit(8, 4, realisations=1)
