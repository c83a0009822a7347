"""`gardner compare amp`: parse, call, print."""

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
from gardner.cli.runs import WorkerCount
from gardner.cli.solve import Json
from gardner.comparison.messages.settings import AmpComparisonSettings

IDENTITY = ("setting", "depth", "weights", "seed")


@with_fields
def compare_amp(
    *,
    net: Annotated[dict, Fields(AmpComparisonSettings)],
    out: Out,
    workers: WorkerCount = 1,
    resume: Resume = False,
    force: Force = False,
    json: Json = False,
) -> None:
    """Message passing on nets of c of several hundred: which closure its overlaps with the teacher follow."""
    from gardner.comparison.runs import opened
    from gardner.runtime.chains import Workers

    settings, helpers = AmpComparisonSettings(**net), Workers(workers)
    with opened(out, settings, resume, force, IDENTITY):
        resolved = _carry_out(settings, helpers, out, json)
    if not resolved:
        print("not resolved: too few nets count; raise --budget or --iterations", file=sys.stderr)
        raise typer.Exit(EXIT_NOT_CONVERGED)


def _carry_out(settings, workers, folder: Path, json: bool) -> bool:
    """Make the runs, write the report and print it; True if there is something to judge by."""
    from gardner.comparison.messages import runs
    from gardner.comparison.messages.analysis import compare_amp as compare
    from gardner.comparison.messages.report import document, markdown
    from gardner.comparison.runs import REPORT
    from gardner.errors import InterruptedRun
    from gardner.plotting import amp_comparison as pictures
    from gardner.results.solution import Header, atomic, jsonable

    began, writes = time.perf_counter(), Writes()
    plan = runs.planned(folder, settings, workers.count)
    _print_plan(plan)
    try:
        nets = runs.execute(folder, settings, plan, workers)
    except (KeyboardInterrupt, InterruptedRun):
        kept = len(list((folder / "runs").glob("*.nc")))
        raise InterruptedRun(folder, kept, len(plan.runs), "runs, and the begun one,") from None
    comparison = compare(settings, nets, plan.notes)
    header = Header("compare amp", asdict(settings), comparison.status, time.perf_counter() - began, settings.seed)
    whole = jsonable(asdict(header) | document(comparison))
    text = markdown(whole)
    for name, content in zip(REPORT, (json_module.dumps(whole, indent=1), text)):
        with writes, atomic(folder / name) as temporary:
            temporary.write_text(content, encoding="utf-8")
    with writes:
        pictures.save_report(whole, folder / "figures" / "amp-overlaps")
    if json:
        print_json(whole)
    else:
        print(text)
    writes.report()
    return bool(comparison.limits) or comparison.status != "undecided"


def _print_plan(plan) -> None:
    """The plan on standard error, before anything long begins."""
    from gardner.comparison.planning import clock

    print(f"plan ({clock(sum(plan.seconds))} on one core):", file=sys.stderr)
    for run, seconds in zip(plan.runs, plan.seconds):
        print(
            f"  α = {run.alpha:g}, c = {run.fan}, N = {run.layer_widths[0]}, {run.start}: {run.samples} samples, "
            f"{clock(seconds)}",
            file=sys.stderr,
        )
    for note in plan.notes:
        print(f"  {note}", file=sys.stderr)
    sys.stderr.flush()
