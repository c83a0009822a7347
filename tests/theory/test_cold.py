"""Low temperature: small Parisi parameters, grids that follow the temperature, the limit T → 0."""

from functools import cache

import numpy as np
import pytest
from scipy.integrate import quad

import gardner
from gardner.grids import GRIDS, Cooling, choose_grid, cooling_of, steps_of_density
from gardner.model import SMALLEST_PARISI, checked_parisi, uniform_parisi
from gardner.perceptron.optimal import optimal_solution
from gardner.potentials.hard import HardCore
from gardner.potentials.soft import SoftCore
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.sectors.gap import gap_sector
from gardner.theory.sectors.spin import spin_sector
from gardner.theory.sherrington_kirkpatrick import cooling_of_sk, density_of_steps
from gardner.theory.sk_ground_state import kink, kink_by_height, negative_energy

GROUND_STATE = -0.763166726566547  # Oppermann, Schmidt and Sherrington 2007
NODES = GridSettings.for_accuracy(1e-10)


# m_1 → 0


def sectors(m_1: float) -> list:
    """Free entropies of a gap and a spin sector with steps at m_1 and ½."""
    m = np.array([0.0, m_1, 0.5, 1.0])
    gap = gap_sector(np.array([0.1, 0.4, 0.8]), m, HardCore(), NODES)
    spin = spin_sector(np.array([0.3, 1.2, 2.5]), m, NODES)
    return [gap.free_entropy, spin.free_entropy]


def test_a_vanishing_step_raises_the_free_entropy_in_proportion_to_m():
    """Φ(m_1) - Φ(0) = m_1 ∂Φ/∂m_1, with nine digits at m_1 = 1e-9 as at 1e-4."""
    m = np.array([0.0, 0.5, 1.0])
    merged = gap_sector(np.array([0.4, 0.8]), m, HardCore(), NODES), spin_sector(np.array([1.2, 2.5]), m, NODES)
    without = np.array([value.free_entropy for value in merged])
    slopes = {m_1: (np.array(sectors(m_1)) - without) / m_1 for m_1 in (1e-4, 1e-6)}
    assert (slopes[1e-6] > 0.01).all()
    np.testing.assert_allclose(slopes[1e-4], slopes[1e-6], rtol=1e-3)
    np.testing.assert_allclose(np.array(sectors(1e-9)) - without, 1e-9 * slopes[1e-6], atol=3e-14)


@pytest.mark.parametrize("tilt", [0.999e-3, 1.001e-3])
def test_both_ways_to_take_the_logarithm_agree_where_they_meet(tilt):
    """At m = 1e-3 the series about <φ> takes over: there is no jump beyond the slope in m."""
    meeting = np.array(sectors(1e-3))
    slope = (np.array(sectors(2e-3)) - meeting) / 1e-3
    np.testing.assert_allclose(np.array(sectors(tilt)) - meeting, (tilt - 1e-3) * slope, atol=1e-9)


@pytest.mark.parametrize("closure", ["symmetric", "directed"])
def test_the_smallest_step_of_a_net_is_no_step(closure):
    """m_1 = 1e-9: s, q and Q are those of one step less, and the solution passes its own checks."""
    given = {"alpha": 6.0, "depth": 2, "closure": closure, "tolerance": 1e-10}
    less = gardner.solve_random(parisi=(0.5,), **given)
    more = gardner.solve_random(parisi=(SMALLEST_PARISI, 0.5), **given)
    assert less.status == more.status == "converged"
    assert abs(more.free_entropy - less.free_entropy) < 1e-11
    assert np.abs(more.q_li[:, 1:] - less.q_li).max() < 1e-8
    assert np.abs(more.Q_li[:, 1:] - less.Q_li).max() < 1e-8


def test_the_smallest_step_of_the_sk_model_is_no_step():
    less, more = (gardner.solve_sk(2.0, parisi=m, tolerance=1e-11) for m in ((0.5,), (SMALLEST_PARISI, 0.5)))
    assert abs(more.free_energy - less.free_energy) < 1e-11
    assert np.abs(more.q_i[1:] - less.q_i).max() < 1e-8
    with pytest.raises(ValueError, match="1e-09"):
        gardner.solve_sk(2.0, parisi=(0.9 * SMALLEST_PARISI, 0.5))


# grids


@pytest.mark.parametrize("name", list(GRIDS))
@pytest.mark.parametrize("levels", [0, 1, 10, 400])
@pytest.mark.parametrize("cooling", [None, cooling_of_sk(2.0), cooling_of_sk(1e12), cooling_of(SoftCore(1e12))])
def test_every_grid_is_allowed(name, levels, cooling):
    m = GRIDS[name](levels, cooling)
    assert len(m) == levels and checked_parisi(m) == m


def test_what_is_not_cold_has_the_uniform_grid():
    for cooling in (cooling_of(HardCore()), cooling_of(SoftCore(66.7)), cooling_of_sk(3.0)):
        assert choose_grid(7, None, None, cooling) == uniform_parisi(7) == choose_grid(7, None, "uniform", cooling)
    assert choose_grid(7, None, "auto", cooling_of_sk(3.1)) != uniform_parisi(7)
    assert choose_grid(3, None, "power") == (1 / 16, 1 / 4, 9 / 16)


@pytest.mark.parametrize("cooling", [cooling_of_sk(50.0), cooling_of(SoftCore(1e4))])
def test_between_two_steps_lies_the_same_share_of_the_density(cooling):
    """(C30), by adaptive quadrature."""
    y = np.array([0.0, *GRIDS["auto"](6, cooling), 1.0]) * cooling.beta
    share_i = [quad(cooling.density, a, b, limit=200)[0] for a, b in zip(y, y[1:])]
    np.testing.assert_allclose(share_i, np.mean(share_i), rtol=1e-4)


def test_a_constant_density_is_the_uniform_grid():
    assert GRIDS["auto"](4, Cooling(1e3, 1.0, np.ones_like)) == pytest.approx(uniform_parisi(4), rel=1e-6)
    np.testing.assert_allclose(steps_of_density(lambda y: 1.0 / (1.0 + y) ** 2, [0.5], 1e9), 1.0, rtol=1e-4)


def test_wrong_grids_are_refused():
    with pytest.raises(ValueError, match="must be one of auto, uniform, power"):
        gardner.solve_sk(50.0, 5, grid="cubic")
    with pytest.raises(ValueError, match="grid and parisi are both given"):
        gardner.solve_random(4.0, 1, parisi=(0.5,), grid="power")


# the SK model


def cold(temperature: float, levels: int, grid: str) -> gardner.SKSolution:
    return gardner.solve_sk(1.0 / temperature, levels, grid=grid)


def test_the_grid_of_the_cold_sk_model():
    """T = .02, k = 20: the exact entropy is .721 T²; on the uniform grid it is negative, and that is refused."""
    auto, uniform = (cold(0.02, 20, grid) for grid in ("auto", "uniform"))
    assert auto.status == "converged" and uniform.status == "stalled"
    assert auto.entropy == pytest.approx(0.721 * 0.02**2, rel=0.02)
    assert auto.free_energy == pytest.approx(GROUND_STATE - 0.24 * 0.02**3, abs=3e-7)
    assert auto.mean_overlap == pytest.approx(1.0 - 0.02, abs=1e-5)
    assert (1.0 - auto.q_ea) / 0.02**2 == pytest.approx(1.60, abs=0.05)
    assert uniform.entropy < -0.1 and "--grid auto" in uniform.advice


@pytest.mark.slow
def test_sixty_levels_on_three_grids():
    auto, power, uniform = (cold(0.02, 60, grid) for grid in ("auto", "power", "uniform"))
    assert [solution.status for solution in (auto, power, uniform)] == ["converged", "converged", "stalled"]
    assert auto.entropy == pytest.approx(0.721 * 0.02**2, rel=2e-3)
    assert power.entropy == pytest.approx(2.6e-4, abs=1e-5)
    assert uniform.entropy == pytest.approx(-0.031, abs=1e-3)
    assert auto.free_energy == pytest.approx(GROUND_STATE - 0.24 * 0.02**3, abs=1e-8)
    assert (1.0 - power.q_ea) / 0.02**2 == pytest.approx(1.60, abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("temperature", [0.01, 0.005])
def test_entropy_and_overlap_of_the_coldest_sk_models(temperature):
    """k = 60: S/T² → .72, (1-q_EA)/T² → 1.60, f → e_0 - .24 T³."""
    auto = cold(temperature, 60, "auto")
    assert auto.status == "converged"
    assert auto.entropy / temperature**2 == pytest.approx(0.72, abs=0.005)
    assert auto.free_energy == pytest.approx(GROUND_STATE - 0.24 * temperature**3, abs=1e-8)
    assert (1.0 - auto.q_ea) / temperature**2 == pytest.approx(1.60, abs=0.04)


# T = 0


@cache
def ground_state() -> gardner.SKGroundState:
    return gardner.sk_ground_state(6)


def test_the_ground_state_energy_is_known_and_within_its_error():
    found = ground_state()
    assert found.status == "converged"
    assert abs(found.energy - GROUND_STATE) < found.error < 1e-6


def test_more_steps_raise_the_lower_bound():
    bounds = ground_state().bounds_k
    assert (np.diff(bounds) > 0.0).all() and bounds[-1] < GROUND_STATE
    assert bounds[0] == pytest.approx(-0.7652, abs=1e-4)  # one step, in the literature since 1979
    ratio = np.diff(np.log(GROUND_STATE - bounds)[-2:]) / np.log(6.0 / 7.0)
    assert 3.5 < ratio < 4.5  # (k+1)^{-4}


def test_no_other_steps_have_a_higher_energy():
    found, rng = ground_state(), np.random.default_rng(1)
    gaps = 1.0 - found.q_i
    for _ in range(10):
        a, b = np.exp(0.1 * rng.normal(size=(2, found.levels)))
        trial = np.sort(gaps**a)[::-1], np.sort(found.y_i * b)
        assert -negative_energy(*trial, NODES)[0] < found.bound


def test_the_energy_follows_from_overlaps_alone():
    """e_k = -½ Σ y (q_i² - q_{i-1}²) - χ_k at the optimum, and a susceptibility close to 1."""
    found = ground_state()
    squares = np.diff(np.append(found.q_i, 1.0) ** 2)
    assert -0.5 * found.y_i @ squares - found.state_susceptibility == pytest.approx(found.bound, abs=1e-6)
    assert found.susceptibility == pytest.approx(1.0, abs=0.01)
    assert found.state_susceptibility < 0.05


def test_derivatives_of_the_ground_state_energy():
    gaps, y, step = np.array([0.9, 0.5, 0.1]), np.array([0.4, 1.1, 4.0]), 1e-5
    _, by_q, by_y = negative_energy(gaps, y, NODES)
    for i, d in enumerate(step * np.eye(3)):
        slope_q, slope_y = (
            (negative_energy(*up, NODES)[0] - negative_energy(*down, NODES)[0]) / (2.0 * step)
            for up, down in (((gaps - d, y), (gaps + d, y)), ((gaps, y + d), (gaps, y - d)))
        )
        assert by_q[i] == pytest.approx(slope_q, abs=1e-9) and by_y[i] == pytest.approx(slope_y, abs=1e-9)


@pytest.mark.parametrize("y, w", [(0.3, 0.5), (4.0, 0.9), (30.0, 0.02)])
def test_the_first_step_from_the_kink_is_a_gaussian_average(y, w):
    """e^φ = ∫Dz e^{y|h + wz|}, and φ', φ'', ∂φ/∂y are its derivatives."""
    h, step = np.array([-1.3, -0.1, 0.0, 0.02, 0.7]), 1e-4 * w
    phi, first, second = kink(h, y, w)
    for place, value in zip(h, phi):
        edges = (-w * 12.0 + place - abs(y) * w**2, 0.0, w * 12.0 + place + abs(y) * w**2)
        parts = [
            quad(lambda x, p=place, v=value: np.exp(y * abs(x) - 0.5 * ((x - p) / w) ** 2 - v), a, b, epsabs=1e-13)[0]
            for a, b in zip(edges, edges[1:])
            if a < b
        ]
        assert sum(parts) / (w * np.sqrt(2.0 * np.pi)) == pytest.approx(1.0, abs=1e-9)
    up, down = kink(h + step, y, w), kink(h - step, y, w)
    np.testing.assert_allclose((up[0] - down[0]) / (2.0 * step), first, atol=1e-5 * y)
    np.testing.assert_allclose((up[1] - down[1]) / (2.0 * step), second, atol=1e-5 * y / w)
    lift = 1e-4 * y
    slope = (kink(h, y + lift, w)[0] - kink(h, y - lift, w)[0]) / (2.0 * lift)
    np.testing.assert_allclose(kink_by_height(h, phi, y, w), slope, rtol=1e-6, atol=1e-8)


def test_few_steps_cannot_be_extrapolated():
    with pytest.raises(ValueError, match="levels = 4: must be at least 5"):
        gardner.sk_ground_state(4)


def test_the_density_of_steps_is_the_slope_of_the_model_of_q():
    y, step = np.array([0.0, 0.3, 2.0, 50.0]), 1e-6
    gap = [1.0 / (1.0 + 0.743 * z + z**2 / 0.411) for z in (y, y + step)]
    np.testing.assert_allclose(density_of_steps(y, 1.0), (gap[0] - gap[1]) / step, rtol=1e-4)


# soft cores


@pytest.mark.parametrize("alpha", [2.5, 4.0, 9.0])
def test_the_energy_of_a_replica_symmetric_soft_core_at_zero_temperature(alpha):
    """(C34): (√(2α)-2)²/4α, and T/2α more at T > 0, the equipartition of the weights."""
    step, beta = 1e-3, 1e6
    s = [gardner.solve_random(alpha, 1, 0, potential=SoftCore(beta * f)).free_entropy for f in (1 - step, 1 + step)]
    energy, limit = (s[0] - s[1]) / (2.0 * step * beta), (np.sqrt(2.0 * alpha) - 2.0) ** 2 / (4.0 * alpha)
    assert energy - limit == pytest.approx(0.5 / (alpha * beta), rel=1e-2)
    coldest = gardner.solve_random(alpha, 1, 0, potential=SoftCore(1e9))
    assert -coldest.free_entropy / 1e9 == pytest.approx(limit, abs=1e-8)


@pytest.mark.parametrize("alpha, uniform_is_off", [(8.0, 0.2), (4.5, 5e-6)])
def test_the_grid_of_a_cold_soft_core_serves_both_of_its_phases(alpha, uniform_is_off):
    """κ = -½, β = 1000: beyond capacity (4.70) the uniform grid misses the optimum, below it nothing is lost."""
    core = SoftCore(1e3, -0.5)
    best = optimal_solution(alpha, 3, core).free_entropy
    auto, uniform = (gardner.solve_random(alpha, 1, 10, grid=g, potential=core) for g in ("auto", "uniform"))
    assert auto.status == uniform.status == "converged"
    assert uniform.free_entropy - best > 0.5 * uniform_is_off
    assert -1e-6 < auto.free_entropy - best < max(0.02 * uniform_is_off, 3e-6)
