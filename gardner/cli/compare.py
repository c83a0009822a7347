"""`gardner compare planted` and `gardner compare random`: parse, call, print."""

import json as json_module
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import EXIT_NOT_CONVERGED, Writes, print_json, use_threads
from gardner.cli.runs import WorkerCount
from gardner.cli.solve import Json

app = typer.Typer(help="Confront both closures with Monte Carlo, with errors and a verdict.", no_args_is_help=True)

Depth = Annotated[int, typer.Option(help="Number of bond layers L.")]
Alpha = Annotated[float, typer.Option(help="Patterns per input read, α = M/c (dense) or M/N (full).")]
Limit = Annotated[str, typer.Option(help="dense: c → ∞ at M/N → 0; full: fully connected, N → ∞.")]
Connectivities = Annotated[str | None, typer.Option(help="Of the dense limit. [default: 8,12,16,24,32,48]")]
Widths = Annotated[str | None, typer.Option(help="Of the full limit. [default: 16,24,32,48,64]")]
Graph = Annotated[str, typer.Option(help="Of the dense limit: regular (every unit read equally often) or random.")]
Dynamics = Annotated[str, typer.Option(help="Of the runs: heat-bath, or metropolis; the measure is the same.")]
Counting = Annotated[
    str,
    typer.Option(
        help="Runs that count: equilibrated (50 τ, R-hat), or relaxed: start forgotten, 10 τ or bias in the error."
    ),
]
Samples = Annotated[int, typer.Option(help="Disorder samples per run, at most.")]
Budget = Annotated[str, typer.Option(help="Time to aim at, as in 90s, 10m, 2h.")]
Closure = Annotated[str, typer.Option(help="symmetric, directed, or both: all there are.")]
Target = Annotated[float, typer.Option(help="Error of an extrapolated overlap that is asked for.")]
Sweeps = Annotated[float | None, typer.Option(help="Length of every run. [default: from measured relaxation]")]
Seed = Annotated[int, typer.Option(help="Seed of everything random.")]
Out = Annotated[Path, typer.Option(help="Folder of the report: report.md, report.json, figures, all runs.")]
Resume = Annotated[bool, typer.Option("--resume", help="Use the finished and go on with the unfinished runs there.")]
Force = Annotated[bool, typer.Option("--force", help="Start again in a folder that holds a comparison.")]


@app.command("planted")
def compare_planted(
    depth: Depth,
    alpha: Alpha,
    out: Out,
    limit: Limit = "dense",
    connectivities: Connectivities = None,
    widths: Widths = None,
    graph: Graph = "regular",
    samples: Samples = 16,
    budget: Budget = "10m",
    closure: Closure = "both",
    target: Target = 0.003,
    sweeps: Sweeps = None,
    counting: Counting = "equilibrated",
    dynamics: Dynamics = "heat-bath",
    seed: Seed = 0,
    workers: WorkerCount = 1,
    resume: Resume = False,
    force: Force = False,
    json: Json = False,
) -> None:
    """Outputs made by a teacher; hard core, started from the teacher, in equilibrium from the first sweep."""
    use_threads(1)
    _compare("planted", locals())


@app.command("random")
def compare_random(
    depth: Depth,
    alpha: Alpha,
    out: Out,
    beta: Annotated[float, typer.Option(help="Inverse temperature of the soft core, theory and Monte Carlo.")] = 66.7,
    weights: Annotated[str, typer.Option(help="spherical; Gaussian weights are another ensemble.")] = "spherical",
    limit: Limit = "dense",
    connectivities: Connectivities = None,
    widths: Widths = None,
    graph: Graph = "regular",
    samples: Samples = 16,
    budget: Budget = "10m",
    closure: Closure = "both",
    target: Target = 0.003,
    sweeps: Sweeps = None,
    seed: Seed = 0,
    workers: WorkerCount = 1,
    resume: Resume = False,
    force: Force = False,
    json: Json = False,
) -> None:
    """Random inputs and outputs, soft core: host–guest overlaps against q_EA."""
    use_threads(1)
    if weights != "spherical":
        raise ValueError(
            f"weights = {weights!r}: the theory describes spherical weights only, another ensemble; "
            "choose --weights spherical"
        )
    _compare("random", locals())


def _sizes(options: dict) -> tuple[int, ...]:
    """The list that belongs to the limit."""
    dense = options["limit"] == "dense"
    mine, other = ("connectivities", "widths") if dense else ("widths", "connectivities")
    if options[other] is not None:
        raise ValueError(f"--{other} is given with --limit {options['limit']}: sizes are the {mine} there")
    text = options[mine]
    try:
        return () if text is None else tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ValueError(f"{mine} = {text!r}: must be whole numbers separated by commas, as in 8,16,32") from None


def _settings(setting: str, options: dict):
    from gardner.comparison.settings import ComparisonSettings, seconds

    closure = options["closure"]
    return ComparisonSettings(
        setting,
        options["depth"],
        options["alpha"],
        options["limit"],
        _sizes(options),
        options["samples"],
        seconds(options["budget"]),
        () if closure == "both" else (closure,),
        options.get("beta"),
        options["target"],
        options["sweeps"],
        graph=options["graph"],
        counting=options.get("counting", "equilibrated"),
        dynamics=options.get("dynamics"),
        seed=options["seed"],
    )


def _compare(setting: str, options: dict) -> None:
    from gardner.runtime.chains import Workers

    settings, workers = _settings(setting, options), Workers(options["workers"])
    from gardner.comparison import runs

    with runs.opened(options["out"], settings, options["resume"], options["force"]):
        resolved = _compared(setting, settings, workers, options["out"], options["json"])
    if not resolved:
        print("not resolved: too few equilibrated runs; raise --budget or --sweeps", file=sys.stderr)
        raise typer.Exit(EXIT_NOT_CONVERGED)


def _compared(setting: str, settings, workers, folder: Path, json: bool) -> bool:
    """Make the runs, write the report and print it; True if a limit could be taken."""
    from gardner.comparison import runs
    from gardner.comparison.analysis import compare
    from gardner.comparison.report import document, markdown
    from gardner.errors import InterruptedRun
    from gardner.results.solution import Header, atomic, jsonable

    began, writes = time.perf_counter(), Writes()
    plan, speed = runs.planned(folder, settings, workers.count)
    _print_plan(plan, speed)
    try:
        done = runs.execute(folder, settings, plan, speed, workers)
    except (KeyboardInterrupt, InterruptedRun):
        kept = len(list((folder / "runs").glob("*.nc")))
        raise InterruptedRun(folder, kept, len(plan.runs), "runs, and the begun one,") from None
    comparison = compare(settings, done.measured, [*plan.notes, *done.notes])
    resolved = comparison.limit is not None
    elapsed = time.perf_counter() - began
    header = Header(
        f"compare {setting}", asdict(settings), "done" if resolved else "unresolved", elapsed, settings.seed
    )
    whole = jsonable(asdict(header) | document(comparison))
    text = markdown(whole)
    with writes:
        _draw(folder, comparison, done.datasets)
    for name, content in zip(runs.REPORT, (json_module.dumps(whole, indent=1), text)):
        with writes, atomic(folder / name) as temporary:
            temporary.write_text(content, encoding="utf-8")
    if json:
        print_json(whole)
    else:
        print(text)
    writes.report()
    return resolved


def _draw(folder: Path, comparison, datasets) -> None:
    """The figures of the report."""
    from gardner.plotting import comparison as pictures

    pictures.save(comparison, datasets, folder / "figures")


def _print_plan(plan, speed) -> None:
    """The plan on standard error, before anything long begins."""
    from gardner.comparison.planning import clock

    total = sum(plan.seconds)
    print(
        f"plan ({clock(total)} on one core, {1e-6 / speed.attempt:.1f} million attempts per second):", file=sys.stderr
    )
    for run, seconds in zip(plan.runs, plan.seconds):
        size = f"N = {run.widths[0]}" if run.connectivity is None else f"c = {run.connectivity}, N = {run.widths[0]}"
        ratio = f"M/N = {run.patterns / run.widths[0]:.3f}"
        print(f"  {size}, {ratio}, {run.samples} samples × {run.sweeps} sweeps: {clock(seconds)}", file=sys.stderr)
    for note in plan.notes:
        print(f"  {note}", file=sys.stderr)
    sys.stderr.flush()
