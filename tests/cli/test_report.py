"""`gardner report`: one page of any results. Every kind of them becomes a page in tests/results/test_kinds.py."""

import json
import re

import numpy as np
import pytest

import gardner
from gardner.analysis.sweep_data import SweepData
from gardner.reports import citations, page, slider, text


@pytest.fixture(scope="module")
def sweeps(tmp_path_factory):
    """A planted and a random sweep of nets of two depths, one point of the latter without a solution."""
    folder, solver = tmp_path_factory.mktemp("sweeps"), gardner.SolverSettings(tolerance=1e-8)
    planted = gardner.PlantedSweep(alphas=(3.0, 2.0, 30.0), depths=(2, 4))
    random = gardner.RandomSweep(
        alphas=(1.0, 6.0), depths=(2, 3), parisi=(0.3, 0.7), margins=(0.0, 0.1), directions=("up",), solver=solver
    )
    found = {name: gardner.run_sweep(plan, folder / name) for name, plan in (("planted", planted), ("random", random))}
    found["random"]["status"][dict(depth=1, margin=0, alpha=1)] = "stalled"
    return found


@pytest.fixture
def files(sweeps, tmp_path):
    from gardner.results.datasets import write_dataset

    for name, dataset in sweeps.items():
        write_dataset(dataset, tmp_path / f"{name}.nc")
    return [f"{name}.nc" for name in sweeps]


def test_the_slider_holds_the_numbers_of_the_sweep(cli, files, sweeps, tmp_path):
    outcome = cli("report", *files, "--out", "page.html")
    assert outcome.code == 0 and outcome.out == "written: page.html\n", outcome.err
    made = (tmp_path / "page.html").read_text(encoding="utf-8")
    planted, random = map(json.loads, re.findall(r'<script type="application/json">(.*?)</script>', made))
    assert planted["alpha"] == [2.0, 3.0, 30.0] and planted["m"] == [0.0, 1.0] and random["m"] == [0.0, 0.3, 0.7, 1.0]
    assert [branch["name"] for branch in planted["branches"]] == [
        f"L = {depth}, {direction}ward" for depth in (2, 4) for direction in ("up", "down")
    ]
    assert len(random["branches"]) == 4 and "κ = 0.1" in random["branches"][1]["name"]

    # α is put in order; the layers of the shallower net end where it ends
    for branch, (depth, direction) in zip(planted["branches"], ((2, "up"), (2, "down"), (4, "up"), (4, "down"))):
        here = sweeps["planted"].sel(depth=depth, direction=direction).sortby("alpha")
        np.testing.assert_allclose(branch["bonds"], here["Q_EA"].values[:, :depth], rtol=1e-4)
        np.testing.assert_allclose(branch["spins"], here["q_EA"].values[:, : depth + 1], rtol=1e-4)
        np.testing.assert_allclose(branch["s"], here["free_entropy"].values, rtol=1e-4)
    here = sweeps["random"].sel(depth=2, direction="up", margin=0.1)
    steps = here["q"].transpose("alpha", "spin_layer", "x").values[:, :3]
    np.testing.assert_allclose(random["branches"][1]["q"], steps, rtol=1e-4, atol=1e-12)

    # a point without a solution has a status and no numbers
    stalled = random["branches"][2]
    assert stalled["status"] == ["converged", "stalled"] and stalled["bonds"][1] is stalled["q"][1] is None


def test_steps_that_are_too_many_for_a_page_are_left_out_and_said_to_be(monkeypatch, sweeps):
    whole = page.slider(SweepData(sweeps["random"]))
    for module in (slider, page):
        monkeypatch.setattr(module, "MOST_NUMBERS", 10)
    made = page.slider(SweepData(sweeps["random"]))
    assert '"q":' in whole and '"q":' not in made and '"bonds":' in made
    assert "more than 10 numbers" in made and "more than" not in whole


def test_what_cannot_be_a_page_is_refused_in_one_line_and_nothing_is_written(cli, files, tmp_path):
    (tmp_path / "old.html").write_text("mine", encoding="utf-8")
    (tmp_path / "text.nc").write_text("no result", encoding="utf-8")
    before = sorted(path.name for path in tmp_path.iterdir())
    for words, told in (
        ([files[0], "--out", "page.txt"], "page.txt: a page ends in .html"),
        ([files[0], "--out", "old.html"], "old.html: exists already; choose another name or pass --force"),
        ([files[0], "--out", "none/page.html"], "does not exist; create it first"),
        ([files[0], "missing.nc"], "missing.nc"),
        ([files[0], "text.nc"], "text.nc"),
        ([], "Missing argument"),
    ):
        outcome = cli("report", *words)
        assert outcome.code == 2 and told in outcome.err and outcome.err.count("\n") == 1, (words, outcome.err)
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    outcome = cli("report", files[0], "--out", "old.html", "--force", "--json")
    assert outcome.document == {"command": "report", "files": files[:1], "out": "old.html"}
    assert (tmp_path / "old.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_names_and_texts_of_results_are_no_markup(cli, sweeps, tmp_path):
    from gardner.results.datasets import write_dataset

    name = "<b>&.nc"
    write_dataset(sweeps["planted"].assign_attrs(command="</script><script>"), tmp_path / name)
    outcome = cli("report", name)
    made = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert outcome.code == 0 and "<b>&" not in made and "&lt;b&gt;&amp;.nc" in made and "<script><" not in made


def test_sources_are_those_that_the_kind_names():
    phases = gardner.capacity(margin=0.0)
    lines = citations.citations(phases)
    assert lines[0].startswith("The gardner developers, gardner 0.") and "H. Yoshino" in lines[1]
    assert any("E. Gardner" in line for line in lines) and not any("Bolthausen" in line for line in lines)


def test_pieces_of_markdown():
    made = text.from_markdown(
        "# A <b>\n\nOne\ntwo `x|y` **z**\n\n| a | b |\n|---|---|\n| 1 | < |\n\n* first\n* second\n"
    )
    assert made.splitlines()[:2] == ["<h3>A &lt;b&gt;</h3>", "<p>One two <code>x|y</code> <b>z</b></p>"]
    assert "<tr><th>a</th><th>b</th></tr><tr><td>1</td><td>&lt;</td></tr>" in made
    assert made.endswith("<ul><li>first</li><li>second</li></ul>")


def test_tables_of_numbers_are_made_where_they_fit():
    assert text.numbers("q", [[1.0, 2.0]]).count("<td>") == 2
    assert text.numbers("q", np.zeros((50, 2)).tolist()) == text.numbers("q", ["a"]) == ""
    assert text.records("rows", [{"a": 1}, {"b": None}]).count("<td>") == 4
