"""`gardner compare`: report folder, documents, reuse, resumption after a kill, wrong input."""

import json
import os
import shutil
import signal
import subprocess
import time
from dataclasses import replace

import pytest
from command import GARDNER, run_here

from gardner.comparison.runs import finished
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.results.solution import from_attribute, read_dataset, to_attribute, write_dataset

SMALL = ("--depth", "1", "--alpha", "1", "--connectivities", "4,6,8", "--samples", "3", "--sweeps", "700")
PLANTED = ("compare", "planted", *SMALL, "--budget", "3m", "--seed", "3")
SHORT = ("compare", "planted", *SMALL[:-1], "300", "--budget", "3m", "--seed", "3")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """One small comparison, its folder and what it printed."""
    folder = tmp_path_factory.mktemp("compare")
    done = run_here(folder, *PLANTED, "--out", "r", "--json")
    assert done.code in (0, 3), done.err
    return folder / "r", done


def test_standard_output_is_the_document_in_the_folder(report):
    folder, done = report
    document = json.loads(done.out)
    assert document == json.loads((folder / "report.json").read_text())
    assert {"command", "parameters", "version", "seed", "status", "seconds", "observables", "verdict"} <= set(document)
    entry = document["observables"][0]
    assert {"name", "layer", "mc", "error", "theory", "z"} <= set(entry)
    assert set(entry["theory"]) == {"symmetric", "directed"}
    assert (entry["name"], entry["layer"]) == ("Q", 1)
    assert document["command"] == "compare planted" and document["seed"] == 3


def test_the_plan_is_printed_before_the_runs(report):
    _, done = report
    assert done.err.index("plan (") < done.err.index("run 1 of 3")
    assert "sweeps" in done.err


def test_the_folder_holds_report_figures_and_every_run(report):
    folder, _ = report
    assert (folder / "report.md").read_text().startswith("# Planted setting, L = 1")
    assert "## Verdict" in (folder / "report.md").read_text()
    assert {p.name for p in (folder / "figures").iterdir()} >= {"extrapolation.pdf", "gaps.pdf", "extrapolation.csv"}
    assert len(list((folder / "runs").glob("*.nc"))) == 3
    assert not list((folder / "runs").glob("*.parts"))


def test_an_old_comparison_is_neither_overwritten_nor_lost(report, cli):
    folder, _ = report
    done = cli(*PLANTED, "--out", folder)
    assert done.code == 2 and "--resume" in done.err and len(done.err.splitlines()) == 1
    done = cli(*PLANTED[:5], "2", *PLANTED[6:], "--out", folder, "--resume")
    assert done.code == 2 and "alpha" in done.err
    done = cli(*PLANTED, "--dynamics", "metropolis", "--out", folder, "--resume")
    assert done.code == 2 and "dynamics = heat-bath, now metropolis" in done.err


def test_a_run_from_before_there_were_two_dynamics_counts_as_rotations(report, tmp_path):
    folder, _ = report
    path = next((folder / "runs").glob("*.nc"))
    data = read_dataset(path)
    fields = from_attribute(data.attrs["parameters"])
    new = MonteCarloSettings.read(fields)
    assert fields.pop("dynamics") == "heat-bath"
    data.attrs["parameters"] = to_attribute(fields)
    write_dataset(data, tmp_path / "old.nc")
    assert finished(tmp_path / "old.nc", new) is None
    assert finished(tmp_path / "old.nc", replace(new, dynamics="metropolis")) is not None


def test_finished_runs_are_used_again(report, cli):
    folder, first = report
    began = {path: path.stat().st_mtime_ns for path in (folder / "runs").glob("*.nc")}
    done = cli(*PLANTED, "--out", folder, "--resume", "--json")
    assert done.code == first.code
    assert {path: path.stat().st_mtime_ns for path in began} == began
    assert json.loads(done.out)["observables"] == json.loads(first.out)["observables"]


@pytest.mark.slow
def test_a_killed_comparison_resumes_to_the_same_numbers(cli, tmp_path):
    """The reference follows the same plan without interruption: plans rest on measured speeds, which vary."""
    process = subprocess.Popen(
        [GARDNER, *SHORT, "--out", "r"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    end = time.monotonic() + 120.0
    while not list(tmp_path.glob("r/runs/*.parts/*.npz")):
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    (tmp_path / "s").mkdir()
    shutil.copy(tmp_path / "r" / "plan.json", tmp_path / "s" / "plan.json")
    runs = []
    for folder in ("r", "s"):
        done = cli(*SHORT, "--out", folder, "--resume", "--json")
        assert done.code in (0, 3), done.err
        runs.append({(r["size"], r["width"], r["samples"]): r["by_sample"] for r in done.document["runs"]})
    common = set(runs[0]) & set(runs[1])  # a run planned anew may get another width
    assert common
    for run in common:
        assert runs[0][run] == runs[1][run]
    assert len(json.loads((tmp_path / "r" / "plan.json").read_text())["runs"]) == 3


@pytest.mark.parametrize(
    ("arguments", "named"),
    (
        (("compare", "planted", "--depth", "1", "--alpha", "1", "--out", "r", "--limit", "wide"), "limit"),
        (("compare", "planted", "--depth", "1", "--alpha", "-1", "--out", "r"), "alpha"),
        (("compare", "planted", "--depth", "0", "--alpha", "1", "--out", "r"), "depth"),
        (("compare", "planted", "--depth", "1", "--alpha", "1", "--out", "r", "--budget", "soon"), "budget"),
        (("compare", "planted", "--depth", "1", "--alpha", "1", "--out", "r", "--connectivities", "8,9"), "three"),
        (("compare", "planted", "--depth", "1", "--alpha", "1", "--out", "r", "--widths", "8,9,10"), "widths"),
        (("compare", "planted", "--depth", "1", "--alpha", "1", "--out", "r", "--closure", "round"), "closure"),
        (("compare", "planted", "--depth", "1", "--alpha", "1", "--out", "r", "--dynamics", "own"), "dynamics"),
        (("compare", "planted", "--depth", "1", "--alpha", "1", "--out", "no/r"), "no"),
        (("compare", "random", "--depth", "2", "--alpha", "1", "--out", "r", "--weights", "gaussian"), "ensemble"),
        (("compare", "random", "--depth", "2", "--alpha", "1", "--out", "r", "--beta", "0"), "beta"),
        (("compare", "random", "--depth", "2", "--alpha", "1", "--out", "r", "--closure", "square"), "closure"),
    ),
)
def test_wrong_input_is_one_line_and_writes_nothing(cli, tmp_path, arguments, named):
    done = cli(*arguments)
    assert done.code == 2 and done.out == ""
    assert len(done.err.strip().splitlines()) == 1 and named in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_binary_weights_of_one_layer_are_compared(cli):
    words = "--depth 1 --alpha 1 --weights binary --connectivities 5,7,9 --budget 10m --samples 4 --sweeps 200"
    done = cli("compare", "planted", *words.split(), "--out", "report", "--json")
    document = json.loads(done.out)
    assert done.code == 0 and document["weights"] == "binary"
    assert [run["excluded"] for run in document["runs"]] == ["", "", ""]
    assert document["observables"][0]["theory"]["directed"] == pytest.approx(0.5607147, abs=1e-6)
    assert min(run["mean"][0] for run in document["runs"]) > 0.6  # liquid and crystal mixed, as in counted rows
