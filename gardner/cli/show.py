"""`gardner show`: what a file holds."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import check_outputs, deliver


def show(
    file: Annotated[Path, typer.Argument(help="A file written with --out, or the folder of a comparison.")],
    gaps: Annotated[bool, typer.Option("--gaps", help="The gap distribution P(r, l) of every bond layer.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw the overlaps, or the gaps (.svg, .pdf, .png).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Print what a saved result says, or draw it."""
    from gardner.results.files import read

    result = read(file)
    if gaps:
        from gardner.analysis.layer_gaps import gaps_of

        check_outputs(None, plot, force)
        result = gaps_of(result, file)
        if result.status != "converged":
            print(f"status {result.status}: these gaps are not those of a saddle point", file=sys.stderr)
    else:
        check_outputs(None, plot, force, result.pictures, result.tables)
    deliver(result, plot, json)
