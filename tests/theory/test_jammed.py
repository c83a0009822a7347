"""Nets at capacity: the limit m → 0 against small m, against one layer, against counting and against quadrature."""

from dataclasses import replace
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from oracles_threshold import rows_at, saddle_point
from scipy.integrate import quad

from gardner.analysis import jammed_capacity
from gardner.analysis.jammed_capacity import end_layer, known_capacity, one_step, steps_of
from gardner.errors import ConvergenceError
from gardner.perceptron.jamming import jamming_bounds
from gardner.potentials.hard import HardCore
from gardner.potentials.soft import SoftCore
from gardner.theory.closures import CLOSURES, Closure, Sector, place_bonds
from gardner.theory.counting import counting_entropy
from gardner.theory.jammed.base import JammedSetting
from gardner.theory.jammed.chain import JammedChain
from gardner.theory.jammed.optimal import CROWDED, add_step, slopes
from gardner.theory.jammed.search import Problem, find_capacity, rough_start
from gardner.theory.jammed.site import Core, LockedTerminal, OpenTerminal
from gardner.theory.jammed.spin import locking_terminal
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.sectors.gap import gap_sector
from gardner.theory.sectors.spin import spin_entropy, spin_sector

BOTH = ("symmetric", "directed")


@pytest.mark.parametrize("closure", ["symmetric", pytest.param("directed", marks=pytest.mark.slow)])
def test_small_m_approaches_the_limit(closure):
    """m s → S with corrections in m and m ln m, at a load where S does not vanish."""
    alpha, settled = 8.0, one_step(closure, 2)
    problem = Problem(settled.setting)
    z = problem.settle(problem.encode(settled.x_ri, alpha), 80, at_load=alpha)
    rows, _ = problem.decode(z)
    value = problem.chain.evaluate(rows, alpha)
    m, s = np.array([0.2, 0.1, 0.05, 0.03]), []
    for one in m:
        entropy, _, found = saddle_point(alpha, 2, one, rows_at(rows, one), closure=closure, accuracy=1e-7)
        s.append(one * entropy)
        assert found[:, 0] == pytest.approx(rows[:, 0], abs=0.5 * one)
    limit = np.linalg.solve(np.column_stack([np.ones(4), m, m * np.log(m), m**2]), s)[0]
    assert limit == pytest.approx(value.bonds / alpha + value.rest, abs=3e-4) and limit > 0.04


def test_the_load_at_which_small_m_is_optimal_approaches_alpha_c():
    """ds/dm changes its sign between α_c - C m ln(1/m) and α_c."""
    settled = one_step("symmetric", 2)
    for m, width in ((0.02, 0.15), (0.005, 0.05)):
        start = rows_at(settled.x_ri, m)
        below, above = (
            saddle_point(alpha, 2, m, start)[1] for alpha in (settled.alpha - width, settled.alpha + 0.1 * width)
        )
        assert below < 0.0 < above


def test_one_layer_is_the_jamming_problem_of_the_perceptron():
    """(C54) at L = 1 is (C5), whose search shares nothing with this one but the flow."""
    bounds = jamming_bounds(-0.5, 2)
    x_ri = np.array([[bounds[0].q_i[0], 1.0 / bounds[0].y_i[0]]])
    state = find_capacity(JammedSetting(1, -0.5), 4.7, x_ri)
    assert state.alpha == pytest.approx(bounds[0].alpha, rel=1e-9)
    ratio = bounds[1].y_i[0] / bounds[1].y_i[1]
    x_ri = np.append(bounds[1].q_i, 1.0 / bounds[1].y_i[1])[None, :]
    state = find_capacity(JammedSetting(1, -0.5, (ratio,)), 4.7, x_ri)
    assert state.alpha == pytest.approx(bounds[1].alpha, rel=1e-9)
    assert abs(slopes(state)[0]) < 1e-5


@pytest.mark.parametrize("closure", BOTH)
def test_a_liquid_net_has_the_entropy_of_counting(closure):
    """(C55): without order between clusters S = L H(1/α) - ln 2, the counting bound itself."""
    depth, alpha = 5, 90.0
    problem = Problem(JammedSetting(depth, closure=closure))
    rows = np.zeros((2 * depth - 1, 2))
    rows[0::2, 1] = 1e-3
    rows, _ = problem.decode(problem.settle(problem.encode(rows, alpha), 80, at_load=alpha))
    value = problem.chain.evaluate(rows, alpha)
    assert rows[0::2, 1] == pytest.approx(1.0 / ((alpha - 1.0) ** 2 - 1.0), rel=1e-6)
    entropy = counting_entropy(depth, alpha) - np.log(2.0)
    assert value.bonds / alpha + value.rest == pytest.approx(entropy, abs=1e-10)


@pytest.mark.parametrize("closure, ratios", [("symmetric", (0.4,)), ("directed", ())])
def test_entropy_is_stationary_in_overlaps_and_rooms(closure, ratios):
    start = steps_of(closure, 2, steps=1 + len(ratios))[-1]
    state = find_capacity(JammedSetting(2, ratios=ratios, closure=closure), start.alpha, start.x_ri)
    chain = JammedChain(state.setting)
    chain.mirrored = False
    fields = chain.evaluate(state.x_ri, state.alpha).fields
    for place in np.ndindex(state.x_ri.shape):
        scale = max(state.x_ri[place], 1e-6)
        at = []
        for factor in (1.0 - 1e-4, 1.0 + 1e-4):
            moved = state.x_ri.copy()
            moved[place] += (factor - 1.0) * scale
            value = chain.evaluate(moved, state.alpha, fields)
            at.append(value.bonds / state.alpha + value.rest)
        assert abs(at[1] - at[0]) < 1e-11


def test_slope_in_the_ratio_is_the_change_of_alpha():
    last = steps_of("symmetric", 2, steps=2)[-1]
    at = [find_capacity(JammedSetting(2, ratios=(y,)), last.alpha, last.x_ri) for y in (0.7 - 1e-3, 0.7, 0.7 + 1e-3)]
    numerical = (np.log(at[2].alpha) - np.log(at[0].alpha)) / 2e-3
    assert slopes(at[1])[0] == pytest.approx(numerical, rel=1e-4)
    assert last.alpha < min(state.alpha for state in at)


@pytest.mark.parametrize(
    "closure, depth, gain",
    [
        ("symmetric", 2, 0.00757),
        pytest.param("directed", 2, 0.01486, marks=pytest.mark.slow),
        pytest.param("symmetric", 10, 0.03321, marks=pytest.mark.slow),
    ],
)
def test_a_second_step_lowers_the_capacity(closure, depth, gain):
    one, two = steps_of(closure, depth, steps=2)
    assert 1.0 - two.alpha / one.alpha == pytest.approx(gain, rel=2e-3)
    assert np.abs(slopes(two)).max() < 1e-5


def test_the_layer_at_the_end_is_the_binary_perceptron_at_large_load():
    """Its weights are then as good as given: N binary inputs meet N constraints, whose entropy is -.2042 [KM]."""
    m, grid, q_i = np.array([0.0, 1.0]), GridSettings(), np.array([0.5])
    for _ in range(400):
        gap = gap_sector(q_i, m, HardCore(), grid)
        spin = spin_sector(gap.overlaps_i, m, grid)
        q_i = 0.5 * q_i + 0.5 * spin.overlaps_i
    expected = gap.free_entropy + spin_entropy(gap.overlaps_i, q_i, m, spin.free_entropy)
    problem = Problem(JammedSetting(1, closure="directed", input_free=True))
    entropies = []
    for alpha in (1e4, 1e5):
        z = problem.settle(problem.encode(rough_start(problem.chain, alpha), alpha), 150, at_load=alpha)
        value = problem.chain.evaluate(problem.decode(z)[0], alpha)
        entropies.append(value.bonds / alpha + value.rest)
    assert expected == pytest.approx(-0.204226, abs=1e-6)
    assert expected < entropies[1] < entropies[0] < -0.17 and entropies[1] - expected < 0.01


@pytest.mark.slow
def test_no_depth_stores_more_than_the_layer_at_its_end():
    """(C58): with m_1 far below m_2 the net ends where its last layer does, whatever stands before it."""
    alone = end_layer("symmetric")
    assert alone.alpha == pytest.approx(83.80658, abs=1e-5)
    assert alone.alpha == pytest.approx(end_layer("directed").alpha, rel=1e-9)
    state, x_ri = one_step("symmetric", 14), None
    upper = np.where(np.arange(27) % 26 < 2, 1.0 - 1e-3, state.x_ri[:, 0])
    upper[-2:] = 1.0 - 1e-3
    misses = []
    for y in (0.2, 0.05):
        start = np.column_stack([state.x_ri[:, 0], upper, state.x_ri[:, 1]]) if x_ri is None else x_ri
        found = find_capacity(JammedSetting(14, ratios=(y,)), 84.0, start)
        x_ri = found.x_ri
        misses.append(found.alpha / alone.alpha - 1.0)
    assert state.alpha > 91.0 and abs(misses[1]) < 0.04 and abs(misses[1]) < abs(misses[0])
    assert end_layer("symmetric", -0.3) is None  # beyond κ = -.138 binary inputs meet N constraints


def gauss(x):
    return np.exp(-0.5 * x * x) / np.sqrt(2.0 * np.pi)


@pytest.mark.parametrize("h, step", [(0.0, 0.5), (1.3, 4.0), (-3.0, 20.0)])
def test_terminal_of_a_locking_spin_is_its_integral(h, step):
    def weight(z):
        return gauss(z) * np.exp(abs(h + np.sqrt(step) * z) - 0.5 * step)

    turn, far = -h / np.sqrt(step), 12.0 + np.sqrt(step)
    total = sum(quad(weight, *ends, epsabs=0, epsrel=1e-12)[0] for ends in ((turn - far, turn), (turn, turn + far)))
    d, function = 1e-4, locking_terminal(step)
    phi, first, second = (float(v) for v in function(np.array(h)))
    before, after = function(np.array(h - d))[0], function(np.array(h + d))[0]
    assert phi == pytest.approx(np.log(total) + 0.5 * step, abs=1e-10)
    assert first == pytest.approx((after - before) / (2 * d), abs=1e-7)
    assert second == pytest.approx((after + before - 2 * phi) / d**2, abs=1e-5)


@pytest.mark.parametrize("margin, room", [(0.0, 0.02), (0.4, 0.1), (-0.3, 0.005)])
def test_terminal_of_a_site_is_its_integral(margin, room):
    """(C53) at nodes (ω, y) by a plain sum over both Gaussians."""
    sigma, step = 0.7, 9.0
    omega, y = np.array([0.0, 0.6, 2.0]), np.array([-3.0, 0.2, 2.5])
    core = Core(margin, room)
    value = OpenTerminal(core, sigma, step)(omega, y)
    z, dz = np.linspace(-11.0, 11.0, 1501, retstep=True)
    outer, do = np.linspace(-9.0, 9.0, 4001, retstep=True)
    for (a, w), (b, field) in product(enumerate(omega), enumerate(y)):
        up, down = core.weight(w + sigma * outer)[:, None], core.weight(-w - sigma * outer)[:, None]
        total = np.maximum(up + field + np.sqrt(step) * z, down - field - np.sqrt(step) * z)
        integral = (gauss(outer) * do) @ np.exp(total - 0.5 * step) @ (gauss(z) * dz)
        assert value.delta[a, b] == pytest.approx(np.log(integral / (2.0 * np.cosh(field))), abs=2e-4)


def test_a_site_locks_where_its_field_is_strong():
    """e^{-W/2} measures how far the two terminals differ."""
    omega, y = np.linspace(0.0, 4.0, 9), np.linspace(-8.0, 8.0, 17)
    locked = LockedTerminal(SoftCore(0.5 / 0.003, 0.0), 0.8)
    reference = locked(omega, y)
    for step, bound in ((20.0, 1e-4), (40.0, 1e-8), (59.0, 1e-10)):
        terminal = OpenTerminal(Core(0.0, 0.003), 0.8, step)
        value = terminal(omega, y)
        assert np.abs(value.delta - reference.delta).max() < bound
        assert np.abs(value.slopes - reference.slopes).max() < bound
    assert terminal.by_room == pytest.approx(locked.by_room, rel=1e-7)


class Reversed(Closure):
    """`directed` with input and output exchanged."""

    name = "reversed at capacity"
    label = "reversed closure"

    def sectors(self, layers):
        sites = [Sector("site", (("Q", l + 1), ("q", l + 1)), own=("q", l)) for l in layers.hidden]
        return [*place_bonds(layers), *sites, Sector("gap", (("Q", 1), ("q", 1)))]


def test_a_new_closure_has_a_capacity_by_its_declaration():
    CLOSURES.register(Reversed.name, Reversed())
    try:
        there, back = (find_capacity(JammedSetting(2, closure=name), 8.7) for name in ("directed", Reversed.name))
        ends = end_layer(Reversed.name)
    finally:
        CLOSURES.unregister(Reversed.name)
    assert back.alpha == pytest.approx(there.alpha, abs=1e-8)
    assert back.x_ri == pytest.approx(there.x_ri[::-1], abs=1e-6)
    assert ends is None  # it has no net whose outputs are free


def test_layers_that_are_only_counted_change_nothing():
    whole = find_capacity(JammedSetting(25, grid=GridSettings(0.08)), 170.0)
    short = find_capacity(JammedSetting(15, grid=GridSettings(0.08), copies=10), 170.0)
    assert short.alpha == pytest.approx(whole.alpha, rel=1e-9)


def test_known_capacity_is_none_where_nothing_is_known():
    assert known_capacity("symmetric", 2, HardCore()) == pytest.approx(8.735258, abs=1e-6)
    assert known_capacity("directed", 1, HardCore(0.5)) == pytest.approx(0.961205, rel=2e-6)
    assert known_capacity("symmetric", 100, HardCore()) == pytest.approx(83.80658, abs=1e-5)
    for depth, potential in ((2, SoftCore(10.0)), (1, HardCore(-0.5))):
        assert known_capacity("symmetric", depth, potential) is None


@pytest.mark.parametrize("ratios", [(0.003, 0.02), (0.98, 0.985), (0.35, 0.7)])
def test_a_further_step_starts_from_distinct_ratios(ratios):
    """Locked layers leave y_1 near 0: two ratios clipped to the same bound are no start of a search."""
    setting = JammedSetting(2, ratios=ratios)
    started, rows = add_step(SimpleNamespace(setting=setting, x_ri=np.full((3, 4), 0.5)))
    assert np.diff([0.0, *started, 1.0]).min() > CROWDED and len(started) == 3
    assert rows.shape == (3, 5)


def test_the_layer_alone_is_followed_where_more_steps_of_the_net_are_not_found(monkeypatch):
    """Once the layer at the end decides, a search for the rest of the net that fails takes nothing from it."""
    loads = {1: 79.4, 2: 79.3}

    def optimise(state, watch=None):
        if not state.setting.output_free and not state.setting.input_free:
            if state.setting.steps > 1:
                raise ConvergenceError("lost")
            return replace(state, alpha=0.99 * state.alpha, setting=replace(state.setting, ratios=(0.5,)))
        steps = state.setting.steps
        return replace(state, alpha=loads[steps], setting=replace(state.setting, ratios=(0.3, 0.6)[:steps]))

    monkeypatch.setattr(jammed_capacity, "optimise_steps", optimise)
    found = steps_of("symmetric", 20, steps=4)
    assert [round(state.alpha, 1) for state in found[1:]] == [83.8, 79.4, 79.3]
    with pytest.raises(ConvergenceError, match="lost"):  # no layer alone lies below the net: L = 2
        steps_of("symmetric", 2, steps=3)
