"""What every figure module keeps to, and how parts are kept and figures drawn from them."""

import ast
import dataclasses
import inspect
import multiprocessing
import os
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import gardner
from gardner.errors import ConvergenceError, FileFormatError
from gardner.figures import FIGURES, drawing
from gardner.figures.workspace import Picture, Workspace, code_digest
from gardner.results.solution import read_dataset

PACKAGE = Path(gardner.__file__).parent
SCALED = {"points", "levels", "sweeps", "samples", "replicas", "count", "steps", "blocks", "measurements"}


@pytest.mark.parametrize("name", FIGURES)
def test_draft_and_paper_differ_in_points_levels_and_sweeps_only(name):
    draft, paper = (dataclasses.asdict(drawing.settings_of(name, quality)) for quality in drawing.QUALITIES)
    assert draft.keys() == paper.keys()
    differing = {field for field in draft if draft[field] != paper[field]}
    assert differing <= SCALED, differing - SCALED
    assert all(np.all(np.asarray(paper[field]) >= np.asarray(draft[field])) for field in differing)


@pytest.mark.parametrize("name", FIGURES)
def test_every_module_says_what_it_shows_and_how_long_it_takes(name):
    shows, takes = drawing.about(name)
    assert 20 < len(shows) < 115 and takes
    assert "draft" in takes and "paper" in takes
    module = FIGURES[name]
    assert module.__file__.endswith(name.replace("-", "_") + ".py")
    assert len(inspect.getsource(module).splitlines()) < 400
    assert inspect.getdoc(module.make)


def test_every_module_of_the_folder_that_draws_is_named():
    folder = Path(drawing.__file__).parent
    drawn = {path.stem for path in folder.glob("*.py") if "\ndef make(" in path.read_text()}
    assert drawn == {name.replace("-", "_") for name in FIGURES}


def test_unknown_names_and_qualities_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="figure = 'tree': must be one of"):
        drawing.draw(["planted-profiles", "tree"], out=tmp_path / "out")
    with pytest.raises(ValueError, match="quality = 'final': must be one of draft, paper"):
        drawing.draw(["planted-profiles"], "final", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_part_is_computed_once_and_again_for_other_parameters_or_from_a_damaged_file(tmp_path):
    calls = []

    def part(alpha):
        def compute():
            calls.append(alpha)
            return xr.Dataset({"x": alpha})

        return float(Workspace(tmp_path / "cache").keep("part", {"alpha": alpha}, compute)["x"])

    assert [part(1.0), part(1.0), part(2.0), part(1.0)] == [1.0, 1.0, 2.0, 1.0]
    assert calls == [1.0, 2.0]
    Workspace(tmp_path / "cache").path("part", {"alpha": 1.0}).write_bytes(b"cut off")
    assert part(1.0) == 1.0 and calls == [1.0, 2.0, 1.0]


def test_parts_read_again_keep_their_words_when_they_are_joined(tmp_path):
    """A file of short words must not cut the longer words of another one."""
    work, words = Workspace(tmp_path / "cache"), ("liquid", "crystal")

    def joined():
        parts = [work.keep("part", {"word": w}, lambda w=w: xr.Dataset({"stable": ("point", [w])})) for w in words]
        xr.concat(parts, "row").to_netcdf(tmp_path / "joined.nc")
        return read_dataset(tmp_path / "joined.nc")["stable"].values.ravel().tolist()

    assert joined() == list(words)
    assert joined() == list(words)


def test_a_change_wherever_numbers_come_from_makes_other_parts(tmp_path, monkeypatch):
    """The digest of the code holds every file but those that parse a command line, draw, or make pages."""
    copy = shutil.copytree(PACKAGE, tmp_path / "gardner", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(gardner, "__file__", str(copy / "__init__.py"))
    before, sources = code_digest.__wrapped__(), sorted(copy.rglob("*.py"))
    assert len(sources) > 100
    for source in sources:
        text = source.read_bytes()
        source.write_bytes(text + b"# changed")
        drawn_or_parsed = source.relative_to(copy).parts[0] in ("cli", "docs", "plotting", "reports")
        assert (code_digest.__wrapped__() == before) == drawn_or_parsed, source
        source.write_bytes(text)


def imports_plotting(tree) -> bool:
    return any(
        (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gardner.plotting"))
        or (isinstance(node, ast.Import) and any(name.name.startswith("gardner.plotting") for name in node.names))
        for node in ast.walk(tree)
    )


def test_no_number_comes_from_a_module_that_draws():
    """Only figures and commands know of `plotting`; in a figure, what computes a kept part does not."""
    for source in sorted(PACKAGE.rglob("*.py")):
        folder, tree = source.relative_to(PACKAGE).parts[0], ast.parse(source.read_text())
        if folder not in ("plotting", "figures", "cli", "docs", "reports"):
            assert not imports_plotting(tree), source
        if folder != "figures":
            continue
        assert not any(imports_plotting(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))
        drawing_functions = {f.name for f in tree.body if isinstance(f, ast.FunctionDef) and imports_plotting(f)}
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in ("keep", "resume"):
                used = {node.id for node in ast.walk(call.args[-1]) if isinstance(node, ast.Name)}
                assert not used & drawing_functions, (source, used & drawing_functions)


def test_a_figure_leaves_pdf_svg_and_labelled_data(tmp_path):
    (drawn,) = drawing.draw(["planted-profiles"], out=tmp_path)
    assert drawn.problem == "" and [Path(file).suffix for file in drawn.files] == [".pdf", ".svg", ".nc"]
    assert (tmp_path / "planted-profiles.pdf").read_bytes().startswith(b"%PDF")
    assert "<svg" in (tmp_path / "planted-profiles.svg").read_text()[:1000]
    data = read_dataset(tmp_path / "planted-profiles.nc")
    assert data.attrs["figure"] == "planted-profiles" and data.attrs["quality"] == "draft"
    assert set(data.dims) >= {"closure", "alpha", "layer"}


@pytest.mark.parametrize("problem", [ConvergenceError("α = 3: no"), ZeroDivisionError("α = 3: no")])
def test_a_figure_that_cannot_be_drawn_is_reported_and_the_others_are_drawn(tmp_path, monkeypatch, problem):
    def make(settings, work):
        raise problem

    monkeypatch.setattr(FIGURES["planted-profiles"], "make", make)
    failed, drawn = drawing.draw(["planted-profiles", "ssb-potential"], out=tmp_path)
    assert failed.problem == "α = 3: no" and failed.files == ()
    assert {path.stem for path in tmp_path.glob("*.pdf")} == {"ssb-potential"} and len(drawn.files) == 3


def test_two_processes_compute_a_part_once(tmp_path):
    """The second one waits for the first and reads what it wrote."""
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(slow_part, [tmp_path] * 2))
    assert found[0] == found[1] and len(list(tmp_path.glob("computed-*"))) == 1


def slow_part(folder):
    def compute():
        (folder / f"computed-{os.getpid()}").touch()
        time.sleep(0.5)
        return xr.Dataset({"by": os.getpid()})

    return int(Workspace(folder / "cache").keep("part", {}, compute)["by"])


def test_a_folder_that_cannot_hold_figures_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("mine")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ValueError, match=r"cannot hold figures .*; name another folder"):
            drawing.draw(["planted-profiles"], out=out)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / ".cache").write_text("mine")
    with pytest.raises(ValueError, match="cannot hold figures"):
        drawing.draw(["planted-profiles"], out=tmp_path / "mine")


def test_a_damaged_checkpoint_of_a_part_is_started_again(tmp_path):
    from gardner.analysis.plans import PlantedSweep
    from gardner.analysis.sweep import run_sweep
    from gardner.runtime.checkpoint import checkpoint_path

    work, plan = Workspace(tmp_path), PlantedSweep(alphas=(2.0, 3.0), depths=(2,))
    store = work.path("sweep", {"setting": "planted"} | plan.parameters()).with_suffix(".parts")
    store.mkdir()
    for name in ("L2-up", "L2-down"):
        checkpoint_path(store, name).write_bytes(b"cut off")
    with pytest.raises(FileFormatError, match="damaged checkpoint"):
        run_sweep(plan, store, resume=True)
    assert (work.sweep(plan)["status"] == "converged").all()
    assert not store.exists()


def test_a_picture_without_data_leaves_its_lines_as_csv(tmp_path, monkeypatch):
    from gardner.plotting import style

    def make(settings, work):
        figure, axis = style.figure()
        axis.plot([0.0, 1.0], [2.0, 3.0])
        return Picture(figure)

    monkeypatch.setattr(FIGURES["planted-profiles"], "make", make)
    (drawn,) = drawing.draw(["planted-profiles"], out=tmp_path)
    rows = (tmp_path / "planted-profiles.csv").read_text().split()
    assert drawn.files[2].endswith(".csv") and rows[1:] == ["0,0,0.0,2.0", "0,0,1.0,3.0"]


def test_figures_replace_what_was_drawn_there_and_nothing_else(tmp_path):
    picture = tmp_path / "planted-profiles.pdf"
    picture.write_text("mine")
    with pytest.raises(ValueError, match=r"planted-profiles\.pdf: exists and was not drawn here"):
        drawing.draw(["planted-profiles"], out=tmp_path)
    assert picture.read_text() == "mine"
    drawing.draw(["planted-profiles"], out=tmp_path, force=True)
    drawing.draw(["planted-profiles"], out=tmp_path)  # again
    picture.write_text("changed by me")
    with pytest.raises(ValueError, match="was not drawn here"):
        drawing.draw(["planted-profiles"], out=tmp_path)
    assert picture.read_text() == "changed by me"
