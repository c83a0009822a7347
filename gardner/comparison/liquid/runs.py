"""The runs of a plan in a folder: each finished one is a file, each unfinished one a folder of checkpoints.

    FOLDER/plan.json        settings, pilots and runs; a resumed comparison of equal settings keeps it
    FOLDER/runs/NAME.nc     a finished run: products of unit overlaps with its parameters
    FOLDER/runs/NAME.parts  checkpoints of an unfinished one, and of the isolated units

A file is used again if it holds a run of exactly the same settings. A resumed comparison with another budget, other
connectivities or more values of α keeps what exists and adds to it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from gardner.comparison.liquid.estimates import UnitCovariances, measure
from gardner.comparison.liquid.planning import LiquidPlan, Pilot, make_plan, measure_pilot
from gardner.comparison.liquid.settings import LiquidSettings
from gardner.comparison.planning import clock
from gardner.comparison.runs import PLAN, run_name
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.montecarlo.unit_overlaps import run_unit_overlaps
from gardner.results.solution import atomic, from_attribute, jsonable, read_dataset, to_attribute, write_dataset
from gardner.runtime.chains import Workers
from gardner.runtime.checkpoint import discard

KIND = "unit overlaps"


def file_name(run: MonteCarloSettings) -> str:
    """Of a run, without ending: patterns tell values of α apart."""
    return f"L{run.depth}_M{run.patterns:04d}_{run_name(run)}"


def planned(folder: Path, settings: LiquidSettings, workers: int) -> LiquidPlan:
    """The plan in the folder if it was made for these settings; else a new one, with the pilots that exist."""
    path, wanted = Path(folder) / PLAN, jsonable(asdict(settings) | {"setting": settings.setting, "workers": workers})
    pilots: dict[float, Pilot] = {}
    if path.is_file():
        stored = json.loads(path.read_text())
        if stored["settings"] == wanted:
            runs = tuple(MonteCarloSettings.read(fields) for fields in stored["runs"])
            return LiquidPlan(runs, tuple(stored["seconds"]), tuple(stored["notes"]))
        if stored["settings"]["connectivities"][:2] == wanted["connectivities"][:2]:
            pilots = {entry["alpha"]: Pilot(**entry["pilot"]) for entry in stored["pilots"]}
    for alpha in settings.alphas:
        if alpha not in pilots:
            print(f"timing run at α = {alpha:g} …", file=sys.stderr, flush=True)
            pilots[alpha] = measure_pilot(settings, alpha)
    plan = make_plan(settings, pilots, workers)
    (Path(folder) / "runs").mkdir(parents=True, exist_ok=True)
    document = {
        "settings": wanted,
        "pilots": [{"alpha": alpha, "pilot": asdict(pilot)} for alpha, pilot in pilots.items()],
        "runs": [run.parameters() for run in plan.runs],
        "seconds": plan.seconds,
        "notes": plan.notes,
    }
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(jsonable(document), indent=1))
    return plan


def execute(folder: Path, settings: LiquidSettings, plan: LiquidPlan, workers: Workers) -> list[UnitCovariances]:
    """Every run of the plan, made or found, and every other finished run of these settings, measured."""
    store = Path(folder) / "runs"
    for number, run in enumerate(plan.runs, start=1):
        path = store / f"{file_name(run)}.nc"
        if path.is_file():
            discard(path.with_suffix(".parts"))  # of a process that was killed before it did so
            continue
        expected = clock(plan.seconds[number - 1] / workers.count)
        print(f"run {number} of {len(plan.runs)}: {file_name(run)}, about {expected} …", file=sys.stderr, flush=True)
        parts = path.with_suffix(".parts")
        data = run_unit_overlaps(run, parts, workers, resume=True)
        write_run(path, run, data)
        discard(parts)
    return measured_runs(store, settings)


def write_run(path: Path, run: MonteCarloSettings, data) -> None:
    """A finished run with its parameters."""
    data = data.copy()
    data.attrs = {"kind": KIND, "parameters": to_attribute(run.parameters()), "seed": run.seed}
    write_dataset(data, path)


def measured_runs(store: Path, settings: LiquidSettings) -> list[UnitCovariances]:
    """All finished runs of the folder that belong to these settings, layer by layer; the longest of equals."""
    best: dict[tuple, tuple] = {}
    for path in sorted(Path(store).glob("*.nc")):
        data = read_dataset(path)
        if data.attrs.get("kind") != KIND:
            continue
        run = MonteCarloSettings.read(from_attribute(data.attrs["parameters"]))
        if not _belongs(run, settings):
            continue
        key = run.connectivity, run.widths[0], run.patterns, run.seed  # runs of different seeds are independent
        weight = run.samples * run.sweeps
        if key not in best or best[key][0] < weight:
            best[key] = weight, data, run
    order = sorted(best, key=lambda key: (key[2] / key[0], key[0], key[1]))
    return [measure(*best[key][1:], layer) for layer in settings.hidden_layers for key in order]


def _belongs(run: MonteCarloSettings, settings: LiquidSettings) -> bool:
    same_net = run.depth == settings.depth and run.setting == settings.setting
    same_potential = run.potential.name == settings.potential.name and (settings.planted or run.beta == settings.beta)
    wanted = {(c, settings.patterns(alpha, c)) for c in settings.connectivities for alpha in settings.alphas}
    return same_net and same_potential and (run.connectivity, run.patterns) in wanted
