"""`gardner ultrametric`: the hierarchy of a solution, layer by layer, or of simulated replicas."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import Writes, check_outputs, note_written, print_json, print_table
from gardner.cli.grids import whole_list

SUFFIXES = ("-laws", "-trees", "-matrices")  # of the pictures of a solution
MEASURED = ("-statistics", "-matrices")  # of those of simulated replicas


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
    from gardner.model import whole
    from gardner.results.solution import Header, load, read_dataset, to_attribute, write_dataset

    whole("seed", seed, 0)
    chosen = None if layers is None else list(whole_list("layers", layers))
    began = time.perf_counter()
    dataset = read_dataset(file)
    measured = str(dataset.attrs.get("kind", "")).startswith("mc ")
    check_outputs(out, plot, force, MEASURED if measured else SUFFIXES)
    given = {"file": str(file), "layers": chosen, "seed": seed}
    if measured:
        from gardner.analysis import measured_hierarchy as analysis
        from gardner.plotting.measured_hierarchy import plot_measured as draw

        given |= {"bins": bins, "tolerance": tolerance}
        result = analysis.measured_hierarchy(dataset, chosen, bins, tolerance, seed)
        body, show, title = analysis.measured_document(result), print_measured, ""
        stored = analysis.measured_dataset
    elif dataset.attrs.get("kind") != "solve random":
        raise ValueError(f"{file}: neither a solution of `solve random` nor a Monte Carlo file; give one of these")
    else:
        from gardner.analysis import ultrametric as analysis
        from gardner.plotting.ultrametric import plot_hierarchy as draw

        solution = load(file)
        given |= {"replicas": replicas}
        result = analysis.hierarchy(solution, chosen, replicas, seed)
        setting = solution.setting
        origin = {"closure": solution.closure, "alpha": setting.alpha, "depth": setting.network.depth}
        body, show = (
            origin | {"solution_status": solution.status} | analysis.hierarchy_document(result),
            print_hierarchy,
        )
        title = rf"$\alpha={setting.alpha:g}$, $L={setting.network.depth}$, $k={setting.levels}$"
        stored = analysis.hierarchy_dataset
    header = asdict(Header("ultrametric", given, "converged", time.perf_counter() - began, seed))
    writes, figures = Writes(), []
    with writes:
        if out is not None:
            attributes = {name: to_attribute(value) for name, value in ({"kind": "ultrametric"} | header).items()}
            write_dataset(stored(result, attributes), out)
            note_written(out)
    with writes:
        figures = [] if plot is None else draw(result, plot, title)
    _deliver(header | body, show, [str(path) for path in figures], json)
    writes.report()


def _deliver(document: dict, show, figures: list[str], json: bool) -> None:
    """Print the document, or show it as tables, and name the pictures that were written."""
    if json:
        print_json(document | {"figures": figures})
        return
    show(document)
    for path in figures:
        print(f"written: {path}")


def print_hierarchy(body: dict) -> None:
    """A readable account of the hierarchy of a solution."""
    print(
        f"random setting, {body['closure']} closure: α = {body['alpha']:g}, L = {body['depth']}, "
        f"k = {len(body['m'])}, one tree of {body['replicas']} replicas for all layers"
    )
    if body["solution_status"] != "converged":
        print(f"status {body['solution_status']}: this hierarchy is not that of a saddle point")
    columns = ["l", "levels alive", "q = 0 for x <", "q_EA for x >", "q_EA", "<q>", "depth of the tree"]
    for kind in ("bond", "spin"):
        rows = [
            [str(layer["layer"]), str(layer["levels_alive"])]
            + [f"{layer[name]:.4f}" for name in ("breakpoint", "plateau_start")]
            + [f"{layer['q'][-1]:.6f}", f"{layer['mean_overlap']:.6f}"]
            + [f"{layer['mean_depth']:.3f} ± {layer['depth_error']:.3f}"]
            for layer in body[kind]
        ]
        if rows:
            print_table(f"{kind}s: what each layer keeps of the hierarchy", columns, rows)
    print(
        "levels alive: RSB steps of q(x,l) that remain; depth: branchings from the root to a replica, mean over trees"
    )


def print_measured(body: dict) -> None:
    """A readable account of simulated replicas."""
    columns = ["l", "<q>", "violations", "null", "cophenetic", "null"]
    names = ("violations", "null_violations", "cophenetic", "null_cophenetic")
    for kind in ("bond", "spin"):
        rows = [
            [str(layer["layer"])] + [_with_error(layer[name]) for name in ("mean_overlap", *names)]
            for layer in body[kind]
        ]
        if rows:
            print_table(
                f"{kind}s: {body[kind][0]['samples']} samples, {body[kind][0]['replicas']} replicas", columns, rows
            )
    print("violations: triples whose two smallest overlaps differ by more than the tolerance;")
    print("null: the overlaps of each sample put at random on its pairs")


def _with_error(estimate: dict) -> str:
    error = estimate["error"]
    return f"{estimate['mean']:.4f}" + ("" if error is None or error != error else f" ± {error:.4f}")
