"""`gardner fieldtheory`: documents, files, figures, wrong input, stop and resume."""

import signal
import subprocess
import time

import numpy as np
import pytest
from command import GARDNER

from gardner.results.solution import from_attribute, read_dataset

HEADER = {"command", "parameters", "version", "status", "seconds", "seed"}
LATTICE = ("fieldtheory", "lattice", "--sizes", "8", "--blocks", "24", "--sweeps", "5", "--thermalisation", "50")
SCAN = ("--rates", "0.2:2.4:12", "--steps", "50", "--runs", "4", "--windows", "2")
NET = ("--system", "net", "--rates", "0.05,0.1,0.3", "--hidden", "8", "--steps", "10", "--windows", "4", "--runs", "2")


def test_predictions_document_file_and_figures(cli, tmp_path):
    outcome = cli("fieldtheory", "predict", "--components", "4", "--learning-rate", "0.5,3", "--out", "p.nc",
                  "--plot", "p.svg", "--json")  # fmt: skip
    document = outcome.document
    assert outcome.code == 0 and HEADER <= set(document)
    below, above = document["predictions"]
    assert below["zero_modes"] == 3 and above["quoted_sigma_mass2"] is None
    assert document["figures"] == ["p.svg", "p-goldstone.svg", "p-propagators.svg"]
    assert all((tmp_path / name).is_file() for name in document["figures"])
    assert (tmp_path / "p.csv").is_file()
    stored = read_dataset(tmp_path / "p.nc")
    np.testing.assert_allclose(stored["spectrum"].values[0], below["spectrum"])
    # at k = 0 the π propagator is infinite
    still = cli("fieldtheory", "predict", "--k", "0", "--plot", "k.svg", "--json").document
    assert still["propagators"][1]["euclidean"][0] is None and len(still["figures"]) == 2
    text = cli("fieldtheory", "predict", "--components", "1")
    assert text.code == 0 and "η_c = 2" in text.out


def test_linear_nets_document_file_and_figure(cli, tmp_path):
    nets = "2-5-2,4-4-4+layer,4-2-4+block"
    outcome = cli(
        "fieldtheory", "linear-net", "--widths", nets, "--seeds", "2", "--out", "z.nc", "--plot", "z.pdf", "--json"
    )
    document = outcome.document
    assert outcome.code == 0 and HEADER <= set(document) and len(document["nets"]) == 6
    assert all(net["agrees"] and net["counted"] == net["predicted"] for net in document["nets"])
    assert {"effect", "error", "samples", "agrees", "expected"} <= set(document["verdicts"][0])
    stored = read_dataset(tmp_path / "z.nc")
    assert stored.sizes["run"] == 6 and (tmp_path / "z.pdf").is_file() and (tmp_path / "z.csv").is_file()
    assert "agrees" in cli("fieldtheory", "linear-net", "--widths", "2-5-2").out


def test_lattice_document_file_and_figure_repeat_with_the_seed(cli, tmp_path):
    outcome = cli(*LATTICE, "--out", "l.nc", "--plot", "l.svg", "--json")
    document = outcome.document
    assert outcome.code == 0 and HEADER <= set(document)
    (row,) = document["lattices"]
    assert row["blocks"] == 48 and len(row["order2"]) == 2
    for verdict in document["verdicts"]:
        assert verdict["samples"] == 48 and verdict["error"] > 0.0 and 0.0 < verdict["false_alarm"] < 1.0
    again = cli(*LATTICE, "--json", "--workers", "2").document
    assert again["lattices"] == document["lattices"]
    stored = read_dataset(tmp_path / "l.nc")
    assert stored["spectrum"].sizes["p"] == 8 and from_attribute(stored.attrs["parameters"])["blocks"] == 24
    assert not (tmp_path / "l.nc.parts").exists() and (tmp_path / "l.csv").is_file()
    table = cli(*LATTICE, "--mass2=-1.5,-1.3,-1.1", "--coupling", "1", "--sizes", "4,8",
                "--plot", "b.svg")  # fmt: skip
    assert table.code == 0 and "Schwinger–Dyson" in table.out and (tmp_path / "b.svg").is_file()
    wide = cli(*LATTICE, "--mass2=-0.5", "--coupling", "0.1", "--components", "2", "--dimensions", "3", "--plot",
               "o.svg", "--sizes", "4", "--json").document  # fmt: skip
    assert any("massless modes" in verdict["claim"] for verdict in wide["verdicts"])


@pytest.mark.parametrize("options", [SCAN, NET])
def test_learning_rate_document_file_and_figure(cli, tmp_path, options):
    outcome = cli("fieldtheory", "learning-rate", *options, "--out", "r.nc", "--plot", "r.svg", "--json")
    document = outcome.document
    assert outcome.code == 0, outcome.err
    assert HEADER <= set(document) and document["verdicts"] and (tmp_path / "r.svg").is_file()
    assert (tmp_path / "r.csv").is_file() and read_dataset(tmp_path / "r.nc").attrs["seed"] == 1
    text = cli("fieldtheory", "learning-rate", *options)
    assert text.code == 0 and "expected" in text.out


@pytest.mark.parametrize(
    "arguments, names",
    [
        (("predict", "--mu", "-1"), "mu"),
        (("predict", "--learning-rate", "-1"), "learning_rate"),
        (("predict", "--plot", "x.txt"), "figures end in"),
        (("lattice", "--sizes", "7"), "size"),
        (("lattice", "--mass2=-1"), "mass2"),
        (("lattice", "--mass2=1e-300"), "free field"),
        (("lattice", "--chains", "1"), "chains"),
        (("lattice", "--resume"), "--resume"),
        (("lattice", "--sizes", "8,8"), "sizes"),
        (("linear-net", "--widths", "4-x"), "widths"),
        (("linear-net", "--widths", "4-3-5+block"), "widths"),
        (("learning-rate", "--system", "brain"), "system"),
        (("learning-rate", "--rates", "0.1,0.2"), "rates"),
        (("learning-rate", "--dynamics", "adam"), "dynamics"),
        (("learning-rate", "--system", "net", "--data", "mnist"), "data"),
    ],
)
def test_wrong_input_is_one_line_and_writes_nothing(cli, tmp_path, arguments, names):
    outcome = cli("fieldtheory", *arguments)
    assert outcome.code == 2 and outcome.out == ""
    assert len(outcome.err.strip().splitlines()) == 1 and names in outcome.err
    assert not list(tmp_path.iterdir())


def test_interrupted_lattice_run_resumes_to_the_same_numbers(cli, tmp_path):
    options = (*LATTICE[:5], "120", *LATTICE[6:])
    whole = cli(*options, "--json").document
    command = [str(GARDNER), *options, "--out", "i.nc", "--json"]
    running = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    store, end = tmp_path / "i.nc.parts", time.monotonic() + 60.0
    while not list(store.glob("*.npz")) and time.monotonic() < end:
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, text = running.communicate(timeout=60)
    assert running.returncode == 130 and "--resume" in text
    assert not (tmp_path / "i.nc").exists()
    resumed = cli(*options, "--out", "i.nc", "--json", "--resume")
    assert resumed.code == 0, resumed.err
    assert resumed.document["lattices"] == whole["lattices"]
