"""Long work as independent chains of points, in this process or on Dask, with a checkpoint after every point.

A chain is a sequence of points in which each continues from the state the previous one left: a branch followed along
α, a Monte Carlo run cut into blocks of sweeps. Different chains share nothing. One point is one task: its state
travels to a worker and back, and the state and record are written here before the next point is handed out. Hence
a killed run loses at most the points in flight, workers need no shared disk, and the point of a worker that dies is
given to another one.

A step may depend on nothing but the chain, the state and the index; random generators live in the state. Then a
resumed run ends with the same numbers, bit for bit, as an uninterrupted one.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gardner.errors import InterruptedRun
from gardner.runtime.checkpoint import SUFFIX, checkpoint_path, discard, load_checkpoint, save_checkpoint
from gardner.runtime.main_guard import check_main_guard
from gardner.runtime.progress import Progress, counted

MAX_WORKERS = 4096
DEATHS = 3  # workers that may die over one point before the run gives up


class Chain(Protocol):
    """What `run_chains` needs of a chain; a picklable frozen dataclass at module level.

    States and records are dicts of arrays, numbers, strings, and lists or dicts of those.
    """

    @property
    def name(self) -> str:
        """Unique within the run and fit for a file name."""

    @property
    def length(self) -> int:
        """Number of points."""

    def start(self) -> dict:
        """The state before the first point."""

    def step(self, state: dict, index: int) -> tuple[dict, dict]:
        """The state after point `index`, and the point's record."""


@dataclass(frozen=True)
class Workers:
    """Where points are computed.

    count: worker processes of one thread group each (1: this process); scheduler: address of a running Dask
    scheduler instead; threads: threads of the linear algebra in each local worker.
    """

    count: int = 1
    scheduler: str | None = None
    threads: int = 1

    def __post_init__(self):
        for name in ("count", "threads"):
            value = getattr(self, name)
            if not isinstance(value, int) or not 1 <= value <= MAX_WORKERS:
                option = "workers" if name == "count" else name
                raise ValueError(f"{option} = {value}: must be a whole number from 1 to {MAX_WORKERS}")
        if self.scheduler is not None and not self.scheduler.strip():
            raise ValueError("scheduler: an empty address is given; give one such as tcp://host:8786, or leave it out")

    @property
    def local(self) -> bool:
        """True if the points are computed in this process."""
        return self.count == 1 and self.scheduler is None


class Run:
    """The chains of one run with their states, records and checkpoints in the folder `store`."""

    def __init__(self, chains: Sequence[Chain], store: Path, fingerprint: dict):
        self.chains, self.store, self.fingerprint = list(chains), Path(store), fingerprint
        names = [chain.name for chain in chains]
        if len(set(names)) < len(names):
            raise ValueError(f"chains: names must be unique, got {names}")
        self.states: list[dict | None] = [None] * len(names)
        self.records: list[list[dict]] = [[] for _ in names]

    def open(self, resume: bool, force: bool) -> None:
        """Prepare the folder: read the checkpoints to resume from, or refuse to run over them."""
        old = sorted(self.store.glob(f"*{SUFFIX}")) if self.store.is_dir() else []
        if old and not (resume or force):
            raise ValueError(f"{self.store}: holds an unfinished run; pass --resume to go on or --force to start again")
        if old and force and not resume:
            self.discard()
        if resume:
            for c, chain in enumerate(self.chains):
                path = checkpoint_path(self.store, chain.name)
                if path.exists():
                    self.states[c], self.records[c] = load_checkpoint(path, self.fingerprint)
        self.store.mkdir(parents=True, exist_ok=True)

    def discard(self) -> None:
        """Remove the checkpoints."""
        discard(self.store)

    def keep(self, c: int, state: dict, record: dict) -> None:
        """Append a finished point of chain `c` and write its checkpoint."""
        self.states[c] = state
        self.records[c].append(record)
        save_checkpoint(checkpoint_path(self.store, self.chains[c].name), self.fingerprint, state, self.records[c])

    def point(self, c: int) -> tuple[dict | None, int] | None:
        """State and index of the next point of chain `c`, or None at its end."""
        index = len(self.records[c])
        return None if index >= self.chains[c].length else (self.states[c], index)

    @property
    def done(self) -> int:
        return sum(len(records) for records in self.records)

    @property
    def total(self) -> int:
        return sum(chain.length for chain in self.chains)


def advance(chain: Chain, state: dict | None, index: int) -> tuple[dict, dict]:
    """One point of a chain, wherever it is computed."""
    return chain.step(chain.start() if state is None else state, index)


def run_chains(
    chains: Sequence[Chain],
    store: Path,
    fingerprint: dict,
    workers: Workers | None = None,
    resume: bool = False,
    force: bool = False,
    title: str = "run",
) -> list[list[dict]]:
    """Compute every point of every chain and return the records, chain by chain.

    store: folder of the checkpoints, kept until the caller discards it; fingerprint: parameters that must agree
    for a resumption. InterruptedRun after Ctrl-C (all finished points are kept); ValueError for a folder that holds
    another run.
    """
    workers = workers or Workers()
    if workers.scheduler is None and not workers.local:
        check_main_guard()
    run = Run(chains, store, fingerprint)
    run.open(resume, force)
    try:
        with Progress(title) as progress:
            counter = counted(progress, run.done, run.total)
            if workers.local:
                _run_here(run, counter)
            elif run.done < run.total:
                from gardner.runtime.cluster import run_on_cluster

                run_on_cluster(run, workers, counter, DEATHS)
    except KeyboardInterrupt:
        raise InterruptedRun(run.store, run.done, run.total) from None
    return run.records


def _run_here(run: Run, counter) -> None:
    for c, chain in enumerate(run.chains):
        while (point := run.point(c)) is not None:
            run.keep(c, *advance(chain, *point))
            counter(run.done)


@contextlib.contextmanager
def passing_store():
    """A folder for the checkpoints of a run that keeps none: it goes with the run, also if that is interrupted.

    KeyboardInterrupt instead of InterruptedRun: nothing is left to go on from.
    """
    with tempfile.TemporaryDirectory(prefix="gardner-") as folder:
        try:
            yield Path(folder) / "parts"
        except InterruptedRun:
            raise KeyboardInterrupt from None
