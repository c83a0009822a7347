"""`gardner compare liquid`: parse, call, print."""

import json as json_module
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import EXIT_NOT_CONVERGED, Writes, print_json
from gardner.cli.compare import Force, Out, Resume
from gardner.cli.options import Fields, with_fields
from gardner.cli.parsing import refuse_idle
from gardner.cli.runs import WorkerCount
from gardner.cli.solve import Json
from gardner.comparison.liquid.settings import LiquidSettings
from gardner.potentials import choose_potential

Core = Annotated[str, typer.Option(help="hard (planted setting) or soft (random setting).")]
Beta = Annotated[float | None, typer.Option(help="Inverse temperature of the soft core. [default: 66.7]")]
RUNS = ("replicas", "realisations", "dynamics", "seed")


@with_fields
def compare_liquid(
    *,
    net: Annotated[dict, Fields(LiquidSettings, "depth", "alphas")],
    out: Out,
    plan: Annotated[dict, Fields(LiquidSettings, "connectivities", "budget")],
    potential: Core = "hard",
    beta: Beta = None,
    runs: Annotated[dict, Fields(LiquidSettings, *RUNS, realisations=4000)],
    workers: WorkerCount = 1,
    resume: Resume = False,
    force: Force = False,
    json: Json = False,
) -> None:
    """Fluctuations of single hidden units in the liquid: tells the closures apart in minutes."""
    from gardner.runtime.chains import Workers

    if potential not in ("hard", "soft"):
        raise ValueError(f"potential = {potential!r}: must be hard or soft")
    if potential == "soft":
        refuse_idle("with --potential soft; it is of the planted setting", "--dynamics", "--realisations")
    temperature = choose_potential(potential, beta=beta).beta
    settings = LiquidSettings(**net, **plan, beta=temperature, **runs)
    _compare(settings, Workers(workers), out, resume, force, json)


def _compare(settings, workers, folder: Path, resume: bool, force: bool, json: bool) -> None:
    from gardner.comparison.runs import opened

    identity = ("setting", "depth", "beta", "dynamics", "replicas", "seed")
    with opened(folder, settings, resume, force, identity):
        resolved = _carry_out(settings, workers, folder, json)
    if not resolved:
        print("not resolved: too few runs count; raise --budget", file=sys.stderr)
        raise typer.Exit(EXIT_NOT_CONVERGED)


def _carry_out(settings, workers, folder: Path, json: bool) -> bool:
    """Make the runs, write the report and print it; True if a limit could be taken."""
    from gardner.comparison.liquid import runs
    from gardner.comparison.liquid.analysis import compare_liquid as compare
    from gardner.comparison.liquid.isolated import isolated_units
    from gardner.comparison.liquid.report import document, markdown
    from gardner.comparison.runs import REPORT
    from gardner.errors import InterruptedRun
    from gardner.plotting import liquid as pictures
    from gardner.results.solution import Header, atomic, jsonable
    from gardner.runtime.checkpoint import discard

    began, writes = time.perf_counter(), Writes()
    plan = runs.planned(folder, settings, workers.count)
    _print_plan(plan)
    try:
        measured = runs.execute(folder, settings, plan, workers)
        isolated = isolated_units(settings, folder / "units.parts", workers, resume=True)
    except (KeyboardInterrupt, InterruptedRun):
        kept = len(list((folder / "runs").glob("*.nc")))
        raise InterruptedRun(folder, kept, len(plan.runs), "runs, and the begun one,") from None
    comparison = compare(settings, measured, isolated, plan.notes)
    header = Header("compare liquid", asdict(settings), comparison.status, time.perf_counter() - began, settings.seed)
    whole = jsonable(asdict(header) | document(comparison))
    text = markdown(whole)
    for name, content in zip(REPORT, (json_module.dumps(whole, indent=1), text)):
        with writes, atomic(folder / name) as temporary:
            temporary.write_text(content, encoding="utf-8")
    with writes:
        pictures.save_report(whole, folder / "figures" / "liquid-fluctuations")
    discard(folder / "units.parts")
    if json:
        print_json(whole)
    else:
        print(text)
    writes.report()
    return bool(comparison.limits)


def _print_plan(plan) -> None:
    """The plan on standard error, before anything long begins."""
    from gardner.comparison.planning import clock

    print(f"plan ({clock(sum(plan.seconds))} on one core):", file=sys.stderr)
    for run, seconds in zip(plan.runs, plan.seconds):
        print(
            f"  α = {run.alpha:g}, c = {run.connectivity}, N = {run.widths[0]}: {run.samples} samples × "
            f"{run.sweeps} sweeps, {clock(seconds)}",
            file=sys.stderr,
        )
    for note in plan.notes:
        print(f"  {note}", file=sys.stderr)
    sys.stderr.flush()
