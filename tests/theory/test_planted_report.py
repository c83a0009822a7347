"""Documents and figures of the planted setting hold what the solution holds."""

import csv
import json

import numpy as np
import pytest

from gardner.analysis.phases import find_jumps
from gardner.plotting import planted as figures
from gardner.plotting import style
from gardner.results.files import read, save
from gardner.theory.planted.solve import scan_planted, solve_planted
from gardner.theory.transitions.planted_transitions import planted_transitions


@pytest.fixture(scope="module")
def solution():
    return solve_planted(16.0, 4, "directed")


def test_solution_document_has_the_agreed_fields_and_is_plain_json(solution):
    document = json.loads(json.dumps(solution.body()))
    assert set(document) == {
        "setting", "closure", "alpha", "depth", "field", "branches", "stable", "linear_bound", "weights"
    }  # fmt: skip
    assert document["setting"] == "planted"
    assert set(document["linear_bound"]) == {"free_entropy", "generalization_error"}
    assert [branch["start"] for branch in document["branches"]] == ["liquid", "crystal"]
    for branch in document["branches"]:
        assert len(branch["q"]) == len(branch["fresh_overlap"]) == 5
        assert len(branch["Q"]) == 4
        assert {"free_entropy", "generalization_error", "bayes_error", "nishimori"} <= set(branch)
        assert {"status", "residual", "iterations"} <= set(branch)


def test_only_the_requested_branch_is_reported_but_stability_is_known():
    one = solve_planted(16.0, 4, "directed", branch="crystal")
    assert [branch.start for branch in one.branches] == ["crystal"]
    assert one.stable == "liquid"
    assert one.equilibrium.start == "crystal"


def test_transitions_document_writes_null_where_there_is_no_transition():
    document = json.loads(json.dumps(planted_transitions("directed", depth=2).body()))
    assert document["spinodal"] is None and document["crystal"] is None
    assert len(document["continuous"]) == 1


def test_dataset_survives_netcdf(solution, tmp_path):
    import xarray

    path = tmp_path / "run.nc"
    save(solution, path)
    again = read(path)
    assert again == solution and again.document() == solution.document()
    assert again.document()["parameters"]["alpha"] == 16.0
    with xarray.open_dataset(path, engine="h5netcdf") as stored:
        np.testing.assert_array_equal(stored["q"].sel(branch="crystal"), solution.branches[1].q_l)
        assert stored.attrs["closure"] == "directed"
        assert stored.attrs["stable"] == "liquid"


def test_figures_draw_every_layer_and_save_their_numbers(solution, tmp_path):
    path = tmp_path / "profiles.svg"
    table = figures.save(figures.profiles([solution]), path)
    assert path.stat().st_size > 1000
    with table.open() as handle:
        rows = list(csv.DictReader(handle))
    drawn = [float(row["y"]) for row in rows if row["panel"] == "0" and row["curve"] == "0"]
    np.testing.assert_allclose(drawn, solution.branches[0].q_l)


def test_branches_jump_once_where_they_part_and_where_they_join():
    scan = scan_planted(np.linspace(12, 24, 13), 4, "directed")
    jumps = find_jumps([found.stable == "single" for found in scan])
    assert len(jumps["liquid"]) == len(jumps["crystal"]) == 1


def test_only_depths_with_a_crystal_are_drawn():
    transitions = {"directed": [planted_transitions("directed", depth=depth) for depth in (2, 4)]}
    _, axis = style.figure()
    figures.draw_crystal_transitions(axis, transitions)
    assert [len(line.get_xdata()) for line in axis.get_lines()] == [1, 1]  # L = 2 has no crystal transition
