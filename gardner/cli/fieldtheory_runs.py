"""The long commands of `gardner fieldtheory`: `lattice` and `learning-rate`."""

from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import Writes, check_outputs, deliver, use_threads
from gardner.cli.grids import number_grid, whole_list
from gardner.cli.parsing import refuse_idle
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

Out = Annotated[Path | None, typer.Option(help="Save the numbers (netCDF); checkpoints of long runs stand beside it.")]
Plot = Annotated[Path | None, typer.Option(help="Draw it (.svg, .pdf, .png), with the numbers beside it (.csv).")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Mu = Annotated[float, typer.Option(help="μ of the potential.")]
Coupling = Annotated[float, typer.Option(help="λ of the potential.")]
Components = Annotated[int, typer.Option(help="Components D of the field.")]
Seed = Annotated[int, typer.Option(help="Seed; every run has a generator of its own from it.")]


ONLY_OF = {  # options of `learning-rate` that one system has
    "weight": ("--mu", "--coupling", "--components", "--dynamics", "--noise"),
    "net": ("--data", "--hidden", "--drop"),
}


def lattice(
    sizes: Annotated[str, typer.Option(help="Lengths of the lattices, even, as in 8,16.")] = "16",
    mass2: Annotated[str, typer.Option(help="Values of m², as in -1.3,-1.2 or -1.4:-1.1:7.")] = "0.25",
    coupling: Annotated[float, typer.Option(help="λ; 0: the free field.")] = 0.0,
    dimensions: Annotated[int, typer.Option(help="Dimensions of the lattice: layers × samples is 2.")] = 2,
    components: Components = 1,
    learning_rate: Annotated[float | None, typer.Option(help="η, to quote the source's π mass ¼λη².")] = None,
    blocks: Annotated[int, typer.Option(help="Blocks of each chain.")] = 64,
    sweeps: Annotated[int, typer.Option(help="Sweeps of a block.")] = 50,
    thermalisation: Annotated[int, typer.Option(help="Sweeps before the first block.")] = 500,
    chains: Annotated[int, typer.Option(help="Independent chains of each lattice.")] = 2,
    seed: Seed = 1,
    workers: WorkerCount = 1,
    threads: WorkerThreads = 1,
    scheduler: Scheduler = None,
    out: Out = None,
    resume: Resume = False,
    force: ReplaceForce = False,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Monte Carlo of the φ⁴ field: the free propagator, masses and order, the transition."""
    use_threads(threads)
    if components == 1:
        refuse_idle("for one component, which has no π mass", "--learning-rate")
    from gardner.fieldtheory.lattice_runs import LatticePlan, run_lattice

    plan = LatticePlan(
        whole_list("sizes", sizes), number_grid("mass2", mass2), coupling, dimensions, components, blocks, sweeps,
        thermalisation, chains, seed, learning_rate,
    )  # fmt: skip
    from gardner.fieldtheory.run_data import LatticeData

    writes, options = Writes(), (choose_workers(workers, scheduler, threads), resume, force)
    _compute("fieldtheory lattice", plan, run_lattice, out, plot, LatticeData, options, json, writes)


def learning_rate(
    system: Annotated[str, typer.Option(help="weight (the potential, D components) or net (ReLU).")] = "weight",
    rates: Annotated[str | None, typer.Option(help="Learning rates, as in 0.1:2.3:23 or 0.02:3:8:log.")] = None,
    mu: Mu = 1.0,
    coupling: Coupling = 1.0,
    components: Components = 1,
    dynamics: Annotated[str, typer.Option(help="Of gd, sgd, smoothed (weight).")] = "gd,sgd,smoothed",
    noise: Annotated[float, typer.Option(help="Noise of the gradient in sgd (weight).")] = 0.1,
    data: Annotated[str, typer.Option(help="digits (needs scikit-learn) or synthetic (net).")] = "synthetic",
    hidden: Annotated[str, typer.Option(help="Hidden widths (net).")] = "16,16,16",
    drop: Annotated[float, typer.Option(help="Factor on the learning rate half-way (net).")] = 0.1,
    windows: Annotated[int | None, typer.Option(help="Windows of steps. [default: 4 weight, 20 net]")] = None,
    steps: Annotated[int | None, typer.Option(help="Steps of a window. [default: 1000 weight, 100 net]")] = None,
    runs: Annotated[int | None, typer.Option(help="Runs per learning rate. [default: 16 weight, 3 net]")] = None,
    seed: Seed = 1,
    workers: WorkerCount = 1,
    threads: WorkerThreads = 1,
    scheduler: Scheduler = None,
    out: Out = None,
    resume: Resume = False,
    force: ReplaceForce = False,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """The learning rate as temperature: order parameter against η, stability, gradient noise, correlations."""
    use_threads(threads)
    given = {name: value for name, value in (("steps", steps),) if value is not None}
    if system not in ONLY_OF:
        raise ValueError(f"system = {system!r}: must be weight or net")
    for kind, options in ONLY_OF.items():
        if kind != system:
            refuse_idle(f"for --system {system}", *options)
    if system == "weight":
        from gardner.fieldtheory.potential import SymmetryBreaking
        from gardner.fieldtheory.weight_runs import WeightPlan, run_weight

        given |= {n: v for n, v in (("blocks", windows), ("runs", runs)) if v is not None}
        kinds = tuple(part.strip() for part in dynamics.split(",") if part.strip())
        theory = SymmetryBreaking(mu, coupling, components)
        grid = number_grid("rates", "0.1:2.3:23" if rates is None else rates)
        plan, run = WeightPlan(grid, theory, kinds, noise, seed=seed, **given), run_weight
    else:
        from gardner.fieldtheory.net_runs import NetPlan, run_net

        given |= {n: v for n, v in (("windows", windows), ("seeds", runs)) if v is not None}
        grid = number_grid("rates", "0.02:2.56:8:log" if rates is None else rates)
        plan, run = NetPlan(grid, whole_list("hidden", hidden), data, drop=drop, seed=seed, **given), run_net
    from gardner.fieldtheory.run_data import NetData, WeightData

    writes, options = Writes(), (choose_workers(workers, scheduler, threads), resume, force)
    kind = WeightData if system == "weight" else NetData
    _compute("fieldtheory learning-rate", plan, run, out, plot, kind, options, json, writes)


def _compute(command: str, plan, run, out: Path | None, plot: Path | None, kind, options, json: bool, writes) -> None:
    """Print the result of `run(plan, store, …)`, written to `out` if there is one and that can be done.

    kind: the class of the result; options: workers, resume, force.
    """
    workers, resume, force = options
    if resume and out is None:
        raise ValueError("--resume: needs the --out of the stopped run, beside which its checkpoints stand")
    dataset = finished_run(out, resume, force, command, plan.parameters())
    check_outputs(out if dataset is None else None, plot, force, kind.pictures, kind.tables)
    if dataset is None:
        with run_folder(out) as store:
            dataset = run(plan, store, workers, resume, force)
            if out is not None:
                with writes:
                    keep(dataset, out)
    deliver(kind(dataset), plot, json, writes)
