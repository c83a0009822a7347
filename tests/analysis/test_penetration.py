"""Line, quadratic test and verdict of `penetration`, and the transitions read off sweeps with known answers."""

import numpy as np
import pytest
from synthetic_sweep import solid_fronts, sweep_dataset

from gardner.analysis.layer_transitions import check_sweep, from_sweep, known_transitions, of_planted_front, staircase
from gardner.analysis.penetration import LayerTransitions, asymptotic_slope, penetration, solid_layers
from gardner.errors import FileFormatError


def exact(alpha_l, width=0.0):
    alpha_l = np.asarray(alpha_l, dtype=float)
    factor = np.exp(0.5 * width)
    layers = np.arange(1.0, len(alpha_l) + 1.0)
    bounds = alpha_l / factor, alpha_l * factor
    return LayerTransitions(layers, alpha_l, *bounds, ("",) * len(alpha_l), "test", "random", "symmetric")


def test_exact_straight_line_is_straight_with_its_slope():
    result = penetration(exact(2.0 * np.exp(np.arange(6) / 0.8)))
    assert result.verdict == "straight"
    assert result.line.slope == pytest.approx(0.8, rel=1e-12)
    assert result.line.error < 1e-12 and abs(result.bend) < 1e-10


def test_planted_symmetric_front_accelerates():
    """The α_l of THEORY: the slope more than triples over six layers, and the verdict is bent."""
    result = penetration(of_planted_front("symmetric", 6))
    np.testing.assert_allclose(result.used.alpha_l[:4], (2.467401, 12.915626, 38.4213, 88.8668), rtol=3e-6)
    assert result.verdict == "bent" and result.quadratic > 0.0 and result.p_value < 0.01
    assert (np.diff(result.local_slope_l) > 0.0).all() and result.local_slope_l[-1] > 3.0 * result.local_slope_l[0]
    assert "accelerates" in result.explanation


def test_planted_directed_front_becomes_straight_behind_its_first_layers():
    """Bent from α_1 on, straight from α = 100 on; local slopes rise towards 1/ln(π²/4) = 1.107 and stay below."""
    transitions = of_planted_front("directed", 10)
    assert penetration(transitions).verdict == "bent"
    result = penetration(transitions, (100.0, np.inf))
    assert result.verdict == "straight"
    slope = asymptotic_slope("planted", "directed")
    assert slope == pytest.approx(1.0 / np.log(np.pi**2 / 4.0), rel=1e-12)
    assert (np.diff(result.local_slope_l) > 0.0).all() and (result.local_slope_l < slope).all()
    assert result.local_slope_l[-1] == pytest.approx(slope, rel=0.03)
    assert "1.107" in result.explanation


def test_wide_intervals_leave_the_verdict_open():
    """The bent sequence of the planted front is not called bent, nor straight, when α_l is known to a factor of 10."""
    alpha_l = (2.467, 12.92, 38.42, 88.87)
    assert penetration(exact(alpha_l)).verdict == "bent"
    assert penetration(exact(alpha_l, np.log(10.0))).verdict == "undecided"


def test_three_layers_are_no_test():
    result = penetration(exact((2.4674, 16.07, 43.86)))
    assert result.verdict == "undecided" and np.isnan(result.p_value) and result.line is not None
    assert penetration(exact((2.4674,))).line is None


def test_error_from_the_intervals_is_the_spread_of_the_slope():
    """Monte Carlo over α_l uniform in their intervals, 4000 draws: the spread is known to 1.1 %; ±5 % is 4.5 σ."""
    transitions, width = exact(2.0 * np.exp(np.arange(7) / 0.9), 0.3), 0.3
    rng = np.random.default_rng(7)
    shifts = rng.uniform(-0.5, 0.5, (4000, 7)) * width
    slopes = [penetration(exact(transitions.alpha_l * np.exp(shift))).line.slope for shift in shifts]
    carried = penetration(transitions).line.slope_error
    assert np.std(slopes) == pytest.approx(carried, rel=0.05)
    assert not np.std(slopes) == pytest.approx(carried * np.sqrt(12.0) / 4.0, rel=0.05)  # σ = width/4 instead


def test_window_keeps_the_layers_inside_and_refuses_an_empty_range():
    result = penetration(of_planted_front("symmetric", 6), (10.0, 200.0))
    assert result.used.layer_l.tolist() == [2.0, 3.0, 4.0, 5.0]
    with pytest.raises(ValueError, match="window"):
        penetration(result.transitions, (5.0, 5.0))


def test_solid_layers_are_counted_from_the_boundary():
    assert [solid_layers(Q) for Q in ((0.5, 0.4, 0.0), (0.5, 1e-4, 0.5), (0.0, 0.5), (0.2, 0.2), (np.nan, 1.0))] == [
        2, 1, 0, 2, 0,
    ]  # fmt: skip


ALPHA_L = (2.5, 13.0, 38.0, 89.0)


@pytest.mark.parametrize("closure, depth", [("symmetric", 10), ("directed", 7)])
def test_sweep_brackets_the_transitions_it_was_made_with(closure, depth):
    dataset = sweep_dataset(np.geomspace(1, 300, 80), {depth: solid_fronts(ALPHA_L, depth, closure)}, closure)
    found = from_sweep(dataset)
    assert found.layer_l.tolist() == [1.0, 2.0, 3.0, 4.0] and found.ended is None
    # the layer passes Q_EA = 1e-3 at α_l/(1 - 1e-3)
    passed = np.array(ALPHA_L) / (1.0 - 1e-3)
    assert ((found.low_l < passed) & (passed <= found.high_l)).all()
    alphas, solid = staircase(dataset, depth)
    assert solid.max() == 4 and np.interp(20.0, alphas, solid) == 2.0


def test_sweep_stops_where_it_cannot_tell():
    alphas = np.geomspace(1, 300, 80)
    jump = from_sweep(sweep_dataset(alphas, {10: solid_fronts((2.5, 13.0, 13.1, 89.0), 10)}))
    assert len(jump.alpha_l) == 1 and "2 layers" in jump.ended
    failed = sweep_dataset(alphas, {10: solid_fronts(ALPHA_L, 10)}, failed=[(10, "up", 40)])
    stopped = from_sweep(failed)
    assert len(stopped.alpha_l) == 2 and "not converged" in stopped.ended
    other_end = from_sweep(sweep_dataset(alphas, {6: solid_fronts((2.5, 13.0, 38.0), 6)}))
    assert len(other_end.alpha_l) == 2 and "other end" in other_end.ended
    late = from_sweep(sweep_dataset(np.geomspace(5, 300, 80), {10: solid_fronts(ALPHA_L, 10)}))
    assert late.layer_l.tolist() == [2.0, 3.0, 4.0] and "left out" in late.ended


def test_deepest_net_is_taken_and_the_known_transitions_are_as_many_as_it_has():
    alphas = np.geomspace(1, 300, 20)
    dataset = sweep_dataset(alphas, {d: solid_fronts(ALPHA_L[: d // 2], d) for d in (4, 8)})
    assert from_sweep(dataset).depth == 8
    exact_ones = known_transitions(dataset)
    np.testing.assert_allclose(exact_ones.alpha_l, (2.467401, 12.915626, 38.4213), rtol=3e-6)
    with pytest.raises(ValueError, match="depth = 5"):
        from_sweep(dataset, 5)


def test_several_margins_need_a_choice():
    import xarray as xr

    alphas = np.geomspace(1, 300, 20)
    parts = [sweep_dataset(alphas, {8: solid_fronts((a, 30.0), 8)}, setting="random") for a in (2.0, 6.0)]
    dataset = xr.concat(parts, "margin", join="exact", combine_attrs="override").assign_coords(margin=[0.0, 0.5])
    with pytest.raises(ValueError, match="margin = not given"):
        check_sweep(dataset)
    chosen = from_sweep(check_sweep(dataset, margin=0.5))
    assert chosen.low_l[0] < 6.01 < chosen.high_l[0] * 1.001
    with pytest.raises(ValueError, match="margin"):
        check_sweep(parts[0], margin=0.5)
    with pytest.raises(FileFormatError, match="not a sweep"):
        check_sweep(dataset.drop_vars("status"))


def test_the_wording_is_what_the_verdict_says_with_its_window():
    directed = of_planted_front("directed", 10)
    far, whole = penetration(directed, (100.0, np.inf)), penetration(directed)
    assert (far.verdict, whole.verdict) == ("straight", "bent")
    assert whole.wording == "not straight"
    # the residuals are a U: the slope does change, by what is said
    assert abs(far.bend) > far.bend_reach > 0.0 and far.wording == "straight to 5.2 % (α ≥ 100)"
    assert penetration(directed, (0.0, 40.0)).wording == "undecided (α ≤ 40)"
