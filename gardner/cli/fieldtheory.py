"""`gardner fieldtheory predict|lattice|linear-net|learning-rate`: parse, call, print."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli import fieldtheory_runs
from gardner.cli.common import Writes, check_outputs, note_written, print_json, print_table, use_threads
from gardner.cli.fieldtheory_runs import (
    Components,
    Coupling,
    Json,
    Mu,
    Out,
    Plot,
    Seed,
    name_figures,
    print_verdicts,
    short,
)
from gardner.cli.grids import number_grid
from gardner.cli.sweep import WorkerThreads

app = typer.Typer(help="Scalar field theory of symmetry breaking, and its tests.", no_args_is_help=True)
app.command("lattice")(fieldtheory_runs.lattice)
app.command("learning-rate")(fieldtheory_runs.learning_rate)


@app.command("predict")
def predict(
    mu: Mu = 1.0,
    coupling: Coupling = 1.0,
    components: Components = 3,
    learning_rate: Annotated[str, typer.Option(help="Values of η, as in 0.5,1,2 or 0:2.5:26.")] = "0,1,2.5",
    k: Annotated[float, typer.Option(help="Momentum of the propagators.")] = 0.5,
    out: Out = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw PATH, PATH-goldstone, PATH-propagators.")] = None,
    json: Json = False,
) -> None:
    """Order parameter, exact Hessian spectrum beside the values of the source, propagators."""
    pictures = ("-goldstone", "-propagators")
    check_outputs(out, plot, force, pictures, ("", *pictures))
    from gardner.fieldtheory.potential import SymmetryBreaking
    from gardner.fieldtheory.potential import predict as predict_at
    from gardner.model import finite
    from gardner.results.solution import Header

    theory, began = SymmetryBreaking(mu, coupling, components), time.perf_counter()
    k = finite("k", k)
    rows = [predict_at(theory, rate) for rate in sorted(set(number_grid("learning_rate", learning_rate)))]
    parameters = asdict(theory) | {"learning_rate": [row.learning_rate for row in rows], "k": k}
    header = asdict(Header("fieldtheory predict", parameters, "converged", time.perf_counter() - began))
    writes, figures = Writes(), []
    with writes:
        if out is not None:
            _save_predictions(rows, header, out)
    with writes:
        figures = [] if plot is None else _draw_predictions(theory, rows, k, plot)
    _deliver_predictions(theory, rows, k, header, figures, json)
    writes.report()


def _deliver_predictions(theory, rows, k: float, header: dict, figures: list[str], json: bool) -> None:
    if json:
        document = {"critical_rate": theory.critical_rate, "predictions": [asdict(row) for row in rows]}
        print_json(header | document | {"propagators": _propagator_rows(theory, rows, k), "figures": figures})
        return
    print(f"O({theory.components}), μ = {theory.mu:g}, λ = {theory.coupling:g}: η_c = {theory.critical_rate:.6g}")
    columns = ["η", "m²", "|w*|", "zeros", "σ exact", "π exact", "σ quoted", "π quoted"]
    names = ("learning_rate", "mass2", "order_parameter", "zero_modes", "sigma_mass2", "pi_mass2",
             "quoted_sigma_mass2", "quoted_pi_mass2")  # fmt: skip
    print_table("eigenvalues of the Hessian", columns, [[short(getattr(row, name)) for name in names] for row in rows])
    name_figures(figures)


def _propagator_rows(theory, rows, k: float) -> list[dict]:
    """Source, Euclidean and lattice propagators of σ and π at t = 0 … 8."""
    import numpy as np

    from gardner.fieldtheory.propagators import euclidean_propagator, lattice_propagator, source_propagator

    t, result = np.arange(9), []
    for row in rows:
        for name, mass2 in (("sigma", row.sigma_mass2), ("pi", row.pi_mass2)):
            if not mass2 == mass2:  # D = 1 has no π
                continue
            mass2 = max(mass2, 0.0)
            source = source_propagator(t, k, mass2)
            result.append(
                {"learning_rate": row.learning_rate, "mode": name, "mass2": mass2, "k": k, "t": t,
                 "euclidean": euclidean_propagator(t, k, mass2), "lattice": lattice_propagator(t, k, mass2),
                 "source_real": source.real, "source_imaginary": source.imag}
            )  # fmt: skip
    return result


def _save_predictions(rows, header: dict, out: Path) -> None:
    import numpy as np
    import xarray as xr

    from gardner.results.solution import to_attribute, write_dataset

    names = [name for name in asdict(rows[0]) if name not in ("learning_rate", "spectrum")]
    variables = {name: ("learning_rate", np.array([getattr(row, name) for row in rows])) for name in names}
    variables["spectrum"] = (("learning_rate", "eigenvalue"), np.array([row.spectrum for row in rows]))
    dataset = xr.Dataset(variables, {"learning_rate": [row.learning_rate for row in rows]})
    dataset.attrs = {n: to_attribute(v) for n, v in ({"kind": "fieldtheory predict"} | header).items()}
    write_dataset(dataset, out)
    note_written(out)


def _draw_predictions(theory, rows, k: float, plot: Path) -> list[str]:
    from gardner.analysis.field_theory import goldstone_surface, potential_curves, propagator_curves
    from gardner.plotting import fieldtheory as drawing

    rates = [row.learning_rate for row in rows]
    spectrum = {"learning_rate": rates} | {
        name: [getattr(row, name) for row in rows] for name in ("mass2", "order_parameter", "sigma_mass2", "pi_mass2")
    }
    drawing.save_with_table(drawing.potential_figure(potential_curves(theory, rates)), plot, spectrum)
    written = [plot]
    broken = [rate for rate in rates if theory.order_parameter(rate) > 0.0]
    if broken:
        surface = plot.with_stem(plot.stem + "-goldstone")
        drawing.save_with_table(drawing.goldstone_figure(goldstone_surface(theory, broken[-1])), surface, spectrum)
        written.append(surface)
    if k != 0.0:  # at k = 0 the massless propagator is infinite
        curves = propagator_curves(theory, broken[-1] if broken else rates[-1], k)
        path = plot.with_stem(plot.stem + "-propagators")
        columns = {"t": curves[0].t} | {curve.label: curve.value for curve in curves}
        drawing.save_with_table(drawing.propagators_figure(curves), path, columns)
        written.append(path)
    return [str(path) for path in written]


@app.command("linear-net")
def linear_net(
    widths: Annotated[str | None, typer.Option(help="Nets, as in 4-6-3,4-4-4+layer,4-2-4+block. [default: 16]")] = None,
    seeds: Annotated[int, typer.Option(help="Targets and runs per net.")] = 1,
    seed: Seed = 1,
    threads: WorkerThreads = 1,
    out: Out = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Deep linear nets at a global minimum: zero modes of the Hessian against the prediction."""
    use_threads(threads)
    check_outputs(out, plot, force)
    from gardner.checks import MAX_WHOLE
    from gardner.fieldtheory.zero_modes import DEFAULT_ARCHITECTURES, zero_modes
    from gardner.model import whole
    from gardner.results.solution import Header
    from gardner.runtime.progress import Progress, counted

    nets = DEFAULT_ARCHITECTURES if widths is None else [_architecture(text) for text in widths.split(",")]
    count, began = whole("seeds", seeds, 1, 1000), time.perf_counter()
    first = whole("seed", seed, 0, MAX_WHOLE - count)
    results = []
    with Progress("fieldtheory linear-net") as progress:
        counter = counted(progress, 0, len(nets) * count)
        for net in nets:
            for s in range(count):
                results.append(zero_modes(net, first + s))
                counter(len(results))
    parameters = {"nets": [net.name for net in nets], "seeds": count}
    status, seconds = "converged", time.perf_counter() - began
    header = asdict(Header("fieldtheory linear-net", parameters, status, seconds, first))
    rows, writes, figures = [result.document() for result in results], Writes(), []
    with writes:
        if out is not None:
            _save_spectra(results, header, out)
    with writes:
        figures = [] if plot is None else _draw_spectra(results, rows, plot)
    _deliver_spectra(results, rows, header, figures, json)
    writes.report()


def _deliver_spectra(results, rows: list[dict], header: dict, figures: list[str], json: bool) -> None:
    from gardner.fieldtheory.zero_modes import zero_mode_verdicts

    verdicts = zero_mode_verdicts(results)
    if json:
        body = {"nets": rows, "verdicts": [verdict.document() for verdict in verdicts], "figures": figures}
        print_json(header | body)
        return
    columns = ["net", "n", "zero modes", "predicted", "gap", "λ_max", "loss", "seed"]
    names = ("net", "parameters", "counted", "predicted", "gap", "largest", "loss", "seed")
    print_table("deep linear nets", columns, [[short(row[name]) for name in names] for row in rows])
    print_verdicts(verdicts)
    name_figures(figures)


def _architecture(text: str):
    """`4-6-3`, `4-4-4+layer`, `4-2-4+block`."""
    from gardner.fieldtheory.linear_net import Architecture

    shape, _, residual = text.strip().partition("+")
    try:
        widths = tuple(int(part) for part in shape.split("-"))
    except ValueError:
        raise ValueError(f"widths = {text!r}: nets are written as in 4-6-3, 4-4-4+layer or 4-2-4+block") from None
    return Architecture(widths, residual or "none")


def _save_spectra(results, header: dict, out: Path) -> None:
    import numpy as np
    import xarray as xr

    from gardner.results.solution import to_attribute, write_dataset

    longest = max(len(result.spectrum) for result in results)
    spectra = [np.pad(r.spectrum, (longest - len(r.spectrum), 0), constant_values=np.nan) for r in results]
    rows = [result.document() for result in results]
    names = ("predicted", "counted", "gap", "parameters", "loss", "global_loss", "gradient", "seed", "method")
    variables = {name: ("run", np.array([row[name] for row in rows])) for name in names}
    variables["spectrum"] = (("run", "eigenvalue"), np.array(spectra))
    dataset = xr.Dataset(variables, {"net": ("run", [row["net"] for row in rows])})
    dataset.attrs = {n: to_attribute(v) for n, v in ({"kind": "fieldtheory linear-net"} | header).items()}
    write_dataset(dataset, out)
    note_written(out)


def _draw_spectra(results, rows: list[dict], plot: Path) -> list[str]:
    from gardner.plotting.fieldtheory import save_with_table
    from gardner.plotting.fieldtheory_measured import hessian_figure

    names = ("net", "parameters", "predicted", "counted", "gap")
    save_with_table(hessian_figure(results), plot, {name: [row[name] for row in rows] for name in names})
    return [str(plot)]
