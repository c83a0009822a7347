"""The two-dimensional flow: kernels against their twins, the site sector against independent sums and limits."""

import numpy as np
import pytest
from oracles_directed import axis_rows_numpy, narrow_rows_numpy, one_step_site

from gardner.potentials.hard import HardCore
from gardner.potentials.soft import SoftCore
from gardner.theory import terminal
from gardner.theory.nishimori.hidden_spin import site_averages
from gardner.theory.parisi import axis_kernels, plane_kernels
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.sectors.gap import gap_sector
from gardner.theory.sectors.site import site_sector, site_terminal
from gardner.theory.sectors.spin import spin_sector

GRID = GridSettings()
HERMITE = np.polynomial.hermite_e.hermegauss(10)
NODES, WEIGHTS = HERMITE[0], HERMITE[1] / np.sqrt(2 * np.pi)
CASES = [HardCore(), HardCore(0.4), HardCore(-0.7), SoftCore(66.7, 0.2)]


@pytest.mark.parametrize("variance", [1e-10, 1e-5, 4e-4])
def test_narrow_rows_equal_their_twin(variance):
    """Smooth region, steep region, and the corner where the non-negative rows take over."""
    core, dt, half, sigma = 0.6, 0.08, 60, 0.2
    omega = core * np.sinh(np.arange(-half, half + 1) * dt)
    y = np.array([-30.0, -3.0, 0.0, 5.0, 60.0])
    up, down = site_terminal(HardCore(), 1 - sigma**2)(np.abs(omega), y), site_terminal(HardCore(), 1 - sigma**2)
    delta = np.where(omega[:, None] >= 0, up.delta, down(np.abs(omega), -y).delta)
    targets = np.array([0.0, 0.13, 0.9, -1.7, 3.1, -4.0])
    first = np.empty((len(targets), len(y)), np.int64)
    weights, log_mass = np.empty((len(targets), axis_kernels.STENCIL, len(y))), np.empty((len(targets), len(y)))
    plane_kernels.narrow_rows(targets, variance, 0.7, core, dt, omega, delta, NODES, WEIGHTS, first, weights, log_mass)
    rows = np.zeros((len(targets), len(omega), len(y)))
    for a in range(len(targets)):
        for b in range(len(y)):
            rows[a, first[a, b] : first[a, b] + axis_kernels.STENCIL, b] = weights[a, :, b]
    expected, expected_mass = narrow_rows_numpy(targets, variance, 0.7, core, dt, omega, delta, NODES, WEIGHTS)
    assert np.abs(rows - expected).max() < 1e-11
    assert np.abs(log_mass - expected_mass).max() < 1e-11
    assert np.abs(rows.sum(axis=1) - 1.0).max() < 1e-12


def test_pull_and_push_are_the_rows_and_their_transpose():
    rng = np.random.default_rng(3)
    first = rng.integers(0, 20, (6, 4))
    weights, f, p = rng.random((6, axis_kernels.STENCIL, 4)), rng.random((40, 2, 4)), rng.random((6, 4))
    out, pushed = np.empty((6, 2, 4)), np.zeros((40, 4))
    plane_kernels.narrow_pull(first, weights, f, out)
    plane_kernels.narrow_push(first, weights, p, pushed)
    for a in range(6):
        for b in range(4):
            window = slice(first[a, b], first[a, b] + axis_kernels.STENCIL)
            assert out[a, :, b] == pytest.approx(weights[a, :, b] @ f[window, :, b], rel=1e-13)
    assert np.sum(p * out[:, 0]) == pytest.approx(np.sum(pushed * f[:, 0]), rel=1e-13)


@pytest.mark.parametrize("variance", [1e-10, 1e-4, 0.3])
@pytest.mark.parametrize("m", [0.0, 0.6])
def test_axis_rows_equal_their_twin(variance, m):
    core, half, dt = 3.0, 70, 0.05
    h = core * np.sinh(np.arange(-half, half + 1) * dt)
    logw = np.log(core * np.cosh(np.arange(-half, half + 1) * dt) * dt)
    levels = terminal.spin(h)
    targets = np.array([-6.0, -1.0, 0.0, 0.07, 0.9, 4.0])
    rows, value = np.empty((len(targets), len(h))), np.empty(len(targets))
    arguments = (targets, variance, m, core, dt, half, h, logw, *levels, NODES, np.log(WEIGHTS))
    axis_kernels.axis_rows(*arguments, rows, value)
    expected, expected_value = axis_rows_numpy(*arguments)
    assert np.abs(rows - expected).max() < 1e-11
    assert np.abs(value - expected_value).max() < 1e-11


def test_one_step_site_equals_nested_quadrature():
    lambda_i, qhat_i = np.array([0.2, 0.6]), np.array([0.5, 1.6])
    value = site_sector(lambda_i, qhat_i, np.array([0.0, 0.5, 1.0]), HardCore(), GRID)
    phi, strength, q = one_step_site(lambda_i, qhat_i, 0.5)
    assert value.free_entropy == pytest.approx(phi, abs=1e-9)
    assert value.strength_i == pytest.approx(strength, abs=1e-9)
    assert value.q_i == pytest.approx(q, abs=1e-9)


@pytest.mark.parametrize("levels", [1, 4])
@pytest.mark.parametrize("overlap, field", [(0.5, 1.0), (0.9, 4.0), (0.97, 10.0)])
def test_all_m_equal_one_is_the_planted_site(overlap, field, levels):
    """n → 1: however the variances are cut into levels, the last one is the planted average (T15)."""
    line = np.linspace(0.0, 1.0, levels + 1)
    value = site_sector(overlap * line, field * line, np.array([0.0] + [1.0] * (levels + 1)), HardCore(), GRID)
    planted = site_averages(np.array([overlap]), np.array([1 - overlap]), np.array([field]))
    assert value.q_i[-1] == pytest.approx(1.0 - np.exp(planted.log_complement[0]), abs=1e-9)
    assert value.strength_i[-1] == pytest.approx(planted.strength[0], rel=1e-8)


def test_without_a_forward_field_the_spin_learns_nothing():
    """q̂ = 0, n → 1: G = 0 and q = (2/π) arcsin Λ (a free output)."""
    value = site_sector(np.array([0.0, 0.7]), np.zeros(2), np.array([0.0, 1.0, 1.0]), HardCore(), GRID)
    assert np.abs(value.strength_i).max() < 1e-12
    assert value.q_i[-1] == pytest.approx(2 / np.pi * np.arcsin(0.7), abs=1e-11)


def test_without_pre_activation_the_site_is_the_spin_sector():
    """Λ = 0: φ = ln 2cosh y - ln 2, hence q of the spin sector and G/(2/π) = q there."""
    m, qhat = np.array([0.0, 0.3, 0.6, 1.0]), np.array([0.2, 0.9, 2.0])
    value, spin = site_sector(np.zeros(3), qhat, m, HardCore(), GRID), spin_sector(qhat, m, GRID)
    assert value.q_i == pytest.approx(spin.overlaps_i, abs=1e-9)
    assert value.strength_i == pytest.approx(2 / np.pi * spin.overlaps_i, abs=1e-9)
    assert value.free_entropy == pytest.approx(spin.free_entropy - np.log(2.0), abs=1e-10)


def test_strong_forward_field_makes_it_the_gap_sector():
    """q̂_0 → ∞ fixes the sign of the spin: q → 1 and G → that of the gap sector, with corrections ∝ 1/sqrt(q̂)."""
    m, overlap = np.array([0.0, 0.4, 1.0]), np.array([0.3, 0.6])
    gap = gap_sector(overlap, m, HardCore(), GRID)
    weak, strong = (site_sector(overlap, np.array([q, q]), m, HardCore(), GRID) for q in (500.0, 2000.0))
    assert (1 - weak.q_i[0]) / (1 - strong.q_i[0]) == pytest.approx(2.0, rel=0.02)
    missing = [np.abs(value.strength_i / gap.overlaps_i - 1) for value in (weak, strong)]
    assert np.all(missing[1] < 0.1)
    assert missing[0] / missing[1] == pytest.approx(2.0, rel=0.1)


def random_site(seed, levels):
    rng = np.random.default_rng(seed)
    m = np.concatenate([[0.0], np.sort(rng.random(levels)), [1.0]])
    return m, 0.95 * np.sort(rng.random(levels + 1)), 10.0 * np.sort(rng.random(levels + 1))


@pytest.mark.parametrize("potential", CASES)
@pytest.mark.parametrize("levels", [0, 3])
def test_halving_the_spacing_changes_nothing(potential, levels):
    m, overlap, qhat = random_site(levels, levels)
    coarse = site_sector(overlap, qhat, m, potential, GRID)
    fine = site_sector(overlap, qhat, m, potential, GridSettings(dt=0.03, hermite=14))
    assert coarse.q_i == pytest.approx(fine.q_i, abs=1e-9)
    assert coarse.strength_i == pytest.approx(fine.strength_i, rel=1e-8)


def test_response_is_the_derivative_and_is_symmetric():
    m, overlap, qhat = random_site(5, 2)
    step = 1e-5
    for potential in CASES:
        response = site_sector(overlap, qhat, m, potential, GRID, True).response
        for a in range(2):
            for i in range(3):
                moved = np.zeros((2, 3))
                moved[a, i] = step
                plus, minus = (
                    site_sector(overlap + s * moved[0], qhat + s * moved[1], m, potential, GRID) for s in (1, -1)
                )
                for b, (x, y) in enumerate(((plus.strength_i, minus.strength_i), (plus.q_i, minus.q_i))):
                    assert response[b, :, a, i] == pytest.approx((x - y) / (2 * step), abs=1e-6)
        # ∂Φ/∂V_i = -½Δm_i G_i, so that Δm_j dG_j/dV_i is symmetric
        weighted = response * np.diff(m)[None, :, None, None]
        assert np.abs(weighted - weighted.transpose(2, 3, 0, 1)).max() < 1e-7


def test_merged_levels_respond_linearly_to_a_small_increment():
    """Two levels a variance w² apart differ by O(w²), not O(w): else merged levels would open by discretisation."""
    m = np.array([0.0, 0.4, 0.7, 1.0])
    differences = []
    for gap in (1e-4, 1e-6, 1e-8):
        value = site_sector(np.array([0.3, 0.6, 0.6 + gap]), np.array([0.5, 2.0, 2.0 + gap]), m, HardCore(), GRID)
        differences.append((value.q_i[2] - value.q_i[1]) / gap)
    assert differences[1] == pytest.approx(differences[0], rel=1e-3)
    assert differences[2] == pytest.approx(differences[1], rel=1e-3)


def test_measure_is_normalised_and_non_negative_under_strong_frozen_fields():
    """A site with 1-q ~ 1e-7, taken from L = 2 at α = 10: nodes far coarser than where the spin changes its mind."""
    overlap = np.array([0.517558, 0.991076, 0.99751, 0.997565, 0.997568, 0.998781])
    qhat = np.array([14.35918, 89.477584, 221.388603, 231.509795, 232.242196, 232.283209])
    m = np.arange(7) / 6
    coarse, fine = (site_sector(overlap, qhat, m, HardCore(), GridSettings(dt=dt)) for dt in (0.05, 0.04))
    for p in coarse.flow.p_i:
        assert p.sum() == pytest.approx(1.0, abs=1e-12)
        assert p.min() > -1e-10
    assert coarse.strength_i == pytest.approx(fine.strength_i, rel=1e-9)
    assert np.abs(coarse.q_i - fine.q_i).max() < 1e-9


@pytest.mark.parametrize("potential", [HardCore(1.7), HardCore(-0.01), SoftCore(30.0, -1.2)])
def test_variances_of_zero_are_a_limit_with_a_margin(potential):
    """Lowest level or all levels, one field or both: the values at variance 0 are those that variance ε tends to."""
    m = np.array([0.0, 0.5, 1.0])
    for lambda_i, qhat_i in (
        ((0.0, 0.6), (0.0, 2.0)), ((0.0, 0.6), (0.4, 2.0)), ((0.2, 0.6), (0.0, 2.0)), ((0.0, 0.0), (0.0, 0.0))
    ):  # fmt: skip
        limit = site_sector(np.array(lambda_i), np.array(qhat_i), m, potential, GRID, True)
        assert max(len(h) for axis in limit.flow.axes for h in axis.h_i) < 500
        for size in (1e-6, 1e-12, 1e-20):
            near = site_sector(np.array(lambda_i) + size, np.array(qhat_i) + size, m, potential, GRID, True)
            assert near.free_entropy == pytest.approx(limit.free_entropy, abs=20 * size + 1e-9)
            assert np.abs(near.q_i - limit.q_i).max() < 20 * size + 1e-9
            assert np.abs(near.strength_i - limit.strength_i).max() < 200 * size + 1e-8
            assert np.abs(near.response - limit.response).max() < 1e3 * size + 1e-6


def test_merged_levels_are_one_level():
    """Levels 1 … 3 merged: values and response are those of levels a small variance apart."""
    m = np.array([0.0, 0.3, 0.5, 0.8, 1.0])
    overlap, qhat = np.array([0.2, 0.7, 0.7, 0.7]), np.array([0.5, 3.0, 3.0, 3.0])
    apart = 1e-7 * np.arange(4)
    merged = site_sector(overlap, qhat, m, HardCore(0.3), GRID, True)
    near = site_sector(overlap + apart, qhat + apart, m, HardCore(0.3), GRID, True)
    assert len(merged.flow.p_i) == 2 and len(near.flow.p_i) == 4
    assert merged.q_i == pytest.approx(near.q_i, abs=1e-5)
    assert np.abs(merged.response - near.response).max() < 1e-5


@pytest.mark.parametrize("potential", [HardCore(0.3), SoftCore(59.0, 1.8)])
def test_levels_below_a_frozen_step_need_few_nodes(potential):
    """m w = 7.5 and 38 at q̂ = 8000: the scale of φ is 1/m, and halving the spacing changes nothing."""
    m, overlap = np.array([0.0, 0.2, 0.55, 1.0]), np.array([0.7, 0.93, 0.98])
    qhat = np.array([1900.0, 3300.0, 8000.0])
    coarse, fine = (site_sector(overlap, qhat, m, potential, grid) for grid in (GRID, GridSettings(0.03, 14)))
    assert max(len(h) for h in coarse.flow.axes[1].h_i) < 1400
    assert np.abs(coarse.q_i - fine.q_i).max() < 1e-9
    assert coarse.strength_i == pytest.approx(fine.strength_i, rel=1e-8)


@pytest.mark.parametrize("potential", [HardCore(0.3), SoftCore(59.0, 1.8)])
@pytest.mark.parametrize("field", [30.0, 1000.0, 10000.0])
def test_overlap_is_the_derivative_of_the_free_entropy_under_strong_fields(potential, field):
    """dΦ/dq̂_0 = -½ Δm_0 q_0, also where a strong ω pays for a flip of the spin against a strong y, e^{-2 m |y|}."""
    m, overlap, step = np.array([0.0, 0.2, 1.0]), np.array([0.98, 0.998]), 1e-3 * field
    at = [site_sector(overlap, np.array([field + s, field + 390.0]), m, potential, GRID) for s in (-step, 0.0, step)]
    slope = (at[2].free_entropy - at[0].free_entropy) / (2.0 * step)
    assert -2.0 * slope / 0.2 == pytest.approx(at[1].q_i[0], abs=1e-8)
