"""How replica symmetry ends at one layer: breaking point, states at m = 1, Gardner transition, capacity."""

import numpy as np
import pytest

from gardner.analysis.phase_diagram import kind_margins
from gardner.perceptron.discontinuous import discontinuous_transition
from gardner.perceptron.gardner_line import gardner_transition
from gardner.perceptron.one_step import one_step, optimal_one_step
from gardner.perceptron.optimal import optimal_solution
from gardner.perceptron.phase_lines import margin_lines, rs_breaking
from gardner.perceptron.replicon import instability, rs_point, rs_solution
from gardner.perceptron.vertices import breaking_point
from gardner.potentials.hard import HardCore
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.sectors.gap import gap_sector

FINE = GridSettings.for_accuracy(1e-12)


@pytest.fixture(scope="module")
def deep():
    """The discontinuous transition at κ = -2.2."""
    return discontinuous_transition(HardCore(-2.2))


@pytest.mark.parametrize("margin, value", [(-0.5, 3.9507), (-1.5, 18.738079), (-2.0, 61.878631)])
def test_instability_of_an_independent_program(margin, value):
    """THEORY sections 9 and 12.5, and issue 17: digits as printed."""
    assert instability(HardCore(margin)).alpha == pytest.approx(value, abs=1e-6 if margin < -1 else 5e-5)


def test_margins_at_which_the_kind_of_transition_changes():
    """x = 1 at κ = -2.0431, α = 70.008; dx/dq = 0 at κ = -1.4737, α = 17.7808 (independent program)."""
    unit, flat = kind_margins()
    assert unit == pytest.approx(-2.0431232696, abs=1e-9) and flat == pytest.approx(-1.4736772411, abs=1e-9)
    assert instability(HardCore(unit)).alpha == pytest.approx(70.008, abs=5e-4)
    assert instability(HardCore(flat)).alpha == pytest.approx(17.7808, abs=5e-5)


def test_one_step_opens_at_the_breaking_point():
    """On the optimised one-step branch m → x as its jump d → 0; x without the bond's cubic term is far off."""
    potential = HardCore(-1.0)
    edge = instability(potential)
    broken = rs_breaking(edge, potential)
    near = [optimal_one_step(jump, (edge.overlap, broken.breaking), potential) for jump in (0.04, 0.08)]
    limit = 2.0 * near[0].m - near[1].m
    assert limit == pytest.approx(broken.breaking, abs=2e-4)
    assert 2.0 * near[0].alpha - near[1].alpha == pytest.approx(edge.alpha, abs=3e-3)
    rest = 1.0 - edge.overlap
    without_bond = broken.breaking * broken.cubic / (broken.cubic - 1.0 / (edge.alpha * rest**3))
    assert abs(without_bond - limit) > 0.1


def test_slope_of_the_breaking_point_is_that_between_levels():
    """Three optimised steps at κ = -1, α = 8.5: R ≈ 0 on all levels, and x of (C35) rises as (C36) says."""
    found = None
    for levels in (1, 2, 3):
        found = optimal_solution(8.5, levels, HardCore(-1.0), found)
    flow = gap_sector(found.Q_i, found.m, HardCore(-1.0), FINE).flow
    points = [breaking_point(8.5, found.Q_i, flow, level) for level in range(4)]
    x, slope = (np.array([getattr(point, name) for point in points]) for name in ("breaking", "slope"))
    np.testing.assert_allclose(np.diff(x) / np.diff(found.Q_i), 0.5 * (slope[1:] + slope[:-1]), rtol=0.01)
    assert np.all(found.m[:-1] < x) and np.all(x < found.m[1:])  # every level breaks between its two m


def test_marginality_and_slope_of_g_are_one_at_unit_m(deep):
    """∂g/∂Q_1 = -R_1 (1-Q_0)/[(1-Q_1)(Q_1-Q_0)] where g = 1 (C40); so R_1 = 0 at α_d."""
    potential, point, step = HardCore(-2.2), deep.static.point, 1e-6
    above, below = (one_step(point.outer, point.jump + s, 1.0, potential).excess for s in (step, -step))
    slope = (above - below) / (2.0 * step) / (1.0 - point.outer)
    expected = -point.replicon_i[1] * (1.0 - point.outer) / ((1.0 - point.inner) * (point.inner - point.outer))
    assert slope == pytest.approx(expected, rel=1e-7)
    assert abs(deep.dynamic.point.replicon_i[1]) < 1e-9


def test_states_at_unit_m_leave_the_rs_entropy_and_lose_their_complexity(deep):
    """At m = 1 the volume is that of RS; Σ > 0 between α_d and α_K, 0 at α_K; α_d < α_K < α_AT."""
    potential = HardCore(-2.2)
    for found in (deep.dynamic, deep.static):
        rs = rs_point(found.point.outer, potential)
        assert found.point.alpha == pytest.approx(rs.alpha, rel=1e-12)
        assert found.point.free_entropy == pytest.approx(rs.free_entropy, abs=1e-13)
        assert found.error < 1e-6 and abs(found.point.excess) < 1e-9
    assert deep.dynamic.point.complexity > 1e-7 and abs(deep.static.point.complexity) < 1e-12
    assert deep.dynamic.point.alpha < deep.static.point.alpha < instability(potential).alpha


def test_one_step_takes_over_at_alpha_k(deep):
    """Below α_K the minimum of s is RS; above it one step with m* < 1 and a finite jump."""
    alpha = deep.static.point.alpha
    assert optimal_solution(0.999 * alpha, 1, HardCore(-2.2)).merged
    beyond = optimal_solution(1.005 * alpha, 1, HardCore(-2.2))
    assert beyond.Q_i[1] - beyond.Q_i[0] > 0.25 and 0.95 < beyond.m[1] < 1.0
    assert beyond.free_entropy < rs_solution(1.005 * alpha, HardCore(-2.2)).free_entropy - 1e-9


def test_one_step_breaks_into_a_continuous_piece_at_the_gardner_transition():
    potential = HardCore(-1.6)
    edge = instability(potential)
    found = gardner_transition((edge.overlap, rs_breaking(edge, potential).breaking), potential)
    assert found.point.alpha == pytest.approx(27.28598, abs=1e-5) and found.error < 1e-7
    broken = found.point.breaking()
    assert found.point.m < broken.breaking < 1.0 and broken.slope > 0.0  # a continuous piece can begin


@pytest.mark.parametrize("alpha, gain", [pytest.param(26.5, 0.0, marks=pytest.mark.slow), (29.0, 1.14e-9)])
def test_a_second_step_gains_only_beyond_the_gardner_transition(alpha, gain):
    """κ = -1.6, α_G = 27.286."""
    one = optimal_solution(alpha, 1, HardCore(-1.6))
    two = optimal_solution(alpha, 2, HardCore(-1.6), one)
    assert one.free_entropy - two.free_entropy == pytest.approx(gain, abs=2e-11)
    assert (one.replicon_i[1] > 0.0) == (gain == 0.0)


@pytest.mark.parametrize(
    "margin, transition, order",
    [
        pytest.param(-2.6, "discontinuous", ("dynamic", "static", "gardner", "c"), marks=pytest.mark.slow),
        pytest.param(-1.8, "1RSB", ("at", "gardner", "c"), marks=pytest.mark.slow),
        (-0.5, "full RSB", ("at", "c")),
        (0.5, "none", ("c",)),
    ],
)
def test_lines_of_one_margin_are_in_order(margin, transition, order):
    lines = margin_lines(margin)
    assert lines.transition == transition and lines.status == "converged"
    alphas = [getattr(lines, f"alpha_{name}") for name in order]
    assert alphas == sorted(alphas) and lines.alpha_c <= lines.alpha_rs
    assert lines.error_c < 1e-3 * lines.alpha_c
    missing = {"dynamic", "static", "gardner"} - set(order)
    assert all(getattr(lines, f"alpha_{name}") is None for name in missing)


@pytest.mark.slow
def test_gardner_line_ends_linearly_where_the_slope_vanishes():
    """α_G - α_AT is proportional to the distance from κ = -1.47368, interpolated (-1.477) or not."""
    _, flat = kind_margins()
    ratio = []
    for margin in (-1.477, -1.485, -1.5):
        lines = margin_lines(margin)
        assert lines.status == "converged" and lines.error_gardner < 2e-4
        assert lines.gardner_m < lines.gardner_breaking < 1.0 and lines.gardner_slope > 0.0
        ratio.append((lines.alpha_gardner - lines.alpha_at) / (flat - margin))
    np.testing.assert_allclose(ratio, 28.2, atol=0.7)


def test_instability_approaches_capacity_like_the_square_of_the_margin():
    """κ → 0-: α_c - α_AT → 3 κ²; at κ = -1e-6 it is below round-off, and its bound is the error."""
    ratio = [(lines.alpha_c - lines.alpha_at) / lines.margin**2 for lines in map(margin_lines, (-0.01, -0.002))]
    assert ratio == pytest.approx([3.0, 3.0], abs=0.05)
    lost = margin_lines(-1e-6)
    assert lost.transition == "full RSB" and lost.alpha_at == lost.alpha_c and lost.error_at > 3e-12


@pytest.mark.slow
def test_lines_meet_where_the_kind_changes():
    """Just beyond κ = -2.0431 the jump is too small to be found: α_d = α_K = α_AT within α_AT (x-1)²."""
    lines = margin_lines(-2.044)
    assert lines.alpha_static == lines.alpha_at and 0.0 < lines.error_static < 1e-4
    assert lines.status == "converged"
