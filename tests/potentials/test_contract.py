"""What every registered potential must keep: its derivatives, its limits, its solutions, one energy for all."""

import math
from dataclasses import replace

import numba
import numpy as np
import pytest
from scipy.integrate import quad

import gardner
from gardner.potentials import POTENTIALS, choose_potential, read_potential
from gardner.potentials.hard import HardCore

NAMES = POTENTIALS.names
WARM = [name for name in POTENTIALS if POTENTIALS[name].has_temperature()]


CASES = [
    pytest.param(potential, id=potential.label)
    for name in POTENTIALS
    for beta in ((0.2, 5.0, 1e4) if name in WARM else (None,))
    for margin in (0.0, -0.7, 1.2)
    for potential in [choose_potential(name, margin, beta)]
]


def boltzmann(potential, r):
    """e^{-βv(r)} by its definition, from the energy that Monte Carlo samples."""
    return np.array([math.exp(-(potential.beta or 1.0) * potential.energy_of_gap(x, potential.margin)) for x in r])


def quadrature(potential, h, sigma):
    """φ, φ' and φ'' of ln ∫dr e^{-βv(r)} N(r; h, σ²) from mass, mean and variance of r - h.

    Gauss–Legendre panels that shrink towards the wall, where the weight may be narrow.
    """
    distances = sigma * np.append(0.0, np.geomspace(1e-7, 30.0, 60))
    edges = np.unique(np.concatenate([potential.margin - distances, potential.margin + distances]))
    x, w = np.polynomial.legendre.leggauss(24)
    half = 0.5 * np.diff(edges)[:, None]
    r, dr = (0.5 * (edges[:-1] + edges[1:])[:, None] + half * x).ravel(), (half * w).ravel()
    z = (r - h) / sigma
    density = boltzmann(potential, r) * np.exp(-0.5 * z**2) * dr / (sigma * np.sqrt(2.0 * np.pi))
    mass = density.sum()
    mean = density @ z / mass
    return np.log(mass), mean / sigma, (density @ (z - mean) ** 2 / mass - 1.0) / sigma**2


@pytest.mark.parametrize("potential", CASES)
@pytest.mark.parametrize("sigma", [1.0, 0.05])
def test_terminal_function_is_the_logarithm_of_the_convolution(potential, sigma):
    h = potential.margin + sigma * np.array([-9.0, -2.0, -0.3, 0.0, 0.8, 4.0])
    exact = np.array([quadrature(potential, value, sigma) for value in h]).T
    for order, (found, wanted) in enumerate(zip(potential.terminal(h, sigma), exact)):
        np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-12 / sigma**order)


@pytest.mark.parametrize("potential", CASES)
def test_derivatives_are_derivatives(potential):
    h, step = np.linspace(-6.0, 6.0, 25), 1e-4
    _, first, second = potential.terminal(h, 0.6)
    up, down = potential.terminal(h + step, 0.6), potential.terminal(h - step, 0.6)
    for value, derivative in ((0, first), (1, second)):
        numeric = (up[value] - down[value]) / (2.0 * step)
        assert np.abs(numeric - derivative).max() < 1e-6 * (1.0 + np.abs(derivative).max())


@pytest.mark.parametrize("potential", CASES)
def test_a_further_gaussian_average_only_widens_the_first(potential):
    """∫dh' N(h'; h, w²) e^{φ(h'; σ)} = e^{φ(h; (σ²+w²)^{1/2})}, by the trapezoid rule of spectral accuracy."""
    sigma, width = 0.3, 0.8
    z, step = np.linspace(-12.0, 12.0, 1201, retstep=True)
    weight = np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi) * step
    for h in (-2.0, 0.1, 1.5):
        averaged = np.log(weight @ np.exp(potential.terminal(h + width * z, sigma)[0]))
        wide = potential.terminal(np.array([h]), float(np.hypot(sigma, width)))[0][0]
        assert averaged == pytest.approx(wide, abs=1e-11 * (1.0 + abs(wide)))


@pytest.mark.parametrize("potential", CASES)
def test_theory_and_monte_carlo_read_the_same_energy(potential):
    compiled = potential.energy_kernel()

    @numba.njit
    def energies(r, margin, out):
        for a in range(len(r)):
            out[a] = compiled(r[a], margin)

    r = potential.margin + np.array([-3.0, -0.4, -1e-9, 0.0, 1e-9, 2.0])
    found = np.empty_like(r)
    energies(r, potential.margin, found)
    np.testing.assert_array_equal(found, potential.energy(r))
    np.testing.assert_array_equal(found, [potential.energy_of_gap(value, potential.margin) for value in r])
    np.testing.assert_allclose(np.exp(potential.log_boltzmann(r)), boltzmann(potential, r), rtol=1e-13)
    assert (found[r >= potential.margin] == 0.0).all()
    assert potential.is_constraint == bool(np.isinf(found).any())


@pytest.mark.parametrize("potential", CASES)
def test_no_gap_lies_further_below_the_margin_than_is_said(potential):
    if potential.reach_below > 0.0:
        assert potential.log_boltzmann(np.array([potential.margin - potential.reach_below]))[0] < -60.0
    else:
        assert potential.is_constraint


@pytest.mark.parametrize("name", WARM)
@pytest.mark.parametrize("margin", [0.0, 0.4])
def test_a_cold_potential_is_the_hard_core(name, margin):
    """e^φ exceeds that of the hard core by the Gaussian density at κ times the depth ∫_{r<κ} e^{-βv} dr."""
    h, sigma = np.linspace(-1.0, 1.0, 5), 0.6
    hard, force, _ = HardCore(margin).terminal(h, sigma)
    excess = []
    for beta in (1e6, 1e8):
        cold = choose_potential(name, margin, beta)
        far = cold.reach_below
        depth, _ = quad(lambda x, cold=cold: np.exp(cold.log_boltzmann(cold.margin - x)), 0.0, far, epsrel=1e-10)
        excess.append(cold.terminal(h, sigma)[0] - hard)
        np.testing.assert_allclose(excess[-1], depth * force, rtol=2e-2 if beta < 1e7 else 2e-3)
    assert (excess[0] > excess[1]).all() and (excess[1] > 0.0).all()


@pytest.mark.parametrize("name", WARM)
def test_a_hot_potential_weighs_nothing(name):
    """φ = -β<v> to first order, <v> the Gaussian mean of the energy."""
    hot = choose_potential(name, 0.4, 1e-5)
    for h in (-1.0, 0.0, 2.0):
        mean, _ = quad(
            lambda z, h=h: np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi) * hot.energy(h + 0.6 * z), -12.0, 12.0,
            points=[(0.4 - h) / 0.6],
        )  # fmt: skip
        assert hot.terminal(np.array([h]), 0.6)[0][0] == pytest.approx(-1e-5 * mean, rel=2e-4)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("closure", ["symmetric", "directed"])
@pytest.mark.parametrize("depth, alpha", [(1, 1.2), pytest.param(2, 8.0, marks=pytest.mark.slow)])
def test_saddle_points_converge_and_come_back_from_a_file(name, closure, depth, alpha, tmp_path):
    potential = choose_potential(name, -0.1, 20.0 if name in WARM else None)
    solution = gardner.solve_random(alpha, depth, 2, potential=potential, closure=closure)
    assert solution.status == "converged", solution.advice
    assert solution.stationarity < 1e-7 and solution.discretisation_error < 1e-8
    gardner.save(solution, tmp_path / "run.nc")
    again = gardner.load(tmp_path / "run.nc")
    assert again == replace(solution, seconds=again.seconds)
    assert again.setting.potential == potential


@pytest.mark.parametrize("name", WARM)
def test_energy_is_the_derivative_of_the_free_entropy(name):
    """-∂s/∂β is the mean of v over the gap distribution (G1) of the same solution."""

    def solved(beta):
        return gardner.solve_random(1.5, 1, 0, potential=choose_potential(name, 0.2, beta), tolerance=1e-11)

    step = 1e-3
    slope = (solved(8.0 + step).free_entropy - solved(8.0 - step).free_entropy) / (2.0 * step)
    (gaps,) = gardner.solution_gaps(solved(8.0))
    assert gaps.energy == pytest.approx(-slope, rel=1e-6)
    assert gaps.normalisation_error < 1e-9 and gaps.identity_error < 1e-9


@pytest.mark.parametrize("name", NAMES)
def test_names_and_parameters_are_what_files_hold(name):
    potential = choose_potential(name, 0.3, 7.0 if name in WARM else None)
    assert list(potential.attributes)[:3] == ["potential", "margin", "beta"]
    assert read_potential(potential.attributes) == potential
    assert potential.attributes["potential"] == name
    assert potential.label.startswith(potential.title) and "κ = 0.3" in potential.label
    assert ("β = 7" in potential.label) == (name in WARM) == (r"\beta" in potential.formula)


@pytest.mark.parametrize("name", NAMES)
def test_impossible_parameters_are_refused(name):
    with pytest.raises(ValueError, match="margin = 1000"):
        choose_potential(name, 1000.0)
    with pytest.raises(ValueError, match="beta = -1"):
        choose_potential(name, 0.0, -1.0)


def test_an_unknown_potential_is_refused_everywhere():
    with pytest.raises(ValueError, match="potential = 'square': must be one of hard, soft, hinge"):
        choose_potential("square")
    with pytest.raises(ValueError, match="potential = 'square': must be one of"):
        gardner.RandomSweep((1.0,), (1,), potential="square")
    with pytest.raises(ValueError, match="potential = 'hard': must be a Potential"):
        gardner.solve_random(1.0, 1, 0, potential="hard")
