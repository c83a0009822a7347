"""What the commands share: option parsing, tables, the JSON document, exit codes."""

import json as json_module
import os
import sys
from pathlib import Path

import typer

from gardner.checks import MAX_WORKERS, whole
from gardner.results.tables import parts_of_table as parts_of_table
from gardner.results.tables import print_table as print_table

EXIT_NOT_CONVERGED = 3
EXIT_FAULT = 4  # the disk, the memory: nothing that the user wrote was wrong
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143  # SIGTERM, else as interrupted
PLOT_FORMATS = (".svg", ".pdf", ".png")


def use_threads(threads: int) -> None:
    """Limit linear algebra and Numba to `threads`; must run before NumPy is imported."""
    whole("threads", threads, 1, MAX_WORKERS)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = str(threads)


def number_list(name: str, text: str) -> tuple[float, ...]:
    """Comma-separated numbers, at least one, or ValueError."""
    try:
        values = tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        values = ()
    if not values:
        raise ValueError(f"{name} = {text!r}: must be numbers separated by commas, as in 0.2,0.5,0.8")
    return values


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

    def __enter__(self):
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
    from gardner.results.datasets import jsonable

    print(json_module.dumps(jsonable(document), allow_nan=False))


def keep_result(result, out: Path | None) -> Writes:
    """Save a result if asked; what could not be written is held until the result has been printed (`deliver`)."""
    from gardner.results.files import save

    writes = Writes()
    with writes:
        if out is not None:
            save(result, out)
            note_written(out)
    return writes


def deliver(
    result, plot: Path | None, json: bool, writes: Writes | None = None, document: dict | None = None, tell=None
) -> None:
    """Draw a result if asked, then print it: as a document, or as a table, last its warnings and the closure's verdict.

    document: what is printed if it is not that of the result; tell: prints what a command adds to the table. What
    could not be written, here or before in `writes`, is raised in the end.
    """
    from gardner.results.warnings import lines_of

    writes, figures = writes or Writes(), []
    with writes:
        figures = [] if plot is None else [str(path) for path in result.save_plot(plot)]
    if result.pictures and not result.listed:
        for path in figures:
            print(f"written: {path}", file=sys.stderr)
    if json:
        named = {"figures": figures} if result.listed else {}
        print_json((document or result.document()) | result.judgement() | named)
    else:
        result.tell()
        if tell is not None:
            tell()
        for line in lines_of(result.warnings):
            print(line)
        print_verdict(result.judgement().get("closure_verdict"))
        for path in figures if result.listed else ():
            print(f"written: {path}")
    writes.report()


def print_verdict(verdict: str | None) -> None:
    """The last line of a result that its closure is not trusted for (`theory.validity`); nothing for None."""
    if verdict is not None:
        print(verdict)


def finish(status: str, saved: Path | None, advice: str | None = None) -> None:
    """Exit with the code of `status`, advice on standard error (by default one that holds for every command)."""
    if status == "converged":
        return
    from gardner.results.solution import ADVICE

    if status == "interrupted":
        kept = "printed, but not saved: --out FILE keeps it" if saved is None else f"in {saved}: --from {saved} goes on"
        print(f"interrupted; the last state of the search is {kept}", file=sys.stderr)
        raise typer.Exit(EXIT_INTERRUPTED)
    where = f"; state saved in {saved}" if saved is not None else ""
    print(f"{status}{where}: {advice or ADVICE[status]}", file=sys.stderr)
    raise typer.Exit(EXIT_NOT_CONVERGED)


_written: list[Path] = []


def note_written(path: Path) -> None:
    """Remember that a result is complete on disk, for what is said if the command is interrupted afterwards."""
    _written.append(path)


def forget_written() -> None:
    """A command begins, and nothing of it is on disk."""
    _written.clear()


def interruption() -> str:
    """What Ctrl-C has left behind."""
    if not _written:
        return "interrupted; nothing was saved"
    return f"interrupted; {' and '.join(map(str, _written))} {'is' if len(_written) == 1 else 'are'} complete"
