"""What a run consists of: chains of points, who computes them, and how far each of them is.

`chains` drives a run in this process and `cluster` on Dask workers; both hand out one point after another from here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gardner.checks import MAX_WORKERS, whole
from gardner.errors import FileFormatError
from gardner.runtime.checkpoint import chain_of, checkpoint_path, checkpoints, load_checkpoint, save_checkpoint
from gardner.runtime.ownership import OwnedFolder

MAX_PORT = 65535
_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx|ucxx)://([^/:\s]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})/?|inproc://\S+")


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

    Parameters
    ----------
    count : int
        Worker processes of one thread group each (1: this process).
    scheduler : str, optional
        Address of a running Dask scheduler instead.
    threads : int
        Threads of the linear algebra in each local worker.
    """

    count: int = 1
    scheduler: str | None = None
    threads: int = 1

    def __post_init__(self):
        for option, value in (("workers", self.count), ("threads", self.threads)):
            whole(option, value, 1, MAX_WORKERS)
        if self.scheduler is None:
            return
        address = _ADDRESS.fullmatch(self.scheduler)
        if address is None or int(address[3] or 0) > MAX_PORT:
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
