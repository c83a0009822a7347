"""The runs of a plan in a folder: each finished one is a file, each unfinished one a folder of checkpoints.

    FOLDER/plan.json        settings, speeds and runs of the plan; a resumed comparison of equal settings keeps it
    FOLDER/runs/NAME.nc     a finished run, `gardner show` reads it; NAME says size, width, sweeps, samples and seed
    FOLDER/runs/NAME.parts  checkpoints of an unfinished one

A file is used again if it holds a run of exactly the same settings. A comparison resumed with other sizes or another
budget keeps every run that counts and spends its budget on the sizes that have none.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from gardner.comparison.measured import Measured, measure
from gardner.comparison.planning import (
    Plan,
    Speed,
    clock,
    extrapolate_tau,
    make_plan,
    measure_speed,
    per_tau,
    pilot_settings,
    revised,
    size_of,
)
from gardner.comparison.settings import ComparisonSettings
from gardner.errors import FileFormatError
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.results.solution import atomic, check_writable, from_attribute, jsonable, read_dataset, write_dataset
from gardner.runtime.chains import Workers
from gardner.runtime.checkpoint import discard
from gardner.runtime.files import remove_strays
from gardner.runtime.ownership import LOCK, owned

PLAN = "plan.json"
REPORT = ("report.json", "report.md")
FIGURES = ("extrapolation.pdf", "extrapolation.csv", "generalization.pdf", "gaps.pdf", "gaps.csv")


def run_name(run: MonteCarloSettings) -> str:
    """File name of a run, different for different plans of one comparison."""
    size = f"c{run.connectivity:04d}_N{run.widths[0]:05d}" if run.connectivity else f"N{run.widths[0]:05d}"
    return f"{size}_t{run.sweeps}_s{run.samples}_seed{run.seed}"


_RUN = re.compile(r"(L\d+_M\d+_)?(c\d+_)?N\d+_t\d+_s\d+_seed\d+(_[\w.]+)?")
IDENTITY = ("setting", "depth", "alpha", "limit", "beta", "graph", "dynamics", "weights", "seed")
BEFORE = {"dynamics": "metropolis", "weights": "spherical"}  # of plans of before there was a choice


@contextlib.contextmanager
def opened(folder: Path, settings, resume: bool, force: bool, identity: tuple[str, ...] = IDENTITY):
    """The report folder, made if it is not there and owned by this process inside the block.

    settings: of this comparison, a dataclass; identity: its fields in which a resumed comparison may not differ.
    ValueError, with nothing written, if it cannot be written or is in use, by another process or by other things.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder}: is a file; --out names the folder of the report")
    if not folder.parent.is_dir():
        raise ValueError(f"{folder}: the folder {folder.parent} does not exist; create it first")
    with owned(folder):
        _open(folder, settings, resume, force, identity)
        yield


def _open(folder: Path, settings, resume: bool, force: bool, identity: tuple[str, ...]) -> None:
    """Refuse to write into a folder that is in use; with `force` remove the runs of an old comparison."""
    if any(path.name != LOCK for path in folder.iterdir()):
        if not (folder / PLAN).is_file():
            raise ValueError(f"{folder}: is not empty and holds no comparison; choose another folder")
        if not (resume or force):
            raise ValueError(f"{folder}: holds a comparison; pass --resume to use its runs or --force to start again")
        if resume:
            _check_same(folder, settings, identity)
    for name in (PLAN, *REPORT):
        check_writable(folder / name, True)
    if (folder / "figures").is_dir():
        for name in FIGURES:
            check_writable(folder / "figures" / name, True)
    remove_strays(folder / "runs")
    if force and not resume:
        _remove_runs(folder)


def _remove_runs(folder: Path) -> None:
    """Remove the plan and the runs made by it, and nothing else that stands beside them."""
    for path in (folder / "runs").glob("*"):
        if _RUN.fullmatch(path.stem) and path.suffix == ".nc":
            path.unlink()
        elif _RUN.fullmatch(path.stem) and path.suffix == ".parts":
            discard(path)
    (folder / PLAN).unlink(missing_ok=True)


def _check_same(folder: Path, settings, identity: tuple[str, ...]) -> None:
    """ValueError unless the folder compares the same net in the same setting; budget and sizes may differ."""
    try:
        stored = json.loads((folder / PLAN).read_text(encoding="utf-8"))["settings"]
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{folder / PLAN}: is damaged; start again with --force") from None
    wanted = jsonable(asdict(settings) | {"setting": settings.setting})
    for name in identity:
        there = stored.get(name, BEFORE.get(name))
        if there != wanted[name]:
            raise ValueError(
                f"{folder}: holds a comparison with {name} = {there}, now {wanted[name]} is asked for; "
                "choose another folder or start again with --force"
            )


def planned(folder: Path, settings: ComparisonSettings, workers: int) -> tuple[Plan, Speed]:
    """The plan in the folder if it was made for these settings; else a new one, which keeps the runs that count."""
    path, wanted = Path(folder) / PLAN, jsonable(asdict(settings) | {"workers": workers})
    speed = None
    if path.is_file():
        stored = json.loads(path.read_text(encoding="utf-8"))
        speed = Speed(**stored["speed"])
        if stored["settings"] == wanted:
            runs = tuple(MonteCarloSettings.read(fields) for fields in stored["runs"])
            return Plan(runs, tuple(stored["seconds"]), tuple(stored["notes"])), speed
    if speed is None:
        print("timing run …", file=sys.stderr, flush=True)
        speed = measure_speed(pilot_settings(settings), settings.matched)
    plan = make_plan(settings, speed, workers, counted_runs(folder, settings))
    (Path(folder) / "runs").mkdir(parents=True, exist_ok=True)
    document = {
        "settings": wanted,
        "speed": asdict(speed),
        "runs": [run.parameters() for run in plan.runs],
        "seconds": plan.seconds,
        "notes": plan.notes,
    }
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(jsonable(document), indent=1), encoding="utf-8")
    return plan, speed


def counted_runs(folder: Path, settings: ComparisonSettings) -> list[MonteCarloSettings]:
    """Finished runs in the folder that count, of the sizes asked for; of each size and width the longest."""
    best: dict[tuple[int, int], MonteCarloSettings] = {}
    for path in sorted((Path(folder) / "runs").glob("*.nc")):
        data = read_dataset(path)
        try:
            run = MonteCarloSettings.read(from_attribute(data.attrs["parameters"]))
        except (KeyError, TypeError, ValueError):  # of another version, or no run at all
            continue
        key = (size_of(run), run.widths[0])
        if size_of(run) not in settings.sizes or measured_for(settings, data, run).excluded:
            continue
        if key not in best or best[key].sweeps * best[key].samples < run.sweeps * run.samples:
            best[key] = run
    return list(best.values())


def measured_for(settings: ComparisonSettings, data, run: MonteCarloSettings) -> Measured:
    """What this comparison takes from a run."""
    return measure(data, run, settings.target, settings.matched, settings.relaxed)


def finished(path: Path, run: MonteCarloSettings):
    """The dataset in `path` if it holds this very run, else None."""
    if not path.is_file():
        return None
    data = read_dataset(path)
    stored = from_attribute(data.attrs.get("parameters", "null"))
    try:
        same = MonteCarloSettings.read(stored or {}) == run
    except (TypeError, ValueError):  # of another version
        return None
    return data if same else None


@dataclass(frozen=True)
class Executed:
    """The runs made or found, measured, with their datasets, and what was given up on the way."""

    measured: tuple[Measured, ...]
    datasets: tuple[object, ...]
    notes: tuple[str, ...]


def execute(folder: Path, settings: ComparisonSettings, plan: Plan, speed: Speed, workers: Workers) -> Executed:
    """Every run of the plan, lengthened where smaller sizes have shown a slower relaxation."""
    measured, datasets, notes, known = [], [], [], []
    for number, run_planned in enumerate(plan.runs, start=1):
        size = size_of(run_planned)
        stored = Path(folder) / "runs" / f"{run_name(run_planned)}.nc"
        made = finished(stored, run_planned) is not None
        run = run_planned if made else revised(settings, run_planned, known, speed)
        if run is None:
            asked = per_tau(settings) * extrapolate_tau(known, size)
            notes.append(
                f"size {size} is left out: relaxation asks for {asked:.0f} sweeps, more than the budget allows"
            )
            continue
        path = Path(folder) / "runs" / f"{run_name(run)}.nc"
        data = finished(path, run)
        if data is None:
            print(f"run {number} of {len(plan.runs)}: {run_name(run)} …", file=sys.stderr, flush=True)
            data = _make(path, run, workers)
        else:
            discard(path.with_suffix(".parts"))  # of a process that was killed before it did so
        measured.append(measured_for(settings, data, run))
        datasets.append(data)
        if math.isfinite(measured[-1].tau):
            known.append((size, measured[-1].tau))
    return Executed(tuple(measured), tuple(datasets), tuple(notes))


def _make(path: Path, run: MonteCarloSettings, workers: Workers):
    """One run with checkpoints beside its file, which replaces them."""
    from gardner.montecarlo.report import report_run
    from gardner.montecarlo.run import run_monte_carlo

    began, store = time.perf_counter(), path.with_suffix(".parts")
    with owned(store):
        try:
            result = run_monte_carlo(run, store, workers, resume=True)
        except FileFormatError as problem:
            print(f"  {problem.args[0].partition(';')[0]}: this run starts again", file=sys.stderr, flush=True)
            result = run_monte_carlo(run, store, workers, force=True)
        header, _, data = report_run(result, began)
        write_dataset(data, path)
        discard(store)
    print(f"  {clock(header.seconds)}", file=sys.stderr, flush=True)
    return data
