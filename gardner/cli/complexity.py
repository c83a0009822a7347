"""`gardner complexity`: parse, call, print."""

from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import EXIT_NOT_CONVERGED, check_outputs, deliver, keep_result, use_threads
from gardner.cli.grids import number_grid
from gardner.cli.options import Fields, with_fields
from gardner.cli.solve import Json
from gardner.model import RandomSetting, SolverSettings
from gardner.potentials import POTENTIALS


@with_fields
def complexity(
    *,
    alpha: Annotated[float, typer.Option(help="Patterns per width, α = M/N.")],
    depth: Annotated[int, typer.Option(help="Number of bond layers L.")] = 1,
    m: Annotated[str, typer.Option("--m", help="Parisi parameters in (0, 1]: 0.5,0.8,1 or 0.05:1:20.")] = "0.05:1:20",
    margin: Annotated[float, typer.Option(help="Margin κ.")] = 0.0,
    potential: Annotated[str, typer.Option(help=f"{POTENTIALS.listed}.")] = "hard",
    beta: Annotated[float | None, typer.Option(help="Inverse temperature, unless hard.")] = None,
    closure: Annotated[dict, Fields(RandomSetting, "closure")],
    search: Annotated[dict, Fields(SolverSettings, "tolerance", "accuracy")],
    out: Annotated[Path | None, typer.Option(help="Save the curve (netCDF).")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw Σ against m and s_int (.svg, .pdf, .png).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    threads: Annotated[int, typer.Option(help="Threads of the linear algebra.")] = 1,
    json: Json = False,
) -> None:
    """Number of one-step states by their entropy: Σ(m), s_int(m), the thermodynamic m* and the states' stability."""
    use_threads(threads)
    check_outputs(out, plot, force)
    grid = number_grid("m", m)
    from gardner.analysis.complexity import complexity_curve
    from gardner.potentials import choose_potential
    from gardner.runtime.progress import Progress
    from gardner.theory.parisi.kernels import announce_compilation

    announce_compilation()
    with Progress("complexity") as progress:
        result = complexity_curve(
            alpha, depth, grid, choose_potential(potential, margin, beta), **closure, **search,
            watch=lambda text: progress.due(f"complexity: {text}"),
        )  # fmt: skip
    deliver(result, plot, json, keep_result(result, out))
    if result.status != "converged":
        raise typer.Exit(EXIT_NOT_CONVERGED)
