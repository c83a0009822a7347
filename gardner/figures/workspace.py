"""What a figure is made of: parts that are computed once and kept, so that an interrupted drawing goes on."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import gardner
from gardner.errors import ConvergenceError, FileFormatError, OutputError
from gardner.results.solution import Solution, jsonable, read_dataset, uninterrupted, write_dataset
from gardner.runtime.chains import Workers
from gardner.runtime.ownership import FileLock


@dataclass(frozen=True)
class Picture:
    """A finished matplotlib figure and its plotted data: an xarray Dataset, or None for a CSV of its lines."""

    drawing: object
    data: object = None


def label_variables(data, **names: str):
    """The Dataset with a long_name for each variable of `names`; units 1, all of them being ratios."""
    for name, text in names.items():
        data[name].attrs = {"long_name": text, "units": "1"}
    return data


@functools.cache
def code_digest() -> str:
    """A hash of the sources that numbers come from: parts made by other code are not used.

    Left out is what parses command lines, what draws and computes nothing, and what makes pages.
    """
    package = Path(gardner.__file__).parent
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        if source.relative_to(package).parts[0] not in ("cli", "plotting", "docs", "reports"):
            digest.update(source.read_bytes())
    return digest.hexdigest()


@contextlib.contextmanager
def alone(path: Path):
    """One process at a time is inside for the same `path`, whose folder is made; others wait."""
    lock = FileLock(path.with_suffix(".lock"))
    with contextlib.suppress(OSError):  # no file can be made: nothing can be kept, so that nobody is in the way
        lock.acquire(wait=True)
    try:
        yield
    finally:
        if lock.handle is not None:
            lock.release()


@dataclass(frozen=True)
class Workspace:
    """Where finished parts stand. `cache` is shared by all figures: what two of them need is computed once.

    A part is a netCDF file named after its kind and a hash of its parameters and of the code; one process computes it,
    others that need it wait.
    """

    cache: Path
    workers: Workers = field(default_factory=Workers)

    def path(self, kind: str, parameters: dict) -> Path:
        """The file of a part."""
        text = json.dumps(jsonable({"code": code_digest()} | parameters), sort_keys=True, default=repr)
        return self.cache / f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.nc"

    def keep(self, kind: str, parameters: dict, compute: Callable[[], object]):
        """The Dataset that `compute()` returns, from its file if it was computed before.

        parameters: everything the numbers depend on, plain values or frozen dataclasses (named by their repr).
        """
        path = self.path(kind, parameters)
        with alone(path):
            if path.exists():
                try:
                    return read_dataset(path).drop_encoding()  # widths of texts: other parts may have longer ones
                except FileFormatError:
                    path.unlink()  # damaged: compute again
            dataset = compute()
            named = dataset if "kind" in dataset.attrs else dataset.assign_attrs(figure=kind)  # `gardner show` reads it
            with contextlib.suppress(OutputError):  # a part that cannot be kept can still be drawn
                write_dataset(named, path)
        return dataset

    def solution(self, allow: tuple[str, ...] = ("converged",), **parameters) -> Solution:
        """`gardner.solve_random(**parameters)`, kept; ConvergenceError unless its status is among `allow`."""

        def compute():
            return uninterrupted(gardner.solve_random(**parameters)).to_dataset()  # half a search is no part

        solution = Solution.from_dataset(self.keep("solution", parameters, compute))
        if solution.status not in allow:
            raise ConvergenceError(f"{parameters}: {solution.status} (residual {solution.residual:.1e})")
        return solution

    def resume(self, kind: str, parameters: dict, run: Callable[[Path], object]):
        """The Dataset of `run(store)`, which keeps its checkpoints in `store`, kept; an interrupted one goes on."""
        from gardner.runtime.checkpoint import discard

        store = self.path(kind, parameters).with_suffix(".parts")

        def compute():
            try:
                return run(store)
            except FileFormatError:  # a damaged checkpoint
                discard(store)
                return run(store)

        dataset = self.keep(kind, parameters, compute)
        discard(store)
        return dataset

    def sweep(self, plan):
        """The Dataset of `run_sweep(plan)`, kept; an interrupted one goes on."""
        from gardner.analysis.sweep import run_sweep

        parameters = {"setting": plan.setting} | plan.parameters()
        return self.resume("sweep", parameters, lambda store: run_sweep(plan, store, self.workers, resume=True))

    def monte_carlo(self, settings):
        """The file Dataset of a Monte Carlo run, kept; an interrupted one goes on."""
        from gardner.montecarlo.report import report_run
        from gardner.montecarlo.run import run_monte_carlo

        def run(store: Path):
            began = time.perf_counter()
            return report_run(run_monte_carlo(settings, store, self.workers, resume=True), began)[2]

        return self.resume("mc", settings.parameters(), run)

    def messages(self, settings):
        """The Dataset of a run of message passing, kept; an interrupted one goes on."""
        from gardner.messages.run import run_amp

        def run(store: Path):
            return run_amp(settings, store, self.workers, resume=True).data

        return self.resume("amp", settings.parameters(), run)

    def field_theory(self, kind: str, plan, run: Callable):
        """The Dataset of `run(plan, store, …)`: `run_lattice`, `run_weight` or `run_net`, kept and resumed alike."""
        parameters = plan.parameters()
        return self.resume(kind, parameters, lambda store: run(plan, store, self.workers, resume=True))
