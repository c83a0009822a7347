"""Generalization formulas against direct simulation of weights with given overlaps."""

import numpy as np
import pytest
from scipy.special import ndtr

from gardner.theory.planted.generalization import generalization
from gardner.theory.planted.solve import solve_planted


def errors_of(Q_l):
    Q_l = np.asarray(Q_l, float)
    return generalization(Q_l, 1 - Q_l)


def test_one_layer_errors_are_the_textbook_angles():
    for Q in (0.0, 0.3, 0.9, 1 - 1e-9):
        result = errors_of([Q])
        assert result.gibbs == pytest.approx(np.arccos(Q) / np.pi, abs=1e-12)
        assert result.bayes == pytest.approx(np.arccos(np.sqrt(Q)) / np.pi, abs=1e-12)


def test_errors_of_nearly_complete_order_keep_their_digits():
    """ε_g = arccos(1-x)/π → sqrt(2x)/π, where 1 - Q has lost its digits in Q itself."""
    result = generalization(np.array([1.0]), np.array([1e-20]))
    assert result.gibbs == pytest.approx(np.sqrt(2e-20) / np.pi, rel=1e-12)
    assert result.bayes == pytest.approx(np.sqrt(1e-20) / np.pi, rel=1e-12)


def test_bayes_beats_gibbs_by_at_most_a_factor_of_two():
    for alpha in (3.0, 12.0, 40.0):
        for branch in solve_planted(alpha, 3, "directed").branches:
            assert 0.5 * branch.generalization_error <= branch.bayes_error <= branch.generalization_error


def correlated_layer(rng, width, Q):
    """Two weight matrices on the sphere whose rows overlap by exactly Q."""
    teacher = rng.standard_normal((width, width), dtype=np.float32)
    teacher *= np.sqrt(width) / np.linalg.norm(teacher, axis=1, keepdims=True)
    other = rng.standard_normal((width, width), dtype=np.float32)
    other -= teacher * np.sum(teacher * other, axis=1, keepdims=True) / width
    other *= np.sqrt(width) / np.linalg.norm(other, axis=1, keepdims=True)
    return teacher, np.float32(Q) * teacher + np.float32(np.sqrt(1 - Q * Q)) * other


def test_fresh_overlaps_match_correlated_nets_of_width_2000():
    """(T17) at L = 3, N = 2000, 600 fresh inputs.

    Standard errors from the spread over inputs and over units, in quadrature. Three comparisons at 4.5
    standard errors: false alarms in 2e-5 of all seeds. The theory without arcsine, r(l) = Q(l) r(l-1), must
    fail at the same bound. The bias of finite width is below f''/2N = 3e-4 for f = (2/π) arcsin.
    """
    rng, width, samples, Q_l = np.random.default_rng(7), 2000, 600, (0.95, 0.8, 0.9)
    teacher = student = rng.choice(np.array((-1, 1), np.float32), (width, samples))
    theory, naive = errors_of(Q_l).fresh_overlap, np.cumprod(Q_l)
    for l, Q in enumerate(Q_l, start=1):
        teacher_weights, student_weights = correlated_layer(rng, width, Q)
        teacher, student = np.sign(teacher_weights @ teacher), np.sign(student_weights @ student)
        agreement = teacher * student
        spread = np.hypot(agreement.mean(0).std() / np.sqrt(samples), agreement.mean(1).std() / np.sqrt(width))
        measured = agreement.mean()
        assert abs(measured - theory[l]) < 4.5 * spread + 3e-4
        assert abs(measured - naive[l - 1]) > 20 * spread


def votes_wrong(Q_l, replicas):
    """P(majority of students ≠ teacher): signs sgn(ω + σξ) at common ω are binomial with p = Φ_N(|ω|/σ)."""
    from scipy.stats import binom

    fresh = errors_of(Q_l).fresh_overlap
    overlap = Q_l[-1] * fresh[-2]
    t = np.linspace(0, 9, 4001)
    p = ndtr(t * np.sqrt(overlap / (1 - overlap)))
    majority_up = binom.sf(replicas // 2, replicas, p)
    wrong = p * (1 - majority_up) + (1 - p) * majority_up
    return np.trapezoid(2 * wrong * np.exp(-0.5 * t * t) / np.sqrt(2 * np.pi), t)


def test_majority_of_many_students_tends_to_the_bayes_error():
    Q_l = (0.9, 0.85)
    bayes = errors_of(Q_l).bayes
    excess = [votes_wrong(Q_l, replicas) - bayes for replicas in (101, 1001, 10001)]
    assert 0 < excess[2] < 1e-4
    np.testing.assert_allclose(np.array(excess[:2]) / excess[1:], 10, rtol=0.05)  # excess ∝ 1/replicas
    assert votes_wrong(Q_l, 1) == pytest.approx(errors_of(Q_l).gibbs, abs=1e-9)


def test_votes_of_students_around_a_common_mean_match_the_layered_theory():
    """Nine students and a teacher drawn around posterior-mean weights, L = 2, N = 1200, 300 fresh inputs: the
    error of their majority.

    Standard error from the spread over inputs and over units, in quadrature; 4.5 standard errors (false
    alarms in 7e-6 of all seeds) plus the finite-width bias 1/N. The Gibbs error, and the Bayes error without
    the factor r(1), must fail.
    """
    rng, width, samples, students, Q_l = np.random.default_rng(11), 1200, 300, 9, (0.8, 0.7)
    mean = [rng.standard_normal((width, width), dtype=np.float32) * np.float32(np.sqrt(Q)) for Q in Q_l]
    inputs = rng.choice(np.array((-1, 1), np.float32), (width, samples))

    def answer():
        signal = inputs
        for weights, Q in zip(mean, Q_l):
            drawn = weights + np.float32(np.sqrt(1 - Q)) * rng.standard_normal((width, width), dtype=np.float32)
            signal = np.sign(drawn @ signal)
        return signal

    teacher = answer()
    wrong = np.sign(sum(answer() for _ in range(students))) != teacher
    spread = np.hypot(wrong.mean(0).std() / np.sqrt(samples), wrong.mean(1).std() / np.sqrt(width))
    theory = votes_wrong(Q_l, students)
    assert abs(wrong.mean() - theory) < 4.5 * spread + 1 / width
    assert abs(wrong.mean() - errors_of(Q_l).gibbs) > 10 * spread
    assert abs(wrong.mean() - votes_wrong((0.0, Q_l[1]), students)) > 10 * spread
