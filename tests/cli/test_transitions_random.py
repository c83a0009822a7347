"""`gardner transitions random` and `gardner penetration` through the installed entry point."""

import h5py
import numpy as np
import pytest
from synthetic_sweep import solid_fronts, sweep_dataset

from gardner.results.solution import write_dataset

HEADER = {"command", "parameters", "version", "seed", "status", "seconds"}


def test_transitions_random_prints_one_document_in_the_style_of_planted(cli):
    document = cli("transitions", "random", "--levels", 10, "--count", 2, "--json").document
    assert HEADER | {"continuous", "errors", "statuses", "depth", "setting", "ended"} <= set(document)
    first, second = document["continuous"]
    assert first == pytest.approx(np.pi**2 / 4) and document["errors"][0] == 0.0
    assert abs(second - 16.0667) < document["errors"][1] < 0.1
    assert document["statuses"] == ["continuous", "continuous"]


def test_transitions_random_of_a_net_and_its_table(cli):
    outcome = cli("transitions", "random", "--levels", 8, "--depth", 4)
    assert outcome.code == 0 and "net of L = 4" in outcome.out and "k = 8" in outcome.out
    assert "continuous: the new layer grows from zero" in outcome.out
    assert "single bond layer" in cli("transitions", "random", "--depth", 1).out


def test_penetration_of_a_front_says_whether_it_is_straight(cli, tmp_path):
    plot = tmp_path / "xi.svg"
    outcome = cli("penetration", "planted", "--count", 6, "--plot", plot)
    assert outcome.code == 0 and "not straight: no straight line" in " ".join(outcome.out.split())
    assert "<svg" in plot.read_text()[:500] and plot.with_suffix(".csv").exists()
    document = cli("penetration", "planted", "--closure", "directed", "--window", "100:", "--json").document
    assert HEADER <= set(document) and document["verdict"] == "straight"
    assert document["slope"] == pytest.approx(1.05, abs=0.02) and len(document["residuals"]) == len(document["alpha"])


def test_penetration_of_a_sweep_reads_its_transitions_or_computes_them(cli, tmp_path):
    path = tmp_path / "sweep.nc"
    dataset = sweep_dataset(np.geomspace(1, 300, 60), {10: solid_fronts((2.5, 13.0, 38.0, 89.0), 10)})
    write_dataset(dataset, path)
    read = cli("penetration", path, "--json").document
    assert read["transitions"] == "sweep, L = 10, upward" and len(read["layers"]) == 4
    computed = cli("penetration", path, "--transitions", "exact", "--plot", tmp_path / "xi.png", "--json").document
    assert computed["alpha"][1] == pytest.approx(12.915626, rel=3e-6)


@pytest.mark.parametrize(
    "arguments, named",
    [
        (("transitions", "random", "--levels", "4"), "levels"),
        (("transitions", "random", "--accuracy", "-1"), "accuracy"),
        (("penetration", "nowhere.nc"), "nowhere.nc"),
        (("penetration", "planted", "--window", "5:2"), "window"),
        (("penetration", "planted", "--closure", "round"), "closure"),
        (("penetration", "planted", "--count", "0"), "count"),
        (("penetration", "planted", "--transitions", "guess"), "transitions"),
        (("penetration", "planted", "--plot", "xi.txt"), "xi.txt"),
    ],
)
def test_bad_input_is_one_line_and_status_2(cli, arguments, named):
    outcome = cli(*arguments)
    assert outcome.code == 2 and outcome.out == ""
    assert named in outcome.err and len(outcome.err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "command", ["show", "report", "ultrametric", "penetration", "solve random --alpha 6 --depth 3 --from"]
)
def test_a_file_of_no_kind_is_named_by_every_command_that_reads_one(cli, tmp_path, command):
    with h5py.File(tmp_path / "plain.nc", "w") as file:
        file["numbers"] = [1.0, 2.0]
    outcome = cli(*command.split(), tmp_path / "plain.nc")
    assert outcome.code == 2 and outcome.out == ""
    assert outcome.err.startswith(f"gardner: {tmp_path / 'plain.nc'}: ") and outcome.err.count("\n") == 1
