"""`gardner show`: what a file holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import check_outputs, print_json


def show(
    file: Annotated[Path, typer.Argument(help="A netCDF file written with --out.")],
    plot: Annotated[Path | None, typer.Option(help="Draw the overlaps (.svg, .pdf, .png).")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Print q_EA and Q_EA per layer of a saved solution, or draw it."""
    check_outputs(None, plot, True)
    from gardner.results import load

    solution = load(file)
    if plot is not None:
        from gardner.plotting.profiles import plot_overlaps

        plot_overlaps(solution, plot)
    if json:
        print_json(solution.document())
    else:
        from gardner.cli.solve import print_solution

        print_solution(solution)
