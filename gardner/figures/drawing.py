"""Drawing figures by name: PDF, SVG and the plotted data, all at once on several workers."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import gardner
from gardner.errors import ConvergenceError, InterruptedRun, OutputError
from gardner.figures import FIGURES
from gardner.figures.workspace import Workspace
from gardner.results.solution import to_attribute, write_dataset
from gardner.runtime.chains import Workers, run_chains
from gardner.runtime.files import check_writable, remove_strays, write_bytes
from gardner.runtime.progress import silent

QUALITIES = ("draft", "paper")
SUFFIXES = (".pdf", ".svg", ".nc", ".csv")  # the last two hold the plotted data, one or the other
CACHE = ".cache"  # folder of the kept parts inside the folder of the figures


@dataclass(frozen=True)
class Drawn:
    """What became of a figure: its files, or why it could not be drawn; seconds it took now.

    fault: it was computed, and the machine could not write it, or had too little memory.
    """

    name: str
    files: tuple[str, ...]
    problem: str
    seconds: float
    fault: bool = False


def settings_of(name: str, quality: str):
    """The frozen settings of a figure; ValueError for an unknown name or quality."""
    if quality not in QUALITIES:
        raise ValueError(f"quality = {quality!r}: must be one of {', '.join(QUALITIES)}")
    return getattr(FIGURES[name], quality.upper())


def about(name: str) -> tuple[str, str]:
    """What a figure shows (first line of its module's docstring) and how long it takes."""
    lines = [line.strip() for line in FIGURES[name].__doc__.strip().splitlines()]
    takes = [line for line in lines if line.startswith("Takes ")]
    return lines[0].rstrip("."), takes[-1].removeprefix("Takes ").rstrip(".") if takes else ""


def draw_one(name: str, quality: str, out: Path, workers: Workers | None = None) -> Drawn:
    """Draw one figure into the folder `out`; what keeps it from being drawn is reported, so that others follow."""

    began, out = time.perf_counter(), Path(out)
    settings = settings_of(name, quality)
    work = Workspace(out / CACHE, workers or Workers())
    try:
        picture = FIGURES[name].make(settings, work)
        return Drawn(name, _write(name, quality, settings, picture, out), "", time.perf_counter() - began)
    except (OutputError, MemoryError) as problem:
        text = str(problem) if isinstance(problem, OutputError) else f"out of memory ({problem or 'no details'})"
        return Drawn(name, (), text, time.perf_counter() - began, True)
    except (ConvergenceError, ArithmeticError, ValueError) as problem:
        return Drawn(name, (), str(problem), time.perf_counter() - began)


def _write(name: str, quality: str, settings, picture, out: Path) -> tuple[str, ...]:
    """Write PDF, SVG and the plotted data, and note that they are drawn here; returns their names."""
    from gardner.plotting import style

    with _noted(name, out):
        return _write_files(name, quality, settings, picture, out, style)


def _write_files(name: str, quality: str, settings, picture, out: Path, style) -> tuple[str, ...]:
    pdf, svg = out / f"{name}.pdf", out / f"{name}.svg"
    style.save_figure(picture.drawing, pdf)
    if picture.data is None:
        data = style.save_with_curves(picture.drawing, svg)
    else:
        style.save_figure(picture.drawing, svg)
        data = out / f"{name}.nc"
        header = {"figure": name, "quality": quality, "settings": asdict(settings), "version": gardner.__version__}
        labelled = picture.data.assign_attrs({key: to_attribute(value) for key, value in header.items()})
        write_dataset(labelled, data)
    return str(pdf), str(svg), str(data)


def _note(name: str, out: Path) -> Path:
    """The file that says which files of a figure were drawn here."""
    return out / CACHE / f"{name}.drawn.json"


def _digests(name: str, out: Path) -> dict[str, str]:
    """SHA-256 of the files of a figure that exist."""
    paths = [out / f"{name}{suffix}" for suffix in SUFFIXES]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.is_file()}


@contextlib.contextmanager
def _noted(name: str, out: Path):
    """Files of this figure that are written inside are known as drawn here, also if it is stopped on the way."""
    path = _note(name, out)
    with contextlib.suppress(OutputError):  # without the note they are only better protected
        write_bytes(path, json.dumps({"writing": True}).encode())
    try:
        yield
    finally:
        with contextlib.suppress(OutputError):
            write_bytes(path, json.dumps(_digests(name, out)).encode())


def check_files(names: Sequence[str], out: Path, force: bool) -> None:
    """ValueError if a file of one of these figures exists in `out` that was not drawn there, or cannot be written."""
    for name in names:
        drawn = {}
        with contextlib.suppress(OSError, ValueError):
            drawn = json.loads(_note(name, out).read_bytes())
        found = {} if drawn.get("writing") else _digests(name, out)
        for file, digest in found.items():
            if not force and drawn.get(file) != digest:
                raise ValueError(f"{out / file}: exists and was not drawn here; name another --out or pass --force")
        for suffix in SUFFIXES:
            check_writable(out / f"{name}{suffix}", True)


@dataclass(frozen=True)
class FigureChain:
    """One figure as a chain of one point, for the workers."""

    name: str
    quality: str
    out: str
    length: int = 1

    def start(self) -> dict:
        return {}

    def step(self, state: dict, index: int) -> tuple[dict, dict]:
        with silent():
            drawn = draw_one(self.name, self.quality, Path(self.out))
        return state, asdict(drawn) | {"files": list(drawn.files)}


def draw(
    names: Sequence[str] = (),
    quality: str = "draft",
    out: Path = Path("figures"),
    workers: int = 1,
    force: bool = False,
):
    """Draw figures (all without names) into the folder `out` and return what became of each.

    Finished parts are kept in `out`/.cache: the same call goes on after an interruption, and draws again at once.
    InterruptedRun after Ctrl-C; ValueError for unknown names or qualities, and for files in the way that were not
    drawn here (`force`: replace them), before anything is drawn.
    """
    names = tuple(dict.fromkeys(names)) or FIGURES.names
    for name in names:
        settings_of(name, quality)
    out, helpers = Path(out), Workers(workers)
    try:
        (out / CACHE).mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ValueError(f"{out}: cannot hold figures ({problem.strerror}); name another folder") from None
    check_files(names, out, force)
    remove_strays(out)
    remove_strays(out / CACHE)
    try:
        if len(names) == 1:
            return [draw_one(names[0], quality, out, helpers)]
        chains = [FigureChain(name, quality, str(out)) for name in names]
        # no checkpoints of the figures themselves: their parts are what a later call needs
        records = run_chains(chains, None, {"quality": quality}, helpers, title="figures")
    except (KeyboardInterrupt, InterruptedRun) as interruption:
        done, told = getattr(interruption, "done", 0), "figures are drawn, and all finished parts"
        raise InterruptedRun(out / CACHE, done, len(names), told, "the same command goes on") from None
    return [Drawn(r["name"], tuple(r["files"]), r["problem"], r["seconds"], r["fault"]) for (r,) in records]
