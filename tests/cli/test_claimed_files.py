"""Every file that a command writes is named before it starts: none is replaced unasked, none is forgotten."""

import contextlib
import io

import pytest

from gardner.cli import main
from gardner.runtime import files

SOLUTION = ("solve", "random", "--alpha", "5", "--depth", "2", "--levels", "2")
MC = ("mc", "planted", "--width", "6", "--depth", "2", "--alpha", "1", "--sweeps", "40", "--samples", "2",
      "--replicas", "3", "--measurements", "20", "--points", "2")  # fmt: skip
NET = ("--system", "net", "--rates", "0.1:1:3", "--hidden", "4,4", "--windows", "4", "--steps", "10", "--runs", "2")
COMMANDS = {  # name → command without files, and which of them it writes
    "solution": (SOLUTION, ("--out", "--plot")),
    "planted": (("solve", "planted", "--alpha", "20", "--depth", "2"), ("--out", "--plot")),
    "sweep": (("sweep", "planted", "--alpha", "10:200:5:log", "--depth", "2,4"), ("--out", "--plot")),
    "mc": (MC, ("--out", "--plot")),
    "training": (("mc", "training", "--alpha", "1,2", "--depth", "4", "--sweeps", "20", "--samples", "1"), ("--plot",)),
    "predict": (("fieldtheory", "predict"), ("--out", "--plot")),
    "linear net": (("fieldtheory", "linear-net", "--widths", "2-2-2"), ("--out", "--plot")),
    "lattice": (
        ("fieldtheory", "lattice", "--sizes", "4", "--blocks", "8", "--sweeps", "5", "--thermalisation", "5"),
        ("--out", "--plot"),
    ),
    "weight": (
        ("fieldtheory", "learning-rate", "--rates", "0.1:2:4", "--windows", "2", "--steps", "20", "--runs", "2"),
        ("--out", "--plot"),
    ),
    "net": (("fieldtheory", "learning-rate", *NET), ("--out", "--plot")),
    "ultrametric": (("ultrametric", "s.nc", "--replicas", "5"), ("--out", "--plot")),
    "measured": (("ultrametric", "m.nc"), ("--out", "--plot")),
    "show": (("show", "s.nc"), ("--plot",)),
    "gaps": (("show", "s.nc", "--gaps"), ("--plot",)),
    "show sweep": (("show", "w.nc"), ("--plot",)),
    "show mc": (("show", "m.nc"), ("--plot",)),
    "penetration": (("penetration", "planted", "--count", "4"), ("--plot",)),
}


def call(*arguments):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return main.app([str(part) for part in arguments], standalone_mode=False)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """A solution, a sweep and a Monte Carlo file to read."""
    folder = tmp_path_factory.mktemp("inputs")
    call(*SOLUTION, "--out", folder / "s.nc")
    call(*COMMANDS["sweep"][0], "--out", folder / "w.nc")
    call(*MC, "--out", folder / "m.nc")
    return folder


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_written_was_named_and_what_exists_is_kept(inputs, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    command, options = COMMANDS[name]
    command = [inputs / part if part.endswith(".nc") else part for part in command]
    targets = [part for option in options for part in (option, "t.nc" if option == "--out" else "t.svg")]
    named, claim = [], files.claim

    def noted(paths, force):
        named.extend(paths := [tmp_path / path for path in paths])
        claim(paths, force)

    monkeypatch.setattr(files, "claim", noted)
    assert call(*command, *targets) in (None, 0, 3)
    written = set(tmp_path.iterdir())
    assert written and written <= set(named), (written, named)

    # each of them alone is enough for a refusal before any work, and stays as it is
    for path in tmp_path.iterdir():
        path.unlink()
    for path in written:
        path.write_text("mine")
        with pytest.raises(ValueError, match="exists already; choose another name or pass --force"):
            call(*command, *targets)
        assert path.read_text() == "mine" and list(tmp_path.iterdir()) == [path]
        path.unlink()


def test_the_table_of_a_picture_is_not_the_result(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        ValueError, match=r"b\.csv: would be written twice, by two options, or as the table of a picture"
    ):
        call(*SOLUTION, "--out", "b.csv", "--plot", "b.pdf")
    with pytest.raises(ValueError, match="written twice"):
        call(*SOLUTION, "--out", "b.pdf", "--plot", "b.pdf", "--force")
    assert not list(tmp_path.iterdir())
