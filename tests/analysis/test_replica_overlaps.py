"""Ultrametricity of plain overlap matrices against a null: what the statistics see and what they must not see."""

import numpy as np
import pytest

from gardner.analysis.coalescent import draw_trees
from gardner.analysis.replica_overlaps import (
    cophenetic_correlation,
    isosceles_difference,
    overlap_histogram,
    shuffled,
    triples_of,
    ultrametricity,
)

PARISI = (0.2, 0.4, 0.6, 0.8)
Q = np.array([0.0, 0.2, 0.4, 0.6, 0.8])


def matrices(samples=30, replicas=12, noise=0.0, seed=1):
    """Overlap matrices of independent trees, with symmetric Gaussian noise."""
    rng = np.random.default_rng(seed)
    out = np.array([tree.overlaps(Q) for tree in draw_trees(PARISI, replicas, samples, seed)])
    upper = np.triu(rng.normal(scale=noise, size=out.shape), 1) if noise else np.zeros_like(out)
    return out + upper + upper.transpose(0, 2, 1)


def test_trees_violate_nothing_and_are_their_own_cophenetic_tree():
    result = ultrametricity(matrices())
    assert result.violations.mean == result.difference.mean == 0.0
    assert result.cophenetic.mean == pytest.approx(1.0, abs=1e-12)
    assert result.null_violations.mean - 5.0 * result.null_violations.error > 0.1
    assert result.null_cophenetic.mean < 0.9
    assert (result.samples, result.replicas, result.triples) == (30, 12, 220)


def test_noise_violates_the_property_less_than_the_null_and_one_state_as_much():
    """With noise the bare fraction is large; the comparison tells a tree from one state seen through noise (5σ)."""
    tree = ultrametricity(matrices(noise=0.05))
    assert tree.violations.mean > 0.2
    gap = tree.null_difference.mean - tree.difference.mean
    assert gap > 5.0 * np.hypot(tree.null_difference.error, tree.difference.error)
    one_state = np.full((30, 12, 12), 0.6) + (matrices(noise=0.05, seed=9) - matrices(seed=9))
    null = ultrametricity(one_state)
    for name in ("violations", "difference", "cophenetic"):
        real, fake = getattr(null, name), getattr(null, f"null_{name}")
        assert abs(real.mean - fake.mean) < 4.0 * np.hypot(real.error, fake.error)  # false alarm 3 × 6e-5


def test_the_null_keeps_the_overlaps_and_loses_their_relations():
    rng = np.random.default_rng(0)
    matrix = matrices(1)[0]
    mixed = shuffled(matrix, rng)
    upper = np.triu_indices(12, 1)
    assert np.array_equal(np.sort(mixed[upper]), np.sort(matrix[upper]))
    assert np.array_equal(mixed, mixed.T)
    assert isosceles_difference(mixed, triples_of(12, rng)).mean() > 0.05


def test_isosceles_difference_of_hand_made_triples():
    overlap = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, 0.3], [0.2, 0.3, 1.0]])
    assert isosceles_difference(overlap, np.array([[0, 1, 2]])) == pytest.approx([0.1])


def test_many_replicas_are_sampled_in_distinct_triples():
    triples = triples_of(150, np.random.default_rng(0))
    assert len(triples) == 200_000
    assert (triples[:, 0] != triples[:, 1]).all() and (triples[:, 1] != triples[:, 2]).all()
    assert (triples[:, 0] != triples[:, 2]).all()


def test_histogram_is_the_law_within_its_errors():
    """Weights of P(q) from 300 samples, 4σ over five levels: false alarm 3e-4; errors are over samples, not pairs."""
    overlaps = matrices(300, 6) + 0.05  # levels in the middle of bins
    histogram = overlap_histogram(overlaps, bins=20)
    assert histogram.density_b.sum() * 0.1 + histogram.outside == pytest.approx(1.0)
    centres = np.digitize(Q + 0.05, histogram.edges_b) - 1
    weight, error = histogram.density_b[centres] * 0.1, histogram.error_b[centres] * 0.1
    assert np.abs((weight - 0.2) / error).max() < 4.0
    binomial = np.sqrt(0.2 * 0.8 / (300 * 15))
    assert error.min() > 1.3 * binomial  # pairs of one sample are correlated
    assert np.abs((weight - np.array([0.3, 0.2, 0.2, 0.2, 0.1])) / error).max() > 4.0


def test_one_sample_has_no_error_and_equal_overlaps_no_cophenetic_tree():
    result = ultrametricity(np.full((1, 4, 4), 0.5))
    assert np.isnan(result.violations.error) and np.isnan(result.cophenetic.mean)
    assert np.isnan(overlap_histogram(np.full((1, 4, 4), 0.5)).error_b).all()
    assert np.isnan(cophenetic_correlation(np.full((4, 4), 0.5)))


@pytest.mark.parametrize(
    "overlaps, named",
    [
        (np.zeros((2, 3, 4)), "shape"),
        (np.zeros((2, 2, 2)), "replicas"),
        (np.full((1, 3, 3), np.nan), "finite"),
        (np.arange(9.0).reshape(1, 3, 3), "symmetric"),
        (np.zeros((0, 3, 3)), "shape"),
    ],
)
def test_impossible_matrices_are_refused(overlaps, named):
    with pytest.raises(ValueError, match=named):
        ultrametricity(overlaps)
