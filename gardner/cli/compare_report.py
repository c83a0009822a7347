"""What the commands of `gardner compare` do alike: tell the plan, keep finished runs, write the report and print it."""

from __future__ import annotations

import contextlib
import json as json_module
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import typer

from gardner.cli.common import EXIT_NOT_CONVERGED, Writes, print_json


def print_plan(plan, of_run: Callable[[object], str], speed: str = "") -> None:
    """The plan on standard error, before anything long begins: a line for each run, and for each note."""
    from gardner.comparison.planning import clock

    print(f"plan ({clock(sum(plan.seconds))} on one core{speed}):", file=sys.stderr)
    for run, seconds in zip(plan.runs, plan.seconds):
        print(f"  {of_run(run)}{clock(seconds)}", file=sys.stderr)
    for note in plan.notes:
        print(f"  {note}", file=sys.stderr)
    sys.stderr.flush()


@contextlib.contextmanager
def keeping_runs(folder: Path, planned: int) -> Iterator[None]:
    """Whoever stops the runs made inside is told how many of them are kept."""
    from gardner.errors import InterruptedRun

    try:
        yield
    except (KeyboardInterrupt, InterruptedRun):
        kept = len(list((folder / "runs").glob("*.nc")))
        raise InterruptedRun(folder, kept, planned, "runs, and the begun one,") from None


class Report:
    """The report of one comparison; its time runs from here."""

    def __init__(self, command: str, settings, folder: Path):
        self.command, self.settings, self.folder = command, settings, folder
        self.began, self.writes = time.perf_counter(), Writes()

    def deliver(self, body: dict, status: str, markdown: Callable, draw: Callable, json: bool) -> None:
        """Write the document, its text and its figures (`draw` is given the document and their folder); print it."""
        from gardner.comparison.runs import REPORT
        from gardner.results.solution import Header, atomic, jsonable

        seconds = time.perf_counter() - self.began
        header = Header(self.command, asdict(self.settings), status, seconds, self.settings.seed)
        whole = jsonable(asdict(header) | body)
        text = markdown(whole)

        # the numbers come first, since pictures can be drawn again
        for name, content in zip(REPORT, (json_module.dumps(whole, indent=1), text)):
            with self.writes, atomic(self.folder / name) as temporary:
                temporary.write_text(content, encoding="utf-8")
        with self.writes:
            draw(whole, self.folder / "figures")

        if json:
            print_json(whole)
        else:
            print(text)
        self.writes.report()


def require(resolved: bool, advice: str) -> None:
    """Leave with exit code 3 where there is nothing to judge by."""
    if not resolved:
        print(f"not resolved: {advice}", file=sys.stderr)
        raise typer.Exit(EXIT_NOT_CONVERGED)
