"""`gardner mc training`: do runs of binary students reach zero error, annealed and greedy?"""

import time
from itertools import product
from typing import Annotated

import typer

from gardner.cli.common import check_outputs, deliver, use_threads
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
    from gardner.montecarlo.data import TrainingTable
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
    given = {"alpha": grids[0], "depth": grids[1], "dilution": grids[2], "width": width, "sweeps": sweeps}
    header = {"parameters": given | {"samples": samples}, "seed": seed, "seconds": time.perf_counter() - began}
    deliver(TrainingTable.of(runs, **header), plot, json)
