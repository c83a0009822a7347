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
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gardner.errors import FileFormatError, InterruptedRun, OutputError, StoppedRun
from gardner.runtime.checkpoint import chain_of, checkpoint_path, checkpoints, load_checkpoint, save_checkpoint
from gardner.runtime.main_guard import check_main_guard
from gardner.runtime.ownership import OwnedFolder, owned
from gardner.runtime.progress import Progress, counted

MAX_WORKERS = 4096
_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx|ucxx)://([^/:\s]+|\[[0-9a-fA-F:.]+\]):\d{1,5}/?|inproc://\S+")
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


def brief(value: float) -> str:
    """A number for a name: short if that says all of it, else with every digit, so that names tell values apart."""
    text = f"{value:g}"
    return text if float(text) == value else repr(float(value))


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
        if self.scheduler is not None and not _ADDRESS.fullmatch(self.scheduler):
            raise ValueError(f"scheduler = {self.scheduler!r}: must be an address such as tcp://host:8786")

    @property
    def local(self) -> bool:
        """True if the points are computed in this process."""
        return self.count == 1 and self.scheduler is None


class Run:
    """The chains of one run with their states, records and checkpoints in the folder `store` (None: none are kept)."""

    def __init__(self, chains: Sequence[Chain], store: Path | None, fingerprint: dict, folder: OwnedFolder | None):
        self.chains, self.store, self.fingerprint = list(chains), store, fingerprint
        self.folder = folder
        names = [chain.name for chain in chains]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(f"chains: names must be unique, but {twice} is given twice")
        self.states: list[dict | None] = [None] * len(names)
        self.records: list[list[dict]] = [[] for _ in names]

    def open(self, resume: bool, force: bool) -> None:
        """Read the checkpoints to resume from, or refuse to run over them.

        Everything is read before anything is used: a single checkpoint that belongs to another run is refused, for
        it would be in the way, and lost with the folder in the end.
        """
        if self.store is None:
            return
        old = checkpoints(self.store)
        if old and not (resume or force):
            raise ValueError(f"{self.store}: holds an unfinished run; pass --resume to go on or --force to start again")
        if not resume:
            for path in old:
                path.unlink(missing_ok=True)
            return
        numbers = {chain.name: c for c, chain in enumerate(self.chains)}
        for path in old:
            state, records = load_checkpoint(path, self.fingerprint)
            c = numbers.get(chain_of(path))
            if c is None or len(records) > self.chains[c].length:
                raise FileFormatError(
                    f"{path}: belongs to no chain of this run; move it away, choose another --out, or start again "
                    "with --force"
                )
            self.states[c], self.records[c] = state, records
        self.folder.mine.update(old)

    def keep(self, c: int, state: dict, record: dict) -> None:
        """Append a finished point of chain `c` and write its checkpoint."""
        if self.store is not None:
            path = checkpoint_path(self.store, self.chains[c].name)
            save_checkpoint(path, self.fingerprint, state, [*self.records[c], record])
            self.folder.mine.add(path)
        self.states[c] = state
        self.records[c].append(record)

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
                    from gardner.runtime.cluster import run_on_cluster

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
