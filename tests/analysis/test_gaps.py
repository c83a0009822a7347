"""The gap distribution P(r, l): closed forms, exact relations, independent sums and sampling."""

import numpy as np
import pytest
from oracles_gaps import cascade_gap_masses, normal, one_step_gap, replica_symmetric_gap
from scipy.integrate import trapezoid
from scipy.special import ndtr

import gardner
from gardner.analysis.gaps import GapDensity, gap_distribution, planted_gap, planted_gaps, solution_gaps
from gardner.potentials.hard import HardCore
from gardner.potentials.soft import SoftCore
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.sectors.gap import gap_sector

R = np.array([0.0, 0.02, 0.3, 1.0, 2.5])


def density(lambdas, m, potential=None):
    return GapDensity(np.array(lambdas), np.array([0.0, *m, 1.0]), potential or HardCore())


def free_entropy(lambdas, m, potential):
    grid = GridSettings.for_accuracy(1e-12)
    return gap_sector(np.array(lambdas), np.array([0.0, *m, 1.0]), potential, grid).free_entropy


@pytest.mark.parametrize("margin", [-0.5, 0.0, 0.7])
def test_single_layer_replica_symmetric_gaps_equal_the_textbook_integral(margin):
    alpha = {-0.5: 3.0, 0.0: 1.5, 0.7: 0.5}[margin]
    solution = gardner.solve_random(alpha, 1, 0, potential=HardCore(margin))
    p = GapDensity(solution.Q_li[0], solution.setting.m, solution.setting.potential)(margin + R)
    exact = [replica_symmetric_gap(r, solution.Q_li[0, 0], margin) for r in margin + R]
    assert np.abs(p - exact).max() < 1e-10


@pytest.mark.parametrize("potential", [HardCore(), SoftCore(4.0)])
def test_one_step_gaps_equal_plain_nested_sums(potential):
    def boltzmann(r):
        return np.where(r >= 0.0, 1.0, 0.0 if potential.beta is None else np.exp(-4.0 * np.minimum(r, 0.0) ** 2))

    r = R if potential.beta is None else np.append(R, [-0.1, -0.6])
    exact = one_step_gap(r, (0.2, 0.7), 0.4, boltzmann, nodes=101)
    assert np.abs(density((0.2, 0.7), (0.4,), potential)(r) - exact).max() < 1e-9


# Bonferroni over 7 bins at 4σ: false-alarm rate 7 × 6.3e-5 = 4e-4
def test_gaps_of_a_two_step_cascade_are_sampled_ones():
    lambdas, m, margin = (0.15, 0.45, 0.8), (0.2, 0.45), 0.1
    edges = np.array([0.1, 0.2, 0.4, 0.7, 1.1, 1.6, 2.4, 9.0])
    mean, error = cascade_gap_masses(edges, lambdas, m, margin, samples=2500, clusters=(60, 150), seed=5)
    assert error.max() < 3e-3

    def masses(p):
        x, w = np.polynomial.legendre.leggauss(24)
        half = 0.5 * np.diff(edges)
        r = 0.5 * (edges[:-1] + edges[1:])[:, None] + half[:, None] * x
        return (p(r.ravel()).reshape(r.shape) @ w) * half

    z = (masses(density(lambdas, m, HardCore(margin))) - mean) / error
    assert np.abs(z).max() < 4.0
    for wrong in (density((0.8,), (), HardCore(margin)), density(lambdas, (0.6, 0.9), HardCore(margin))):
        assert np.abs((masses(wrong) - mean) / error).max() > 6.0


@pytest.mark.parametrize("margin", [-0.4, 0.0, 0.5])
def test_density_at_the_wall_is_the_slope_of_the_free_entropy(margin):
    """P(κ⁺) = -∂Φ/∂κ: what the constraint costs when the wall moves."""
    lambdas, m, step = (0.1, 0.5, 0.9), (0.3, 0.6), 1e-4
    values = [free_entropy(lambdas, m, HardCore(margin + s)) for s in (-2 * step, -step, step, 2 * step)]
    slope = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step)
    gap = gap_distribution(density(lambdas, m, HardCore(margin)), 1, margin + R)
    assert gap.wall_density == pytest.approx(-slope, rel=1e-8)
    assert gap.force == pytest.approx(-slope, rel=1e-8)


def test_energy_of_the_soft_core_is_the_slope_in_beta():
    """<v> = -∂Φ/∂β, and the mean force is the slope in κ."""
    lambdas, m, beta = (0.1, 0.5, 0.9), (0.3, 0.6), 10.0

    def slope(core):
        values = [free_entropy(lambdas, m, core(s)) for s in (-2, -1, 1, 2)]
        return (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / 12

    gap = gap_distribution(density(lambdas, m, SoftCore(beta, 0.2)), 1, R)
    assert gap.energy == pytest.approx(-slope(lambda s: SoftCore(beta + 1e-2 * s, 0.2)) / 1e-2, rel=1e-8)
    assert gap.force == pytest.approx(-slope(lambda s: SoftCore(beta, 0.2 + 1e-3 * s)) / 1e-3, rel=1e-8)


EXTREMES = [
    ((0.3,), (), HardCore()),
    ((0.0, 0.5), (0.5,), HardCore(-0.3)),
    ((0.0, 0.2, 0.999999), (0.3, 0.5), HardCore(0.5)),
    ((1e-9, 1e-6), (0.5,), HardCore()),
    ((0.2, 0.2, 0.7, 0.7), (0.2, 0.4, 0.6), HardCore(0.1)),
    ((0.99, 0.9999), (0.5,), HardCore(-1.0)),
    ((0.0, 0.0), (0.5,), HardCore(0.4)),
    ((0.2, 0.7), (0.5,), SoftCore(66.7)),
    ((0.2, 0.9999), (0.5,), SoftCore(1e6, 0.3)),
    ((0.0, 0.6), (0.5,), SoftCore(1.0, -0.5)),
]


@pytest.mark.parametrize("lambdas, m, potential", EXTREMES)
def test_normalisation_and_mean_gap_hold_in_every_regime(lambdas, m, potential):
    """∫P dr = 1 and <r> = F (1 - ∫Λdx); near the wall and far from it, merged levels, fields fixed at 0, Λ → 1."""
    gap = gap_distribution(density(lambdas, m, potential), 1, potential.margin + R)
    assert gap.normalisation_error < 2e-9
    assert gap.identity_error < 2e-9
    assert (gap.contact_a >= 0.0).all() and (gap.contact_a <= gap.density_a * (1.0 + 1e-9)).all()
    if potential.beta is None:
        assert gap.wall_density == pytest.approx(gap.force, rel=1e-8)
    else:
        assert gap.energy > 0.0


def test_a_field_fixed_at_zero_is_the_limit_of_a_narrow_one():
    """Λ_0 = 0 with a margin: the flow starts from a delta far from its centre (a deep layer of truncated hierarchy)."""
    m, core = (0.3, 0.5), HardCore(0.5)
    assert free_entropy((0.0, 0.2, 0.9), m, core) == pytest.approx(free_entropy((1e-12, 0.2, 0.9), m, core), abs=1e-9)
    assert density((0.0, 0.2, 0.9), m, core)(0.5 + R) == pytest.approx(density((1e-12, 0.2, 0.9), m, core)(0.5 + R))


def test_contacts_become_a_delta_at_capacity():
    """L = 1, κ = 0, α → 2: half of the gaps collapse onto the wall, within O(1-Λ): one contact per weight, α c = 1."""
    distances, near = [], []
    for alpha in (1.8, 1.95, 1.99):
        solution = gardner.solve_random(alpha, 1, 0)
        (gap,) = solution_gaps(solution)
        assert gap.contact_weight == pytest.approx(0.5, abs=1e-9)
        distances.append(gap.contact_distance / gap.width)
        inside = gap.r_a < 10.0 * gap.width
        near.append(trapezoid(gap.density_a[inside], gap.r_a[inside]))
        assert gap.contact_a[-1] < 1e-8 * gap.contact_a[0]
    assert 0.8 < min(distances) < max(distances) < 3.0
    assert near[0] > near[1] > near[2] > 0.3
    assert 1.99 * gap.contact_weight == pytest.approx(1.0, abs=0.01)


def test_liquid_layers_have_half_gaussian_gaps_and_solid_ones_do_not():
    gaps = solution_gaps(gardner.solve_random(20, 6, 6))
    half = np.sqrt(2.0 / np.pi) * np.exp(-0.5 * gaps[0].r_a ** 2)
    assert np.abs(gaps[2].density_a - half).max() < 1e-12
    assert gaps[0].wall_density > gaps[1].wall_density > np.sqrt(2.0 / np.pi) + 1e-3
    assert [gap.layer for gap in gaps] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("overlap", [0.0, 0.3, 0.95])
def test_planted_gaps_are_half_gaussian_and_split_by_the_field(overlap):
    """(G1) at n → 1, P_0 = 2 N(h;0,Λ) Φ_N(h/σ), by plain sums; the contact part is its h < 0."""
    gap = planted_gap(overlap, 1, R)
    assert gap.density_a == pytest.approx(np.where(R > -1, 2.0 * normal(R), 0.0))
    if overlap == 0.0:
        assert gap.contact_weight == 0.5
        return
    sigma = np.sqrt(1.0 - overlap)
    h = np.linspace(-9.0, 9.0, 40001) * np.sqrt(overlap)
    p = 2.0 * normal(h, overlap) * ndtr(h / sigma)
    for r, whole, contact in zip(R[1:], gap.density_a[1:], gap.contact_a[1:]):
        terms = 2.0 * normal(h, overlap) * normal(r - h, sigma**2)  # Φ_N of P_0 cancels e^{-φ}
        assert trapezoid(terms, h) == pytest.approx(whole, abs=1e-9)
        assert trapezoid(terms[h <= 0], h[h <= 0]) == pytest.approx(contact, abs=1e-7)  # the cut at h = 0 costs dh²
    assert trapezoid(p[h <= 0], h[h <= 0]) == pytest.approx(gap.contact_weight, abs=1e-7)
    r = np.linspace(0.0, 9.0, 90001)
    fine = planted_gap(overlap, 1, r)
    assert trapezoid(fine.contact_a * r, r) / gap.contact_weight == pytest.approx(gap.contact_distance, rel=1e-6)


def test_planted_layers_take_the_overlap_of_their_closure():
    q, big_q = np.array([1.0, 0.5, 1.0]), np.array([0.6, 0.8])
    symmetric, directed = (planted_gaps(name, q, big_q) for name in ("symmetric", "directed"))
    assert [gap.width for gap in symmetric] == pytest.approx([0.7, 0.6])
    assert [gap.width for gap in directed] == pytest.approx([0.4, 0.6])


def test_gaps_need_a_state_of_the_symmetric_closure():
    ended = gardner.solve_random(3, 1, 0)
    with pytest.raises(ValueError, match="no_solution"):
        solution_gaps(ended)


def test_a_level_frozen_at_fixed_m_has_no_delta():
    """Λ_k → 1 at m_k = ½: c ~ (1-Λ)^{1/2} vanishes and P(κ⁺) stays finite, unlike the δ of the capacity limit."""
    widths = np.array([1e-4, 1e-6, 1e-8])
    gaps = [gap_distribution(density((0.3, 1.0 - width), (0.5,)), 1, R) for width in widths]
    wall = np.array([gap.wall_density for gap in gaps])
    scaled_weight = np.array([gap.contact_weight for gap in gaps]) / np.sqrt(widths)
    assert wall[2] == pytest.approx(wall[1], rel=5e-3) and 1.0 < wall[2] < 5.0
    assert scaled_weight[2] == pytest.approx(scaled_weight[1], rel=5e-3) and scaled_weight[2] > 0.1
