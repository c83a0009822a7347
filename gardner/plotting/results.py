"""The picture of each kind of result: what `plot()` draws and `save_plot()`, `gardner show FILE --plot`, write.

A function that draws takes a result and returns a figure; one that saves takes a path as well, writes the pictures and
their numbers, and returns the paths. Kinds without functions of their own have every variable of their Dataset drawn
against its longest axis. The drawing itself stands in the modules of this folder.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np

from gardner.analysis.phases import phase_diagram
from gardner.analysis.sweep import with_all_axes
from gardner.comparison.liquid.limits import susceptibility_curves
from gardner.plotting import comparison as comparison_figures
from gardner.plotting import (
    gaps,
    measured_hierarchy,
    montecarlo,
    phase,
    planted,
    profiles,
    style,
    training,
    ultrametric,
)
from gardner.plotting import liquid as liquid_figures
from gardner.plotting.sweeps import save_sweep

MOST = 6  # panels
CURVES = 8  # of one panel


def dataset_figure(result):
    """One panel for each of the first variables that hold numbers, curves along their last axis in colours.

    A result without such a variable has its numbers written on an empty panel.
    """
    data = result.to_dataset()
    names = [name for name, values in data.data_vars.items() if values.dtype.kind in "fiu" and values.ndim][:MOST]
    with style.journal():
        drawing, axes = style.figure(max(len(names), 1), 1, height=1.0 + 1.3 * max(len(names), 1), squeeze=False)
        for axis, name in zip(axes[:, 0], names):
            _draw_variable(axis, data[name])
        if not names:
            told = [f"{key} = {value:.8g}" for key, value in result.body().items() if isinstance(value, float)]
            axes[0, 0].text(0.02, 0.95, "\n".join(told), va="top", transform=axes[0, 0].transAxes)
            axes[0, 0].axis("off")
        axes[0, 0].set_title(result.header.command)
    return drawing


def _draw_variable(axis, variable) -> None:
    """A variable against its longest axis; the others are taken together, their first entries drawn."""
    along = max(variable.dims, key=lambda dim: variable.sizes[dim])
    values = variable.transpose(along, ...).values.reshape(variable.sizes[along], -1).astype(float)
    place = variable[along].values if along in variable.coords else np.arange(len(values))
    if place.dtype.kind not in "fiu":
        place = np.arange(len(values))
    for colour, curve in zip(style.layer_colours(CURVES), values.T[:CURVES]):
        axis.plot(place, curve, "o-", ms=2, lw=0.7, color=colour)
    axis.set_xlabel(str(along).replace("_", " "))
    axis.set_ylabel(str(variable.attrs.get("long_name") or variable.name).replace("_", " "), fontsize=6)


def save_with_curves(result, path: Path) -> list[Path]:
    """Write the picture of a result, its curves beside it (.csv); returns the path of the picture."""
    style.save_with_curves(result.plot(), path)
    return [Path(path)]


def overlaps(solution):
    """q(x, l) and Q(x, l) of a solution of the random setting."""
    return profiles.overlaps_figure(solution)


def save_overlaps(solution, path: Path) -> list[Path]:
    """The same, with the overlaps of all layers as a table."""
    profiles.plot_overlaps(solution, path)
    return [path]


def overlap_steps(solution):
    """q(x) of the Sherrington–Kirkpatrick model as a step function."""
    with style.journal():
        drawing, axis = style.figure(height=2.2)
        axis.stairs(solution.q_i, solution.m, baseline=None, color=style.layer_colours(1)[0])
        axis.set_xlim(0.0, 1.0)
        axis.set_xlabel(r"$x$ (Parisi parameter)")
        axis.set_ylabel("$q(x)$")
        axis.set_title(rf"$T={1.0 / solution.beta:g}$, $k={solution.levels}$")
    return drawing


def planted_profiles(solution):
    """q(l) and Q(l) of both branches across the layers."""
    return planted.profiles([solution])


def gap_distributions(result):
    """P(r, l) of every layer."""
    return gaps.gaps_figure(result.gaps, _title_of_gaps(result))


def save_gap_distributions(result, path: Path) -> list[Path]:
    """The same, with P(r, l) as a table."""
    gaps.plot_gaps(result.gaps, path, _title_of_gaps(result))
    return [path]


def _title_of_gaps(result) -> str:
    title = rf"{result.setting}, $\alpha={result.alpha:g}$, $L={result.depth}$, $\kappa={result.margin:g}$"
    return title + ("" if result.beta is None else rf", $\beta={result.beta:g}$")


def phases(result):
    """The map of phases of a sweep over α and L."""
    return phase.phase_map(phase_diagram(with_all_axes(result.data)))


def save_phases(result, path: Path) -> list[Path]:
    """The map of phases, the layers of the deepest net and the loops of hysteresis, and the table of the map."""
    return save_sweep(result.data, path)


def monte_carlo(result):
    """Autocorrelations, overlaps and the course in time of a Monte Carlo run."""
    return montecarlo.panels(result.data)


def capacity_bounds(result):
    """One capacity: α_c with its error beside the upper bounds of k steps, the RS value and the counting bound."""
    with style.journal():
        drawing, axis = style.figure()
        dark, middle, light = style.layer_colours(3)
        axis.plot(range(1, len(result.bounds) + 1), result.bounds, "o", color=middle, label="$k$ steps")
        axis.axhspan(result.alpha_c - result.error, result.alpha_c + result.error, color=dark, alpha=0.3, lw=0)
        axis.axhline(result.alpha_c, color=dark, label=r"$\alpha_c$")
        for value, dash, name in ((result.alpha_rs, ":", "RS"), (result.counting_bound, "--", "counting bound")):
            if value is not None and np.isfinite(value):
                axis.axhline(value, color=light, ls=dash, label=name)
        axis.set_xlim(0.0, max(len(result.bounds), 1) + 1.0)
        axis.set_xlabel("steps $k$")
        axis.set_ylabel(r"$\alpha_c = M/N$")
        axis.set_title(rf"$L={result.depth}$, $\kappa={result.margin:g}$")
        axis.legend(loc="best")
    return drawing


def transitions(result):
    """α_1, α_2, … with their errors; of a planted net the spinodal and the crystal transition as lines."""
    body = result.body()
    layers = np.arange(1, len(body["continuous"]) + 1)
    with style.journal():
        drawing, axis = style.figure()
        axis.errorbar(layers, body["continuous"], body.get("errors", 0.0 * layers), fmt="o", color="k", capsize=2)
        for name, dash in (("spinodal", ":"), ("crystal", "--")):
            if body.get(name) is not None:
                axis.axhline(body[name], color="0.4", ls=dash, label=name)
                axis.legend(loc="best")
        axis.set_yscale("log")
        axis.set_xticks(layers)
        axis.set_xlabel("layer $l$")
        axis.set_ylabel(r"$\alpha_l$")
        axis.set_title(f"{body['setting']} setting, {result.closure} closure")
    return drawing


def overlap_terraces(result):
    """q(x, l) of a solution's layers as terraces."""
    return ultrametric.terrace_figure(result, _title_of_hierarchy(result))


def save_hierarchy(result, path: Path) -> list[Path]:
    """The terrace of overlaps, their laws, the trees and the matrices, with the overlaps as a table."""
    return ultrametric.plot_hierarchy(result, path, _title_of_hierarchy(result))


def _title_of_hierarchy(result) -> str:
    return rf"$\alpha={result.alpha:g}$, $L={result.depth}$, $k={len(result.m) - 2}$"


def measured_laws(result):
    """P(q, l) of simulated replicas."""
    return measured_hierarchy.laws_figure(result)


def save_measured_hierarchy(result, path: Path) -> list[Path]:
    """P(q, l), the statistics and the matrices of simulated replicas, with P(q, l) as a table."""
    return measured_hierarchy.plot_measured(result, path)


def zero_error(result):
    """The share of training runs that reach zero error, against α."""
    return training.zero_error(_trainings(result))


def save_zero_error(result, path: Path) -> list[Path]:
    """The same, with all shares and errors as a table."""
    runs = _trainings(result)
    style.save_figure(training.zero_error(runs), path)
    training.write_table(runs, path.with_suffix(".csv"))
    return [path]


def _trainings(result) -> list:
    """The rows of a table of training runs in the form in which `plotting.training` reads the runs themselves."""
    given, views = result.parameters, []
    for row in result.runs:
        net = {"depth": row.depth, "dilution": row.dilution, "alpha": row.alpha, "sweeps": int(given["sweeps"])}
        settings = SimpleNamespace(**net, widths=(given["width"],) * 3)
        errors = {"final_sr": np.array([row.final_error]), "fresh_sr": np.array([row.fresh_error])}
        success = row.reached_zero, row.reached_zero_error
        views.append(SimpleNamespace(settings=settings, schedule=row.schedule, success=success, **errors))
    return views


def comparison(report):
    """Overlaps against 1/c or 1/N, their limits and the closures."""
    return comparison_figures.extrapolation(report.comparison)


def liquid(report):
    """Covariances of the first hidden layer against 1/c, and the inverse susceptibility against α."""
    return _liquid_layer(report, 1)


def save_liquid(report, path: Path) -> list[Path]:
    """One picture for every hidden layer: PATH, PATH-layer2, …, each with its curves as a table."""
    written = []
    for layer in range(1, report.content["depth"]):
        target = path if layer == 1 else path.with_stem(f"{path.stem}-layer{layer}")
        style.save_with_curves(_liquid_layer(report, layer), target)
        written.append(target)
    return written


def _liquid_layer(report, layer: int):
    body = report.content
    return liquid_figures.draw_report(body, layer, susceptibility_curves(body, layer))
