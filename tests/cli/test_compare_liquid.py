"""`gardner compare liquid`: report folder, documents, resumption, wrong input; sizes too small to decide anything."""

import json

import pytest

LIQUID = ("compare", "liquid", "--depth", "2", "--alpha", "0.5", "--connectivities", "4,6,8", "--realisations", "200")


@pytest.fixture
def report(cli, tmp_path):
    done = cli(*LIQUID, "--budget", "8s", "--replicas", "3", "--out", "r", "--json")
    assert done.code == 0, done.err
    return tmp_path / "r", done


def test_a_small_comparison_leaves_a_report_and_is_resumed_without_new_runs(cli, report):
    folder, done = report
    document = json.loads(done.out)
    assert document == json.loads((folder / "report.json").read_text())
    assert set(document["verdict"]["closures"]) == {"symmetric", "directed"}
    assert {"rejected", "p_value"} <= set(document["verdict"]["closures"]["symmetric"])
    names = [entry["name"] for entry in document["observables"]]
    assert names == ["RR", "CC", "qq", "Rq", "Cq", "RC"]
    assert all(
        entry["error"] > 0 and set(entry["theory"]) == {"symmetric", "directed"} for entry in document["observables"]
    )
    assert (folder / "report.md").read_text().startswith("# Liquid fluctuations, planted setting, L = 2, hard core")
    assert {path.suffix for path in (folder / "figures").iterdir()} == {".pdf", ".svg"}
    assert not list((folder / "runs").glob("*.parts")) and not (folder / "units.parts").exists()
    assert "plan (" in done.err and "run 1 of" in done.err

    assert cli("show", "r").out == (folder / "report.md").read_text() + "\n"

    # the same command goes on from what is there, and says the same
    runs = {path: path.stat().st_mtime_ns for path in (folder / "runs").iterdir()}
    again = cli(*LIQUID, "--budget", "8s", "--replicas", "3", "--out", "r", "--json", "--resume")
    assert again.code == 0 and {path: path.stat().st_mtime_ns for path in (folder / "runs").iterdir()} == runs
    assert json.loads(again.out)["observables"] == document["observables"]

    # another net is not mixed in
    other = cli(*LIQUID, "--budget", "8s", "--replicas", "4", "--out", "r", "--resume")
    assert other.code == 2 and "holds a comparison with replicas = 3, now 4 is asked for" in other.err
    assert cli(*LIQUID, "--out", "r").code == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--depth", "1", "--alpha", "0.5"), "depth = 1: must be at least 2"),
        (("--depth", "2", "--alpha", "2"), "alpha = 2: no closure has a liquid there"),
        (("--depth", "2", "--alpha", "0.5", "--beta", "3"), "the hard core has no temperature"),
        (("--depth", "2", "--alpha", "0.5", "--potential", "square"), "must be hard or soft"),
        (("--depth", "2", "--alpha", "0.5", "--connectivities", "8,16"), "at least three different numbers"),
        (("--depth", "2", "--alpha", "x"), "must be numbers separated by commas"),
    ],
)
def test_wrong_input_is_one_line_and_leaves_nothing(cli, tmp_path, options, words):
    done = cli("compare", "liquid", *options, "--out", "r")
    assert done.code == 2 and words in done.err and done.err.count("\n") == 1
    assert not (tmp_path / "r").exists()
