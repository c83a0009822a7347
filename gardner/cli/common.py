"""What the commands share: option parsing, tables, the JSON document, exit codes."""

from __future__ import annotations

import json as json_module
import os
import sys
from pathlib import Path

import typer

EXIT_NOT_CONVERGED = 3
EXIT_INTERRUPTED = 130
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


def check_outputs(out: Path | None, plot: Path | None, force: bool) -> None:
    """Refuse unwritable or existing targets before any work is done; figures may be replaced."""
    from gardner.results import check_writable

    if out is not None:
        check_writable(out, force)
    if plot is not None:
        if plot.suffix not in PLOT_FORMATS:
            raise ValueError(f"{plot}: figures end in one of {', '.join(PLOT_FORMATS)}; choose such a name")
        check_writable(plot, True)
    if out is not None and out == plot:
        raise ValueError(f"{out}: --out and --plot name the same file; choose two")


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


def finish(status: str, saved: Path | None, advice: str | None = None) -> None:
    """Exit with the code of `status`, advice on standard error (by default one that holds for every command)."""
    if status == "converged":
        return
    from gardner.results import ADVICE

    where = f"; state saved in {saved}" if saved is not None else ""
    print(f"{status}{where}: {advice or ADVICE[status]}", file=sys.stderr)
    raise typer.Exit(EXIT_INTERRUPTED if status == "interrupted" else EXIT_NOT_CONVERGED)
