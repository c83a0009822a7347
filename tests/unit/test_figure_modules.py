"""What every figure module keeps to, and how parts are kept and figures drawn from them."""

import dataclasses
import inspect
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from gardner.errors import ConvergenceError
from gardner.figures import NAMES, drawing, module_of
from gardner.figures.workspace import Picture, Workspace
from gardner.results import read_dataset

SCALED = {"points", "levels", "sweeps", "samples", "replicas", "count", "steps", "blocks", "measurements"}


@pytest.mark.parametrize("name", NAMES)
def test_draft_and_paper_differ_in_points_levels_and_sweeps_only(name):
    draft, paper = (dataclasses.asdict(drawing.settings_of(name, quality)) for quality in drawing.QUALITIES)
    assert draft.keys() == paper.keys()
    differing = {field for field in draft if draft[field] != paper[field]}
    assert differing <= SCALED, differing - SCALED
    assert all(np.all(np.asarray(paper[field]) >= np.asarray(draft[field])) for field in differing)


@pytest.mark.parametrize("name", NAMES)
def test_every_module_says_what_it_shows_and_how_long_it_takes(name):
    shows, takes = drawing.about(name)
    assert 20 < len(shows) < 115 and takes
    assert "draft" in takes and "paper" in takes
    module = module_of(name)
    assert module.__file__.endswith(name.replace("-", "_") + ".py")
    assert len(inspect.getsource(module).splitlines()) < 400
    assert inspect.getdoc(module.make)


def test_every_module_of_the_folder_that_draws_is_named():
    folder = Path(drawing.__file__).parent
    drawn = {path.stem for path in folder.glob("*.py") if "\ndef make(" in path.read_text()}
    assert drawn == {name.replace("-", "_") for name in NAMES}


def test_unknown_names_and_qualities_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="figure 'tree': unknown; choose among"):
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

        return float(Workspace(tmp_path / "cache").kept("part", {"alpha": alpha}, compute)["x"])

    assert [part(1.0), part(1.0), part(2.0), part(1.0)] == [1.0, 1.0, 2.0, 1.0]
    assert calls == [1.0, 2.0]
    Workspace(tmp_path / "cache").path("part", {"alpha": 1.0}).write_bytes(b"cut off")
    assert part(1.0) == 1.0 and calls == [1.0, 2.0, 1.0]


def test_a_figure_leaves_pdf_svg_and_labelled_data(tmp_path):
    (drawn,) = drawing.draw(["planted-profiles"], out=tmp_path)
    assert drawn.problem == "" and [Path(file).suffix for file in drawn.files] == [".pdf", ".svg", ".nc"]
    assert (tmp_path / "planted-profiles.pdf").read_bytes().startswith(b"%PDF")
    assert "<svg" in (tmp_path / "planted-profiles.svg").read_text()[:1000]
    data = read_dataset(tmp_path / "planted-profiles.nc")
    assert data.attrs["figure"] == "planted-profiles" and data.attrs["quality"] == "draft"
    assert set(data.dims) >= {"closure", "alpha", "layer"}


def test_a_figure_that_does_not_converge_is_reported_and_the_others_are_drawn(tmp_path, monkeypatch):
    module = module_of("planted-profiles")
    monkeypatch.setattr(module, "make", lambda settings, work: (_ for _ in ()).throw(ConvergenceError("α = 3: no")))
    other = next(name for name in NAMES if name == "planted-profiles")
    (drawn,) = drawing.draw([other], out=tmp_path)
    assert drawn.problem == "α = 3: no" and drawn.files == ()
    assert not list(tmp_path.glob("*.pdf"))


def test_a_picture_without_data_leaves_its_lines_as_csv(tmp_path, monkeypatch):
    from gardner.plotting import style

    def make(settings, work):
        figure, axis = style.figure()
        axis.plot([0.0, 1.0], [2.0, 3.0])
        return Picture(figure)

    monkeypatch.setattr(module_of("planted-profiles"), "make", make)
    (drawn,) = drawing.draw(["planted-profiles"], out=tmp_path)
    rows = (tmp_path / "planted-profiles.csv").read_text().split()
    assert drawn.files[2].endswith(".csv") and rows[1:] == ["0,0,0.0,2.0", "0,0,1.0,3.0"]
