"""`gardner amp planted`: its document, what it says of itself, how a stopped run goes on, and what it refuses."""

import pytest

from gardner.errors import InterruptedRun
from gardner.messages import run as amp_run
from gardner.messages.settings import AmpSettings

SMALL = ("--width", "60,60,6", "--depth", 1, "--alpha", 2, "--samples", 3, "--seed", 7, "--iterations", 60)


def test_a_run_prints_one_document_and_writes_file_and_figure(cli, tmp_path):
    done = cli("amp", "planted", *SMALL, "--json", "--out", "amp.nc", "--plot", "amp.svg")
    assert done.code == 0, done.err
    document = done.document
    assert document["command"] == "amp planted" and document["status"] == "converged" and document["seed"] == 7
    layer = document["layers"][1]
    assert {"mean", "error", "self_estimate"} <= set(layer["Q"]) and {"mean", "error", "self_estimate"} <= set(
        layer["q"]
    )
    assert set(document["generalization_error"]) == {"estimator", "student"} and document["iterations"] > 10
    assert set(document["state_evolution"]) == {"symmetric", "directed"}
    assert abs(document["state_evolution"]["directed"]["Q"][0] - 0.728298) < 1e-6
    assert abs(layer["Q"]["mean"] - 0.728) < 0.05
    assert "<svg" in (tmp_path / "amp.svg").read_text()[:500] and (tmp_path / "amp.csv").exists()
    shown = cli("show", "amp.nc", "--json")
    assert shown.code == 0 and shown.document["layers"] == document["layers"]
    assert "message passing" in cli("show", "amp.nc").out
    assert cli("amp", "planted", *SMALL, "--out", "amp.nc").code == 2  # --force is needed
    again = cli("amp", "planted", *SMALL, "--out", "amp.nc", "--resume")
    assert again.code == 0 and "nothing to resume" in again.err


def test_small_connectivity_is_named_and_a_run_cut_short_has_advice(cli):
    done = cli(
        "amp",
        "planted",
        "--width",
        40,
        "--depth",
        2,
        "--alpha",
        3,
        "--connectivity",
        8,
        "--samples",
        1,
        "--iterations",
        11,
    )
    assert done.code == 3 and "max_iterations" in done.err and "--iterations" in done.err
    assert "connectivity 8" in done.err and "state evolution" in done.out


def test_a_stopped_run_keeps_its_samples_and_goes_on_to_the_same_numbers(cli, tmp_path, monkeypatch):
    whole = cli("amp", "planted", *SMALL, "--json").document
    work = amp_run.run_sample

    def stops(settings, sample):
        if sample == 2:
            raise KeyboardInterrupt
        return work(settings, sample)

    monkeypatch.setattr(amp_run, "run_sample", stops)
    stopped = cli("amp", "planted", *SMALL, "--out", "amp.nc")
    assert stopped.code == 130 and "2 of 3" in stopped.err and not (tmp_path / "amp.nc").exists()
    with pytest.raises(InterruptedRun):
        amp_run.run_amp(AmpSettings(width=10, depth=1, alpha=1.0, samples=3))
    monkeypatch.setattr(
        amp_run, "run_sample", lambda settings, sample: work(settings, sample) if sample == 2 else 1 / 0
    )
    resumed = cli("amp", "planted", *SMALL, "--out", "amp.nc", "--resume", "--json")
    assert resumed.code == 0 and resumed.document["layers"] == whole["layers"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--width", "ten"), "whole numbers separated by commas"),
        (("--width", "1000000", "--connectivity", "500"), "GiB of memory"),
        (("--start", "warm"), "start = 'warm'"),
        (("--resume",), "--out"),
        (("--damping", "1.5"), "damping = 1.5"),
    ],
)
def test_wrong_input_is_refused_in_one_line(cli, tmp_path, options, words):
    done = cli("amp", "planted", *SMALL, *options)
    assert done.code == 2 and words in done.err and done.err.count("\n") == 1
    assert not list(tmp_path.iterdir())
