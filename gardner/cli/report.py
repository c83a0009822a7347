"""`gardner report`: any results as one page of HTML."""

from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import print_json

Files = Annotated[list[Path], typer.Argument(help="Files written with --out, or folders of comparisons.")]
Out = Annotated[Path, typer.Option(help="The page (.html).")]
Force = Annotated[bool, typer.Option("--force", help="Replace an existing page.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def report(files: Files, out: Out = Path("report.html"), force: Force = False, json: Json = False) -> None:
    """Write one page of results: parameters, status and warnings in words, tables, pictures, what to cite.

    The page of a sweep has a slider over α. It holds everything it needs, and opens from the disk.
    """
    from gardner.runtime.files import claim

    if out.suffix != ".html":
        raise ValueError(f"{out}: a page ends in .html; choose such a name")
    claim([out], force)
    from gardner.reports.page import write

    write(files, out)
    if json:
        print_json({"command": "report", "files": [str(file) for file in files], "out": str(out)})
    else:
        print(f"written: {out}")
