"""Every row of N weights ±1 counted: one perceptron against its patterns, exactly, for one sample after another.

Patterns come one after the other. Of 2^N rows V_m agree with the first m of them, so that one pass over all rows, which
stops at the first pattern that a row gets wrong, answers for every load m/N at once:

    s = ln(V_m / 2^N) / m,      Q = Σ_rows (agreements with the teacher: 2n/N - 1) / V_m,                        (C81)

averaged over samples. Planted: a sample is a teacher with its patterns, and the average of Q over rows is one over
students drawn from the posterior, without any dynamics. Random labels: V_m = 0 is reached at some m, and the largest m
with V_m > 0 is the number of patterns that this sample stores.

Loads αN that are no whole numbers are interpolated between the POINTS nearest m, sample by sample (an error ∝ N^-4 of
what is smooth in α; rounding αN instead would add one ∝ 1/N of a different sign at each N). N is odd, or fields would
vanish. Cost: two patterns a row on average, 2^N × 3 ns a sample; errors fall with the square root of their number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.checks import positive, whole
from gardner.montecarlo.bitpacked.words import count_bits, pack_bits
from gardner.nets.disorder import random_signs, signs
from gardner.runtime.compilation import kernel
from gardner.values import ByValue

LARGEST = 25  # 2^25 rows take half a second a sample
POINTS = 4  # numbers of patterns between which is interpolated
BATCH = 256  # samples drawn at a time


@kernel()
def count_survivors(word_sm, size, teacher_s, count_sm, agree_sm):
    """How many of 2^`size` rows agree with the first m patterns, and with how many weights of the teacher in all.

    word_sm: patterns as words, bit j set where spin × label is +1; teacher_s: weights as words; count_sm, agree_sm
    (M + 1): zeros, overwritten, entry m of the first m patterns.
    """
    patterns, mask = word_sm.shape[1], np.uint64((1 << size) - 1)
    for s in range(word_sm.shape[0]):
        word_m, count_m, agree_m = word_sm[s], count_sm[s], agree_sm[s]
        for row in range(1 << size):
            bits = np.uint64(row)
            m = 0
            while m < patterns and 2 * count_bits(~(bits ^ word_m[m]) & mask) > size:
                m += 1
            count_m[m] += 1
            agree_m[m] += count_bits(~(bits ^ teacher_s[s]) & mask)

        # those that fail later agree with all patterns before
        for m in range(patterns, 0, -1):
            count_m[m - 1] += count_m[m]
            agree_m[m - 1] += agree_m[m]


@dataclass(frozen=True, eq=False)
class Enumerated(ByValue):
    """All samples of one N.

    size: N; count_sm: V_m, the rows that agree with the first m patterns of sample s; overlap_sm: their mean overlap
    with the teacher, nan where there is none and with random labels.
    """

    size: int
    count_sm: np.ndarray
    overlap_sm: np.ndarray

    def at_load(self, value_sm: np.ndarray, alpha: float) -> np.ndarray:
        """Values at αN patterns from those of every m; ValueError beyond what was counted."""
        load, most = positive("alpha", alpha) * self.size, self.count_sm.shape[1] - 1
        if load > most:
            raise ValueError(f"alpha = {alpha:g}: at most {most} patterns of N = {self.size} were counted")
        points = min(POINTS, most + 1)
        m = int(np.clip(np.floor(load) - (points - 1) // 2, 0, most + 1 - points)) + np.arange(points)
        others = m[:, None] != m
        ratio = np.divide(load - m, m[:, None] - m, out=np.ones((points, points)), where=others)
        return value_sm[:, m] @ ratio.prod(axis=1)

    def overlaps(self, alpha: float) -> np.ndarray:
        """Q of every sample at load α."""
        return self.at_load(self.overlap_sm, alpha)

    def entropies(self, alpha: float) -> np.ndarray:
        """s of every sample at load α, per αN; not finite where no row is left."""
        with np.errstate(divide="ignore", invalid="ignore"):
            log_sm = np.log(self.count_sm) - self.size * np.log(2.0)
            return self.at_load(log_sm, alpha) / (alpha * self.size)

    def solvable(self, alpha: float) -> float:
        """Share of the samples at load α of which some row is left."""
        return float(self.at_load((self.count_sm > 0).mean(axis=0)[None], alpha)[0])

    def stored(self) -> np.ndarray:
        """Patterns that every sample stores, per weight; ValueError where some sample stores all that were drawn."""
        if (self.count_sm[:, -1] > 0).any():
            raise ValueError(f"N = {self.size}: some sample stores all its patterns; count more of them")
        return ((self.count_sm > 0).sum(axis=1) - 1.0) / self.size


def enumerate_rows(size: int, patterns: int, samples: int, seed: int = 0, planted: bool = True) -> Enumerated:
    """Count the rows of N = `size` weights for `patterns` patterns of `samples` samples.

    planted: labels of a teacher, else random ones. Samples are drawn from `SeedSequence` (seed, N, number of the batch
    of BATCH). ValueError unless N is odd and at most LARGEST.
    """
    size, patterns = whole("size", size, 3, LARGEST), whole("patterns", patterns, 1, 10_000)
    samples, seed = whole("samples", samples, 1, 10**7), whole("seed", seed, 0)
    if size % 2 == 0:
        raise ValueError(f"size = {size}: must be odd, for fields of an even number of weights can vanish")
    count_sm = np.zeros((samples, patterns + 1), dtype=np.int64)
    agree_sm = np.zeros_like(count_sm)
    for start in range(0, samples, BATCH):
        part = slice(start, min(start + BATCH, samples))
        rng = np.random.default_rng(np.random.SeedSequence((seed, size, start // BATCH)))
        teacher_sj = random_signs(rng, (BATCH, size))[: part.stop - start]
        input_smj = random_signs(rng, (BATCH, patterns, size))[: part.stop - start]
        label_sm = signs(np.einsum("smj,sj->sm", input_smj.astype(float), teacher_sj))
        if not planted:
            label_sm = random_signs(rng, (BATCH, patterns))[: part.stop - start]
        words = pack_bits(input_smj * label_sm[:, :, None]), size, pack_bits(teacher_sj)
        count_survivors(*words, count_sm[part], agree_sm[part])
    overlap_sm = np.full(count_sm.shape, np.nan)
    if planted:  # the teacher itself is always left
        overlap_sm = 2.0 * agree_sm / (size * count_sm) - 1.0
    return Enumerated(size, count_sm, overlap_sm)
