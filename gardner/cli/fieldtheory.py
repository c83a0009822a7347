"""`gardner fieldtheory predict|lattice|linear-net|learning-rate`: parse, call, print."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli import fieldtheory_runs
from gardner.cli.common import check_outputs, deliver, keep_result, use_threads
from gardner.cli.fieldtheory_runs import (
    Components,
    Coupling,
    Json,
    Mu,
    Out,
    Plot,
    Seed,
)
from gardner.cli.grids import number_grid
from gardner.cli.sweep import WorkerThreads

app = typer.Typer(help="Scalar field theory of symmetry breaking, and its tests.", no_args_is_help=True)
app.command("lattice")(fieldtheory_runs.lattice)
app.command("learning-rate")(fieldtheory_runs.learning_rate)


@app.command("predict")
def predict(
    mu: Mu = 1.0,
    coupling: Coupling = 1.0,
    components: Components = 3,
    learning_rate: Annotated[str, typer.Option(help="Values of η, as in 0.5,1,2 or 0:2.5:26.")] = "0,1,2.5",
    k: Annotated[float, typer.Option(help="Momentum of the propagators.")] = 0.5,
    out: Out = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw PATH, PATH-goldstone, PATH-propagators.")] = None,
    json: Json = False,
) -> None:
    """Order parameter, exact Hessian spectrum beside the values of the source, propagators."""
    from gardner.checks import MAX_RATE, within
    from gardner.fieldtheory.exact_data import PredictionData, predictions_dataset

    check_outputs(out, plot, force, PredictionData.pictures, PredictionData.tables)
    from gardner.fieldtheory.potential import SymmetryBreaking
    from gardner.fieldtheory.potential import predict as predict_at
    from gardner.results.base import Header

    theory, began = SymmetryBreaking(mu, coupling, components), time.perf_counter()
    k = within("k", k, -MAX_RATE, MAX_RATE)
    rows = [predict_at(theory, rate) for rate in sorted(set(number_grid("learning_rate", learning_rate)))]
    parameters = asdict(theory) | {"learning_rate": [row.learning_rate for row in rows], "k": k}
    header = Header("fieldtheory predict", parameters, "converged", time.perf_counter() - began)
    result = PredictionData(predictions_dataset(rows, header))
    _deliver(result, out, plot, json)


def _deliver(result, out: Path | None, plot: Path | None, json: bool) -> None:
    """Write the file if asked, then print the result."""
    writes = keep_result(result, out)
    deliver(result, plot, json, writes)


@app.command("linear-net")
def linear_net(
    widths: Annotated[str | None, typer.Option(help="Nets, as in 4-6-3,4-4-4+layer,4-2-4+block. [default: 16]")] = None,
    seeds: Annotated[int, typer.Option(help="Targets and runs per net.")] = 1,
    seed: Seed = 1,
    threads: WorkerThreads = 1,
    out: Out = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Deep linear nets at a global minimum: zero modes of the Hessian against the prediction."""
    use_threads(threads)
    check_outputs(out, plot, force)
    from gardner.checks import MAX_WHOLE
    from gardner.fieldtheory.exact_data import ZeroModesData, spectra_dataset
    from gardner.fieldtheory.linear_net import Architecture
    from gardner.fieldtheory.zero_modes import DEFAULT_ARCHITECTURES, zero_modes
    from gardner.model import whole
    from gardner.results.base import Header
    from gardner.runtime.progress import Progress, counted

    nets = DEFAULT_ARCHITECTURES if widths is None else [Architecture.named(text) for text in widths.split(",")]
    count, began = whole("seeds", seeds, 1, 1000), time.perf_counter()
    first = whole("seed", seed, 0, MAX_WHOLE - count)
    results = []
    with Progress("fieldtheory linear-net") as progress:
        counter = counted(progress, 0, len(nets) * count)
        for net in nets:
            for s in range(count):
                results.append(zero_modes(net, first + s))
                counter(len(results))
    parameters = {"nets": [net.name for net in nets], "seeds": count}
    status, seconds = "converged", time.perf_counter() - began
    header = Header("fieldtheory linear-net", parameters, status, seconds, first)
    _deliver(ZeroModesData(spectra_dataset(results, header)), out, plot, json)
