"""`gardner figures`: parse, call, print."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import EXIT_FAULT, EXIT_NOT_CONVERGED, print_json, print_table, use_threads
from gardner.cli.parsing import refuse_idle
from gardner.cli.runs import WorkerCount
from gardner.cli.solve import Json

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME…]", help="Figures to draw. (default: all)")]
Quality = Annotated[str, typer.Option(help="draft or paper: number of points, RSB steps and sweeps.")]
Out = Annotated[Path, typer.Option(help="The folder to draw into; finished parts are kept in its .cache.")]
Force = Annotated[bool, typer.Option("--force", help="Replace files that were not drawn here.")]
List = Annotated[bool, typer.Option("--list", help="Name every figure with what it shows, and leave.")]


def figures(
    names: Names = None,
    quality: Quality = "draft",
    out: Out = Path("figures"),
    workers: WorkerCount = 1,
    list_only: List = False,
    force: Force = False,
    json: Json = False,
) -> None:
    """Draw the figures of the paper and beyond: PDF, SVG and the plotted data."""
    from gardner.figures import FIGURES

    if list_only:
        refuse_idle("with --list, which draws nothing", "--quality", "--out", "--workers", "--force")
        if names:
            raise ValueError(f"{names[0]}: --list names every figure; leave the name out")
        _list(FIGURES, json)
        return
    use_threads(1)
    from gardner.figures.drawing import draw
    from gardner.theory.parisi.kernels import announce_compilation

    announce_compilation()
    drawn = draw(names or (), quality, out, workers, force)
    if json:
        print_json({"command": "figures", "quality": quality, "figures": [vars(one) for one in drawn]})
    else:
        rows = [[one.name, one.problem or ", ".join(Path(f).suffix[1:] for f in one.files)] for one in drawn]
        print_table(f"{quality} figures in {out}", ["figure", "written"], rows)
    failed = [one for one in drawn if one.problem]
    for one in failed:
        print(f"not drawn: {one.name}: {one.problem}", file=sys.stderr)
    if failed:
        raise typer.Exit(EXIT_FAULT if any(one.fault for one in failed) else EXIT_NOT_CONVERGED)


def _list(names, json: bool) -> None:
    from gardner.figures.drawing import about

    if json:
        print_json({"figures": [dict(zip(("name", "shows", "takes"), (name, *about(name)))) for name in names]})
        return
    for name in names:
        shows, takes = about(name)
        print(f"{name:24s} {shows} ({takes})" if takes else f"{name:24s} {shows}")
