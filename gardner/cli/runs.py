"""What the commands of long work share: workers, schedulers, checkpoints and their options."""

import contextlib
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import note_written
from gardner.cli.parsing import refuse_idle

WorkerCount = Annotated[int, typer.Option("--workers", help="Worker processes (1: this process).")]
WorkerThreads = Annotated[int, typer.Option("--threads", help="Threads of the linear algebra in each worker.")]
Scheduler = Annotated[str | None, typer.Option(help="Address of a running Dask scheduler, as in tcp://host:8786.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on from the checkpoints of a stopped run.")]
ReplaceForce = Annotated[bool, typer.Option("--force", help="Replace an existing file or unfinished run.")]


def choose_workers(count: int, scheduler: str | None, threads: int = 1):
    """The `Workers` that the options ask for."""
    from gardner.runtime.chains import Workers

    if scheduler is not None:
        refuse_idle("with --scheduler, whose workers were started with theirs", "--threads")
    if scheduler is not None and count != 1:
        raise ValueError("--workers and --scheduler are both given: a running scheduler has its own workers")
    return Workers(count, scheduler, threads)


def checkpoint_folder(out: Path) -> Path:
    """Where the checkpoints of `out` stand: beside the file, wherever a symbolic link leads to it."""
    out = Path(os.path.realpath(out)) if out.is_symlink() else out
    return out.with_name(out.name + ".parts")


@contextlib.contextmanager
def run_folder(out: Path | None):
    """The folder of the checkpoints of `out`, owned until the file is written; None where nothing is kept."""
    if out is None:
        yield None
        return
    from gardner.runtime.ownership import owned

    store = checkpoint_folder(out)
    with owned(store):
        yield store


def keep(dataset, out: Path) -> None:
    """Write the finished Dataset to `out` and remove its checkpoints, which stay where it cannot be written."""
    from gardner.errors import OutputError
    from gardner.results.solution import write_dataset
    from gardner.runtime.checkpoint import discard

    store = checkpoint_folder(out)
    try:
        write_dataset(dataset, out)
    except OutputError as problem:
        raise OutputError(f"{problem}; all points are kept in {store}: then go on with --resume") from None
    note_written(out)
    discard(store)


def finished_run(out: Path | None, resume: bool, force: bool, command: str, parameters: dict):
    """The Dataset in `out` if --resume meets the finished run of this very command, None if there is work to do.

    ValueError if a finished run of other options stands there.
    """
    if out is None or not resume or force or not out.is_file():
        return None
    from gardner.results.solution import from_attribute, jsonable, read_dataset
    from gardner.runtime.checkpoint import remove_of, shown_pair

    dataset, wanted = read_dataset(out), {"command": command} | jsonable(parameters)
    stored = {"command": dataset.attrs.get("command")}
    stored |= from_attribute(dataset.attrs.get("parameters", "{}"))
    for name in wanted | stored:
        if stored.get(name) != wanted.get(name):
            there, here = shown_pair(stored.get(name), wanted.get(name))
            raise ValueError(
                f"{out}: holds a finished run with {name} = {there}, now {here} is asked for; choose another --out, "
                "or pass --force without --resume"
            )
    remove_of(checkpoint_folder(out), jsonable(parameters))
    print(f"{out}: this run is finished, there is nothing to resume", file=sys.stderr)
    return dataset
