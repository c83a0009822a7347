"""Averages of the planted setting against the defining integrals, evaluated by independent quadratures."""

import mpmath as mp
import numpy as np
import pytest
from scipy.special import log_ndtr, ndtr

from gardner.theory.nishimori.hidden_spin import site_averages, site_entropy
from gardner.theory.nishimori.identity import planted_gap, planted_spin_complement
from gardner.theory.nishimori.quadrature import gap_averages, gap_entropy, spin_averages, spin_entropy

COMPLEMENTS = ("1e-12", "1e-7", "1e-3", "0.1", "0.5", "0.9", "0.999999")
FIELDS = (1e-8, 1e-3, 0.03, 0.1, 1.0, 6.0, 30.0, 200.0)


def one(value):
    return np.array([float(value)])


def gap_by_definition(complement, integrand):
    """∫Dt f(u), u = t sqrt(Λ/(1-Λ)), by mpmath in whichever of t and u is wider."""
    ratio = mp.sqrt((1 - complement) / complement)
    if ratio < 1:
        return mp.quad(lambda t: mp.npdf(t) * integrand(ratio * t), [-14, -7, 0, 7, 14])
    return mp.quad(lambda u: mp.npdf(u / ratio) / ratio * integrand(u), [-36, -18, -9, -4, 0, 4, 9, 18, 36])


@pytest.mark.parametrize("text", COMPLEMENTS)
def test_gap_strength_equals_its_definition_to_1e_13(text):
    with mp.workdps(30):
        complement = mp.mpf(text)
        exact = 2 / complement * gap_by_definition(complement, lambda u: mp.npdf(u) ** 2 / mp.ncdf(u))
        ours = gap_averages(one(1 - complement), one(complement)).strength[0]
        assert abs(ours / exact - 1) < 1e-13


@pytest.mark.parametrize("text", COMPLEMENTS)
def test_gap_entropy_equals_its_definition_to_1e_13(text):
    with mp.workdps(30):
        complement = mp.mpf(text)
        exact = 2 * gap_by_definition(complement, lambda u: mp.ncdf(u) * mp.log(mp.ncdf(u)))
        ours = gap_entropy(one(1 - complement), one(complement))[0]
        assert abs(ours / exact - 1) < 1e-13


def test_gap_limits_of_no_and_complete_order():
    assert gap_averages(one(0), one(1)).strength[0] == pytest.approx(2 / np.pi, abs=1e-15)
    assert gap_entropy(one(0), one(1))[0] == pytest.approx(-np.log(2), abs=1e-15)
    ratio = gap_averages(one(1), one(1e-12)).strength / gap_averages(one(1), one(1e-8)).strength
    assert ratio[0] == pytest.approx(100, rel=1e-14)  # G ∝ (1-Λ)^-1/2


@pytest.mark.parametrize("field", FIELDS)
def test_spin_overlap_and_entropy_equal_their_definitions(field):
    """ln(1-q) and E[H_2] against mpmath; 1-q is e^-100 at the largest field."""
    with mp.workdps(30):
        q_hat, scale = mp.mpf(field), min(mp.sqrt(field), 3)
        nodes = [scale * x for x in (-60, -40, -20, -10, -5, -2, 0, 2, 5, 10, 20, 40, 60)]

        def average(f):
            density = lambda h: mp.exp(-h * h / (2 * q_hat)) / mp.sqrt(2 * mp.pi * q_hat)  # noqa: E731
            return mp.exp(-q_hat / 2) * mp.quad(lambda h: density(h) * f(h), nodes)

        complement = average(mp.sech)
        entropy = average(lambda h: mp.cosh(h) * (mp.log(1 + mp.exp(-2 * abs(h))) + abs(h) - h * mp.tanh(h)))
        ours = spin_averages(one(field)).log_complement[0]
        assert abs(ours - mp.log(complement)) < 1e-13 * max(1, field)
        assert abs(spin_entropy(one(field))[0] / entropy - 1) < 1e-13


@pytest.mark.parametrize("field", FIELDS[:-1])
def test_spin_overlap_is_the_planted_mean_of_tanh(field):
    with mp.workdps(30):
        q_hat = mp.mpf(field)
        mean = mp.quad(lambda z: mp.npdf(z) * mp.tanh(q_hat + mp.sqrt(q_hat) * z), [-14, -9, -6, -3, 0, 3, 6, 9, 14])
        q = -np.expm1(spin_averages(one(field)).log_complement[0])
        assert abs(q - mean) < 2e-15
        assert abs(q / mean - 1) < 1e-13


def test_spin_averages_stay_finite_at_a_field_of_1e13():
    extreme = spin_averages(one(1e13))
    # 1-q → e^{-q̂/2} sqrt(π/2q̂); doubles near 5e12 are 1e-3 apart
    assert extreme.log_complement[0] + 5e12 == pytest.approx(0.5 * np.log(np.pi / 2e13), abs=2e-3)
    assert extreme.log_slope[0] == pytest.approx(-0.5, rel=1e-9)
    assert spin_entropy(one(1e13))[0] == 0.0


def site_by_definition(complement, field):
    """1-q, G and E ln Z of (T15), (T16): the planted sign S = +1 has weight 2Φ_N(u) and field N(q̂, q̂)."""
    ratio = np.sqrt((1 - complement) / complement)
    reach = min(9.0 * ratio, 28.0)
    u, z = np.linspace(-reach, reach, 1201), np.linspace(-9, 9, 1601)
    density_u = np.exp(-0.5 * (u / ratio) ** 2) / (ratio * np.sqrt(2 * np.pi)) * (2 * reach / 1200)
    density_z = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi) * (18 / 1600)
    y = field + np.sqrt(field) * z
    up, down = ndtr(u)[:, None], ndtr(-u)[:, None]
    weight = 2 * up * density_u[:, None] * density_z
    tanh_field = 0.5 * (log_ndtr(u) - log_ndtr(-u))[:, None] + y
    density = np.exp(-0.5 * u**2)[:, None] / np.sqrt(2 * np.pi)
    slope = density * -np.expm1(-2 * y) / (up + down * np.exp(-2 * y))
    log_z = y + np.log(up + down * np.exp(-2 * y))
    return (
        np.sum(weight / np.cosh(tanh_field) ** 2),
        np.sum(weight * slope**2) / complement,
        np.sum(weight * log_z),
        np.sum(weight * np.tanh(tanh_field)),
    )


@pytest.mark.parametrize("complement", (1e-12, 1e-6, 1e-2, 0.1, 0.5, 0.9, 0.999))
@pytest.mark.parametrize("field", (1e-5, 0.02, 0.5, 3.0, 25.0))
def test_site_averages_equal_their_definitions(complement, field):
    exact_complement, exact_strength, exact_log_z, _ = site_by_definition(complement, field)
    site = site_averages(one(1 - complement), one(complement), one(field))
    ours = np.exp(site.log_complement[0])
    assert ours == pytest.approx(exact_complement, rel=2e-12)
    assert site.strength[0] == pytest.approx(exact_strength, rel=2e-12)
    if complement > 0.05:  # below, the reference cuts the u-range where ln Z still contributes
        log_z = field + site_entropy(one(1 - complement), one(complement), one(field))[0]
        assert log_z == pytest.approx(exact_log_z, abs=3e-13 * max(1, field))


@pytest.mark.parametrize("overlap", (0.0, 1e-6, 0.3, 0.9, 1 - 1e-9))
def test_site_without_field_has_no_strength_and_an_arcsine_overlap(overlap):
    site = site_averages(one(overlap), one(1 - overlap), one(0))
    assert site.strength[0] == 0
    assert -np.expm1(site.log_complement[0]) == pytest.approx(2 / np.pi * np.arcsin(overlap), abs=3e-15)
    assert site_entropy(one(overlap), one(1 - overlap), one(0))[0] == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize("overlap", (0.0, 0.3, 0.9, 1 - 1e-9))
def test_site_with_a_large_field_is_a_gap(overlap):
    site = site_averages(one(overlap), one(1 - overlap), one(500.0))
    gap = gap_averages(one(overlap), one(1 - overlap))
    assert site.strength[0] == pytest.approx(gap.strength[0], rel=1e-13)
    assert site.strength_slope[0] == pytest.approx(gap.slope[0], rel=1e-12)


def test_site_with_vanishing_overlap_is_a_free_spin():
    field = np.array([1e-6, 0.2, 4.0, 60.0])
    site = site_averages(np.zeros(4), np.ones(4), field)
    np.testing.assert_allclose(site.log_complement, spin_averages(field).log_complement, rtol=1e-13)


@pytest.mark.parametrize("overlap, field", ((0.02, 0.3), (0.5, 1.0), (0.97, 7.0), (0.5, 0.004), (0.999, 0.05)))
def test_site_derivatives_are_moments_of_the_hessian(overlap, field):
    """The martingale identities against central differences of fourth order."""
    complement, step = 1 - overlap, 1e-3

    def difference(f, scale):
        h = step * scale
        return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)

    def at(d_overlap=0.0, d_field=0.0):
        return site_averages(one(overlap + d_overlap), one(complement - d_overlap), one(field + d_field))

    site, scale = at(), min(overlap, complement)
    q_complement = np.exp(site.log_complement[0])
    cross = site.cross_ratio[0] * q_complement
    by_field = difference(lambda d: -np.exp(at(d_field=d).log_complement[0]), field)
    assert by_field == pytest.approx(site.q_slope_ratio[0] * q_complement, rel=1e-9)
    assert difference(lambda d: at(d_field=d).strength[0], field) == pytest.approx(cross, rel=1e-9)
    assert difference(lambda d: -np.exp(at(d).log_complement[0]), scale) == pytest.approx(cross, rel=1e-9)
    assert difference(lambda d: at(d).strength[0], scale) == pytest.approx(site.strength_slope[0], rel=1e-9)


@pytest.mark.parametrize("complement", (1e-12, 1e-4, 0.3, 1.0))
def test_planted_gap_average_equals_the_student_average(complement):
    student = complement * gap_averages(1 - complement, complement).strength
    assert planted_gap(1 - complement, complement) == pytest.approx(student, rel=1e-13)


@pytest.mark.parametrize("complement", (1e-9, 1e-2, 0.4, 1.0))
@pytest.mark.parametrize("field", (0.0, 0.01, 1.0, 15.0))
def test_planted_spin_average_equals_the_student_average(complement, field):
    student = np.exp(site_averages(one(1 - complement), one(complement), one(field)).log_complement[0])
    assert planted_spin_complement(1 - complement, complement, field) == pytest.approx(student, abs=2e-14)
