"""What the commands of long work share: workers, schedulers, checkpoints and their options."""

from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import note_written

WorkerCount = Annotated[int, typer.Option("--workers", help="Worker processes (1: this process).")]
WorkerThreads = Annotated[int, typer.Option("--threads", help="Threads of the linear algebra in each worker.")]
Scheduler = Annotated[str | None, typer.Option(help="Address of a running Dask scheduler, as in tcp://host:8786.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on from the checkpoints of a stopped run.")]
ReplaceForce = Annotated[bool, typer.Option("--force", help="Replace an existing file or unfinished run.")]


def chosen_workers(count: int, scheduler: str | None, threads: int = 1):
    """The `Workers` that the options ask for."""
    from gardner.runtime.chains import Workers

    if scheduler is not None and count != 1:
        raise ValueError("--workers and --scheduler are both given: a running scheduler has its own workers")
    return Workers(count, scheduler, threads)


def checkpoint_folder(out: Path) -> Path:
    """Where the checkpoints of `out` stand."""
    return out.with_name(out.name + ".parts")


def keep(dataset, out: Path) -> None:
    """Write the finished Dataset to `out` and remove its checkpoints."""
    from gardner.results import write_dataset
    from gardner.runtime.checkpoint import discard

    write_dataset(dataset, out)
    note_written(out)
    discard(checkpoint_folder(out))
