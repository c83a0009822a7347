"""What the commands share: option parsing, tables, the JSON document, exit codes."""

from __future__ import annotations

import json as json_module
import os
import sys
from pathlib import Path

import typer

EXIT_NOT_CONVERGED = 3
EXIT_FAULT = 4  # the disk, the memory: nothing that the user wrote was wrong
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143  # SIGTERM, else as interrupted
PLOT_FORMATS = (".svg", ".pdf", ".png")


def use_threads(threads: int) -> None:
    """Limit linear algebra and Numba to `threads`; must run before NumPy is imported."""
    if threads < 1:
        raise ValueError(f"threads = {threads}: must be at least 1")
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = str(threads)


def number_list(name: str, text: str) -> tuple[float, ...]:
    """Comma-separated numbers."""
    try:
        return tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise ValueError(f"{name} = {text!r}: must be numbers separated by commas, as in 0.2,0.5,0.8") from None


def check_outputs(
    out: Path | None, plot: Path | None, force: bool, pictures: tuple[str, ...] = (), tables: tuple[str, ...] = ("",)
) -> None:
    """Refuse what cannot be written, or exists and is not to be replaced, before any work is done.

    pictures: what is added to the name of --plot for further pictures; tables: the same for the tables (.csv), ""
    being the one beside --plot itself.
    """
    from gardner.runtime.files import claim

    files = [] if out is None else [out]
    if plot is not None:
        if plot.suffix not in PLOT_FORMATS:
            raise ValueError(f"{plot}: figures end in one of {', '.join(PLOT_FORMATS)}; choose such a name")
        files += [plot.with_stem(plot.stem + part) for part in ("", *pictures)]
        files += [plot.with_stem(plot.stem + part).with_suffix(".csv") for part in tables]
    claim(files, force)


class Writes:
    """Files that are written before a result is printed: `with writes: …` around each of them.

    A file that cannot be written does not keep the result from being printed; `report` then says which.
    """

    def __init__(self):
        self.problem: BaseException | None = None

    def __enter__(self) -> Writes:
        return self

    def __exit__(self, kind, error, trace) -> bool:
        from gardner.errors import OutputError

        if not isinstance(error, (OutputError, MemoryError)):
            return False
        self.problem = self.problem or error
        return True

    def report(self) -> None:
        """Raise the first problem, if there was one."""
        if self.problem is not None:
            raise self.problem


def print_json(document: dict) -> None:
    """One document on standard output, nan and infinities as null."""
    from gardner.results import jsonable

    print(json_module.dumps(jsonable(document), allow_nan=False))


def print_table(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """A Rich table on standard output, plain where it is no terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, box=box.SIMPLE, title_justify="left")
    for column in columns:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*row)
    console = Console(width=None if sys.stdout.isatty() else 100, highlight=False)
    console.print(table)


def finish(status: str, saved: Path | None) -> None:
    """Exit with the code of `status`, advice on standard error."""
    if status == "converged":
        return
    from gardner.results import ADVICE

    where = f"; state saved in {saved}" if saved is not None else ""
    print(f"{status}{where}: {ADVICE[status]}", file=sys.stderr)
    raise typer.Exit(EXIT_INTERRUPTED if status == "interrupted" else EXIT_NOT_CONVERGED)
