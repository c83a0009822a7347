"""`gardner compare liquid`: parse, call, print."""

from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.compare import Force, Out, Resume
from gardner.cli.compare_report import Report, keeping_runs, print_plan, require
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
    require(resolved, "too few runs count; raise --budget")


def _carry_out(settings, workers, folder: Path, json: bool) -> bool:
    """Make the runs, write the report and print it; True if a limit could be taken."""
    from gardner.comparison.liquid import runs
    from gardner.comparison.liquid.analysis import compare_liquid as compare
    from gardner.comparison.liquid.isolated import isolated_units
    from gardner.comparison.liquid.report import document, markdown
    from gardner.plotting.liquid import save_report
    from gardner.runtime.checkpoint import discard

    report = Report("compare liquid", settings, folder)
    plan = runs.planned(folder, settings, workers.count)
    print_plan(plan, _tell_run)
    with keeping_runs(folder, len(plan.runs)):
        measured = runs.execute(folder, settings, plan, workers)
        isolated = isolated_units(settings, folder / "units.parts", workers, resume=True)
    comparison = compare(settings, measured, isolated, plan.notes)
    report.deliver(
        document(comparison),
        comparison.status,
        markdown,
        lambda whole, figures: save_report(whole, figures / "liquid-fluctuations"),
        json,
    )
    discard(folder / "units.parts")
    return bool(comparison.limits)


def _tell_run(run) -> str:
    return (
        f"α = {run.alpha:g}, c = {run.connectivity}, N = {run.widths[0]}: {run.samples} samples × {run.sweeps} sweeps, "
    )
