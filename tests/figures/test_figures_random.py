"""Figures of the random setting, the free entropies and the phase diagrams: the physics of what they plot."""

import re
from dataclasses import replace

import numpy as np
import pytest

from gardner.analysis.phases import find_frozen_jumps
from gardner.figures import (
    free_entropy,
    layer_map,
    order_parameters,
    overlap_distribution,
    phase_diagram,
    river_terrace,
)
from gardner.figures import successive_transitions as successive
from gardner.figures.states import find_state
from gardner.figures.workspace import Workspace
from gardner.model import CLOSURES

LN2 = np.log(2.0)
COLUMNS = replace(order_parameters.DRAFT, alphas=(50.0, 200.0, 1000.0), levels=(3,))
BRANCHES = replace(free_entropy.DRAFT, random_depths=(2, 4), planted_depths=(4,), points=(5, 12), levels=2)


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return Workspace(tmp_path_factory.mktemp("figures"))


@pytest.fixture
def two_transitions(monkeypatch):
    """The first two are asked for only: the later ones take most of the time."""
    monkeypatch.setattr(successive, "COUNT", 2)


def labels(picture):
    """Axis labels of all panels that show data."""
    return {axis.get_xlabel() for axis in picture.drawing.axes} | {a.get_ylabel() for a in picture.drawing.axes}


def test_overlaps_grow_with_x_and_fall_towards_the_centre(work):
    picture = order_parameters.make(COLUMNS, work)
    data = picture.data.sel(alpha=[50.0, 200.0])
    for name in ("Q", "q"):
        values = data[name].values
        assert (values >= 0.0).all() and (values <= 1.0).all()
        assert (np.diff(values, axis=-1) > -1e-6).all()
        np.testing.assert_allclose(values, values[:, ::-1], atol=1e-5)  # closure: input and output alike
        assert (np.diff(values[:, : values.shape[1] // 2, -1], axis=1) < 1e-6).all()
    assert (data["Q"].values[:, 9, -1] < 1e-6).all()  # liquid centre
    assert (data["free_entropy"] <= -LN2).all()
    assert {"$x$", r"bonds $Q(x,l)$", r"spins $q(x,l)$"} <= labels(picture)


def test_a_search_that_fails_is_named_and_fewer_levels_are_used(work, monkeypatch):
    from gardner.figures import states

    monkeypatch.setattr(states, "EVALUATIONS", 2)
    hopeless = find_state(work, 30.0, 3, (2,))
    assert hopeless.solution is None and "at $k=2$" in hopeless.note()
    monkeypatch.undo()
    assert find_state(work, 30.0, 3, (1,)).note() == "$k=1$"


def test_terraces_share_the_states_of_the_order_parameters(work):
    settings = replace(river_terrace.DRAFT, levels=(3,))
    picture = river_terrace.make(settings, work)
    same = order_parameters.make(COLUMNS, work).data
    np.testing.assert_array_equal(picture.data["Q"], same["Q"].sel(alpha=list(settings.alphas)))
    assert {"$x$", "bond layer $l$", "spin layer $l$"} <= labels(picture)
    marked = ["beyond counting bound" in axis.get_title() for axis in picture.drawing.axes[:3]]
    assert marked == [False, True, True]  # α = 50, 200, 1000 against 178.3


def test_overlap_laws_lose_their_weight_to_zero_with_depth(work):
    picture = overlap_distribution.make(replace(overlap_distribution.DRAFT, levels=(8,), replicas=5), work)
    zero = picture.data["breakpoint_bond"].values[:10]  # weight of q = 0
    assert (np.diff(zero) >= 0.0).all() and zero[0] < 0.1 and zero[-1] == 1.0
    assert {"$Q$ (bonds)", "$q$ (spins)", r"weight of $\delta$"} <= labels(picture)


def test_each_layer_is_liquid_below_its_transition_and_solid_above(work, two_transitions):
    settings = replace(successive.DRAFT, depth=6, alpha_high=30.0, points=9, levels=(6, 8))
    data = successive.make(settings, work).data
    first, second = data["alpha_l"].values[:2]
    assert first == pytest.approx(np.pi**2 / 4) and second == pytest.approx(16.0678, abs=0.2)
    assert abs(second - 16.0678) < 3 * data["alpha_l_error"].values[1]
    overlap = data["Q_EA"].sel(direction="up").squeeze("depth")
    for layer, transition in ((1, first), (2, second)):
        curve = overlap.sel(bond_layer=layer)
        assert (curve.where(curve.alpha < 0.97 * transition, 0.0) < 1e-6).all()
        assert (curve.where(curve.alpha > 1.1 * transition, 1.0) > 1e-2).all()


def test_layers_of_the_map_are_solid_beyond_their_strokes(work, two_transitions):
    """Each α_l stands in its layer, the cells before it are liquid and those well beyond are not."""
    settings = replace(layer_map.DRAFT, depth=4, points=(5, 12), levels=(2, 8), random=(2.0, 20.0), planted=(1.5, 40.0))
    picture = layer_map.make(settings, work)
    data = picture.data
    for setting in ("random", "planted"):
        for closure in CLOSURES:
            found = data.sel(setting=setting, closure=closure)
            marks = found[["mark_alpha", "mark_layer"]].dropna("mark")
            alpha = found["alpha"].values
            assert marks.sizes["mark"] >= 1 and float(marks["mark_alpha"].min()) == pytest.approx(
                np.pi**2 / 4, rel=1e-6
            )
            for place, layer in zip(marks["mark_alpha"].values, marks["mark_layer"].values):
                overlap = found["Q_EA"].sel(bond_layer=int(layer)).values
                assert np.nanmax(overlap[alpha < 0.9 * place], initial=0.0) < 1e-3
                assert (overlap[alpha > 1.3 * place] > 1e-2).all()
    ends = [set(data["mark_layer"].sel(setting="planted", closure=c).values[:2]) for c in ("symmetric", "directed")]
    assert ends == [{1.0, 4.0}, {4.0, 3.0}]
    assert (data["Q_EA"].sel(setting="random", closure="directed", bond_layer=1).fillna(0.0) < 1e-6).all()
    limits = data["limit"].sel(setting="planted")
    assert {"bond layer $l$", "spin layer $l$", r"patterns per width $\alpha$"} <= labels(picture)
    np.testing.assert_allclose(limits.sel(closure=["symmetric", "directed"]), [24.85172, 19.37036], rtol=1e-6)


def jumping_branch(q_ak):
    """A random net of L = 2 along a branch with given q_i(1)."""
    import xarray as xr

    values = np.asarray(q_ak, dtype=float)
    count, steps = values.shape
    q = np.stack([np.ones_like(values), values, np.ones_like(values)], axis=1)[None, None]
    variables = {
        "q": (("depth", "direction", "alpha", "spin_layer", "x"), q),
        "status": (("depth", "direction", "alpha"), np.full((1, 1, count), "converged")),
    }
    axes = {"depth": [2], "direction": ["up"], "alpha": np.arange(1.0, count + 1), "spin_layer": [0, 1, 2]}
    return xr.Dataset(variables, axes | {"x": np.arange(steps)})


def test_curves_break_where_a_state_freezes_and_not_where_it_grows():
    steep = [[0.0, 0.1], [0.3, 0.5], [0.4, 0.9]]
    assert not find_frozen_jumps(jumping_branch(steep), 2, "up").size
    freezing = [*steep, [0.5, 0.9999], [0.9, 1.0], [0.95, 1.0]]  # the last but one: another m at which q(x) reaches 1
    np.testing.assert_array_equal(find_frozen_jumps(jumping_branch(freezing), 2, "up"), [4])
    np.testing.assert_array_equal(find_frozen_jumps(jumping_branch([[0.1, 0.7], [0.2, 1.0]]), 2, "up"), [1])


def test_states_beyond_the_counting_bound_are_shaded_and_frozen_ones_not_joined(work, two_transitions):
    settings = replace(successive.DRAFT, depth=2, alpha_low=3.0, alpha_high=15.0, points=8, levels=(2, 8))
    picture = successive.make(settings, work)
    assert float(picture.data["counting_bound"]) == pytest.approx(9.0886, abs=1e-3)
    spin = picture.data["q_EA"].sel(direction="up", spin_layer=1).squeeze("depth").values
    assert spin[0] < 0.9 and spin[-1] > 0.999
    curve = picture.drawing.axes[1].get_lines()[0].get_ydata()
    assert np.isnan(curve).any() and np.isfinite(spin).all()


def test_free_entropy_lies_on_its_side_of_the_liquid(work):
    picture = free_entropy.make(BRANCHES, work)
    data = picture.data
    solved = data["free_entropy"].where(data["status"] == "converged")
    assert float(solved.max()) <= -LN2 + 1e-9
    liquid = data["planted_free_entropy"].sel(direction="up", planted_depth=4)
    assert float(liquid.min()) >= -LN2 - 1e-9
    bound = data["planted_linear_bound"].sel(planted_depth=4)
    assert (np.diff(bound) > 0.0).all() and (bound > -LN2).all()
    counted, stable = data["planted_counting_bound"], data["planted_free_entropy"].max("direction")
    assert (counted.fillna(-1.0) <= stable + 1e-9).all()  # counting knows no closure
    assert float(stable.sel(planted_depth=4)[0]) < float(bound[0])  # fully connected nets only: no fault
    assert {r"patterns per width $\alpha$", "free entropy $s$ per $NM$"} <= labels(picture)
    for axis, name in zip(picture.drawing.axes, ("status", "planted_status")):
        failed = int((data[name] != "converged").sum())
        assert announced(axis.get_title()) == (failed, data[name].size if failed else 0)


def test_no_frozen_state_is_drawn(work):
    """Their s depends on the grid of m: a branch ends with a cross before it freezes."""
    picture = free_entropy.make(BRANCHES, work)
    curves = [line for line in picture.drawing.axes[0].get_lines() if line.get_linestyle() == "-"]
    frozen = (picture.data["q_EA"].sel(depth=2, spin_layer=1, direction="up") > 0.999).values
    drawn = curves[0].get_ydata()[~np.isnan(curves[0].get_ydata())]
    assert frozen.any() and len(drawn) <= (~frozen).sum()
    assert [line.get_marker() for line in picture.drawing.axes[0].get_lines()].count("x") >= 1


def announced(title):
    """Failed points and all points that a title names, (0, 0) if it names none."""
    found = re.search(r"(\d+) of (\d+) points not converged", title)
    return tuple(map(int, found.groups())) if found else (0, 0)


def test_titles_count_every_point_that_failed():
    branch = jumping_branch([[0.1, 0.2]] * 5)
    assert announced(free_entropy.missing(branch)) == (0, 0)
    branch["status"][..., [1, 3]] = "diverged"
    assert announced(free_entropy.missing(branch)) == (2, 5)


def test_phases_follow_one_another_at_the_known_transitions(work):
    data = phase_diagram.make(replace(BRANCHES, planted_depths=(2, 4)), work).data
    shallow = data["planted_phase"].sel(planted_depth=2)  # a window of two branches narrower than the grid
    np.testing.assert_array_equal(shallow == 3.0, shallow.planted_alpha > 9.93143)
    planted = data["planted_phase"].sel(planted_depth=4)
    assert (np.diff(planted) >= 0).all()
    crystal = planted.planted_alpha.where(planted == 3.0, drop=True).values
    below = planted.planted_alpha.where(planted < 3.0, drop=True).values
    assert below.max() < 24.85172 < crystal.min()
    # edges are the exact transitions, not those of cells
    ends, exact = (data[f"planted_{name}"].sel(planted_depth=2).values for name in ("last_alpha", "interval_exact"))
    assert ends[:2] == pytest.approx([1.2337006, 9.93143], rel=1e-6) and (exact[:2] == 1.0).all()
    assert float(data["planted_first_two"].sel(planted_depth=2)[0]) == pytest.approx(9.871777, rel=1e-6)
    assert data["last_alpha"].sel(depth=[2, 4])[:, 0].values == pytest.approx([np.pi**2 / 8, np.pi**2 / 4])
    assert data["counting_bound"].sel(depth=2) == pytest.approx(9.0886, abs=1e-3)
    random = data["phase"].sel(depth=4)
    assert (random.where(random.alpha < np.pi**2 / 4, drop=True) == 0.0).all()
    assert (random.where(random.alpha > np.pi**2 / 4, drop=True) > 0.0).all()
