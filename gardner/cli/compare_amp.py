"""`gardner compare amp`: parse, call, print."""

from pathlib import Path
from typing import Annotated

from gardner.cli.compare import Force, Out, Resume
from gardner.cli.compare_report import Report, keeping_runs, print_plan, require
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
    require(resolved, "too few nets count; raise --budget or --iterations")


def _carry_out(settings, workers, folder: Path, json: bool) -> bool:
    """Make the runs, write the report and print it; True if there is something to judge by."""
    from gardner.comparison.messages import runs
    from gardner.comparison.messages.analysis import compare_amp as compare
    from gardner.comparison.messages.report import document, markdown
    from gardner.plotting.amp_comparison import save_report

    report = Report("compare amp", settings, folder)
    plan = runs.planned(folder, settings, workers.count)
    print_plan(plan, _tell_run)
    with keeping_runs(folder, len(plan.runs)):
        nets = runs.execute(folder, settings, plan, workers)
    comparison = compare(settings, nets, plan.notes)
    report.deliver(
        document(comparison),
        comparison.status,
        markdown,
        lambda whole, figures: save_report(whole, figures / "amp-overlaps"),
        json,
    )
    return bool(comparison.limits) or comparison.status != "undecided"


def _tell_run(run) -> str:
    return f"α = {run.alpha:g}, c = {run.fan}, N = {run.layer_widths[0]}, {run.start}: {run.samples} samples, "
