"""Predictions of the field theory: potential, exact Hessian, propagators."""

import numpy as np
import pytest

from gardner.fieldtheory.potential import (
    SymmetryBreaking,
    potential_hessian,
    potential_value,
    predict,
)
from gardner.fieldtheory.propagators import (
    coincident_propagator,
    euclidean_propagator,
    from_momenta,
    infinite_coincident_propagator,
    lattice_momenta,
    lattice_momentum2,
    lattice_propagator,
    massless_without_zero_mode,
    source_propagator,
)


def potential_gradient(w, mass2, coupling):
    """dV/dw at points; the last axis of w is the component."""
    return (mass2 + coupling * (w**2).sum(axis=-1, keepdims=True)) * w


@pytest.mark.parametrize("components", [1, 2, 3, 7])
@pytest.mark.parametrize("mu, coupling", [(1.0, 1.0), (0.7, 3.0), (5.0, 0.2)])
def test_broken_hessian_has_one_sigma_and_all_other_modes_vanish(components, mu, coupling):
    theory = SymmetryBreaking(mu, coupling, components)
    for part in (0.0, 0.4, 0.9):
        found = predict(theory, part * theory.critical_rate)
        np.testing.assert_allclose(found.spectrum[:-1], 0.0, atol=1e-12 * mu**2)
        assert found.spectrum[-1] == pytest.approx(-2.0 * found.mass2, rel=1e-12)
        assert found.zero_modes == components - 1
        assert found.quoted_sigma_mass2 == pytest.approx(0.5 * found.sigma_mass2)


def test_symmetric_hessian_is_the_mass_in_every_direction_and_the_source_quotes_nothing():
    found = predict(SymmetryBreaking(1.0, 1.0, 4), 3.0)
    np.testing.assert_allclose(found.spectrum, 1.25)
    assert found.order_parameter == 0.0 and found.zero_modes == 0 and np.isnan(found.quoted_pi_mass2)


def test_mass_changes_sign_at_the_critical_rate():
    theory = SymmetryBreaking(0.8, 2.5, 2)
    assert theory.critical_rate == pytest.approx(2.0 * 0.8 / 2.5**0.5)
    assert theory.mass2(theory.critical_rate) == pytest.approx(0.0, abs=1e-15)


def test_gradient_and_hessian_are_derivatives_of_the_potential():
    rng = np.random.default_rng(1)
    w, step = rng.standard_normal(4), 1e-5
    numeric = [
        (potential_value(w + step * e, -0.6, 0.9) - potential_value(w - step * e, -0.6, 0.9)) / (2 * step)
        for e in np.eye(4)
    ]
    np.testing.assert_allclose(potential_gradient(w, -0.6, 0.9), numeric, rtol=1e-8)
    rows = [
        (potential_gradient(w + step * e, -0.6, 0.9) - potential_gradient(w - step * e, -0.6, 0.9)) / (2 * step)
        for e in np.eye(4)
    ]
    np.testing.assert_allclose(potential_hessian(w, -0.6, 0.9), rows, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("length", [4, 7, 16])
@pytest.mark.parametrize("mass2, k", [(0.3, 0.0), (0.0, 1.1), (40.0, 2.0)])
def test_images_add_up_to_the_fourier_sum(length, mass2, k):
    spectrum = 1.0 / (mass2 + lattice_momentum2(k) + lattice_momentum2(lattice_momenta(length)))
    exact = lattice_propagator(np.arange(length), k, mass2, length)
    np.testing.assert_allclose(exact, from_momenta(spectrum), rtol=1e-12, atol=1e-16)
    images = sum(lattice_propagator(np.arange(length) + n * length, k, mass2) for n in range(-80, 81))
    np.testing.assert_allclose(exact, images, rtol=1e-12)


def test_propagators_agree_in_the_continuum_and_after_rotation_of_time():
    t = np.linspace(0.0, 3.0, 7)
    fine = 0.01  # lattice spacing: m, k and t in units of it
    lattice = fine * lattice_propagator(t / fine, 0.7 * fine, 0.5 * fine**2)
    np.testing.assert_allclose(lattice, euclidean_propagator(t, 0.7, 0.5), rtol=1e-4)
    omega = (0.7**2 + 0.5) ** 0.5
    np.testing.assert_allclose(source_propagator(t, 0.7, 0.5), 0.5j / omega * np.exp(-1j * omega * t))
    # t → -iτ takes -i times the source's form to the Euclidean one
    turned = 0.5 / omega * np.exp(-1j * omega * (-1j * t))
    np.testing.assert_allclose(turned.real, euclidean_propagator(t, 0.7, 0.5), rtol=1e-12)


def test_massless_propagator_diverges_and_is_a_parabola_without_its_zero_mode():
    for t in (1, np.arange(3)):
        for form in (lattice_propagator, euclidean_propagator, source_propagator):
            assert (form(t, 0.0, 0.0) == np.inf).all()
    assert lattice_propagator(0, 0.0, 0.0, 8) == np.inf
    length = 12
    t = np.arange(length)
    parabola = (t**2 - length * t) / (2.0 * length) + (length**2 - 1.0) / (12.0 * length)
    np.testing.assert_allclose(massless_without_zero_mode(length), parabola, atol=1e-13)
    with pytest.raises(ValueError, match="minimum"):
        lattice_propagator(1, 0.0, -1.0)


def test_loop_of_the_infinite_lattice_is_the_watson_integral():
    assert infinite_coincident_propagator(3) == pytest.approx(0.252731009858, rel=1e-8)
    # a periodic lattice without its zero mode approaches it as 0.2257/L
    small, large = (coincident_propagator((L,) * 3, 0.0, zero_mode=False) for L in (16, 32))
    assert 2.0 * large - small == pytest.approx(0.252731, abs=1e-4)


@pytest.mark.parametrize("options", [{"mu": 0.0}, {"coupling": -1.0}, {"components": 0}, {"components": 1.5}])
def test_impossible_potentials_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        SymmetryBreaking(**options)
