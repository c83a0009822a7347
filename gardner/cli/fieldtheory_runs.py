"""The long commands of `gardner fieldtheory`: `lattice` and `learning-rate`, and what all of them print."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import Writes, check_outputs, print_json, print_table, use_threads
from gardner.cli.grids import number_grid, whole_list
from gardner.cli.runs import (
    ReplaceForce,
    Resume,
    Scheduler,
    WorkerCount,
    WorkerThreads,
    chosen_workers,
    finished_run,
    keep,
    run_folder,
)

UNEQUAL = 1.1  # R-hat above which chains of one lattice count as different

Out = Annotated[Path | None, typer.Option(help="Save the numbers (netCDF); checkpoints of long runs stand beside it.")]
Plot = Annotated[Path | None, typer.Option(help="Draw it (.svg, .pdf, .png), with the numbers beside it (.csv).")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Mu = Annotated[float, typer.Option(help="μ of the potential.")]
Coupling = Annotated[float, typer.Option(help="λ of the potential.")]
Components = Annotated[int, typer.Option(help="Components D of the field.")]
Seed = Annotated[int, typer.Option(help="Seed; every run has a generator of its own from it.")]


def lattice(
    sizes: Annotated[str, typer.Option(help="Lengths of the lattices, even, as in 8,16.")] = "16",
    mass2: Annotated[str, typer.Option(help="Values of m², as in -1.3,-1.2 or -1.4:-1.1:7.")] = "0.25",
    coupling: Annotated[float, typer.Option(help="λ; 0: the free field.")] = 0.0,
    dimensions: Annotated[int, typer.Option(help="Dimensions of the lattice: layers × samples is 2.")] = 2,
    components: Components = 1,
    learning_rate: Annotated[float | None, typer.Option(help="η, to quote the source's π mass ¼λη².")] = None,
    blocks: Annotated[int, typer.Option(help="Blocks of each chain.")] = 64,
    sweeps: Annotated[int, typer.Option(help="Sweeps of a block.")] = 50,
    thermalisation: Annotated[int, typer.Option(help="Sweeps before the first block.")] = 500,
    chains: Annotated[int, typer.Option(help="Independent chains of each lattice.")] = 2,
    seed: Seed = 1,
    workers: WorkerCount = 1,
    threads: WorkerThreads = 1,
    scheduler: Scheduler = None,
    out: Out = None,
    resume: Resume = False,
    force: ReplaceForce = False,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Monte Carlo of the φ⁴ field: the free propagator, masses and order, the transition."""
    use_threads(threads)
    from gardner.fieldtheory.lattice_runs import LatticePlan, run_lattice
    from gardner.fieldtheory.lattice_verdicts import report

    plan = LatticePlan(
        whole_list("sizes", sizes), number_grid("mass2", mass2), coupling, dimensions, components, blocks, sweeps,
        thermalisation, chains, seed, learning_rate,
    )  # fmt: skip
    writes, options = Writes(), (chosen_workers(workers, scheduler, threads), resume, force)
    dataset = _computed("fieldtheory lattice", plan, run_lattice, out, plot, (), options, writes)
    found, figures = report(dataset), []
    rows = [_lattice_row(e) for e in found.estimates]
    with writes:
        figures += [] if plot is None else _draw_lattice(found, rows, plot)
    _deliver_lattice(dataset, found, rows, figures, json)
    writes.report()


def _deliver_lattice(dataset, found, rows: list[dict], figures: list[str], json: bool) -> None:
    if json:
        body = {"lattices": rows, "crossings": [asdict(c) for c in found.crossings], "verdicts": _documents(found)}
        print_json(_header(dataset) | body | {"figures": figures})
        return
    columns = ["L", "m²", "<M²>", "U", "mass²", "σ mass²", "τ", "R-hat", "blocks"]
    table = [
        [str(r["size"]), short(r["mass2"]), *(_value(r[n]) for n in ("order2", "cumulant", "fitted_mass2",
         "sigma_mass2")), f"{r['tau']:.1f}", f"{r['rhat']:.3f}", str(r["blocks"])] for r in rows
    ]  # fmt: skip
    plan = found.plan
    title = f"O({plan.components}) in {plan.dimensions} dimensions, λ = {plan.coupling:g}; τ in blocks of M²"
    print_table(title, columns, table)
    for c in found.crossings:
        if c.mass2 != c.mass2:
            low, high = found.plan.mass2[0], found.plan.mass2[-1]
            print(f"L = {c.sizes[0]} and {c.sizes[1]}: no single crossing between m² = {low:g} and {high:g}")
            continue
        print(f"L = {c.sizes[0]} and {c.sizes[1]} cross at m² = {_value((c.mass2, c.error))}, U = {c.cumulant:.3f}")
    print_verdicts(found.verdicts)
    if any(not e.order.rhat < UNEQUAL for e in found.estimates):
        print("chains disagree (R-hat): give more --thermalisation and --sweeps", file=sys.stderr)
    name_figures(figures)


def _lattice_row(e) -> dict:
    """One lattice for the document."""
    pairs = {"order2": e.order2, "magnetization": e.magnetization, "cumulant": e.cumulant, "identity": e.identity,
             "fitted_mass2": e.mass2, "sigma_mass2": e.sigma_mass2}  # fmt: skip
    row = {"size": e.lattice.shape[0], "mass2": e.lattice.mass2, "ordered": e.ordered}
    row |= {name: [float(m.value), float(m.error)] for name, m in pairs.items()}
    row["pi_mass2"] = [[float(v), float(d)] for v, d in zip(e.pi_mass2_c.value, e.pi_mass2_c.error)]
    row |= {"tau": e.order.tau, "rhat": e.order.rhat, "blocks": e.blocks, "acceptance": e.acceptance}
    return row | {"equilibrated": bool(e.order.rhat < UNEQUAL)}


def _draw_lattice(found, rows: list[dict], plot: Path) -> list[str]:
    from gardner.plotting.fieldtheory import save_with_table
    from gardner.plotting.fieldtheory_measured import cumulant_figure, lattice_figure

    names = ("order2", "cumulant", "fitted_mass2", "sigma_mass2")
    columns = {"size": [r["size"] for r in rows], "mass2": [r["mass2"] for r in rows]}
    columns |= {name: [r[name][0] for r in rows] for name in names}
    columns |= {f"{name}_error": [r[name][1] for r in rows] for name in names}
    draw = cumulant_figure if len(found.plan.mass2) > 2 else lattice_figure
    save_with_table(draw(found), plot, columns)
    return [str(plot)]


def learning_rate(
    system: Annotated[str, typer.Option(help="weight (the potential, D components) or net (ReLU).")] = "weight",
    rates: Annotated[str | None, typer.Option(help="Learning rates, as in 0.1:2.3:23 or 0.02:3:8:log.")] = None,
    mu: Mu = 1.0,
    coupling: Coupling = 1.0,
    components: Components = 1,
    dynamics: Annotated[str, typer.Option(help="Of gd, sgd, smoothed (weight).")] = "gd,sgd,smoothed",
    noise: Annotated[float, typer.Option(help="Noise of the gradient in sgd (weight).")] = 0.1,
    data: Annotated[str, typer.Option(help="digits (needs scikit-learn) or synthetic (net).")] = "synthetic",
    hidden: Annotated[str, typer.Option(help="Hidden widths (net).")] = "16,16,16",
    drop: Annotated[float, typer.Option(help="Factor on the learning rate half-way (net).")] = 0.1,
    windows: Annotated[int | None, typer.Option(help="Windows of steps. [default: 4 weight, 20 net]")] = None,
    steps: Annotated[int | None, typer.Option(help="Steps of a window. [default: 1000 weight, 100 net]")] = None,
    runs: Annotated[int | None, typer.Option(help="Runs per learning rate. [default: 16 weight, 3 net]")] = None,
    seed: Seed = 1,
    workers: WorkerCount = 1,
    threads: WorkerThreads = 1,
    scheduler: Scheduler = None,
    out: Out = None,
    resume: Resume = False,
    force: ReplaceForce = False,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """The learning rate as temperature: order parameter against η, stability, gradient noise, correlations."""
    use_threads(threads)
    given = {name: value for name, value in (("steps", steps),) if value is not None}
    if system == "weight":
        from gardner.fieldtheory.potential import SymmetryBreaking
        from gardner.fieldtheory.weight_runs import WeightPlan, run_weight

        given |= {n: v for n, v in (("blocks", windows), ("runs", runs)) if v is not None}
        kinds = tuple(part.strip() for part in dynamics.split(",") if part.strip())
        theory = SymmetryBreaking(mu, coupling, components)
        grid = number_grid("rates", "0.1:2.3:23" if rates is None else rates)
        plan, run = WeightPlan(grid, theory, kinds, noise, seed=seed, **given), run_weight
    elif system == "net":
        from gardner.fieldtheory.net_runs import NetPlan, run_net

        given |= {n: v for n, v in (("windows", windows), ("seeds", runs)) if v is not None}
        grid = number_grid("rates", "0.02:2.56:8:log" if rates is None else rates)
        plan, run = NetPlan(grid, whole_list("hidden", hidden), data, drop=drop, seed=seed, **given), run_net
    else:
        raise ValueError(f"system = {system!r}: must be weight or net")
    writes, options = Writes(), (chosen_workers(workers, scheduler, threads), resume, force)
    pictures = () if system == "weight" else ("-drop",)
    dataset = _computed("fieldtheory learning-rate", plan, run, out, plot, pictures, options, writes)
    show = _weight_results if system == "weight" else _net_results
    show(dataset, plot, json, writes)
    writes.report()


def _computed(command: str, plan, run, out: Path | None, plot: Path | None, pictures, options, writes: Writes):
    """The Dataset of `run(plan, store, …)`, written to `out` if there is one and that can be done.

    pictures: those beside --plot, each with a table; options: workers, resume, force.
    """
    workers, resume, force = options
    if resume and out is None:
        raise ValueError("--resume: needs the --out of the stopped run, beside which its checkpoints stand")
    done = finished_run(out, resume, force, command, plan.parameters())
    check_outputs(out if done is None else None, plot, force, pictures, ("", *pictures))
    if done is not None:
        return done
    with run_folder(out) as store:
        dataset = run(plan, store, workers, resume, force)
        if out is not None:
            with writes:
                keep(dataset, out)
    return dataset


def _weight_results(dataset, plot: Path | None, json: bool, writes: Writes) -> None:
    from gardner.fieldtheory.weight_runs import scans, weight_verdicts

    plan, found = scans(dataset)
    verdicts, figures = weight_verdicts(plan, found), []
    if plot is not None:
        from gardner.plotting.fieldtheory import save_with_table
        from gardner.plotting.fieldtheory_measured import learning_rate_figure

        columns = {"rate": found[0].rates}
        columns |= {f"{scan.dynamics}_{name}": getattr(scan, name) for scan in found
                    for name in ("order", "order_error", "long_order", "diverged")}  # fmt: skip
        with writes:
            save_with_table(learning_rate_figure(plan.theory, found), plot, columns)
            figures = [str(plot)]
    if json:
        body = {"critical_rate": plan.theory.critical_rate, "scans": [asdict(scan) for scan in found]}
        print_json(_header(dataset) | body | {"verdicts": [v.document() for v in verdicts], "figures": figures})
        return
    rows = [[f"{rate:.4g}", *(f"{scan.order[r]:.4f}" for scan in found), f"{plan.theory.order_parameter(rate):.4f}"]
            for r, rate in enumerate(plan.rates)]  # fmt: skip
    print_table("order parameter |<w>_t|", ["η", *(scan.dynamics for scan in found), "source"], rows)
    print_verdicts(verdicts)
    name_figures(figures)


def _net_results(dataset, plot: Path | None, json: bool, writes: Writes) -> None:
    from gardner.fieldtheory.net_runs import net_scan, net_verdicts

    plan, scan = net_scan(dataset)
    verdicts, figures = net_verdicts(plan, scan), []
    with writes:
        figures = [] if plot is None else _draw_net(dataset, plan, scan, plot)
    if json:
        body = {"scan": asdict(scan), "verdicts": [v.document() for v in verdicts], "figures": figures}
        print_json(_header(dataset) | body)
        return
    names = ("rates", "order", "accuracy", "sharpness", "lost", "noise_before", "noise_after")
    columns = ["η", "φ", "accuracy", "λ_max", "lost", "gradient variance", "after the drop"]
    rows = [[short(getattr(scan, name)[r]) for name in names] for r in range(len(scan.rates))]
    print_table(f"{plan.data}, widths {'-'.join(map(str, plan.widths))}", columns, rows)
    print_verdicts(verdicts)
    name_figures(figures)


def _draw_net(dataset, plan, scan, plot: Path) -> list[str]:
    from gardner.fieldtheory.net_runs import against_time
    from gardner.plotting.fieldtheory import save_with_table
    from gardner.plotting.fieldtheory_measured import drop_figure, net_figure
    from gardner.runtime.chains import brief

    names = ("rates", "order", "order_error", "accuracy", "sharpness", "lost", "noise_before", "noise_after")
    save_with_table(net_figure(scan), plot, {name: getattr(scan, name) for name in names})
    noise, near = against_time(dataset)
    columns = {f"variance_{brief(rate)}": noise[e].mean(axis=-1) for e, rate in enumerate(plan.rates)}
    columns |= {f"correlation_{brief(rate)}": near[e] for e, rate in enumerate(plan.rates)}
    timed = plot.with_stem(plot.stem + "-drop")
    save_with_table(drop_figure(noise, near, plan.rates, plan.last), timed, columns)
    return [str(plot), str(timed)]


def _header(dataset) -> dict:
    """The header of a document out of a Dataset."""
    from gardner.results.solution import from_attribute

    return {name: from_attribute(value) for name, value in dataset.attrs.items() if name != "kind"}


def _documents(found) -> list[dict]:
    return [verdict.document() for verdict in found.verdicts]


def print_verdicts(verdicts) -> None:
    """One line per claim: effect, expectation, error, deviation, samples."""
    for verdict in verdicts:
        sign = "agrees" if verdict.agrees else "DISAGREES"
        deviation = f"{verdict.deviation:+.1f} errors" if verdict.error > 0.0 else f"off by {verdict.deviation:+.3g}"
        error = f" ± {verdict.error:.2g}" if verdict.error > 0.0 else ""
        chance = f"; false alarm {verdict.false_alarm:.2g}" if verdict.false_alarm == verdict.false_alarm else ""
        note = f"; {verdict.note}" if verdict.note else ""
        print(
            f"{sign}: {verdict.claim}: {verdict.effect:.6g}{error}, expected {verdict.expected:.6g} ({deviation}; "
            f"{verdict.samples} {verdict.unit}{chance}{note})"
        )


def short(value) -> str:
    """A number to five digits, text as it is."""
    return value if isinstance(value, str) else f"{value:.5g}"


def _value(pair) -> str:
    return f"{pair[0]:.4f} ± {pair[1]:.4f}"


def name_figures(figures: list[str]) -> None:
    """One line per picture that was written."""
    for path in figures:
        print(f"written: {path}")
