"""`gardner mc` through the installed entry point."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from gardner.results.solution import read_dataset

HEADER = {"command", "parameters", "version", "seed", "status", "seconds"}
SMALL = ("--width", 6, "--depth", 2, "--alpha", 2, "--sweeps", 80, "--samples", 2, "--points", 4, "--seed", 7)


def test_planted_run_prints_one_document_and_writes_file_and_figure(cli, tmp_path):
    done = cli("mc", "planted", *SMALL, "--json", "--out", "mc.nc", "--plot", "mc.svg")
    assert done.code == 0, done.err
    document = done.document
    assert HEADER <= set(document) and document["command"] == "mc planted" and document["seed"] == 7
    assert {"acceptance", "energy", "training_error", "attempts_per_second", "equilibrated"} <= set(document)
    layer = document["layers"][1]
    for name in ("Q", "q"):
        assert set(layer[name]["replica"]["raw"]) == {"mean", "error", "tau", "rhat", "ess"}
        assert layer[name]["teacher"]["matched"] is not None and layer[name]["null"] is not None
    assert document["equilibrated"] is False and "not equilibrated" in done.err
    assert "<svg" in (tmp_path / "mc.svg").read_text()[:500] and (tmp_path / "mc.csv").exists()
    data = read_dataset(tmp_path / "mc.nc")
    assert data.attrs["command"] == "mc planted" and data["Q_matrix"].sizes["clone"] == 2
    assert not (tmp_path / "mc.nc.parts").exists()
    shown = cli("show", "mc.nc", "--json")
    assert shown.code == 0 and shown.document["layers"] == document["layers"]
    assert cli("mc", "planted", *SMALL, "--out", "mc.nc").code == 2  # --force is needed
    assert "Monte Carlo, planted setting" in cli("show", "mc.nc").out


def test_random_run_has_a_guest_and_no_teacher(cli):
    done = cli("mc", "random", *SMALL, "--weights", "gaussian", "--beta", "66.7", "--step", "0.1", "--json")
    assert done.code == 0, done.err
    layer = done.document["layers"][1]
    assert layer["Q"]["teacher"]["raw"] is None and layer["Q"]["guest"]["raw"] is not None
    assert done.document["fresh_error"]["mean"] is None


def test_hinge_is_a_potential_like_any_other(cli, tmp_path):
    """Its energy is what gaps lack, not its square: in the annealed state of one weight and one pattern it is exact."""
    small = ("--width", "2", "--depth", 1, "--alpha", 0.5, "--sweeps", 4000, "--samples", 1, "--seed", 1, "--step", 1)
    done = cli("mc", "random", *small, "--potential", "hinge", "--beta", 4, "--out", "h.nc", "--json")
    document = done.document
    assert (document["potential"], document["beta"], document["margin"]) == ("hinge", 4.0, 0.0)
    angle = (np.arange(4000) + 0.5) * 2.0 * np.pi / 4000
    lacking = np.maximum(-np.cos(angle) * np.sqrt(2.0), 0.0)  # a gap of two weights on the circle is √2 cos
    expected = 2.0 * (lacking * np.exp(-4.0 * lacking)).sum() / np.exp(-4.0 * lacking).sum()  # of two outputs
    assert abs(document["energy"]["mean"] - expected) < 0.01 < abs((lacking**2).mean() - expected)
    assert "hinge" in cli("show", "h.nc").out
    assert cli("mc", "random", *small, "--potential", "hinged").code == 2


def test_heat_bath_of_the_hard_core_moves_every_weight(cli):
    done = cli("mc", "planted", *SMALL, "--dynamics", "heat-bath", "--json")
    document = json.loads(done.out)
    assert done.code == 0 and document["dynamics"] == "heat-bath"
    assert document["acceptance"]["bond"] == [1.0] * len(document["acceptance"]["bond"])
    assert document["energy"]["mean"] == 0.0 and document["drift"] < 1e-10
    assert ", heat bath" in cli("mc", "planted", *SMALL, "--dynamics", "heat-bath").out


def test_table_for_people(cli):
    done = cli("mc", "planted", *SMALL, "--connectivity", 3)
    assert done.code == 0 and "Q(l) of bonds" in done.out and "attempts per second" in done.out


@pytest.mark.parametrize(
    "arguments, named",
    (
        (("planted", *SMALL, "--weights", "gaussian"), "weights = gaussian"),
        (("planted", *SMALL, "--beta", 3), "beta"),
        (("planted", *SMALL, "--sweeps", "1.5"), "sweeps"),
        (("planted", *SMALL, "--width", "6,5"), "width"),
        (("planted", *SMALL, "--width", "six"), "width"),
        (("planted", *SMALL, "--start", "nowhere"), "start"),
        (("planted", *SMALL, "--connectivity", 40), "connectivity"),
        (("planted", *SMALL, "--out", "none/mc.nc"), "none"),
        (("planted", *SMALL, "--resume"), "--resume"),
        (("planted", *SMALL, "--workers", 0), "workers"),
        (("random", *SMALL, "--potential", "hard", "--margin", 0.5), "margin"),
        (("random", *SMALL, "--tempering", 1), "tempering"),
    ),
)
def test_wrong_input_is_one_line_and_nothing_is_written(cli, tmp_path, arguments, named):
    done = cli("mc", *arguments)
    assert done.code == 2 and done.out == ""
    assert named in done.err and len(done.err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_no_satisfying_state_is_exit_3(cli):
    done = cli("mc", "random", "--width", 6, "--depth", 1, "--alpha", 8, "--sweeps", 60, "--potential", "hard")
    assert done.code == 3 and "lower --alpha" in done.err


def test_a_killed_run_resumes_to_the_file_of_an_uninterrupted_one(cli, tmp_path):
    arguments = ("--width", 12, "--depth", 2, "--alpha", 4, "--sweeps", 3000, "--samples", 2, "--points", 30)
    assert cli("mc", "planted", *arguments, "--out", "whole.nc").code == 0
    command = [sys.executable, "-c", "from gardner.cli.main import run; run()", "mc", "planted"]
    command += [*map(str, arguments), "--out", "mc.nc"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=os.environ,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a background shell has it ignored
    )  # fmt: skip
    parts = tmp_path / "mc.nc.parts"
    deadline = time.monotonic() + 120
    while not list(parts.glob("*.checkpoint.npz")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130 and "--resume" in err
    assert not (tmp_path / "mc.nc").exists()
    resumed = cli("mc", "planted", *arguments, "--out", "mc.nc", "--resume")
    assert resumed.code == 0, resumed.err
    assert read_dataset(tmp_path / "mc.nc").equals(read_dataset(tmp_path / "whole.nc"))


def test_two_workers_give_the_numbers_of_one(cli, tmp_path):
    pytest.importorskip("distributed")
    assert cli("mc", "planted", *SMALL, "--out", "one.nc").code == 0
    done = cli("mc", "planted", *SMALL, "--out", "two.nc", "--workers", 2)
    assert done.code == 0, done.err
    one, two = read_dataset(tmp_path / "one.nc"), read_dataset(tmp_path / "two.nc")
    assert one.equals(two)
    np.testing.assert_array_equal(one["Q_teacher"], two["Q_teacher"])


def test_json_is_valid_without_nan(cli):
    done = cli("mc", "planted", *SMALL, "--json")
    document = json.loads(done.out, parse_constant=lambda name: pytest.fail(f"{name} in the document"))
    assert document["command"] == "mc planted" and len(document["layers"]) == document["depth"] + 1


def test_training_says_which_runs_reach_zero_error(cli, tmp_path):
    arguments = ("mc", "training", "--alpha", "1,8", "--depth", "4", "--dilution", "0.2", "--sweeps", "500")
    outcome = cli(*arguments, "--samples", "4", "--plot", "t.svg", "--json")
    assert outcome.code == 0, outcome.err
    runs = outcome.document["runs"]
    reached = {(run["alpha"], run["schedule"]): run["reached_zero"] for run in runs}
    assert set(reached) == {(a, s) for a in (1.0, 8.0) for s in ("greedy", "annealed")}
    assert reached[1.0, "annealed"] > reached[8.0, "greedy"]  # few patterns are easy, greedy runs jam on many
    assert all(run["reached_zero"] >= run["ended_at_zero"] for run in runs)
    assert (tmp_path / "t.svg").exists() and (tmp_path / "t.csv").exists()
    assert cli(*arguments, "--width", "0").code == 2


def test_runs_that_cannot_leave_the_teacher_say_so(cli):
    words = (
        "mc planted --width 9 --depth 2 --weights binary --start teacher --sweeps 8 --samples 1 --points 2 --fresh 1"
    )
    for alpha, dynamics, told in (
        ("1.4", "metropolis", "do not leave the teacher's cluster"),
        ("1.4", "heat-bath", "drawn rows stay near the teacher"),
        ("1", "heat-bath", ""),
    ):
        done = cli(*words.split(), "--connectivity", "5", "--alpha", alpha, "--dynamics", dynamics)
        assert done.code == 0 and told in done.err
        assert ("teacher" in done.err) == bool(told)
