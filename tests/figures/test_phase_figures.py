"""What the phase figures draw, on sweeps with known answers."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from synthetic_sweep import solid_fronts, sweep_dataset

from gardner.analysis.layer_transitions import of_planted_front
from gardner.analysis.penetration import penetration
from gardner.analysis.phases import (
    branch_curves,
    find_coexistence,
    find_phases,
    find_stable_phases,
    layer_profile,
    phase_diagram,
)
from gardner.plotting import phase
from gardner.plotting.penetration import penetration_figure, plot_penetration
from gardner.plotting.perceptron_phases import curves

ALPHAS = np.geomspace(1.0, 100.0, 41)


def crystal_sweep():
    """L = 4: a front with α_1 = 2.5 that joins the crystal at 60; the crystal ends at 10 and is stable beyond 20."""
    front = solid_fronts((2.5,), 4)

    def up(alphas):
        return np.where(alphas[:, None] > 60.0, 0.99, front(alphas))

    def down(alphas):
        return np.where(alphas[:, None] > 10.0, 0.99, front(alphas))

    entropy = {
        (4, "up"): lambda a: np.where(a > 60.0, -0.1, -0.6),
        (4, "down"): lambda a: np.where(a > 20.0, -0.1, np.where(a > 10.0, -0.8, -0.6)),
    }
    return sweep_dataset(ALPHAS, {4: (up, down)}, entropy=entropy)


def test_stable_phases_follow_the_larger_entropy_of_the_planted_setting():
    dataset = crystal_sweep()
    (state,) = find_stable_phases(dataset)
    expected = np.select([ALPHAS > 20.0, ALPHAS > 2.5 / (1 - 1e-3)], [3.0, 1.0], 0.0)
    np.testing.assert_array_equal(state, expected)
    (two,) = find_coexistence(dataset)
    np.testing.assert_array_equal(two, (ALPHAS > 10.0) & (ALPHAS <= 60.0))


def test_stable_phases_follow_the_smaller_entropy_of_the_random_setting():
    dataset = crystal_sweep()
    dataset.attrs["setting"] = "random"
    (state,) = find_stable_phases(dataset)
    window = (ALPHAS > 10.0) & (ALPHAS <= 20.0)
    assert (state[window] == 2.0).all() and (state[(ALPHAS > 20.0) & (ALPHAS <= 60.0)] == 1.0).all()


def test_a_known_transition_decides_where_the_crystal_begins():
    """Without two branches on the grid nothing tells the crystal from a liquid that is solid throughout."""
    dataset = sweep_dataset(ALPHAS, {4: lambda a: np.full((len(a), 4), 0.5)}, failed=[(4, "up", 30), (4, "down", 30)])
    dataset.attrs["setting"] = "planted"
    solved = np.arange(len(ALPHAS)) != 30
    assert (find_stable_phases(dataset)[0, solved] == 2.0).all()
    (state,) = find_stable_phases(dataset, {4: 25.0})
    np.testing.assert_array_equal(state[solved], np.where(ALPHAS > 25.0, 3.0, 2.0)[solved])
    assert np.isnan(state[30])
    assert not (find_stable_phases(dataset, {4: np.nan}) == 3.0).any()


def test_points_that_failed_are_nowhere_drawn():
    dataset = sweep_dataset(ALPHAS, {4: solid_fronts((2.5,), 4)}, failed=[(4, "up", 20)])
    assert np.isnan(find_phases(dataset, "up")[0, 20]) and np.isfinite(find_phases(dataset, "down")).all()
    (mesh,) = [c for c in phase.layer_map(layer_profile(dataset)).axes[0].collections if hasattr(c, "get_coordinates")]
    assert np.ma.getmaskarray(np.ma.masked_invalid(mesh.get_array()))[:, 20].all()


@pytest.mark.parametrize("closure, marks", [("symmetric", 4), ("directed", 2)])
def test_layer_map_marks_every_transition_in_its_layer(closure, marks):
    dataset = sweep_dataset(ALPHAS, {8: solid_fronts((2.5, 13.0), 8, closure)}, closure)
    axis = phase.layer_map(layer_profile(dataset, 8, "up", (2.5, 13.0))).axes[0]
    strokes = [c for c in axis.collections if isinstance(c, LineCollection) and c.get_linewidth()[0] < 2.0]
    drawn = [segment for c in strokes for segment in c.get_segments()]
    assert len(drawn) == marks
    at = {(float(s[0, 0]), float(s[:, 1].mean())) for s in drawn}
    assert {(2.5, 8.0), (13.0, 7.0)} <= at and ((2.5, 1.0) in at) == (closure == "symmetric")


def test_cells_surround_their_values():
    bounds = phase.edges(ALPHAS)
    assert ((bounds[:-1] < ALPHAS) & (ALPHAS < bounds[1:])).all()
    assert np.ptp(np.diff(np.log(bounds))) < 1e-12


def test_every_figure_is_drawn_and_saved_with_its_table(tmp_path):
    dataset = crystal_sweep()
    phase.save_with_table(phase.hysteresis_loops(branch_curves(dataset)), dataset, tmp_path / "loops.svg")
    phase.save_with_table(phase.phase_map(phase_diagram(dataset)), dataset, tmp_path / "map.pdf")
    phase.save_with_table(phase.phase_map(phase_diagram(dataset.sel(direction=["up"]))), dataset, tmp_path / "up.pdf")
    rows = np.loadtxt(tmp_path / "loops.csv", delimiter=",", skiprows=1)
    assert rows.shape == (2 * len(ALPHAS), 6)
    assert (tmp_path / "map.pdf").read_bytes().startswith(b"%PDF")


def test_penetration_figure_holds_points_line_and_residuals(tmp_path):
    result = penetration(of_planted_front("directed", 6), (10.0, np.inf))
    top, bottom = penetration_figure(result).axes
    assert [len(line.get_xdata()) for line in top.lines if line.get_label() == "outside window"] == [1]
    residuals = next(line.get_ydata() for line in bottom.lines if line.get_marker() == "o")
    np.testing.assert_allclose(residuals, result.line.residual_l)
    plot_penetration(result, tmp_path / "xi.png")
    table = np.loadtxt(tmp_path / "xi.csv", delimiter=",", skiprows=1)
    assert table.shape == (6, 5) and np.isnan(table[0, 4]) and np.isfinite(table[1:, 4]).all()


def test_unknown_direction_is_refused():
    dataset = crystal_sweep().sel(direction=["up"])
    with pytest.raises(ValueError, match="direction = down"):
        layer_profile(dataset, 4, "down")


@pytest.mark.parametrize("window", [None, (10.0, np.inf)])
def test_the_title_of_a_penetration_figure_is_the_wording_of_the_command(window, capsys):
    result = penetration(of_planted_front("directed", 6), window)
    result.tell()
    said = capsys.readouterr().out.splitlines()
    assert any(line.startswith(f"{result.wording}: ") for line in said)
    assert penetration_figure(result).axes[0].get_title() == f"planted, directed: {result.wording}"


@pytest.mark.parametrize("highest", [0.0, 0.5])
def test_the_instability_of_one_layer_is_drawn_to_its_end(highest):
    """α_AT ends on α_c = 2 at κ = 0, also where no margin beyond 0 was asked for."""
    names = ("alpha_dynamic", "alpha_static", "alpha_at", "alpha_gardner", "alpha_c", "alpha_break")
    rows = [SimpleNamespace(margin=margin, **dict.fromkeys(names)) for margin in (-0.5, highest)]
    rows[0].alpha_at, rows[0].alpha_c, rows[0].alpha_break = 3.95, 4.70, 3.95
    known = {f"{kind}_{name}": 1.0 for kind in ("unit", "flat") for name in ("alpha", "capacity")}
    found = curves(SimpleNamespace(rows=rows, unit_margin=-2.04, flat_margin=-1.47, **known))
    end = np.isfinite(found["instability"])
    assert (found["margin"][end][-1], found["instability"][end][-1]) == (0.0, 2.0)
