"""`gardner phase-diagram perceptron` and `gardner complexity` on the command line."""

import json

import pytest


def test_phase_diagram_is_saved_drawn_and_shown_again(cli, tmp_path):
    done = cli("phase-diagram", "perceptron", "--margin", "-0.5,0.5", "--out", "d.nc", "--plot", "d.png", "--json")
    assert done.code == 0 and done.document["status"] == "converged"
    full, none = done.document["lines"]
    assert full["transition"] == "full RSB" and none["transition"] == "none" and none["alpha_at"] is None
    assert full["alpha_c"] == pytest.approx(4.696597, abs=max(full["error_c"], 1e-6)) and full["error_c"] < 4.7e-3
    assert done.document["unit_margin"] == pytest.approx(-2.0431233, abs=1e-7)
    assert (tmp_path / "d.png").stat().st_size > 10_000 and (tmp_path / "d.csv").is_file()
    shown = cli("show", "d.nc")
    assert shown.code == 0 and "3.950701" in shown.out and "κ = -2.0431232696" in shown.out
    assert json.loads(cli("show", "d.nc", "--json").out)["lines"] == done.document["lines"]


def test_complexity_is_saved_drawn_and_shown_again(cli, tmp_path):
    asked = ("complexity", "--alpha", "150", "--margin", "-2.2", "--m", "0.45,0.6", "--out", "c.nc", "--plot", "c.svg")
    done = cli(*asked, "--json")
    assert done.code == 0 and done.document["static_m"] == pytest.approx(0.5308605, abs=1e-6)
    assert (tmp_path / "c.svg").is_file() and (tmp_path / "c.csv").is_file()
    shown = cli("show", "c.nc")
    assert shown.code == 0 and "Σ = 0 at m* = 0.53086" in shown.out and "R = 0 at m = 0.4946" in shown.out


def test_no_states_is_a_status_with_advice(cli):
    done = cli("complexity", "--alpha", "1", "--m", "0.5")
    assert done.code == 3 and "change --alpha" in done.out


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("phase-diagram", "perceptron", "--margin", "-4,0"), "at least -3"),
        (("phase-diagram", "perceptron", "--margin", "1:0:5"), "START"),
        (("phase-diagram", "perceptron", "--margin", "0,0"), "once"),
        (("complexity", "--alpha", "6", "--m", "0.5,2"), "m = 2"),
        (("complexity", "--alpha", "-1"), "alpha"),
        (("complexity", "--alpha", "6", "--closure", "none"), "closure"),
    ],
)
def test_impossible_input_is_one_line_and_exit_2(cli, arguments, words):
    done = cli(*arguments, "--json")
    assert done.code == 2 and done.out == "" and len(done.err.strip().splitlines()) == 1 and words in done.err
