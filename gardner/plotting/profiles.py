"""q(x,l) and Q(x,l) of a solution of the random setting, and its plotted data beside the figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gardner.plotting import style
from gardner.results import Solution, atomic

LIQUID = 1e-8  # layers whose overlaps stay below are named in the legend, not drawn
FEW_LAYERS = 8  # up to this many solid layers the legend names each, beyond it a colour bar does


def overlaps_figure(solution: Solution):
    """Two panels of step functions over x ∈ [0, 1]: Q(x, l) of bonds and q(x, l) of hidden spins, l by colour."""
    depth = solution.setting.network.depth
    drawing, axes = style.figure(2, 1, height=3.9, sharex=True)
    hidden = range(1, depth)
    _steps(axes[0], solution, [(l, solution.Q_li[l - 1]) for l in range(1, depth + 1)], depth)
    _steps(axes[1], solution, [(l, solution.q_li[l]) for l in hidden], depth)
    axes[0].set_ylabel(r"$Q(x, l)$ (bonds)")
    axes[1].set_ylabel(r"$q(x, l)$ (spins)")
    axes[1].set_xlabel(r"$x$ (Parisi parameter)")
    setting = solution.setting
    temperature = "" if setting.potential.beta is None else rf", $\beta={setting.potential.beta:g}$"
    label = rf"$\alpha={setting.alpha:g}$, $L={depth}$, $k={setting.levels}$, $\kappa={setting.potential.margin:g}$"
    axes[0].set_title(label + temperature)
    return drawing


def _steps(axis, solution: Solution, curves, depth: int) -> None:
    m = solution.setting.m
    colours = style.layer_colours(depth)
    solid = [(l, values) for l, values in curves if values[-1] > LIQUID]
    twins = {}  # layers with the same curve share one legend entry (the closure is symmetric under l → L+1-l)
    for l, values in solid:
        twins.setdefault(tuple(np.round(values, 6)), []).append(l)
    for l, values in solid:
        axis.stairs(values, m, baseline=None, color=colours[l - 1], linewidth=1.0)
    for values, layers in twins.items():
        for l in layers[1:]:
            axis.stairs(values, m, baseline=None, color=colours[l - 1], linewidth=1.0, linestyle=(0, (4, 4)))
    axis.set_xlim(0.0, 1.0)
    axis.set_ylim(-0.02, 1.02)
    _name_layers(axis, solid, twins, colours, len(curves) - len(solid))


def _name_layers(axis, solid, twins, colours, liquid: int) -> None:
    if 0 < len(solid) <= FEW_LAYERS:
        for layers in twins.values():
            name = ", ".join(str(l) for l in layers)
            axis.plot([], [], color=colours[layers[0] - 1], label=rf"$l={name}$")
    elif solid:
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import BoundaryNorm, ListedColormap

        norm = BoundaryNorm(np.arange(0.5, len(colours) + 1), len(colours))
        bar = axis.figure.colorbar(ScalarMappable(norm, ListedColormap(colours)), ax=axis)
        bar.set_label("layer $l$")
    if liquid:
        axis.plot([], [], color="none", label=f"{liquid} liquid layer{'s' if liquid > 1 else ''} (zero)")
    if (solid and len(solid) <= FEW_LAYERS) or liquid:
        axis.legend(loc="best", handlelength=1.2)


def plot_overlaps(solution: Solution, path: Path) -> None:
    """Write the figure and, beside it with the ending .csv, the plotted numbers."""
    style.save_figure(overlaps_figure(solution), path)
    write_overlaps_table(solution, Path(path).with_suffix(".csv"))


def write_overlaps_table(solution: Solution, path: Path) -> None:
    """CSV: m_lower, m_upper, then Q(1)…Q(L), q(1)…q(L-1)."""
    m, depth = solution.setting.m, solution.setting.network.depth
    names = ["m_lower", "m_upper", *(f"Q({l})" for l in range(1, depth + 1)), *(f"q({l})" for l in range(1, depth))]
    table = np.column_stack([m[:-1], m[1:], solution.Q_li.T, solution.q_li[1:-1].T])
    with atomic(path) as temporary:
        np.savetxt(temporary, table, delimiter=",", header=",".join(names), comments="", fmt="%.12g")
