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
from gardner.plotting import amp_comparison as amp_figures
from gardner.plotting import comparison as comparison_figures
from gardner.plotting import (
    gaps,
    montecarlo,
    phase,
    planted,
    profiles,
    style,
    training,
    trees,
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
    drawn = {name: values for name, values in data.data_vars.items() if values.dtype.kind in "fiu"}
    names = [name for name, values in drawn.items() if values.ndim and values.size][:MOST]
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


def save_overlaps(solution, path: Path) -> list[Path]:
    """The same, with the overlaps of all layers as a table."""
    profiles.plot_overlaps(solution, path)
    return [path]


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
    return rf"{result.setting}, $\alpha={result.alpha:g}$, $L={result.depth}$, {result.core.formula}"


def phases(result):
    """The map of phases of a sweep over α and L."""
    return phase.phase_map(phase_diagram(with_all_axes(result.data)))


def save_phases(result, path: Path) -> list[Path]:
    """The map of phases, the layers of the deepest net and the loops of hysteresis, and the table of the map."""
    return save_sweep(result.data, path)


def monte_carlo(result):
    """Autocorrelations, overlaps and the course in time of a Monte Carlo run."""
    return montecarlo.panels(result.data)


def overlap_terraces(result):
    """q(x, l) of a solution's layers as terraces."""
    return ultrametric.terrace_figure(result, _title_of_hierarchy(result))


def save_hierarchy(result, path: Path) -> list[Path]:
    """The terrace of overlaps, their laws, the trees and the matrices, with the overlaps as a table."""
    return trees.plot_hierarchy(result, path, _title_of_hierarchy(result))


def _title_of_hierarchy(result) -> str:
    return rf"$\alpha={result.alpha:g}$, $L={result.depth}$, $k={len(result.m) - 2}$"


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
    return liquid_figures.draw_report(report.content, 1, susceptibility_curves(report.content, 1))


def amp_comparison(report):
    """Overlaps against M/N of a comparison of message passing."""
    return amp_figures.draw_report(report.content)
