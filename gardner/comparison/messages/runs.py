"""The nets of a comparison in a folder: each finished one is a file, each unfinished one a folder of checkpoints.

    FOLDER/plan.json        settings and runs; a resumed comparison of equal settings keeps it
    FOLDER/runs/NAME.nc     a finished run, `gardner show` reads it; NAME says net, sweeps, samples, seed and start
    FOLDER/runs/NAME.parts  checkpoints of an unfinished one

The time of a sample is L N c M numbers of edges and patterns, UPDATES multiply-adds each, in some SWEEPS sweeps, of
which SPEED are done a second. A resumed comparison with more nets, values of α or starts adds to what exists.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from gardner.comparison.messages.measured import MeasuredNet, measure, merge
from gardner.comparison.messages.settings import AmpComparisonSettings
from gardner.comparison.planning import RESERVE, clock
from gardner.comparison.runs import PLAN
from gardner.errors import FileFormatError
from gardner.messages.run import run_amp
from gardner.messages.settings import AmpSettings
from gardner.results.files import read, save
from gardner.results.solution import atomic, jsonable
from gardner.runtime.chains import Workers
from gardner.runtime.checkpoint import discard

UPDATES, SWEEPS, SPEED = 10.0, 60.0, 6e9


@dataclass(frozen=True)
class AmpPlan:
    """The runs, the seconds each is expected to take on one core, and what had to be given up."""

    runs: tuple[AmpSettings, ...]
    seconds: tuple[float, ...]
    notes: tuple[str, ...]


def file_name(run: AmpSettings) -> str:
    """Of a run, without ending."""
    net = f"L{run.depth}_M{run.patterns:04d}_c{run.fan:04d}_N{run.layer_widths[0]:05d}"
    return f"{net}_t{run.iterations}_s{run.samples}_seed{run.seed}_{run.start}"


def expected(run: AmpSettings) -> float:
    """Seconds on one core."""
    sweeps = min(SWEEPS, run.iterations)
    return run.samples * sweeps * run.depth * run.layer_widths[0] * run.fan * run.patterns * UPDATES / SPEED


def make_plan(settings: AmpComparisonSettings, workers: int = 1) -> AmpPlan:
    """The nets of every α that fit into its share of the budget, the cheapest first; ValueError if too few do."""
    share = RESERVE * settings.budget * workers / len(settings.alphas)
    runs, notes = [], []
    for alpha in settings.alphas:
        spent, used = 0.0, []
        for c, width in settings.nets(alpha):
            here = [settings.run(alpha, c, width, start) for start in settings.starts]
            cost = sum(map(expected, here))
            spent += cost
            if spent <= share:
                used.append((c, width))
                runs += here
            else:
                notes.append(f"α = {alpha:g}, c = {c}, N = {width} is left out: it takes {clock(cost)}")
        if len(used) < 3 or len({c for c, _ in used}) < 2:
            raise ValueError(
                f"budget = {clock(settings.budget)}: fewer than three nets of two connectivities fit at alpha = "
                f"{alpha:g}; give {clock(1.1 * spent / RESERVE / workers * len(settings.alphas))} or smaller nets"
            )
    return AmpPlan(tuple(runs), tuple(map(expected, runs)), tuple(notes))


def planned(folder: Path, settings: AmpComparisonSettings, workers: int) -> AmpPlan:
    """The plan of these settings, written into the folder."""
    plan, path = make_plan(settings, workers), Path(folder) / PLAN
    (Path(folder) / "runs").mkdir(parents=True, exist_ok=True)
    document = {
        "settings": asdict(settings) | {"setting": settings.setting, "workers": workers},
        "runs": [run.parameters() for run in plan.runs],
        "seconds": plan.seconds,
        "notes": plan.notes,
    }
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(jsonable(document), indent=1), encoding="utf-8")
    return plan


def execute(folder: Path, settings: AmpComparisonSettings, plan: AmpPlan, workers: Workers) -> list[MeasuredNet]:
    """Every run of the plan, made or found, and every other finished run of these settings, measured."""
    store = Path(folder) / "runs"
    for number, run in enumerate(plan.runs, start=1):
        path = store / f"{file_name(run)}.nc"
        if path.is_file() and read(path).settings == run:
            continue
        time = clock(plan.seconds[number - 1] / workers.count)
        print(f"run {number} of {len(plan.runs)}: {file_name(run)}, about {time} …", file=sys.stderr, flush=True)
        parts = path.with_suffix(".parts")
        save(run_amp(run, parts, workers, resume=True), path)
        discard(parts)
    return measured_runs(store, settings)


def measured_runs(store: Path, settings: AmpComparisonSettings) -> list[MeasuredNet]:
    """All finished runs of the folder that belong to these settings; samples of different seeds come together."""
    found: dict[tuple, dict[int, MeasuredNet]] = {}
    for path in sorted(Path(store).glob("*.nc")):
        try:
            data = read(path)
        except FileFormatError:
            continue
        run = getattr(data, "settings", None)
        if not isinstance(run, AmpSettings) or not _belongs(run, settings):
            continue
        net = measure(data)
        seeds = found.setdefault((net.patterns / net.connectivity, net.connectivity, net.width, net.start), {})
        if run.seed not in seeds or len(seeds[run.seed].true_sk) < len(net.true_sk):
            seeds[run.seed] = net
    return [merge(_ordered(found[key])) for key in sorted(found)]


def _ordered(seeds: dict[int, MeasuredNet]) -> Sequence[MeasuredNet]:
    return [seeds[seed] for seed in sorted(seeds)]


def _belongs(run: AmpSettings, settings: AmpComparisonSettings) -> bool:
    wanted = {(c, round(alpha * c)) for c in settings.connectivities for alpha in settings.alphas}
    same = run.depth == settings.depth and run.weights == settings.weights and run.start in settings.starts
    return same and len(set(run.layer_widths)) == 1 and (run.fan, run.patterns) in wanted
