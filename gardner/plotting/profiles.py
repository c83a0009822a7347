"""q(x,l) and Q(x,l) of a solution of the random setting, and its plotted data beside the figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gardner.criteria import RESOLVED
from gardner.plotting import style
from gardner.results.solution import Solution, atomic

FEW_CURVES = 8  # up to this many curves the legend names each, beyond it a colour bar does


def overlaps_figure(solution: Solution):
    """Two panels of step functions over x ∈ [0, 1]: Q(x, l) of bonds and q(x, l) of hidden spins, l by colour."""
    setting = solution.setting
    depth = setting.network.depth
    with style.journal():
        drawing, axes = style.figure(2, 1, height=3.6, sharex=True)
        for axis, curves in zip(axes, layer_curves(solution)):
            draw_steps(axis, setting.m, curves)
        axes[0].set_ylabel(r"$Q(x, l)$ (bonds)")
        axes[1].set_ylabel(r"$q(x, l)$ (spins)")
        axes[1].set_xlabel(r"$x$ (Parisi parameter)")
        label = rf"$\alpha={setting.alpha:g}$, $L={depth}$, $k={setting.levels}$, "
        axes[0].set_title(label + setting.potential.formula)
    return drawing


def layer_curves(solution: Solution) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
    """Q_i(l) of all bonds and q_i(l) of the hidden spins, by layer."""
    depth = solution.setting.network.depth
    return {l: solution.Q_li[l - 1] for l in range(1, depth + 1)}, {l: solution.q_li[l] for l in range(1, depth)}


def draw_steps(axis, m: np.ndarray, curves: dict[int, np.ndarray], count: int | None = None) -> int:
    """Layers with the same curve (the closure is symmetric under input ↔ output) are drawn once and named together.

    count: of colours, one per layer from the input, where several panels share one scale and name the layers
    elsewhere. Returns how many layers are liquid; they are not drawn.
    """
    groups: dict[tuple, list[int]] = {}
    for l, values in curves.items():
        if values[-1] > RESOLVED:
            groups.setdefault(tuple(np.round(values, 6)), []).append(l)
    liquid = len(curves) - sum(len(layers) for layers in groups.values())
    few = count is None and len(groups) <= FEW_CURVES
    first = [layers[0] for layers in groups.values()]
    colours = style.layer_colours(count or max(first, default=1))
    for values, layers in groups.items():
        name = rf"$l={', '.join(map(str, layers))}$" if few else None
        axis.stairs(values, m, baseline=None, color=colours[layers[0] - 1], linewidth=1.0, label=name)
    axis.set_xlim(0.0, 1.0)
    axis.set_ylim(-0.02, 1.02)
    if count is not None:
        return liquid
    if groups and not few:
        layer_bar(axis, colours)
    if liquid:
        axis.plot([], [], color="none", label=f"{liquid} liquid")
    if liquid or (few and groups):
        axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.03), handlelength=1.0, borderaxespad=0.2)
    return liquid


def layer_bar(axes, colours: np.ndarray, label: str = "layer $l$") -> None:
    """A colour bar beside an axis or an array of them, one colour per layer from l = 1."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm, ListedColormap

    norm = BoundaryNorm(np.arange(0.5, len(colours) + 1), len(colours))
    drawing = np.ravel(axes)[0].figure
    bar = drawing.colorbar(ScalarMappable(norm, ListedColormap(colours)), ax=axes, pad=0.02)
    bar.set_label(label)
    bar.ax.minorticks_off()
    if len(colours) <= 12:
        bar.set_ticks(range(1, len(colours) + 1))


def plot_overlaps(solution: Solution, path: Path) -> None:
    """Write the figure and, beside it with the ending .csv, the plotted numbers."""
    style.save_figure(overlaps_figure(solution), path)
    write_overlaps_table(solution, Path(path).with_suffix(".csv"))


def write_overlaps_table(solution: Solution, path: Path) -> None:
    """CSV: m_lower, m_upper, then Q(1)…Q(L), q(1)…q(L-1)."""
    m, depth = solution.setting.m, solution.setting.network.depth
    names = [
        "m_lower",
        "m_upper",
        *(f"Q({l})" for l in range(1, depth + 1)),
        *(f"q({l})" for l in range(1, depth)),
    ]
    table = np.column_stack([m[:-1], m[1:], solution.Q_li.T, solution.q_li[1:-1].T])
    with atomic(path) as temporary:
        np.savetxt(temporary, table, delimiter=",", header=",".join(names), comments="", fmt="%.12g")
