"""`gardner mc training`: do runs of binary students reach zero error, annealed and greedy?"""

import time
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import Writes, check_outputs, print_json, print_table, use_threads
from gardner.cli.grids import number_grid, whole_list
from gardner.cli.solve import Json, Plot

Lists = Annotated[str, typer.Option("--alpha", help="Values of α, as in 1,2,4,8.")]


def training(
    alpha: Lists = "1,2,4,8,16",
    depth: Annotated[str, typer.Option(help="Values of L, as in 4,6.")] = "4,6",
    dilution: Annotated[str, typer.Option(help="Shares of bonds removed, as in 0.2,0.4.")] = "0.2,0.4",
    width: Annotated[int, typer.Option(help="Units per layer N.")] = 4,
    sweeps: Annotated[float, typer.Option(help="Sweeps of a run.")] = 1e4,
    samples: Annotated[int, typer.Option(help="Teachers and pattern sets; eight runs on each.")] = 16,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    plot: Plot = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    json: Json = False,
) -> None:
    """Share of runs that reach zero training error: binary teacher and student, annealed and greedy."""
    use_threads(1)
    check_outputs(None, plot, force)
    from gardner.montecarlo.binary_training import SCHEDULES, train
    from gardner.montecarlo.settings import MonteCarloSettings
    from gardner.runtime.progress import Progress, counted

    grids = number_grid("alpha", alpha), whole_list("depth", depth), number_grid("dilution", dilution)
    cases = [
        MonteCarloSettings(
            (width,), l, a, weights="binary", dilution=d, sweeps=sweeps, samples=samples, seed=seed, start="random"
        )
        for l, d, a in product(grids[1], grids[2], grids[0])
    ]  # fmt: skip
    began, runs = time.perf_counter(), []
    with Progress("mc training") as progress:
        show = counted(progress, 0, len(cases) * len(SCHEDULES))
        for settings, schedule in product(cases, SCHEDULES):
            runs.append(train(settings, schedule))
            show(len(runs))
    writes = Writes()
    with writes:
        if plot is not None:
            _draw(runs, plot)
    given = {"alpha": grids[0], "depth": grids[1], "dilution": grids[2], "width": width, "sweeps": sweeps}
    _deliver(runs, given | {"samples": samples}, seed, time.perf_counter() - began, json)
    writes.report()


def _draw(runs, plot: Path) -> None:
    from gardner.plotting.style import save_figure
    from gardner.plotting.training import write_table, zero_error

    save_figure(zero_error(runs), plot)
    write_table(runs, plot.with_suffix(".csv"))


def _deliver(runs, given: dict, seed: int, seconds: float, json: bool) -> None:
    from gardner.results.solution import Header

    rows = []
    for run in runs:
        (reached, reached_error), (ended, ended_error) = run.success, run.ended_at_zero
        rows.append(
            {
                "depth": run.settings.depth,
                "dilution": run.settings.dilution,
                "alpha": run.settings.alpha,
                "schedule": run.schedule,
                "reached_zero": reached,
                "reached_zero_error": reached_error,
                "ended_at_zero": ended,
                "ended_at_zero_error": ended_error,
                "final_error": float(run.final_sr.mean()),
                "fresh_error": float(run.fresh_sr.mean()),
            }
        )
    if json:
        print_json(asdict(Header("mc training", given, "converged", seconds, seed)) | {"runs": rows})
        return
    cells = [
        [str(row["depth"]), f"{row['dilution']:g}", f"{row['alpha']:g}", row["schedule"],
         f"{row['reached_zero']:.3f} ± {row['reached_zero_error']:.3f}",
         f"{row['ended_at_zero']:.3f} ± {row['ended_at_zero_error']:.3f}", f"{row['fresh_error']:.4f}"]
        for row in rows
    ]  # fmt: skip
    columns = ["L", "dilution", "α", "schedule", "reached zero error", "ended there", "fresh error"]
    print_table("binary students of a binary teacher", columns, cells)
