"""The planted commands through the installed entry point."""

import json
from pathlib import Path

import numpy as np
import pytest
from command import run_here

HEADER = {"command", "parameters", "version", "seed", "status", "seconds"}


def gardner(*arguments, status=0):
    done = run_here(Path.cwd(), *arguments)
    assert done.code == status, done.err
    return done


def test_solve_prints_one_document_with_the_agreed_fields():
    done = gardner("solve", "planted", "--alpha", 16, "--depth", 4, "--closure", "directed", "--json")
    document = json.loads(done.out)
    assert HEADER | {
        "setting",
        "closure",
        "alpha",
        "depth",
        "field",
        "branches",
        "stable",
        "linear_bound",
    } <= set(document)
    assert document["command"] == "solve planted"
    assert document["stable"] == "liquid"
    liquid, crystal = document["branches"]
    assert (liquid["start"], crystal["start"]) == ("liquid", "crystal")
    assert len(liquid["q"]) == 5 and len(liquid["Q"]) == 4
    assert liquid["free_entropy"] > crystal["free_entropy"]


def test_solve_reproduces_the_table_at_two_layers():
    done = gardner("solve", "planted", "--alpha", 10, "--depth", 2, "--closure", "directed", "--json")
    branch = json.loads(done.out)["branches"][0]
    assert branch["free_entropy"] == pytest.approx(-0.486667, abs=6e-7)
    np.testing.assert_allclose(branch["Q"], (0.972927, 0.967329), atol=6e-7)


def test_one_solution_from_both_starts_is_told_once():
    told = gardner("solve", "planted", "--alpha", 2, "--depth", 3).out
    assert told.count("both starts: converged") == told.count("residual") == 1 and "crystal" not in told


def test_transitions_say_what_turns_solid_and_what_ends():
    told = gardner("transitions", "planted", "--depth", 4).out
    assert "α_1 = 2.4674" in told and "spinodal = 12.1023" in told and "the crystal begins" in told
    told = gardner("transitions", "planted", "--weights", "binary", "--depth", 1).out
    assert "the liquid ends" in told


def test_solve_writes_a_file_and_a_figure(tmp_path):
    out, plot = tmp_path / "run.nc", tmp_path / "run.svg"
    arguments = ("solve", "planted", "--alpha", 5, "--depth", 3, "--branch", "liquid", "--out", out)
    assert "stable: the only solution" in gardner(*arguments, "--plot", plot).out
    import xarray

    with xarray.open_dataset(out, engine="h5netcdf") as stored:
        assert stored.attrs["command"] == "solve planted"
        assert stored["q"].sizes == {"branch": 1, "layer": 4}
    assert "<svg" in plot.read_text()[:500]
    refused = gardner(*arguments, status=2)
    assert "--force" in refused.err
    gardner(*arguments, "--force")
    shown = gardner("show", out, "--plot", tmp_path / "again.pdf", "--json")
    document = json.loads(shown.out)
    assert document["stable"] == "single" and document["branches"][0]["start"] == "liquid"
    assert (tmp_path / "again.pdf").read_bytes().startswith(b"%PDF")
    assert "Gibbs error" in gardner("show", out).out


def test_solve_says_when_the_linear_phase_does_better():
    """At L = 2, α = 1 the closure is liquid while a fully connected net already learns the linear map."""
    done = gardner("solve", "planted", "--alpha", 1, "--depth", 2)
    assert "beats the symmetric closure" in " ".join(done.out.split())


def test_transitions_of_a_front():
    document = json.loads(gardner("transitions", "planted", "--count", 5, "--json").out)
    assert HEADER <= set(document)
    np.testing.assert_allclose(document["continuous"], (2.467401, 12.915626, 38.4213, 88.8668, 172.622), rtol=3e-6)
    assert document["spinodal"] is None and document["crystal"] is None


def test_transitions_of_a_net():
    document = json.loads(gardner("transitions", "planted", "--depth", 2, "--json").out)
    assert document["continuous"] == pytest.approx([np.pi**2 / 8], rel=1e-8)
    assert document["spinodal"] == pytest.approx(9.87178, abs=6e-6)
    assert document["crystal"] == pytest.approx(9.93143, abs=6e-6)
    table = gardner("transitions", "planted", "--depth", 3, "--closure", "directed").out
    assert "spinodal = none" in table


@pytest.mark.parametrize(
    "arguments, named",
    (
        (("solve", "planted", "--alpha", "-1", "--depth", "2"), "alpha"),
        (("solve", "planted", "--alpha", "nan", "--depth", "2"), "alpha"),
        (("solve", "planted", "--alpha", "1", "--depth", "0"), "depth"),
        (("solve", "planted", "--alpha", "1", "--depth", "2", "--closure", "round"), "closure"),
        (("solve", "planted", "--alpha", "1", "--depth", "2", "--field", "-1"), "field"),
        (("solve", "planted", "--alpha", "1", "--depth", "2", "--out", "/nowhere/run.nc"), "/nowhere/run.nc"),
        (("transitions", "planted", "--count", "0"), "count"),
        (("transitions", "planted", "--depth", "0"), "depth"),
    ),
)
def test_bad_input_is_one_line_and_status_2(arguments, named):
    done = gardner(*arguments, status=2)
    assert done.out == ""
    assert named in done.err
    assert len(done.err.strip().splitlines()) == 1
