"""`gardner amp planted`: parse, call, print."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import Writes, check_outputs, deliver, finish, print_table
from gardner.cli.options import Fields, with_fields
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
from gardner.messages.settings import AmpSettings

app = typer.Typer(help="Message passing on drawn nets too large for Monte Carlo.", no_args_is_help=True)

Out = Annotated[Path | None, typer.Option(help="Save all histories (netCDF); checkpoints stand beside it.")]


@app.command("planted")
@with_fields
def amp_planted(
    *,
    net: Annotated[dict, Fields(AmpSettings)],
    workers: WorkerCount = 1,
    scheduler: Scheduler = None,
    out: Out = None,
    resume: Resume = False,
    force: ReplaceForce = False,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Outputs made by a teacher of the same architecture: what messages find out about it, beside state evolution."""
    if resume and out is None:
        raise ValueError("--resume is given without --out: checkpoints stand beside the file; name it")
    settings = AmpSettings(**net)
    from gardner.messages.data import MessageData
    from gardner.messages.run import COMMAND

    done = finished_run(out, resume, force, COMMAND, settings.parameters())
    check_outputs(out if done is None else None, plot, force)
    writes, options = Writes(), (choose_workers(workers, scheduler), resume, force)
    if caution := settings.caution():
        print(caution, file=sys.stderr)
    result = _compute(settings, options, out, writes) if done is None else MessageData(done)
    beside = _state_evolution(settings)
    deliver(result, plot, json, writes, result.document() | {"state_evolution": beside}, lambda: _tell(beside))
    finish(result.status, None, result.advice)


def _compute(settings: AmpSettings, options: tuple, out: Path | None, writes: Writes):
    """The result of the run, written to `out` if there is one and that can be done."""
    from gardner.messages import factors, kernels
    from gardner.messages.run import run_amp
    from gardner.runtime.compilation import announce

    announce("message passing", kernels.sum_fields, kernels.sum_patterns, factors.say)
    with run_folder(out) as store:
        result = run_amp(settings, store, *options)
        if out is not None:
            with writes:
                keep(result.data, out)
    return result


def _state_evolution(settings: AmpSettings) -> dict:
    """Where the maps of the closures end from the start of the run."""
    from gardner.analysis.state_evolution import state_evolution
    from gardner.model import CLOSURES

    net = settings.alpha, settings.depth, settings.overlap, settings.weights
    return {name: state_evolution(name, *net).body() for name in CLOSURES}


def _tell(beside: dict) -> None:
    """A table of the ends of state evolution."""
    rows = []
    for name, end in beside.items():
        cells = [", ".join(f"{value:.4f}" for value in end[key]) for key in ("Q", "q")]
        errors = [f"{end[key]:.4f}" for key in ("estimator_error", "student_error")]
        rows.append([name, *cells, *errors, f"{end['free_entropy']:.5f}"])
    columns = ["closure", "Q(1…L)", "q(0…L)", "estimator", "student", "s"]
    print_table("state evolution from the same start", columns, rows)
