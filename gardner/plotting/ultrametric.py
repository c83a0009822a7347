"""The hierarchy by layer: river terraces q(x,l), and the laws P(q,l).

`trees` draws the same hierarchy as dendrograms and overlap matrices. Layers that coincide (the symmetric closure has
l ↔ L-l) are drawn once and named together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gardner.analysis.ultrametric import Hierarchy, LayerHierarchy, continuous_part
from gardner.criteria import RESOLVED
from gardner.plotting import style

SYMBOL = {"spin": "q", "bond": "Q"}
HIGHEST = 6.0  # density shown at most; narrow peaks are cut
MOST_PANELS = 5  # rows of panels in one figure


def groups(layers: Sequence[LayerHierarchy]) -> list[list[LayerHierarchy]]:
    """Layers with the same staircase q_i, in order of their first."""
    found: list[list[LayerHierarchy]] = []
    for layer in layers:
        for group in found:
            if np.abs(group[0].q_i - layer.q_i).max() < RESOLVED:
                group.append(layer)
                break
        else:
            found.append([layer])
    return found


def group_name(group: Sequence[LayerHierarchy]) -> str:
    """`l = 1, 5`; a long list is cut to its ends."""
    numbers = [layer.layer for layer in group]
    if len(numbers) > 3:
        return rf"$l={numbers[0]}\ldots{numbers[-1]}$"
    return rf"$l={', '.join(map(str, numbers))}$"


def panel_colours(count: int) -> np.ndarray:
    """Colours of the panels, from the input inwards; never so bright that thin lines fade."""
    return style.layer_colours(max(count + 1, 4))


def panels(layers: Sequence[LayerHierarchy]) -> list[list[LayerHierarchy]]:
    """At most MOST_PANELS groups with some order, those nearest to the input; liquid layers are left out."""
    solid = [group for group in groups(layers) if group[0].q_i[-1] > RESOLVED]
    return solid[:MOST_PANELS]


def terrace_figure(result: Hierarchy, title: str = ""):
    """q(x,l) over layers (across) and x (up) in colour; a line wherever a level is alive, white where q = 0."""
    kinds = [(kind, layers) for kind, layers in (("bond", result.bonds), ("spin", result.spins)) if layers]
    with style.journal():
        drawing, axes = style.figure(len(kinds), 1, height=0.5 + 1.75 * len(kinds), squeeze=False)
        for axis, (kind, layers) in zip(axes[:, 0], kinds):
            image = draw_terraces(axis, layers, result.m)
            bar = drawing.colorbar(image, ax=axis, pad=0.02)
            bar.set_label(rf"${SYMBOL[kind]}(x,l)$, {kind}s")
            axis.set_ylabel(r"$x$")
            axis.set_xlabel(rf"{kind} layer $l$")
        if title:
            axes[0, 0].set_title(f"{title} (white: overlap 0)")
    return drawing


def draw_terraces(axis, layers: Sequence[LayerHierarchy], m: np.ndarray, largest: float | None = None):
    """One column per layer; returns the mappable of the colour bar, up to `largest` (default: of the layers)."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.collections import LineCollection
    from matplotlib.colors import Normalize
    from matplotlib.ticker import MaxNLocator

    largest = largest or max([layer.q_i[-1] for layer in layers if layer.q_i[-1] > RESOLVED], default=1.0)
    mappable = ScalarMappable(Normalize(0.0, largest), colormaps["viridis"])
    edges = []
    for layer in layers:
        left, right = layer.layer - 0.5, layer.layer + 0.5
        q_i = np.where(layer.q_i > RESOLVED, layer.q_i, np.nan)
        axis.pcolormesh([left, right], m, q_i[:, None], norm=mappable.norm, cmap=mappable.cmap, rasterized=False)
        edges += [[(left, m[i]), (right, m[i])] for i in np.flatnonzero(layer.alive_i[1:]) + 1]
    axis.add_collection(LineCollection(edges, colors="w", linewidths=0.35 * min(1.0, 40.0 / len(m))))
    for layer in layers:
        for side in (-0.5, 0.5):
            axis.plot([layer.layer + side] * 2, [0, 1], color="0.5", linewidth=0.3)
    for first, last in _liquid_runs(layers):
        turn = 0 if last - first > 3 else 90
        place = {"ha": "center", "va": "center", "fontsize": 6, "color": "0.3", "rotation": turn}
        axis.text(0.5 * (first + last), 0.5, "liquid", bbox={"fc": "w", "ec": "none", "pad": 1.0}, **place)
    axis.set_xlim(min(layer.layer for layer in layers) - 0.5, max(layer.layer for layer in layers) + 0.5)
    axis.set_ylim(0.0, 1.0)
    axis.set_facecolor("w")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    return mappable


def _liquid_runs(layers: Sequence[LayerHierarchy]) -> list[tuple[int, int]]:
    """First and last layer of every stretch of liquid layers."""
    runs: list[tuple[int, int]] = []
    for layer in layers:
        if layer.q_i[-1] > RESOLVED:
            continue
        if runs and runs[-1][1] == layer.layer - 1:
            runs[-1] = runs[-1][0], layer.layer
        else:
            runs.append((layer.layer, layer.layer))
    return runs


def laws_figure(result: Hierarchy, title: str = ""):
    """P(q,l): rows of panels, bonds left and spins right; continuous part as steps, δ-weights as stems."""
    columns = [(kind, panels(layers)) for kind, layers in (("bond", result.bonds), ("spin", result.spins))]
    columns = [(kind, rows) for kind, rows in columns if rows] or [("bond", [])]
    count = max((len(rows) for _, rows in columns), default=1) or 1
    with style.journal():
        drawing, axes = style.figure(count, len(columns), height=0.7 + 1.05 * count, squeeze=False, sharex=True)
        for c, (kind, rows) in enumerate(columns):
            for axis, group, colour in zip(axes[:, c], rows, panel_colours(len(rows))):
                _law(axis, group[0], colour, outer=c == len(columns) - 1)
                axis.text(0.5, 0.96, group_name(group), transform=axis.transAxes, ha="center", va="top", fontsize=7)
            for axis in axes[len(rows) :, c]:
                axis.set_axis_off()
            if rows:
                axes[len(rows) - 1, c].set_xlabel(rf"${SYMBOL[kind]}$ ({kind}s)")
                axes[len(rows) - 1, c].tick_params(labelbottom=True)
        axes[0, 0].set_xlim(-0.03, 1.03)
        drawing.supylabel(r"$P(q,l)$, continuous part", fontsize=8)
        if title:
            drawing.suptitle(title, fontsize=8)
    return drawing


def _law(axis, layer: LayerHierarchy, colour, outer: bool) -> None:
    """Density of the continuous part on the left scale, δ-weights as stems on the right one (ticks if `outer`)."""
    law = layer.law
    edges, density = continuous_part(layer)
    if len(density):
        axis.stairs(density, edges, color=colour, fill=True, alpha=0.35)
        axis.stairs(density, edges, color=colour, linewidth=0.8)
    axis.set_ylim(0.0, 1.4 * min(max(density.max(initial=0.0), 0.5), HIGHEST))
    axis.tick_params(right=False)
    right = axis.twinx()
    right.vlines(law.q_v[law.delta_v], 0.0, law.weight_v[law.delta_v], color="k", linewidth=1.0)
    right.plot(law.q_v[law.delta_v], law.weight_v[law.delta_v], "o", color="k", markersize=2.4, clip_on=False)
    right.set_ylim(0.0, 1.4)
    right.set_yticks([0.0, 0.5, 1.0])
    right.tick_params(labelright=outer)
    if outer:
        right.set_ylabel(r"weight of $\delta$")
