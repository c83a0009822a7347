"""`gardner sweep random` and `gardner sweep planted`: parse, call, print."""

from pathlib import Path
from typing import Annotated

import typer

from gardner.analysis.plans import PlantedSweep, RandomSweep
from gardner.cli.common import (
    EXIT_NOT_CONVERGED,
    Writes,
    check_outputs,
    deliver,
    number_list,
)
from gardner.cli.grids import number_grid, whole_list
from gardner.cli.options import Fields, with_fields
from gardner.cli.runs import (
    ReplaceForce,
    Resume,
    Scheduler,
    WorkerCount,
    WorkerThreads,
    choose_workers,
    finished_run,
    keep,
    run_folder,
)
from gardner.cli.solve import Grid, Json, Levels, Parisi, Plot
from gardner.model import RandomSetting, SolverSettings
from gardner.potentials import POTENTIALS, choose_potential

app = typer.Typer(help="Follow branches along α, upward and downward.", no_args_is_help=True)

Alphas = Annotated[str, typer.Option("--alpha", help="Values of α: 1,2,5 or 1:10:19 or 1:4000:60:log.")]
Depths = Annotated[str, typer.Option("--depth", help="Values of L, as in 4,10,20.")]
Direction = Annotated[str, typer.Option(help="up, down or both.")]
POTENTIAL_HELP = f"{POTENTIALS.listed}. [default: soft with --beta]"
SweepOut = Annotated[Path, typer.Option(help="The file to write (netCDF); checkpoints stand beside it.")]


def directions(text: str) -> tuple[str, ...]:
    """The directions that --direction stands for."""
    return ("up", "down") if text == "both" else (text,)


@app.command("random")
@with_fields
def sweep_random(
    *,
    alpha: Alphas,
    depth: Depths,
    out: SweepOut,
    levels: Levels = None,
    parisi: Parisi = None,
    grid: Grid = None,
    margin: Annotated[str, typer.Option(help="Values of the margin κ, as in -0.5,0.")] = "0",
    potential: Annotated[str | None, typer.Option(help=POTENTIAL_HELP)] = None,
    beta: Annotated[str | None, typer.Option(help="Inverse temperatures, unless hard.")] = None,
    closure: Annotated[dict, Fields(RandomSetting, "closure", "weights")],
    direction: Direction = "both",
    workers: WorkerCount = 1,
    threads: WorkerThreads = 1,
    scheduler: Scheduler = None,
    resume: Resume = False,
    force: ReplaceForce = False,
    search: Annotated[dict, Fields(SolverSettings, "tolerance", "accuracy", "max_iterations", tolerance=1e-8)],
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Random inputs and outputs."""
    from gardner.grids import choose_grid, cooling_of

    betas = () if beta is None else number_grid("beta", beta)
    coldest = choose_potential(potential or ("soft" if betas else "hard"), beta=max(betas, default=None))
    given = None if parisi is None else number_list("parisi", parisi)
    plan = RandomSweep(
        alphas=number_grid("alpha", alpha),
        depths=whole_list("depth", depth),
        parisi=choose_grid(levels, given, grid, cooling_of(coldest)),
        margins=number_grid("margin", margin),
        betas=betas,
        directions=directions(direction),
        solver=SolverSettings(**search),
        **closure,
        potential=potential,
    )
    _sweep(plan, out, choose_workers(workers, scheduler, threads), resume, force, plot, json)


@app.command("planted")
@with_fields
def sweep_planted(
    *,
    alpha: Alphas,
    depth: Depths,
    out: SweepOut,
    point: Annotated[dict, Fields(PlantedSweep, "closure", "weights", "field")],
    direction: Direction = "both",
    workers: WorkerCount = 1,
    threads: WorkerThreads = 1,
    scheduler: Scheduler = None,
    resume: Resume = False,
    force: ReplaceForce = False,
    search: Annotated[dict, Fields(PlantedSweep, "tolerance")],
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Teacher–student setting: the liquid branch upward, the crystal branch downward."""
    plan = PlantedSweep(
        alphas=number_grid("alpha", alpha),
        depths=whole_list("depth", depth),
        **point,
        **search,
        directions=directions(direction),
    )
    _sweep(plan, out, choose_workers(workers, scheduler, threads), resume, force, plot, json)


def _sweep(plan, out: Path, workers, resume: bool, force: bool, plot: Path | None, json: bool) -> None:
    done = finished_run(out, resume, force, f"sweep {plan.setting}", plan.parameters())
    from gardner.analysis.sweep_data import SweepData

    check_outputs(out if done is None else None, plot, force, SweepData.pictures)
    if plot is not None and len(getattr(plan, "margins", ())) * max(1, len(getattr(plan, "betas", ()))) > 1:
        raise ValueError("--plot draws one margin and one beta; leave it out, or sweep one of each")
    writes = Writes()
    result = SweepData(_compute(plan, out, workers, resume, force, writes) if done is None else done, out)
    asked = {"command": f"sweep {plan.setting}", "parameters": plan.parameters(), "file": str(out)}
    deliver(result, plot, json, writes, asked | result.summary)
    if result.summary["converged"] == 0:
        raise typer.Exit(EXIT_NOT_CONVERGED)


def _compute(plan, out: Path, workers, resume: bool, force: bool, writes: Writes):
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
