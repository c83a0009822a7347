"""Long work as independent chains of points, in this process or on Dask, with a checkpoint after every point.

A chain is a sequence of points in which each continues from the state the previous one left: a branch followed along
α, a Monte Carlo run cut into blocks of sweeps. Different chains share nothing. One point is one task: its state
travels to a worker and back, and the state and record are written here before the next point is handed out. Hence
a killed run loses at most the points in flight, workers need no shared disk, and the point of a worker that dies is
given to another one. One run at a time owns the folder of its checkpoints (`runtime.ownership`); what else stands in
that folder is left alone.

A step may depend on nothing but the chain, the state and the index; random generators live in the state. Then a
resumed run ends with the same numbers, bit for bit, as an uninterrupted one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from gardner.errors import InterruptedRun, OutputError, StoppedRun
from gardner.runtime.cluster import run_on_cluster
from gardner.runtime.main_guard import check_main_guard
from gardner.runtime.ownership import owned
from gardner.runtime.points import Chain, Run, Workers, advance
from gardner.runtime.progress import Progress, counted

DEATHS = 3  # workers that may die over one point before the run gives up


def brief(value: float) -> str:
    """A number for a name: short if that says all of it, else with every digit, so that names tell values apart."""
    text = f"{value:g}"
    return text if float(text) == value else repr(float(value))


def run_chains(
    chains: Sequence[Chain],
    store: Path | None,
    fingerprint: dict,
    workers: Workers | None = None,
    resume: bool = False,
    force: bool = False,
    title: str = "run",
) -> list[list[dict]]:
    """Compute every point of every chain and return the records, chain by chain.

    store: folder of the checkpoints, kept until the caller discards it, None for no checkpoints; fingerprint:
    parameters that must agree for a resumption. InterruptedRun after Ctrl-C and StoppedRun where memory or room for a
    checkpoint are used up (all finished points are kept); ValueError for a folder that holds another run, or that
    another process works in.
    """
    workers = workers or Workers()
    if workers.scheduler is None and not workers.local:
        check_main_guard()
    with contextlib.nullcontext() if store is None else owned(store) as folder:
        run = Run(chains, None if store is None else Path(store), fingerprint, folder)
        run.open(resume, force)
        try:
            with Progress(title) as progress:
                counter = counted(progress, run.done, run.total)
                if workers.local:
                    _run_here(run, counter)
                elif run.done < run.total:
                    run_on_cluster(run, workers, counter, DEATHS)
        except KeyboardInterrupt:
            raise InterruptedRun(run.store, run.done, run.total) from None
        except OutputError as problem:
            raise StoppedRun(f"{problem}; {_kept(run)}") from None
        except MemoryError as problem:
            raise StoppedRun(f"out of memory ({problem or 'no details'}); {_kept(run)}") from None
    return run.records


def _kept(run: Run) -> str:
    """What is left of a run that stops."""
    if run.store is None:
        return "nothing is kept: give --out to keep finished points"
    if run.done == 0:
        return "no point was finished, and nothing is kept"
    return f"{run.done} of {run.total} points are kept in {run.store}: go on with --resume"


def _run_here(run: Run, counter) -> None:
    for c, chain in enumerate(run.chains):
        while (point := run.point(c)) is not None:
            run.keep(c, *advance(chain, *point))
            counter(run.done)
