"""The public API is what `gardner/__init__.py` exports."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

import gardner
from gardner.doctor.equations import pages
from gardner.model import RandomSetting, checked_parisi, uniform_parisi
from gardner.results.solution import from_attribute, to_attribute

ROOT = Path(__file__).parents[2]


def test_every_exported_name_exists_and_is_documented():
    for name in gardner.__all__:
        value = getattr(gardner, name)
        if name != "__version__":
            assert value.__doc__


def test_unknown_names_raise_attribute_error():
    with pytest.raises(AttributeError):
        _ = gardner.solve_everything


def test_default_grid_of_parisi_parameters():
    assert uniform_parisi(3) == (0.25, 0.5, 0.75)
    assert RandomSetting(1.0, gardner.Network(2), parisi=(0.5,)).m.tolist() == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("values", [(0.0,), (1.0,), (0.5, 0.5), (0.5, float("nan"))])
def test_impossible_parisi_parameters_are_refused(values):
    with pytest.raises(ValueError, match="parisi"):
        checked_parisi(values)


@pytest.mark.parametrize("overlap", [(0.5, 0.4), (-0.1, 0.4), (0.5, 1.1), (0.5,)])
def test_impossible_boundary_overlaps_are_refused(overlap):
    with pytest.raises(ValueError, match="input_overlap"):
        RandomSetting(1.0, gardner.Network(2), parisi=(0.5,), input_overlap=overlap)


@pytest.mark.parametrize("value", [1, 2.5, "text", None, True, [1, 2], {"a": None}, "null and void"])
def test_attributes_survive_a_file(value):
    assert from_attribute(to_attribute(value)) == value


def test_levels_and_parisi_exclude_each_other():
    with pytest.raises(ValueError, match="choose one"):
        gardner.solve_random(2, 2, 3, parisi=(0.5,))


def test_every_equation_cited_in_the_code_is_in_the_theory_chapter():
    known = {f"({label})" for label in pages()}
    cited = set()
    for path in (ROOT / "gardner").rglob("*.py"):
        cited |= set(re.findall(r"\(T\d+\)", path.read_text(encoding="utf-8")))
    assert cited and cited <= known


def test_top_level_holds_only_what_was_agreed():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    allowed = {
        "setup.cfg",
        "pyproject.toml",
        "gardner",
        "tests",
        "data",
        "figures",
        "README.md",
        "LICENSE",
        "CITATION.cff",
    }
    top = {name.split("/")[0] for name in listed.stdout.splitlines()}
    assert {name for name in top if not name.startswith(".")} <= allowed


def test_overlap_figure_draws_every_solid_layer(tmp_path):
    from gardner.plotting.profiles import overlaps_figure, plot_overlaps

    solution = gardner.solve_random(20, 4, 4)
    drawing = overlaps_figure(solution)
    # layers 1 and 4, 2 and 3 coincide: two curves of bonds, two of spins (1 = 3, 2)
    assert [len(axis.patches) for axis in drawing.axes[:2]] == [2, 2]
    plot_overlaps(solution, tmp_path / "run.png")
    table = np.loadtxt(tmp_path / "run.csv", delimiter=",", skiprows=1)
    assert table.shape == (5, 2 + 4 + 3)
