"""`gardner mc random` and `gardner mc planted`: parse, call, print."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import Writes, check_outputs, deliver, use_threads
from gardner.cli.runs import (
    ReplaceForce,
    Resume,
    Scheduler,
    WorkerCount,
    choose_workers,
    finished_run,
    keep,
    run_folder,
)
from gardner.cli.solve import Json, Plot
from gardner.potentials import POTENTIALS, find_potential

app = typer.Typer(help="Monte Carlo of small nets.", no_args_is_help=True)

Width = Annotated[str, typer.Option("--width", help="Units per layer N, or input,hidden,output.")]
Depth = Annotated[int, typer.Option(help="Number of bond layers L.")]
Alpha = Annotated[float, typer.Option(help="Patterns per input, α = M/N (M/c at connectivity c).")]
RANDOM_POTENTIAL = f"{POTENTIALS.listed}. (default: soft, of binary weights hard)"
Weights = Annotated[str, typer.Option(help="spherical, gaussian or binary.")]
Beta = Annotated[
    float | None, typer.Option(help="Inverse temperature: soft potentials, binary weights. (default: 66.7)")
]
Margin = Annotated[float, typer.Option(help="Margin κ of potentials other than the hard core.")]
Connectivity = Annotated[int | None, typer.Option(help="Inputs c read by each perceptron. (default: all)")]
Graph = Annotated[str, typer.Option(help="At a connectivity: random, or regular (every unit read equally often).")]
Dynamics = Annotated[str, typer.Option(help="Hard core: metropolis, or heat-bath (the same measure in fewer sweeps).")]
Dilution = Annotated[float, typer.Option(help="Share of bonds removed, from teacher and student alike.")]
Sweeps = Annotated[float, typer.Option(help="Length of the run, burn-in included: attempts per bond and per spin.")]
BurnIn = Annotated[float | None, typer.Option(help="Sweeps left out of the means. (default: a fifth)")]
Samples = Annotated[int, typer.Option(help="Independent samples of patterns, graph and teacher.")]
Replicas = Annotated[int, typer.Option(help="Copies of each sample with independent noise.")]
Guest = Annotated[
    bool | None,
    typer.Option("--guest/--no-guest", help="Clone replica 0 after the burn-in. (default: from a random start)"),
]
Tempering = Annotated[int | None, typer.Option(help="Temperatures of parallel tempering, the coldest at β.")]
Step = Annotated[float | None, typer.Option(help="Width of the weight moves. (default: tuned in the burn-in)")]
Measurements = Annotated[int, typer.Option(help="Equally spaced measurements in the run.")]
Points = Annotated[int, typer.Option(help="Blocks of sweeps between checkpoints.")]
Seed = Annotated[int, typer.Option(help="Seed of everything random.")]
Out = Annotated[Path | None, typer.Option(help="Save all measurements (netCDF); checkpoints stand beside it.")]


@app.command("random")
def mc_random(
    width: Width,
    depth: Depth,
    alpha: Alpha,
    weights: Weights = "spherical",
    potential: Annotated[str, typer.Option(help=RANDOM_POTENTIAL)] = "",
    beta: Beta = None,
    margin: Margin = 0.0,
    connectivity: Connectivity = None,
    graph: Graph = "random",
    dynamics: Dynamics = "metropolis",
    dilution: Dilution = 0.0,
    sweeps: Sweeps = 1e4,
    burn_in: BurnIn = None,
    samples: Samples = 16,
    replicas: Replicas = 2,
    guest: Guest = None,
    tempering: Tempering = None,
    step: Step = None,
    measurements: Measurements = 400,
    points: Points = 20,
    seed: Seed = 0,
    workers: WorkerCount = 1,
    scheduler: Scheduler = None,
    out: Out = None,
    resume: Resume = False,
    force: ReplaceForce = False,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Random inputs and outputs."""
    use_threads(1)
    settings = _settings("random", "random", **_given(locals()))
    _run(settings, choose_workers(workers, scheduler), out, resume, force, plot, json)


@app.command("planted")
def mc_planted(
    width: Width,
    depth: Depth,
    alpha: Alpha,
    weights: Weights = "spherical",
    potential: Annotated[str, typer.Option(help=f"{POTENTIALS.listed}. (default: hard)")] = "",
    beta: Beta = None,
    margin: Margin = 0.0,
    connectivity: Connectivity = None,
    graph: Graph = "random",
    dynamics: Dynamics = "metropolis",
    dilution: Dilution = 0.0,
    sweeps: Sweeps = 1e4,
    burn_in: BurnIn = None,
    samples: Samples = 16,
    replicas: Replicas = 2,
    start: Annotated[str, typer.Option(help="teacher or random. (default: teacher, of binary weights random)")] = "",
    guest: Guest = None,
    tempering: Tempering = None,
    step: Step = None,
    measurements: Measurements = 400,
    points: Points = 20,
    fresh: Annotated[int, typer.Option(help="Fresh inputs of the generalization error.")] = 1000,
    seed: Seed = 0,
    workers: WorkerCount = 1,
    scheduler: Scheduler = None,
    out: Out = None,
    resume: Resume = False,
    force: ReplaceForce = False,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Outputs made by a teacher of the same architecture."""
    use_threads(1)
    settings = _settings("planted", start, **_given(locals()) | {"fresh": fresh})
    _run(settings, choose_workers(workers, scheduler), out, resume, force, plot, json)


SHARED = (
    *("width", "depth", "alpha", "weights", "potential", "beta", "margin", "connectivity", "graph"),
    *("dynamics", "dilution"),
    *("sweeps", "burn_in", "samples", "replicas", "guest", "tempering", "step", "measurements", "points", "seed"),
)


def _given(arguments: dict) -> dict:
    return {name: arguments[name] for name in SHARED}


def _settings(setting: str, start: str, *, width, weights, potential, beta, margin, guest, **numbers):
    """The validated settings, what was left out filled in."""
    from gardner.montecarlo.settings import USUAL_BETA, MonteCarloSettings, read_measure

    try:
        widths = tuple(int(part) for part in width.split(","))
    except ValueError:
        raise ValueError(f"width = {width!r}: must be one whole number, or three as in 20,10,1") from None
    binary = weights == "binary"
    potential = potential or ("hard" if binary or setting == "planted" else "soft")
    start = start or ("random" if binary else "teacher")
    if beta is not None and not binary:
        find_potential(potential, (beta,))
    guest = start == "random" and numbers["tempering"] is None if guest is None else guest
    measure = read_measure(weights, potential, margin, USUAL_BETA if beta is None else beta)
    return MonteCarloSettings(
        widths, setting=setting, weights=weights, potential=measure, start=start, guest=guest, **numbers
    )


def _run(settings, workers, out: Path | None, resume: bool, force: bool, plot: Path | None, json: bool) -> None:
    if resume and out is None:
        raise ValueError("--resume is given without --out: checkpoints stand beside the file; name it")
    from gardner.montecarlo.data import MonteCarloData
    from gardner.montecarlo.moves import choose_move

    done = finished_run(out, resume, force, f"mc {settings.setting}", settings.parameters())
    check_outputs(out if done is None else None, plot, force)
    writes = Writes()
    data = _compute(settings, workers, out, resume, force, writes) if done is None else done
    result = MonteCarloData(data)
    deliver(result, plot, json, writes)
    if caution := choose_move(settings).caution(settings):
        print(caution, file=sys.stderr)
    if not result.body()["equilibrated"]:
        print(
            "not equilibrated: some τ_int exceeds a fiftieth of the run, or R-hat 1.05, or a series stands still; "
            "raise --sweeps",
            file=sys.stderr,
        )


def _compute(settings, workers, out: Path | None, resume: bool, force: bool, writes: Writes):
    """The Dataset of the run, written to `out` if there is one and that can be done."""
    from gardner.montecarlo.report import report_run
    from gardner.montecarlo.run import run_monte_carlo

    if workers.local:
        _announce_compilation(settings)
    began = time.perf_counter()
    with run_folder(out) as store:
        data = report_run(run_monte_carlo(settings, store, workers, resume, force), began)[2]
        if out is not None:
            with writes:
                keep(data, out)
    return data


def _announce_compilation(settings) -> None:
    """Say so on standard error if the kernels of the sweeps must be compiled first."""
    from gardner.montecarlo.moves import choose_move
    from gardner.runtime.compilation import announce

    announce("Monte Carlo", *choose_move(settings).kernels)
