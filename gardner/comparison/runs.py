"""The runs of a plan in a folder: each finished one is a file, each unfinished one a folder of checkpoints.

    FOLDER/plan.json        settings, speeds and runs of the plan; a resumed comparison of equal settings keeps it
    FOLDER/runs/NAME.nc     a finished run, `gardner show` reads it; NAME says size, width, sweeps, samples and seed
    FOLDER/runs/NAME.parts  checkpoints of an unfinished one

A file is used again if it holds a run of exactly the same settings. A comparison resumed with other sizes or another
budget keeps every run that counts and spends its budget on the sizes that have none.
"""

from __future__ import annotations

import json
import math
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from gardner.comparison.measured import Measured, measure
from gardner.comparison.planning import (
    Plan,
    Speed,
    clock,
    extrapolated_tau,
    make_plan,
    measure_speed,
    per_tau,
    pilot_settings,
    revised,
    size_of,
)
from gardner.comparison.settings import ComparisonSettings
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.results import atomic, from_attribute, jsonable, read_dataset, write_dataset
from gardner.runtime.chains import Workers
from gardner.runtime.checkpoint import discard

PLAN = "plan.json"


def run_name(run: MonteCarloSettings) -> str:
    """File name of a run, different for different plans of one comparison."""
    size = f"c{run.connectivity:04d}_N{run.widths[0]:05d}" if run.connectivity else f"N{run.widths[0]:05d}"
    return f"{size}_t{run.sweeps}_s{run.samples}_seed{run.seed}"


IDENTITY = ("setting", "depth", "alpha", "limit", "beta", "graph", "dynamics", "seed")


def open_folder(folder: Path, settings, resume: bool, force: bool, identity: tuple[str, ...] = IDENTITY) -> None:
    """Create the report folder, or refuse to write into one that is in use.

    settings: of this comparison, a dataclass; identity: its fields in which a resumed comparison may not differ.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder}: is a file; --out names the folder of the report")
    if not folder.parent.is_dir():
        raise ValueError(f"{folder}: the folder {folder.parent} does not exist; create it first")
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / PLAN).is_file():
            raise ValueError(f"{folder}: is not empty and holds no comparison; choose another folder")
        if not (resume or force):
            raise ValueError(f"{folder}: holds a comparison; pass --resume to use its runs or --force to start again")
        if resume:
            _check_same(folder, settings, identity)
        else:
            shutil.rmtree(folder / "runs", ignore_errors=True)
            (folder / PLAN).unlink()


def _check_same(folder: Path, settings, identity: tuple[str, ...]) -> None:
    """ValueError unless the folder compares the same net in the same setting; budget and sizes may differ."""
    try:
        stored = json.loads((folder / PLAN).read_text(encoding="utf-8"))["settings"]
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{folder / PLAN}: is damaged; start again with --force") from None
    wanted = jsonable(asdict(settings) | {"setting": settings.setting})
    for name in identity:
        there = stored.get(name, "metropolis" if name == "dynamics" else None)  # there was one dynamics only
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
            runs = tuple(MonteCarloSettings(**fields) for fields in stored["runs"])
            return Plan(runs, tuple(stored["seconds"]), tuple(stored["notes"])), speed
    if speed is None:
        print("timing run …", file=sys.stderr, flush=True)
        speed = measure_speed(pilot_settings(settings), settings.matched)
    plan = make_plan(settings, speed, workers, counted_runs(folder, settings))
    (Path(folder) / "runs").mkdir(parents=True, exist_ok=True)
    document = {
        "settings": wanted,
        "speed": asdict(speed),
        "runs": [asdict(run) for run in plan.runs],
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
        run = MonteCarloSettings(**from_attribute(data.attrs["parameters"]))
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
        same = MonteCarloSettings(**(stored or {})) == run
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
            asked = per_tau(settings) * extrapolated_tau(known, size)
            notes.append(
                f"size {size} is left out: relaxation asks for {asked:.0f} sweeps, more than the budget allows"
            )
            continue
        path = Path(folder) / "runs" / f"{run_name(run)}.nc"
        data = finished(path, run)
        if data is None:
            print(f"run {number} of {len(plan.runs)}: {run_name(run)} …", file=sys.stderr, flush=True)
            data = _make(path, run, workers)
        measured.append(measured_for(settings, data, run))
        datasets.append(data)
        if math.isfinite(measured[-1].tau):
            known.append((size, measured[-1].tau))
    return Executed(tuple(measured), tuple(datasets), tuple(notes))


def _make(path: Path, run: MonteCarloSettings, workers: Workers):
    """One run with checkpoints beside its file, which replaces them."""
    from gardner.montecarlo.report import reported
    from gardner.montecarlo.run import run_monte_carlo

    began, store = time.perf_counter(), path.with_suffix(".parts")
    header, _, data = reported(run_monte_carlo(run, store, workers, resume=True), began)
    write_dataset(data, path)
    discard(store)
    print(f"  {clock(header.seconds)}", file=sys.stderr, flush=True)
    return data
