"""Pictures of the files of `gardner fieldtheory`, with their numbers beside them; as in `plotting.results`."""

from __future__ import annotations

from pathlib import Path

from gardner.analysis.field_theory import goldstone_surface, potential_curves, propagator_curves
from gardner.fieldtheory.net_runs import against_time
from gardner.plotting import fieldtheory as theory_figures
from gardner.plotting import fieldtheory_measured as figures
from gardner.plotting.fieldtheory import save_with_table
from gardner.runtime.chains import brief

NET_COLUMNS = ("rates", "order", "order_error", "accuracy", "sharpness", "lost", "noise_before", "noise_after")


def potential(result):
    """The potential at every learning rate."""
    return theory_figures.potential_figure(potential_curves(result.theory, [row.learning_rate for row in result.rows]))


def save_predictions(result, path: Path) -> list[Path]:
    """The potential, its ring of minima below η_c, and the propagators at k ≠ 0."""
    theory, rows, written = result.theory, result.rows, [path]
    rates = [row.learning_rate for row in rows]
    names = ("mass2", "order_parameter", "sigma_mass2", "pi_mass2")
    spectrum = {"learning_rate": rates} | {name: [getattr(row, name) for row in rows] for name in names}
    save_with_table(potential(result), path, spectrum)
    broken = [rate for rate in rates if theory.order_parameter(rate) > 0.0]
    if broken:
        written.append(path.with_stem(path.stem + "-goldstone"))
        save_with_table(theory_figures.goldstone_figure(goldstone_surface(theory, broken[-1])), written[-1], spectrum)
    if result.momentum != 0.0:  # at k = 0 the massless propagator is infinite
        curves = propagator_curves(theory, broken[-1] if broken else rates[-1], result.momentum)
        written.append(path.with_stem(path.stem + "-propagators"))
        columns = {"t": curves[0].t} | {curve.label: curve.value for curve in curves}
        save_with_table(theory_figures.propagators_figure(curves), written[-1], columns)
    return written


def hessians(result):
    """|λ|/λ_max of every net."""
    return figures.hessian_figure(result.rows)


def save_hessians(result, path: Path) -> list[Path]:
    """The same, with the counts as a table."""
    rows = [row.document() for row in result.rows]
    names = ("net", "parameters", "predicted", "counted", "gap")
    save_with_table(hessians(result), path, {name: [row[name] for row in rows] for name in names})
    return [path]


def lattice(result):
    """Binder cumulants against m², or the correlation functions where there are one or two masses."""
    many = len(result.report.plan.mass2) > 2
    return (figures.cumulant_figure if many else figures.lattice_figure)(result.report)


def save_lattice(result, path: Path) -> list[Path]:
    """The same, with the estimates of every lattice as a table."""
    rows, names = result.rows, ("order2", "cumulant", "fitted_mass2", "sigma_mass2")
    columns = {"size": [r["size"] for r in rows], "mass2": [r["mass2"] for r in rows]}
    columns |= {name: [r[name][0] for r in rows] for name in names}
    columns |= {f"{name}_error": [r[name][1] for r in rows] for name in names}
    save_with_table(lattice(result), path, columns)
    return [path]


def learning_rates(result):
    """The order parameter of the potential's dynamics against η."""
    plan, found = result.scans
    return figures.learning_rate_figure(plan.theory, found)


def save_learning_rates(result, path: Path) -> list[Path]:
    """The same, with the orders of all dynamics as a table."""
    found = result.scans[1]
    names = ("order", "order_error", "long_order", "diverged")
    columns = {"rate": found[0].rates}
    columns |= {f"{scan.dynamics}_{name}": getattr(scan, name) for scan in found for name in names}
    save_with_table(learning_rates(result), path, columns)
    return [path]


def net(result):
    """Order, accuracy and sharpness of a net against η."""
    return figures.net_figure(result.scan[1])


def save_net(result, path: Path) -> list[Path]:
    """The same, and gradient variance and correlations against time, each with its table."""
    plan, scan = result.scan
    save_with_table(net(result), path, {name: getattr(scan, name) for name in NET_COLUMNS})
    noise, near = against_time(result.data)
    columns = {f"variance_{brief(rate)}": noise[e].mean(axis=-1) for e, rate in enumerate(plan.rates)}
    columns |= {f"correlation_{brief(rate)}": near[e] for e, rate in enumerate(plan.rates)}
    timed = path.with_stem(path.stem + "-drop")
    save_with_table(figures.drop_figure(noise, near, plan.rates, plan.last), timed, columns)
    return [path, timed]
