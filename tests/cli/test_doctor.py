"""`gardner doctor`: passes on a sound installation, names what is wrong on another."""

import csv
import dataclasses
import json
import math
import subprocess
import sys
from importlib import resources

import pytest
import typer

from gardner.cli import doctor
from gardner.doctor import selfcheck
from gardner.doctor.selfcheck import COLUMNS, read_references, run_check
from gardner.results.solution import Header
from gardner.runtime import environment


def write_table(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return path


def test_all_checks_pass_and_the_document_says_what_is_installed(cli):
    outcome = cli("doctor", "--json")
    assert outcome.code == 0, outcome.err
    document = outcome.document
    assert document["command"] == "doctor" and document["status"] == "passed" and document["failed"] == 0
    assert {"version", "parameters", "seconds", "seed"} <= document.keys()
    assert document["versions"]["numpy"] and document["versions"]["gardner"] == document["version"]
    assert document["cores"]["usable"] >= 1
    assert document["threads"]["environment"].keys() == set(environment.THREAD_VARIABLES)
    assert document["cache"]["folders"] and document["cache"]["compiled"]["flow"] in (True, False)
    checks = document["checks"]
    assert len(checks) == len(read_references()) and all(check["passed"] and check["source"] for check in checks)
    for check in checks:
        allowed = check["tolerance"] * (check["error"] if check["sigmas"] else 1.0)
        assert abs(check["computed"] - check["value"]) <= allowed, check["quantity"]
    assert sum(check["seconds"] for check in checks) < 60.0  # 3 s once kernels are compiled


def test_wrong_reference_fails_with_exit_3(installed, tmp_path):
    """The second digit of ε_g is wrong; the line beside it is right and passes."""
    table = write_table(
        tmp_path / "own.csv",
        [
            ("error of the student", "planted_error", "alpha=2 depth=1", "0.250312", "1e-6", "made up"),
            ("overlap", "planted_bond_overlap", "alpha=2 depth=1 layer=1", "0.728298", "1e-6", "THEORY section 9"),
        ],
    )
    outcome = installed("doctor", "--reference", table)
    assert outcome.code == 3
    assert "FAIL error of the student: outside the tolerance; made up" in outcome.out
    assert "1 of 2 checks passed" in outcome.out
    lines = {line.partition(":")[0]: line for line in outcome.out.splitlines()}
    for name in ("required", "threads", "kernel cache"):
        assert lines[name].endswith(": ok"), lines[name]


def test_wrong_solver_fails(monkeypatch):
    """A solver that returns something else, nan, or raises must fail the line, not the program."""
    (reference,) = [one for one in read_references() if one.quantity == "SK, T = 0.5, k = 40: f"]
    for answer in (-0.79117, math.nan):
        monkeypatch.setitem(selfcheck.CHECKS, "sk_free_energy", lambda answer=answer, **_: answer)
        assert not run_check(reference).passed

    def broken(**_):
        raise ZeroDivisionError("no temperature")

    monkeypatch.setitem(selfcheck.CHECKS, "sk_free_energy", broken)
    outcome = run_check(reference)
    assert not outcome.passed and outcome.note == "ZeroDivisionError: no temperature"


def test_monte_carlo_check_refuses_a_wrong_theory():
    """Large N would give another overlap, 0.970 at α = 8: far outside 5σ of the sampled one at N = 2."""
    import gardner

    (reference,) = [one for one in read_references() if one.sigmas]
    outcome = run_check(reference)
    assert outcome.passed and 0.0 < outcome.error < 0.002
    dense = gardner.solve_planted(8, 1).equilibrium.Q_l[0]
    assert abs(outcome.computed - dense) > 20.0 * outcome.error


@pytest.mark.parametrize(
    "row, message",
    [
        (("a", "no_such_check", "", "1", "1", "x"), "no_such_check"),
        (("a", "planted_error", "alpha", "1", "1", "x"), "line 2"),
        (("a", "planted_error", "alpha=2 depth=1", "one", "1", "x"), "line 2"),
    ],
)
def test_malformed_tables_are_refused(tmp_path, row, message):
    with pytest.raises(ValueError, match=message):
        read_references(write_table(tmp_path / "bad.csv", [row]))
    with pytest.raises(ValueError, match="no line"):
        read_references(write_table(tmp_path / "empty.csv", []))


def test_table_is_installed_with_the_package():
    """As package data, declared for wheels too."""
    import tomllib
    from pathlib import Path

    assert resources.files("gardner").joinpath("reference.csv").is_file()
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert {"*.csv", "*.md"} <= set(project["tool"]["setuptools"]["package-data"]["gardner"])


def test_missing_packages_are_a_note_or_a_problem():
    found = environment.versions() | {"scikit-learn": None}
    problems, notes = environment.missing(found)
    assert not problems and any("gardner[digits]" in note for note in notes)
    problems, _ = environment.missing(found | {"scipy": None})
    assert len(problems) == 1 and "pip install scipy" in problems[0]


def without(monkeypatch, name):
    """As if a distribution were not installed."""
    installed = environment.installed_version
    monkeypatch.setattr(environment, "installed_version", lambda asked: None if asked == name else installed(asked))


def test_missing_required_package_fails_with_a_document(monkeypatch, capsys):
    """Whoever reads --json gets a document in this case too, with the header that all documents have."""
    without(monkeypatch, "scipy")
    monkeypatch.setattr(doctor, "use_threads", lambda threads: None)
    with pytest.raises(typer.Exit) as stopped:
        doctor.doctor(json=True)
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert stopped.value.exit_code == 3 and "pip install scipy" in printed.err
    assert {field.name for field in dataclasses.fields(Header)} <= document.keys()
    assert document["command"] == "doctor" and document["status"] == "failed"
    assert document["versions"]["scipy"] is None and document["verdicts"]["required"] == "missing"
    (problem,) = document["problems"]
    assert "scipy is not installed" in problem
    with pytest.raises(typer.Exit):
        doctor.doctor()
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("required:")]
    assert "scipy not installed" in line and line.endswith(": missing")


def test_document_of_a_missing_package_needs_no_package():
    """NumPy cannot be imported here, and the document is printed all the same."""
    program = """
import sys
from importlib import metadata
from gardner.cli import main
assert "numpy" not in sys.modules
sys.modules["numpy"] = None
found = metadata.version
def version(name):
    if name == "numpy":
        raise metadata.PackageNotFoundError(name)
    return found(name)
metadata.version = version
sys.argv = ["gardner", "doctor", "--json"]
main.run()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 3, done.stderr
    assert "numpy is not installed" in json.loads(done.stdout)["problems"][0]


def test_every_line_says_whether_it_is_well():
    """ok, warning or missing; what is not known is not judged."""
    found = dict.fromkeys((*environment.REQUIRED, *environment.OPTIONAL), "1.0")
    machine = {"versions": found, "threads": {"numba": 1}, "cache": {"writable": True}}
    assert doctor.verdicts(machine) == {"required": "ok", "optional": "ok", "threads": "ok", "cache": "ok"}
    worse = {"versions": found | {"dask": None}, "threads": {"numba": 8}, "cache": {"writable": False}}
    assert doctor.verdicts(worse) == {
        "required": "ok", "optional": "missing", "threads": "warning", "cache": "warning",
    }  # fmt: skip
    assert doctor.verdicts({"versions": found | {"numba": None}}) == {"required": "missing", "optional": "ok"}


def test_unwritable_cache_is_a_warning_with_advice(installed, tmp_path, monkeypatch):
    """Numba is told to look for a cache where there can be none; the check still runs, kernels being compiled anew."""
    caching = pytest.importorskip("numba.core.caching")
    if not hasattr(caching, "UserProvidedCacheLocator"):
        pytest.skip("this version of Numba cannot be told where to look for its cache")
    monkeypatch.setenv("NUMBA_CACHE_LOCATOR_CLASSES", "UserProvidedCacheLocator")
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file" / "below"))
    rows = [("mass", "field_sigma_mass", "components=3 learning_rate=1", "1.5", "1e-12", "exact")]
    table = write_table(tmp_path / "own.csv", rows)
    outcome = installed("doctor", "--json", "--reference", table)
    assert outcome.code == 0, outcome.err
    (warning,) = outcome.document["warnings"]
    assert "NUMBA_CACHE_DIR" in warning and not outcome.document["cache"]["folders"]
    assert not any(outcome.document["cache"]["compiled"].values()) and "compiled first" in outcome.err
    assert outcome.document["verdicts"]["cache"] == "warning"
    printed = installed("doctor", "--reference", table).out.splitlines()
    (cache,) = [line for line in printed if line.startswith("kernel cache:")]
    assert cache.endswith("NOT writable: warning") and any(line.startswith("warning: ") for line in printed)
