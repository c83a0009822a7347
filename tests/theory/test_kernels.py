"""The kernels against their NumPy twin, and the flow against mpmath and its own identities."""

import mpmath as mp
import numpy as np
import pytest
from oracles import nested_two_level_flow, nested_two_level_sums, response_numpy, tilted_rows_numpy
from scipy.stats import norm

from gardner.potentials.hard import HardCore
from gardner.potentials.soft import SoftCore
from gardner.theory import terminal
from gardner.theory.parisi import kernels
from gardner.theory.parisi.flow import GridSettings, solve_flow
from gardner.theory.sectors.gap import gap_sector
from gardner.theory.sectors.spin import spin_sector

GRID = GridSettings()


def source_level(function, s, centre, half, dt):
    t = np.arange(-half, half + 1) * dt
    h = centre + s * np.sinh(t)
    return h, np.log(s * np.cosh(t) * dt), function(h)


@pytest.mark.parametrize("variance", [1e-12, 1e-4, 0.02, 0.4])
@pytest.mark.parametrize("case", ["hard", "soft", "spin"])
def test_kernel_equals_its_numpy_twin(case, variance):
    function, s, centre = {
        "hard": (HardCore(0.3).log_weight(0.99), 0.1, 0.3),
        "soft": (SoftCore(66.7).log_weight(0.6), np.sqrt(0.4), 0.0),
        "spin": (terminal.spin, 1.0, 0.0),
    }[case]
    half, dt, m = 90, 0.05, 0.6
    h, logw, (phi, d1, d2) = source_level(function, s, centre, half, dt)
    x, w = np.polynomial.hermite_e.hermegauss(10)
    logx = np.log(w / np.sqrt(2 * np.pi))
    targets = np.array([-4.0, -1.0, 0.0, 0.07, 0.9, 5.0])
    rows, out = np.empty((len(targets), len(h))), np.empty(len(targets))
    span = np.empty((len(targets), 2), np.int64)
    kernels.tilted_rows(targets, variance, m, centre, s, dt, half, h, logw, phi, d1, d2, x, logx, rows, out, span)
    expected_rows, expected = tilted_rows_numpy(
        targets, variance, m, centre, s, dt, half, h, logw, phi, d1, d2, x, logx
    )
    assert np.abs(out - expected).max() <= 1e-12 * max(1.0, np.abs(expected).max())
    # second derivatives of φ amplify the last digit of a shifted node: weights agree to 1e-12 of the largest
    assert np.abs(rows - expected_rows).max() <= 1e-12 * np.abs(expected_rows).max()


@pytest.mark.parametrize("variance", [1e-8, 1e-4, 3e-3, 0.1])
@pytest.mark.parametrize(
    "potential", [HardCore(-0.5), HardCore(0.5), HardCore(-2.0), SoftCore(66.7, 0.5), SoftCore(5.0, -2)]
)
@pytest.mark.parametrize("accuracy", [1e-10, 1e-12])
def test_small_gap_overlap_far_from_the_margin(potential, variance, accuracy):
    """One Gaussian average, also where all its mass lies at the end of a grid centred on the margin."""
    z, w = np.polynomial.hermite_e.hermegauss(120)
    phi, first, _ = potential.log_weight(variance)(np.sqrt(variance) * z)
    value = gap_sector(np.array([variance]), np.array([0.0, 1.0]), potential, GridSettings.for_accuracy(accuracy))
    assert value.free_entropy == pytest.approx(w @ phi / w.sum(), abs=1e-9)
    assert value.overlaps_i[0] == pytest.approx(w @ first**2 / w.sum(), rel=1e-8)


def test_rows_are_averages():
    """Every row sums to one, so probability is conserved exactly by the adjoint step."""
    flow = gap_sector(np.array([0.1, 0.4, 0.8]), np.array([0, 0.3, 0.7, 1]), HardCore(), GRID).flow
    assert np.abs(flow.p_ia.sum(axis=1) - 1.0).max() < 1e-13


def terminals(case, sigma, beta, library):
    """e^φ and φ' of a sector in the arithmetic of `library`: mpmath, or NumPy with its names from `Plain`."""
    if case == "hard":
        return lambda h: (library.ncdf(h / sigma), library.npdf(h / sigma) / sigma / library.ncdf(h / sigma))
    if case == "spin":
        return lambda h: (2 * library.cosh(h), library.tanh(h))
    b = 1 + 2 * beta * sigma**2

    def soft(h):
        inside = library.ncdf(h / sigma)
        beyond = library.exp(-beta * h * h / b) * library.ncdf(-h / (sigma * library.sqrt(b))) / library.sqrt(b)
        slope = library.npdf(h / sigma) / sigma * (1 - 1 / b) - 2 * beta * h / b * beyond
        return inside + beyond, slope / (inside + beyond)

    return soft


class Plain:
    """The functions that `terminals` needs, for arrays."""

    cosh, tanh, exp, sqrt = np.cosh, np.tanh, np.exp, np.sqrt
    ncdf, npdf = staticmethod(norm.cdf), staticmethod(norm.pdf)


def two_level_sector(case):
    """m, variances, σ and the value of a sector with two steps, from the flow."""
    m, variances = np.array([0.0, 0.35, 0.8, 1.0]), np.array([0.2, 0.45, 0.7])
    if case == "spin":
        return m, 2.0 * variances, 0.0, spin_sector(2.0 * variances, m, GRID)
    potential = HardCore() if case == "hard" else SoftCore(3.0)
    return m, variances, np.sqrt(1.0 - variances[-1]), gap_sector(variances, m, potential, GRID)


@pytest.mark.parametrize("case", ["hard", "soft", "spin"])
def test_two_level_flow_equals_nested_quadrature_to_1e_9(case):
    m, variances, sigma, value = two_level_sector(case)
    phi, overlaps = nested_two_level_sums(variances, m[1:-1], terminals(case, sigma, 3.0, Plain))
    assert abs(value.free_entropy - phi) < 1e-9
    assert np.abs(value.overlaps_i - overlaps).max() < 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("case", ["hard", "soft", "spin"])
def test_two_level_flow_equals_nested_quadrature_in_25_digits(case):
    m, variances, sigma, value = two_level_sector(case)
    phi, overlaps = nested_two_level_flow(variances, m[1:-1], terminals(case, mp.mpf(float(sigma)), 3, mp))
    assert abs(value.free_entropy - phi) < 1e-9
    assert np.abs(value.overlaps_i - overlaps).max() < 1e-9


@pytest.mark.parametrize("potential", [HardCore(), HardCore(-0.7), SoftCore(66.7, 0.2)])
@pytest.mark.parametrize("top", [0.8, 1 - 1e-6])
def test_semigroup_splitting_a_step_in_two_changes_nothing(potential, top):
    """At equal m two Gaussian steps compose to one, also at k = 200 and 1 - Λ = 1e-6."""
    coarse = np.array([0.1, top])
    m_coarse = np.array([0.0, 0.45, 1.0])
    one = gap_sector(coarse, m_coarse, potential, GRID)
    fine = 0.1 + (top - 0.1) * np.linspace(0, 1, 201) ** 2
    # m must increase: increments of 1e-15 stand for "equal"
    m_fine = np.concatenate([[0.0], 0.45 + 1e-15 * np.arange(200), [1.0]])
    many = gap_sector(fine, m_fine, potential, GRID)
    assert abs(many.free_entropy - one.free_entropy) < 1e-9
    assert abs(many.overlaps_i[0] / one.overlaps_i[0] - 1) < 1e-8
    assert abs(many.overlaps_i[-1] / one.overlaps_i[-1] - 1) < 1e-8


def profile(k, top):
    return top * (1 - np.exp(-3 * np.arange(1, k + 2) / (k + 1))) / (1 - np.exp(-3))


@pytest.mark.parametrize("k, top", [(4, 0.9), (200, 1 - 1e-6)])
def test_gap_overlaps_are_the_gradient_of_the_free_entropy(k, top):
    """∂Φ/∂Λ_i = -½ (m_{i+1} - m_i) G_i."""
    m = np.arange(k + 2) / (k + 1)
    v = profile(k, top)
    value = gap_sector(v, m, HardCore(), GRID)

    def slope(i, step):
        sides = []
        for sign in (1, -1):
            moved = v.copy()
            moved[i] += sign * step
            sides.append(gap_sector(moved, m, HardCore(), GRID).free_entropy)
        return (sides[0] - sides[1]) / (2 * step)

    for i in (0, k // 2, k):
        room = 0.1 * min(v[i] - (v[i - 1] if i else 0.0), (v[i + 1] if i < k else 1.0) - v[i])
        derivative = (4 * slope(i, room / 2) - slope(i, room)) / 3
        expected = -0.5 * (m[i + 1] - m[i]) * value.overlaps_i[i]
        assert abs(derivative / expected - 1) < 2e-5


@pytest.mark.parametrize("sector", ["gap", "spin"])
def test_response_is_the_derivative_of_the_overlaps(sector):
    k = 12
    m = np.arange(k + 2) / (k + 1)
    v = profile(k, 0.9) * (5.0 if sector == "spin" else 1.0)

    def solve(v, response=False):
        return (
            spin_sector(v, m, GRID, response) if sector == "spin" else gap_sector(v, m, HardCore(0.2), GRID, response)
        )

    response = solve(v, True).response_ji
    for i in (0, 5, k):
        step = np.zeros(k + 1)
        step[i] = 1e-5
        numeric = (solve(v + step).overlaps_i - solve(v - step).overlaps_i) / 2e-5
        assert np.abs(numeric - response[:, i]).max() < 1e-7 * np.abs(response).max()


def test_merged_levels_and_delta_starts_drop_out():
    """Equal variances at consecutive levels, and zero ones at the start, leave the flow of the distinct levels."""
    short = gap_sector(np.array([0.0, 0.5, 0.8]), np.array([0, 0.4, 0.7, 1]), HardCore(), GRID)
    long = gap_sector(
        np.array([0.0, 0.0, 0.5, 0.5, 0.8, 0.8]), np.array([0, 0.2, 0.4, 0.55, 0.7, 0.9, 1]), HardCore(), GRID
    )
    assert abs(short.free_entropy - long.free_entropy) < 1e-14
    assert np.abs(long.overlaps_i - short.overlaps_i[[0, 0, 1, 1, 2, 2]]).max() < 1e-13


MERGED = np.array([0.05, 0.05, 0.2, 0.3, 0.3, 0.3, 0.6, 0.8, 0.8])
FINE_M = np.array([0, 0.1, 0.15, 0.3, 0.4, 0.5, 0.7, 0.75, 0.9, 1])


@pytest.mark.parametrize("variances", [MERGED, np.linspace(0.0, 0.9, 9)])
def test_response_equals_its_twin_on_all_levels(variances):
    """Merged levels count as one within; without, each has its own column."""
    flow = gap_sector(variances, FINE_M, HardCore(0.2), GRID).flow
    expected = response_numpy(flow)
    assert np.abs(flow.response() - expected).max() < 1e-12 * np.abs(expected).max()


@pytest.mark.parametrize("strength", [0.5, 20.0])
def test_spin_flow_on_half_its_fields_is_the_whole_flow(strength):
    """φ_i and P_i are even: rows of h ≥ 0, and a response folded to them."""
    from gardner.theory.sectors.spin import follow_cut

    half = spin_sector(strength * MERGED, FINE_M, GRID, True)
    assert half.flow.is_even and half.cut_i is None
    drift = strength * float(FINE_M[1:-1] @ np.diff(MERGED))
    whole = solve_flow(strength * MERGED, FINE_M, terminal.spin, np.ones(9), drift=drift, settings=GRID)
    assert half.free_entropy == pytest.approx(whole.free_entropy, rel=1e-13)
    assert np.abs(half.overlaps_i - whole.overlaps).max() < 1e-12
    expected = response_numpy(whole) @ follow_cut(np.ones(8, dtype=bool))
    assert np.abs(half.response_ji - expected).max() < 1e-11 * np.abs(expected).max()


@pytest.mark.parametrize("increment", [1e-30, 1e-16, 1e-9])
def test_tiny_increments_are_continuous(increment):
    m = np.array([0, 0.3, 0.7, 1])
    merged = gap_sector(np.array([0.3, 0.3, 0.8]), m, HardCore(), GRID)
    nearly = gap_sector(np.array([0.3, 0.3 + increment, 0.8]), m, HardCore(), GRID)
    assert np.abs(nearly.overlaps_i - merged.overlaps_i).max() < 1e-11 + 10 * increment


def test_soft_core_becomes_the_hard_core_as_temperature_vanishes():
    v, m = np.array([0.2, 0.7]), np.array([0, 0.5, 1])
    hard = gap_sector(v, m, HardCore(0.1), GRID).free_entropy
    gaps = [gap_sector(v, m, SoftCore(beta, 0.1), GRID).free_entropy - hard for beta in (1e3, 1e5, 1e7)]
    assert gaps[0] > gaps[1] > gaps[2] > 0
    # the penetration depth into the core is (2β)^{-1/2}
    assert gaps[1] / gaps[2] == pytest.approx(10.0, rel=0.05)


def test_terminal_derivatives_are_derivatives():
    for function in (HardCore(0.4).log_weight(0.7), SoftCore(20.0, -0.2).log_weight(0.7), terminal.spin):
        h = np.linspace(-6, 6, 25)
        eps = 1e-4
        _, first, second = function(h)
        up, down = function(h + eps), function(h - eps)
        assert np.abs((up[0] - down[0]) / (2 * eps) - first).max() < 1e-6 * (1 + np.abs(first).max())
        assert np.abs((up[1] - down[1]) / (2 * eps) - second).max() < 1e-6 * (1 + np.abs(second).max())


def test_hard_core_tail_keeps_its_digits():
    """φ'' → -1/σ² (1 - σ²/h²…) far inside the core, where the naive formula cancels."""
    _, _, second = HardCore().terminal(np.array([-3.0, -1e3]), 1e-3)
    x = np.array([3e3, 1e6])
    assert np.abs(second * 1e-6 + 1 - 1 / x**2).max() < 1e-13


@pytest.mark.parametrize("accuracy", [1e-6, 1e-8, 1e-10])
def test_the_grid_delivers_the_accuracy_asked_for(accuracy):
    rng = np.random.default_rng(3)
    worst = 0.0
    for _ in range(12):
        k = int(rng.integers(1, 25))
        m = np.concatenate([[0.0], np.sort(rng.random(k)), [1.0]])
        top = 1 - 10 ** rng.uniform(-6, -0.5)
        v = np.sort(top * rng.random(k + 1) ** rng.uniform(0.5, 3))
        v[-1] = top
        rough = gap_sector(v, m, HardCore(), GridSettings.for_accuracy(accuracy))
        fine = gap_sector(v, m, HardCore(), GridSettings(dt=0.03, hermite=16))
        worst = max(worst, np.abs(rough.overlaps_i / fine.overlaps_i - 1).max())
    assert worst < 10 * accuracy


def test_flow_rejects_nothing_silently_at_zero_variance():
    """A sector with all variances zero is exact: G = φ'(0)², also for the response."""
    m = np.array([0, 0.25, 0.5, 0.75, 1.0])
    zero = gap_sector(np.zeros(4), m, HardCore(), GRID, True)
    tiny = solve_flow(np.full(4, 1e-13), m, HardCore().log_weight(1e-13), np.ones(4), settings=GRID)
    assert np.abs(zero.overlaps_i - 2 / np.pi).max() < 1e-15
    assert np.abs(zero.response_ji - tiny.response()).max() < 1e-6
