"""Drawing figures by name: PDF, SVG and the plotted data, all at once on several workers."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import gardner
from gardner.errors import ConvergenceError, InterruptedRun
from gardner.figures import NAMES, module_of
from gardner.figures.workspace import Workspace
from gardner.results import to_attribute, write_dataset
from gardner.runtime.chains import Workers, run_chains
from gardner.runtime.progress import silent

QUALITIES = ("draft", "paper")
CACHE = ".cache"  # folder of the kept parts inside the folder of the figures


@dataclass(frozen=True)
class Drawn:
    """What became of a figure: its files, or why it could not be drawn; seconds it took now."""

    name: str
    files: tuple[str, ...]
    problem: str
    seconds: float


def settings_of(name: str, quality: str):
    """The frozen settings of a figure; ValueError for an unknown name or quality."""
    if quality not in QUALITIES:
        raise ValueError(f"quality = {quality!r}: must be one of {', '.join(QUALITIES)}")
    return getattr(module_of(name), quality.upper())


def about(name: str) -> tuple[str, str]:
    """What a figure shows (first line of its module's docstring) and how long it takes."""
    lines = [line.strip() for line in module_of(name).__doc__.strip().splitlines()]
    takes = [line for line in lines if line.startswith("Takes ")]
    return lines[0].rstrip("."), takes[-1].removeprefix("Takes ").rstrip(".") if takes else ""


def draw_one(name: str, quality: str, out: Path, workers: Workers | None = None) -> Drawn:
    """Draw one figure into the folder `out`; what keeps it from being drawn is reported, so that others follow."""
    from gardner.plotting import style

    began, out = time.perf_counter(), Path(out)
    settings = settings_of(name, quality)
    work = Workspace(out / CACHE, workers or Workers())
    try:
        picture = module_of(name).make(settings, work)
    except (ConvergenceError, ArithmeticError, ValueError) as problem:
        return Drawn(name, (), str(problem), time.perf_counter() - began)
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
    return Drawn(name, (str(pdf), str(svg), str(data)), "", time.perf_counter() - began)


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


def draw(names: Sequence[str] = (), quality: str = "draft", out: Path = Path("figures"), workers: int = 1):
    """Draw figures (all without names) into the folder `out` and return what became of each.

    Finished parts are kept in `out`/.cache: the same call goes on after an interruption, and draws again at once.
    InterruptedRun after Ctrl-C; ValueError for unknown names or qualities, before anything is drawn.
    """
    names = tuple(dict.fromkeys(names)) or NAMES
    for name in names:
        settings_of(name, quality)
    out, helpers = Path(out), Workers(workers)
    try:
        (out / CACHE).mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ValueError(f"{out}: cannot hold figures ({problem.strerror}); name another folder") from None
    with tempfile.TemporaryDirectory() as folder:  # which figures are drawn; their parts are what a later call needs
        store = Path(folder) / "drawn"
        try:
            if len(names) == 1:
                return [draw_one(names[0], quality, out, helpers)]
            chains = [FigureChain(name, quality, str(out)) for name in names]
            records = run_chains(chains, store, {"quality": quality}, helpers, title="figures")
        except (KeyboardInterrupt, InterruptedRun):
            done, told = len(list(store.glob("*.npz"))), "figures are drawn, and all finished parts"
            raise InterruptedRun(out / CACHE, done, len(names), told, "the same command goes on") from None
    return [Drawn(r["name"], tuple(r["files"]), r["problem"], r["seconds"]) for (r,) in records]
