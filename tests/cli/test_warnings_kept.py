"""Warnings are data: they go through documents, files and tables, and files of before are read without them."""

import json
from dataclasses import replace

import pytest

import gardner
from gardner.errors import FileFormatError
from gardner.results.datasets import read_dataset, write_dataset
from gardner.results.files import read, save
from gardner.results.warnings import SolutionWarning, from_text, read_warnings, to_text


@pytest.fixture(scope="module")
def results():
    return {
        "random": gardner.solve_random(alpha=9.5, depth=2, levels=1),
        "planted": gardner.solve_planted(6.6, 3),
        "sk": gardner.solve_sk(beta=10.0, levels=0),
    }


@pytest.mark.parametrize("kind", ["random", "planted", "sk"])
@pytest.mark.parametrize("ending", ["nc", "json"])
def test_warnings_come_back_from_files_and_stand_in_table_and_document(results, tmp_path, capsys, kind, ending):
    result, path = results[kind], tmp_path / f"x.{ending}"
    assert result.warnings
    save(result, path)
    again = read(path)
    assert again == result and again.warnings == result.warnings
    again.show()
    printed = capsys.readouterr().out.splitlines()
    assert [line for line in printed if line.startswith("warning: ")] == [f"warning: {w.text}" for w in result.warnings]
    for warning, entry in zip(result.warnings, json.loads(json.dumps(again.document()))["warnings"], strict=True):
        assert entry == {"kind": warning.kind, "text": warning.text} | warning.numbers
    assert all(warning.text in again._repr_html_() for warning in result.warnings)


def test_files_of_before_have_no_warnings(results, tmp_path):
    for kind, result in results.items():
        bare = result.to_dataset()
        del bare.attrs["warnings"]
        write_dataset(bare, tmp_path / f"{kind}.nc")
        old = read(tmp_path / f"{kind}.nc")
        assert old.warnings == () and old == replace(result, warnings=())


@pytest.mark.parametrize("wrong", ["{}", "[1]", '[{"kind": "a"}]', '[{"kind": 1, "text": "b"}]', "text"])
def test_damaged_warnings_are_refused_in_one_line(results, tmp_path, wrong):
    write_dataset(results["sk"].to_dataset().assign_attrs(warnings=wrong), tmp_path / "x.nc")
    with pytest.raises(FileFormatError, match="the entry warnings") as refused:
        read(tmp_path / "x.nc")
    assert len(str(refused.value).splitlines()) == 1


def test_numbers_stand_beside_kind_and_text():
    warning = SolutionWarning("kind", "in words", {"alpha": 2.5, "layer": 3, "branch": "liquid", "s": None})
    assert from_text(to_text([warning, warning])) == (warning, warning)
    assert read_warnings([warning.body()]) == (warning,) and read_warnings(None) == ()


# commands


def test_exit_code_and_status_are_those_of_the_search(cli):
    done = cli("solve", "random", "--alpha", "9.5", "--depth", "2", "--levels", "1", "--out", "x.nc", "--json")
    assert done.code == 0 and done.document["status"] == "converged"
    assert done.document["warnings"][0]["kind"] == "counting-bound"
    text = done.document["warnings"][0]["text"]
    assert f"warning: {text}" in cli("show", "x.nc").out.splitlines()
    assert cli("show", "x.nc", "--json").document["warnings"] == done.document["warnings"]
    assert cli("show", "x.nc", "--gaps", "--json").document["warnings"] == done.document["warnings"]
    (quiet,) = (
        cli("solve", "random", "--alpha", "2", "--depth", "2", "--levels", "1", *json_) for json_ in [("--json",)]
    )
    assert quiet.document["warnings"] == []


def test_every_point_of_a_sweep_has_its_own(cli, tmp_path):
    done = cli("sweep", "random", "--alpha", "4,9,9.5,11", "--depth", "1,2", "--levels", "1", "--out", "x.nc", "--json")
    assert done.code == 0
    told = {(w["depth"], w["direction"], w["kind"]): w for w in done.document["warnings"]}
    counted = told[2, "up", "counting-bound"]
    assert (counted["alpha_from"], counted["alpha_to"], counted["points"]) == (9.5, 11.0, 2)
    assert told[1, "down", "capacity"]["points"] == 4  # α_c = 2: all of them
    said = read_dataset(tmp_path / "x.nc")["warnings"].sel(depth=2, direction="up")
    found, alone = from_text(said.sel(alpha=11).item()), gardner.solve_random(alpha=11, depth=2, levels=1).warnings
    assert [w.kind for w in found] == [w.kind for w in alone] == ["counting-bound", "capacity", "frozen-levels"]
    assert found[1].numbers == pytest.approx(alone[1].numbers, abs=1e-6)
    assert [w.kind for w in from_text(said.sel(alpha=9).item())] == ["capacity"]  # α_c = 8.7353 of the closure
    assert from_text(said.sel(alpha=4).item()) == ()
    shown = cli("show", "x.nc").out
    assert "points with warnings" in shown and "α = 11 lies 21 % above the counting bound 9.089 at L = 2" in shown
