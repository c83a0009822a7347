"""`gardner sweep random` and `gardner sweep planted`: parse, call, print."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import (
    EXIT_NOT_CONVERGED,
    Writes,
    check_outputs,
    number_list,
    print_json,
    print_table,
    print_verdict,
    use_threads,
)
from gardner.cli.grids import number_grid, whole_list
from gardner.cli.runs import (
    ReplaceForce,
    Resume,
    Scheduler,
    WorkerCount,
    WorkerThreads,
    chosen_workers,
    finished_run,
    keep,
    run_folder,
)
from gardner.cli.solve import Accuracy, Iterations, Json, Levels, Parisi, Plot, Tolerance

PICTURES = ("-layers", "-loops")  # beside the map that --plot names

app = typer.Typer(help="Follow branches along α, upward and downward.", no_args_is_help=True)

Alphas = Annotated[str, typer.Option("--alpha", help="Values of α: 1,2,5 or 1:10:19 or 1:4000:60:log.")]
Depths = Annotated[str, typer.Option("--depth", help="Values of L, as in 4,10,20.")]
Closure = Annotated[str, typer.Option(help="symmetric or directed.")]
Direction = Annotated[str, typer.Option(help="up, down or both.")]
SweepOut = Annotated[Path, typer.Option(help="The file to write (netCDF); checkpoints stand beside it.")]


def directions(text: str) -> tuple[str, ...]:
    """The directions that --direction stands for."""
    return ("up", "down") if text == "both" else (text,)


@app.command("random")
def sweep_random(
    alpha: Alphas,
    depth: Depths,
    out: SweepOut,
    levels: Levels = None,
    parisi: Parisi = None,
    margin: Annotated[str, typer.Option(help="Values of the margin κ, as in -0.5,0.")] = "0",
    potential: Annotated[str | None, typer.Option(help="hard, soft or hinge. [default: soft with --beta]")] = None,
    beta: Annotated[str | None, typer.Option(help="Inverse temperatures, unless hard.")] = None,
    closure: Closure = "symmetric",
    direction: Direction = "both",
    workers: WorkerCount = 1,
    threads: WorkerThreads = 1,
    scheduler: Scheduler = None,
    resume: Resume = False,
    force: ReplaceForce = False,
    tol: Tolerance = 1e-8,
    accuracy: Accuracy = 1e-10,
    max_iterations: Iterations = None,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Random inputs and outputs."""
    use_threads(threads)
    from gardner.analysis.sweep import RandomSweep
    from gardner.model import SolverSettings, uniform_parisi

    if levels is not None and parisi is not None:
        raise ValueError("--levels and --parisi are both given: choose one of them")
    m = uniform_parisi(10 if levels is None else levels) if parisi is None else number_list("parisi", parisi)
    plan = RandomSweep(
        alphas=number_grid("alpha", alpha),
        depths=whole_list("depth", depth),
        parisi=m,
        margins=number_grid("margin", margin),
        betas=() if beta is None else number_grid("beta", beta),
        directions=directions(direction),
        solver=SolverSettings("newton", tol, accuracy, max_iterations),
        closure=closure,
        potential=potential,
    )
    _sweep(plan, out, chosen_workers(workers, scheduler, threads), resume, force, plot, json)


@app.command("planted")
def sweep_planted(
    alpha: Alphas,
    depth: Depths,
    out: SweepOut,
    closure: Closure = "symmetric",
    field: Annotated[float, typer.Option(help="Symmetry-breaking field on every hidden spin.")] = 0.0,
    direction: Direction = "both",
    workers: WorkerCount = 1,
    threads: WorkerThreads = 1,
    scheduler: Scheduler = None,
    resume: Resume = False,
    force: ReplaceForce = False,
    tol: Annotated[float, typer.Option("--tol", help="Largest residual of q and Q.")] = 1e-12,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Teacher–student setting: the liquid branch upward, the crystal branch downward."""
    use_threads(threads)
    from gardner.analysis.sweep import PlantedSweep

    plan = PlantedSweep(
        alphas=number_grid("alpha", alpha),
        depths=whole_list("depth", depth),
        closure=closure,
        field=field,
        tolerance=tol,
        directions=directions(direction),
    )
    _sweep(plan, out, chosen_workers(workers, scheduler, threads), resume, force, plot, json)


def _sweep(plan, out: Path, workers, resume: bool, force: bool, plot: Path | None, json: bool) -> None:
    done = finished_run(out, resume, force, f"sweep {plan.setting}", plan.parameters())
    check_outputs(out if done is None else None, plot, force, PICTURES)
    if plot is not None and len(getattr(plan, "margins", ())) * max(1, len(getattr(plan, "betas", ()))) > 1:
        raise ValueError("--plot draws one margin and one beta; leave it out, or sweep one of each")
    from gardner.analysis.sweep import summary

    writes = Writes()
    dataset = _computed(plan, out, workers, resume, force, writes) if done is None else done
    found = summary(dataset) | {"closure_verdict": _closure_verdict(dataset)}
    with writes:
        _draw(dataset, plot)
    if json:
        print_json({"command": f"sweep {plan.setting}", "parameters": plan.parameters(), "file": str(out)} | found)
    else:
        print_summary(found, out)
    writes.report()
    if found["converged"] == 0:
        raise typer.Exit(EXIT_NOT_CONVERGED)


def _computed(plan, out: Path, workers, resume: bool, force: bool, writes: Writes):
    """The Dataset of the sweep, written to `out` if that can be done."""
    from gardner.analysis.sweep import run_sweep

    if plan.setting == "random" and workers.local:
        from gardner.theory.parisi.kernels import announce_compilation

        announce_compilation()
    with run_folder(out) as store:
        dataset = run_sweep(plan, store, workers, resume, force)
        with writes:
            keep(dataset, out)
    return dataset


def _draw(dataset, plot: Path | None) -> None:
    if plot is None:
        return
    from gardner.plotting.sweeps import save_sweep

    for written in save_sweep(dataset, plot):
        print(f"written: {written}", file=sys.stderr)


def show_sweep(dataset, file: Path, plot: Path | None, force: bool, json: bool) -> None:
    """`gardner show` of a sweep: its summary, and its pictures if asked."""
    check_outputs(None, plot, force, PICTURES)
    from gardner.analysis.sweep import summary
    from gardner.results.solution import from_attribute

    found, writes = summary(dataset) | {"closure_verdict": _closure_verdict(dataset)}, Writes()
    with writes:
        _draw(dataset, plot)
    if json:
        print_json({name: from_attribute(value) for name, value in dataset.attrs.items()} | found)
    else:
        print_summary(found, file)
    writes.report()


def _closure_verdict(dataset) -> str | None:
    """What is held against the closure of a sweep: of its deepest net with a point beyond the first transition."""
    from gardner.analysis.sweep import with_all_axes
    from gardner.potentials import read_potentials
    from gardner.results.solution import from_attribute
    from gardner.theory.validity import closure_verdict

    dataset = with_all_axes(dataset)
    largest, depths = float(dataset["alpha"].max()), sorted(map(int, dataset["depth"].values), reverse=True)
    cores = read_potentials({name: from_attribute(value) for name, value in dataset.attrs.items()})
    said = (closure_verdict(dataset.attrs["closure"], depth, largest, core) for depth in depths for core in cores)
    return next((line for line in said if line is not None), None)


def print_summary(found: dict, out: Path) -> None:
    """How many points converged, which did not, and where the directions differ."""
    print(f"{found['converged']} of {found['points']} points converged: {out}")
    if found["failed"]:
        rows = [[_place(point), point["status"]] for point in found["failed"]]
        print_table("points without a solution", ["where", "status"], rows)
        print("a point without a solution claims nothing; its neighbours are not affected", file=sys.stderr)
    if found["hysteresis"]:
        rows = [[_place(point), f"{point['distance']:.3g}"] for point in found["hysteresis"]]
        print_table("up and down differ (several states)", ["where", "largest difference"], rows)
    print_verdict(found.get("closure_verdict"))


def _place(point: dict) -> str:
    names = {"depth": "L", "alpha": "α", "margin": "κ", "beta": "β", "alpha_from": "from α", "alpha_to": "to α"}
    parts = []
    for name, value in point.items():
        if name not in ("status", "distance"):
            parts.append(f"{names.get(name, name)} = {value:.6g}" if not isinstance(value, str) else value)
    return ", ".join(parts)
