"""`gardner compare planted` and `gardner compare random`: parse, call, print."""

from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.compare_report import Report, keeping_runs, print_plan, require
from gardner.cli.options import Fields, with_fields
from gardner.cli.parsing import refuse_idle
from gardner.cli.runs import WorkerCount
from gardner.cli.solve import Json
from gardner.comparison.settings import WEIGHTS, ComparisonSettings

app = typer.Typer(help="Confront both closures with Monte Carlo, with errors and a verdict.", no_args_is_help=True)

Connectivities = Annotated[str | None, typer.Option(help="Of the dense limit. [default: 8,12,16,24,32,48]")]
Widths = Annotated[str | None, typer.Option(help="Of the full limit. [default: 16,24,32,48,64]")]
Out = Annotated[Path, typer.Option(help="Folder of the report: report.md, report.json, figures, all runs.")]
Resume = Annotated[bool, typer.Option("--resume", help="Use the finished and go on with the unfinished runs there.")]
Force = Annotated[bool, typer.Option("--force", help="Start again in a folder that holds a comparison.")]


NET = ("depth", "alpha")
EVERY = ("graph", "samples", "budget", "closures", "target", "sweeps")  # of both settings


@app.command("planted")
@with_fields
def compare_planted(
    *,
    net: Annotated[dict, Fields(ComparisonSettings, *NET)],
    out: Out,
    limit: Annotated[dict, Fields(ComparisonSettings, "limit")],
    connectivities: Connectivities = None,
    widths: Widths = None,
    measure: Annotated[dict, Fields(ComparisonSettings, "weights", "counting", "dynamics", dynamics="heat-bath")],
    plan: Annotated[dict, Fields(ComparisonSettings, *EVERY, "seed")],
    workers: WorkerCount = 1,
    resume: Resume = False,
    force: Force = False,
    json: Json = False,
) -> None:
    """Outputs made by a teacher; hard core, started from the teacher, in equilibrium from the first sweep."""
    sizes = _sizes(limit["limit"], connectivities, widths)
    settings = ComparisonSettings("planted", **net, **limit, sizes=sizes, **measure, **plan)
    _compare(settings, workers, out, resume, force, json)


@app.command("random")
@with_fields
def compare_random(
    *,
    net: Annotated[dict, Fields(ComparisonSettings, *NET)],
    out: Out,
    temperature: Annotated[dict, Fields(ComparisonSettings, "beta", beta=66.7)],
    weights: Annotated[str, typer.Option(help="spherical; Gaussian weights are another ensemble.")] = "spherical",
    limit: Annotated[dict, Fields(ComparisonSettings, "limit")],
    connectivities: Connectivities = None,
    widths: Widths = None,
    plan: Annotated[dict, Fields(ComparisonSettings, *EVERY, "seed")],
    workers: WorkerCount = 1,
    resume: Resume = False,
    force: Force = False,
    json: Json = False,
) -> None:
    """Random inputs and outputs, soft core: host–guest overlaps against q_EA."""
    if weights not in WEIGHTS:
        raise ValueError(
            f"weights = {weights!r}: the theory describes spherical weights only, another ensemble; "
            "choose --weights spherical"
        )
    sizes = _sizes(limit["limit"], connectivities, widths)
    settings = ComparisonSettings("random", **net, **limit, sizes=sizes, **temperature, weights=weights, **plan)
    _compare(settings, workers, out, resume, force, json)


def _sizes(limit: str, connectivities: str | None, widths: str | None) -> tuple[int, ...]:
    """The list that belongs to the limit."""
    if limit == "full":
        refuse_idle("with --limit full, where there is one graph", "--graph")
    given = {"connectivities": connectivities, "widths": widths}
    mine, other = ("connectivities", "widths") if limit == "dense" else ("widths", "connectivities")
    if given[other] is not None:
        raise ValueError(f"--{other} is given with --limit {limit}: sizes are the {mine} there")
    try:
        return () if given[mine] is None else tuple(int(part) for part in given[mine].split(","))
    except ValueError:
        raise ValueError(
            f"{mine} = {given[mine]!r}: must be whole numbers separated by commas, as in 8,16,32"
        ) from None


def _compare(settings: ComparisonSettings, workers: int, out: Path, resume: bool, force: bool, json: bool) -> None:
    from gardner.runtime.chains import Workers

    helpers = Workers(workers)
    from gardner.comparison import runs

    with runs.opened(out, settings, resume, force):
        resolved = _carry_out(settings, helpers, out, json)
    require(resolved, "too few equilibrated runs; raise --budget or --sweeps")


def _carry_out(settings, workers, folder: Path, json: bool) -> bool:
    """Make the runs, write the report and print it; True if a limit could be taken."""
    from gardner.comparison import runs
    from gardner.comparison.analysis import compare
    from gardner.comparison.report import document, markdown
    from gardner.plotting.comparison import save

    report = Report(f"compare {settings.setting}", settings, folder)
    plan, speed = runs.planned(folder, settings, workers.count)
    print_plan(plan, _tell_run, f", {1e-6 / speed.attempt:.1f} million attempts per second")
    with keeping_runs(folder, len(plan.runs)):
        done = runs.execute(folder, settings, plan, speed, workers)
    comparison = compare(settings, done.measured, [*plan.notes, *done.notes])
    resolved = comparison.limit is not None
    report.deliver(
        document(comparison),
        "done" if resolved else "unresolved",
        markdown,
        lambda _, figures: save(comparison, done.datasets, figures),
        json,
    )
    return resolved


def _tell_run(run) -> str:
    size = f"N = {run.widths[0]}" if run.connectivity is None else f"c = {run.connectivity}, N = {run.widths[0]}"
    return f"{size}, M/N = {run.patterns / run.widths[0]:.3f}, {run.samples} samples × {run.sweeps} sweeps: "
