"""The picture of each kind of result: what `plot()` draws and `save_plot()`, `gardner show FILE --plot`, write.

A function that draws takes a result and returns a figure; one that saves takes a path as well, writes the pictures and
their numbers, and returns the paths. Kinds without functions of their own have every variable of their Dataset drawn
against its longest axis. The drawing itself stands in the modules of this folder.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gardner.analysis.sweep import with_all_axes
from gardner.plotting import gaps, montecarlo, phase, planted, profiles, style
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
    return phase.phase_map(with_all_axes(result.data))


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
