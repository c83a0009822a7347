"""Ultrametricity measured on replicas: functions of plain overlap matrices, whoever made them.

`overlap_srr` (samples, n, n) holds the symmetric overlap matrices of n replicas of one layer in each sample (a draw of
the patterns); the diagonal is not used. Three questions:

* P(q,l): histogram over pairs per sample, then mean and standard error over samples.
* Isosceles property: q_12 ≥ min(q_13, q_23) for every labelling means that the two smallest overlaps of a triple are
  equal. A triple *violates* it if its middle and smallest overlap differ by more than `tolerance`; the mean of that
  difference is given too, free of any threshold.
* Cophenetic correlation: how well the tree of average linkage on distances 1-q reproduces them (1: ultrametric).

**Null.** The overlaps of a sample are placed at random on its pairs: P(q) is kept exactly, relations between the three
overlaps of a triple are destroyed. `null_*` repeats every statistic on such matrices. At finite size thermal noise
smears every overlap, so that only the comparison with the null says something, not the bare fraction; if all overlaps
are equal up to independent noise (one state) statistic and null agree.

Errors are standard errors over samples (nan for one sample).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from gardner.checks import checked_tolerance, whole
from gardner.values import ByValue

ALL_TRIPLES = 200_000  # more triples than this are sampled


@dataclass(frozen=True)
class SampleMean:
    """mean over samples and its standard error."""

    mean: float
    error: float

    @classmethod
    def over_samples(cls, values_s: np.ndarray) -> SampleMean:
        """Mean and standard error of independent samples; nan values (undefined in a sample) are left out."""
        values_s = values_s[np.isfinite(values_s)]
        if len(values_s) == 0:
            return cls(float("nan"), float("nan"))
        error = float(values_s.std(ddof=1) / np.sqrt(len(values_s))) if len(values_s) > 1 else float("nan")
        return cls(float(values_s.mean()), error)


@dataclass(frozen=True, eq=False)
class OverlapHistogram(ByValue):
    """edges_b (b+1,), density_b (b,) normalised to 1 over all q, error_b (b,); outside: weight beyond the edges."""

    edges_b: np.ndarray
    density_b: np.ndarray
    error_b: np.ndarray
    outside: float


@dataclass(frozen=True)
class Ultrametricity:
    """Statistics of one layer beside the null's: module docstring. samples, replicas, triples per sample, tolerance."""

    samples: int
    replicas: int
    triples: int
    tolerance: float
    violations: SampleMean
    null_violations: SampleMean
    difference: SampleMean
    null_difference: SampleMean
    cophenetic: SampleMean
    null_cophenetic: SampleMean
    mean_overlap: SampleMean


def check_overlaps(overlap_srr: np.ndarray) -> np.ndarray:
    """(samples, n, n) symmetric finite matrices with n ≥ 3, or ValueError; the diagonal may be anything."""
    overlap_srr = np.asarray(overlap_srr, dtype=float)
    if overlap_srr.ndim != 3 or overlap_srr.shape[1] != overlap_srr.shape[2] or len(overlap_srr) == 0:
        raise ValueError(f"overlap matrices of shape {overlap_srr.shape}: (samples, n, n) with samples ≥ 1 is needed")
    if overlap_srr.shape[1] < 3:
        raise ValueError(f"{overlap_srr.shape[1]} replicas: triples need at least 3; run with more replicas")
    off = overlap_srr[:, *np.triu_indices(overlap_srr.shape[1], 1)]
    if not np.isfinite(off).all():
        raise ValueError("overlap matrices: every overlap of two replicas must be finite")
    if not np.allclose(overlap_srr, overlap_srr.transpose(0, 2, 1), atol=1e-9, equal_nan=True):
        raise ValueError("overlap matrices: they must be symmetric")
    return overlap_srr


def pairs(overlap_srr: np.ndarray) -> np.ndarray:
    """Overlaps of the pairs a < b, (samples, n(n-1)/2)."""
    return overlap_srr[:, *np.triu_indices(overlap_srr.shape[1], 1)]


def overlap_histogram(overlap_srr: np.ndarray, bins: int = 40, low: float = -1.0, high: float = 1.0):
    """P(q,l) in equal bins on [low, high] with errors over samples: an OverlapHistogram."""
    overlap_sp = pairs(check_overlaps(overlap_srr))
    whole("bins", bins, 1)
    edges_b = np.linspace(low, high, bins + 1)
    # the last edge is taken as a bin's inside, so that q = 1 is counted
    counts_sb = np.array([np.histogram(overlap_p, edges_b)[0] for overlap_p in overlap_sp]) / overlap_sp.shape[1]
    samples = len(counts_sb)
    error_b = counts_sb.std(axis=0, ddof=1) / np.sqrt(samples) if samples > 1 else np.full(bins, np.nan)
    width = (high - low) / bins
    mean_b = counts_sb.mean(axis=0)
    return OverlapHistogram(edges_b, mean_b / width, error_b / width, float(1.0 - mean_b.sum()))


def triples_of(replicas: int, rng: np.random.Generator) -> np.ndarray:
    """All triples a < b < c, (t, 3), or ALL_TRIPLES random ones."""
    count = replicas * (replicas - 1) * (replicas - 2) // 6
    if count <= ALL_TRIPLES:
        return np.array(list(combinations(range(replicas), 3)))
    drawn = rng.integers(replicas, size=(2 * ALL_TRIPLES, 3))
    distinct = (drawn[:, 0] != drawn[:, 1]) & (drawn[:, 0] != drawn[:, 2]) & (drawn[:, 1] != drawn[:, 2])
    return drawn[distinct][:ALL_TRIPLES]


def isosceles_difference(overlap_rr: np.ndarray, triple_tc: np.ndarray) -> np.ndarray:
    """Middle minus smallest overlap of every triple, (t,): 0 where ultrametric."""
    a, b, c = triple_tc.T
    three = np.sort(np.stack([overlap_rr[a, b], overlap_rr[a, c], overlap_rr[b, c]]), axis=0)
    return three[1] - three[0]


def cophenetic_correlation(overlap_rr: np.ndarray) -> float:
    """Correlation of 1-q with the distances on the tree of average linkage; nan if all overlaps are equal."""
    from scipy.cluster.hierarchy import cophenet, linkage

    distance = 1.0 - overlap_rr[np.triu_indices(len(overlap_rr), 1)]
    if np.ptp(distance) < 1e-12:
        return float("nan")
    on_tree = cophenet(linkage(distance - distance.min(), method="average"))  # a shift changes no merger
    return float(np.corrcoef(distance, on_tree)[0, 1]) if np.ptp(on_tree) > 0.0 else float("nan")


def shuffled(overlap_rr: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The null: the same overlaps on randomly exchanged pairs."""
    upper = np.triu_indices(len(overlap_rr), 1)
    out = np.eye(len(overlap_rr))
    out[upper] = rng.permutation(overlap_rr[upper])
    out.T[upper] = out[upper]
    return out


def ultrametricity(overlap_srr: np.ndarray, tolerance: float = 0.05, seed: int = 1) -> Ultrametricity:
    """Violations of the isosceles property and cophenetic correlation of one layer, beside the null's."""
    overlap_srr = check_overlaps(overlap_srr)
    checked_tolerance("tolerance", tolerance)
    samples, n = overlap_srr.shape[:2]
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    triple_tc = triples_of(n, rng)
    columns = []
    for overlap_rr in overlap_srr:
        row = []
        for matrix in (overlap_rr, shuffled(overlap_rr, rng)):
            difference_t = isosceles_difference(matrix, triple_tc)
            row += [np.mean(difference_t > tolerance), difference_t.mean(), cophenetic_correlation(matrix)]
        columns.append(row)
    violations, difference, cophenetic, *null = (SampleMean.over_samples(column) for column in np.array(columns).T)
    return Ultrametricity(
        samples=samples,
        replicas=n,
        triples=len(triple_tc),
        tolerance=tolerance,
        violations=violations,
        null_violations=null[0],
        difference=difference,
        null_difference=null[1],
        cophenetic=cophenetic,
        null_cophenetic=null[2],
        mean_overlap=SampleMean.over_samples(pairs(overlap_srr).mean(axis=1)),
    )
