"""The generator of the kernels: exact distributions (Kolmogorov–Smirnov, false-alarm rate 1e-3), known stream."""

import numba
import numpy as np
from scipy import stats

from gardner.montecarlo import generator


@numba.njit
def draws(state, out, kind):
    for i in range(out.shape[0]):
        if kind == 0:
            out[i] = generator.uniform(state)
        elif kind == 1:
            out[i] = generator.exponential(state)
        elif kind == 2:
            out[i] = generator.normal(state)
        else:
            out[i] = generator.below(state, kind)


def sample(kind, count=400_000, seed=12):
    out = np.empty(count)
    draws(generator.start_generator(np.random.SeedSequence(seed)), out, kind)
    return out


def xoshiro(state):
    """xoshiro256++ in Python integers."""
    mask = 2**64 - 1

    def rotated(x, k):
        return ((x << k) | (x >> (64 - k))) & mask

    while True:
        yield (rotated((state[0] + state[3]) & mask, 23) + state[0]) & mask
        shifted = (state[1] << 17) & mask
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= shifted
        state[3] = rotated(state[3], 45)


def test_the_words_are_those_of_xoshiro256():
    state = generator.start_generator(np.random.SeedSequence(5))
    reference = xoshiro([int(word) for word in state])
    assert [int(generator.next_word(state)) for _ in range(50)] == [next(reference) for _ in range(50)]


def test_deviates_have_their_distributions_far_into_the_tails():
    for kind, law in ((0, stats.uniform), (1, stats.expon), (2, stats.norm)):
        x = sample(kind)
        assert stats.kstest(x, law.cdf).pvalue > 1e-3
        for tail in (1e-3, 1e-4):  # the ziggurat's own tail begins at 4.5e-4 and 2.6e-4
            beyond = (x > law.isf(tail)).sum()
            assert stats.binomtest(int(beyond), len(x), tail).pvalue > 1e-3
    assert stats.kstest(sample(1), stats.expon(scale=1.01).cdf).pvalue < 1e-3  # 1 % off is seen


def test_integers_below_a_bound_are_even():
    counts = np.bincount(sample(7, 70_000).astype(int), minlength=7)
    assert len(counts) == 7 and stats.chisquare(counts).pvalue > 1e-3
