"""`gardner ultrametric`: the hierarchy of a solution, layer by layer, or of simulated replicas."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import check_outputs, deliver, keep_result
from gardner.cli.grids import whole_list
from gardner.cli.parsing import refuse_idle


def ultrametric(
    file: Annotated[Path, typer.Argument(help="A solution of the random setting, or a Monte Carlo file (netCDF).")],
    layers: Annotated[str | None, typer.Option(help="Layers, as in 1,2,3. [default: all]")] = None,
    replicas: Annotated[int, typer.Option(help="Replicas on the drawn tree.")] = 200,
    seed: Annotated[int, typer.Option(help="Seed of the tree, and of the null.")] = 1,
    bins: Annotated[int, typer.Option(help="Bins of P(q) on [-1, 1] (Monte Carlo files).")] = 40,
    tolerance: Annotated[float, typer.Option(help="Isosceles tolerance in q (Monte Carlo files).")] = 0.05,
    out: Annotated[Path | None, typer.Option(help="Save trees, overlap matrices and laws (netCDF).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw it: PATH, PATH-laws, PATH-trees, PATH-matrices.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Ultrametric structure: x(q,l), P(q,l), one tree for all layers and what each keeps of it."""
    from gardner.analysis.measured_hierarchy import MeasuredHierarchy, measured_hierarchy
    from gardner.analysis.ultrametric import Hierarchy, hierarchy
    from gardner.model import whole
    from gardner.montecarlo.data import MonteCarloData
    from gardner.results.files import read
    from gardner.results.solution import Solution

    whole("seed", seed, 0)
    chosen = None if layers is None else list(whole_list("layers", layers))
    began = time.perf_counter()
    source = read(file)
    if isinstance(source, MonteCarloData):
        refuse_idle("for a Monte Carlo file, which holds its replicas", "--replicas")
        check_outputs(out, plot, force, MeasuredHierarchy.pictures)
        result = measured_hierarchy(source.data, chosen, bins, tolerance, seed)
    elif isinstance(source, Solution):
        refuse_idle("for a solution; it is for Monte Carlo files", "--bins", "--tolerance")
        check_outputs(out, plot, force, Hierarchy.pictures)
        result = hierarchy(source, chosen, replicas, seed)
    else:
        raise ValueError(f"{file}: neither a solution of `solve random` nor a Monte Carlo file; give one of these")
    parameters = {"file": str(file), "layers": chosen, "seed": seed} | result.parameters
    result = replace(result, parameters=parameters, seconds=time.perf_counter() - began)
    writes = keep_result(result, out)
    deliver(result, plot, json, writes)
