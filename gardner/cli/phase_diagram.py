"""`gardner phase-diagram perceptron`: parse, call, print."""

from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import EXIT_NOT_CONVERGED, check_outputs, deliver, keep_result, use_threads
from gardner.cli.grids import number_grid

app = typer.Typer(help="Phase diagrams of models that are known in full.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    pass


@app.command("perceptron")
def perceptron(
    margin: Annotated[str, typer.Option(help="Margins κ ≥ -3: -2,-1.5,0 or -3:0.5:40.")],
    out: Annotated[Path | None, typer.Option(help="Save the lines (netCDF).")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw regions and lines (.svg, .pdf, .png).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    threads: Annotated[int, typer.Option(help="Threads of the linear algebra.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """One layer, random patterns, hard core: where RS, 1RSB, full RSB and the capacity lie (1 to 3 s a margin)."""
    use_threads(threads)
    check_outputs(out, plot, force)
    margins = number_grid("margin", margin)
    from gardner.analysis.phase_diagram import check_margins, perceptron_phases
    from gardner.runtime.progress import Progress
    from gardner.theory.parisi.kernels import announce_compilation

    check_margins(margins)
    announce_compilation()
    with Progress("phase-diagram perceptron") as progress:
        result = perceptron_phases(margins, lambda text: progress.due(f"phase-diagram perceptron: {text}"))
    deliver(result, plot, json, keep_result(result, out))
    if result.status != "converged":
        raise typer.Exit(EXIT_NOT_CONVERGED)
