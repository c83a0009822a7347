"""One tree, seen by every layer: dendrograms on common leaves, and overlap matrices in the order of the leaves.

`plot_hierarchy` writes all pictures of a hierarchy at once, those of `ultrametric` included.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from gardner.analysis.ultrametric import Hierarchy, LayerHierarchy
from gardner.criteria import RESOLVED
from gardner.plotting import style
from gardner.plotting.ultrametric import SYMBOL, group_name, laws_figure, panel_colours, panels, terrace_figure
from gardner.results.solution import atomic

MOST_TREES = 4


def shown_kind(result: Hierarchy) -> tuple[str, tuple[LayerHierarchy, ...]]:
    """Bonds where there are any, otherwise spins."""
    return ("bond", result.bonds) if result.bonds else ("spin", result.spins)


def trees_figure(result: Hierarchy, title: str = ""):
    """Dendrograms one below the other: same leaves and mergers, heights Q_i(l); replicas of one state end at Q_EA."""
    kind, layers = shown_kind(result)
    rows = panels(layers)[:MOST_TREES]
    count = max(len(rows), 1)
    with style.journal():
        drawing, axes = style.figure(count, 1, height=0.75 + 1.25 * count, squeeze=False, sharex=True)
        for axis, group, colour in zip(axes[:, 0], rows, panel_colours(len(rows))):
            draw_tree(axis, result, kind, group, colour)
        if not rows:
            axes[0, 0].text(0.5, 0.5, "every layer is liquid", ha="center", transform=axes[0, 0].transAxes)
        axes[-1, 0].set_xlabel("replicas, in the order of the tree")
        axes[-1, 0].set_xticks([])
        if title:
            drawing.suptitle(title, fontsize=8)
    return drawing


def draw_tree(axis, result: Hierarchy, kind: str, group: list[LayerHierarchy], colour) -> None:
    """The dendrogram of a group of equal layers, named above it."""
    _dendrogram(axis, result, group[0], colour)
    axis.set_ylabel(rf"${SYMBOL[kind]}$")
    steps = group[0].levels_alive
    axis.set_title(f"{group_name(group)}, {steps} level{'s' * (steps != 1)} alive", loc="left", pad=2)


def _dendrogram(axis, result: Hierarchy, layer: LayerHierarchy, colour) -> None:
    """The mergers of the tree at heights q; the root on top (q small), q_EA at the bottom."""
    from matplotlib.collections import LineCollection
    from scipy.cluster.hierarchy import dendrogram

    tree = dendrogram(result.tree.layer_linkage(layer.q_i), no_plot=True)
    top, bottom = layer.q_i[0], layer.q_i[-1]
    # a leaf's stem would run on to its self-overlap 1: it ends at q_EA, where the states are
    lines = [np.column_stack([x, np.minimum(1.0 - np.array(y), bottom)]) for x, y in
             zip(tree["icoord"], tree["dcoord"])]  # fmt: skip
    axis.add_collection(LineCollection(lines, colors=[colour], linewidths=0.45))
    room = 0.06 * max(bottom - top, 1e-3)
    axis.set_ylim(bottom + 0.5 * room, min(top, 0.0 if top <= RESOLVED else top) - room)
    axis.set_xlim(0.0, 10.0 * result.tree.replicas)


def matrices_figure(result: Hierarchy, title: str = ""):
    """Overlap matrices of up to four layers, replicas in the order of the tree, one colour scale."""
    kind, layers = shown_kind(result)
    rows = panels(layers)[:MOST_TREES]
    columns = 2 if len(rows) > 1 else 1
    count = (len(rows) + columns - 1) // columns or 1
    with style.journal():
        drawing, axes = style.figure(count, columns, height=0.6 + 1.5 * count, squeeze=False)
        for axis in axes.ravel():
            axis.set_axis_off()
        image = None
        for axis, group in zip(axes.ravel(), rows):
            axis.set_axis_on()
            image = draw_matrix(axis, result, group)
        if image is None:
            axes[0, 0].text(0.5, 0.5, "every layer is liquid", ha="center", transform=axes[0, 0].transAxes)
        else:
            bar = drawing.colorbar(image, ax=axes.ravel().tolist(), pad=0.02)
            bar.set_label(rf"${SYMBOL[kind]}_{{ab}}(l)$ of replicas $a, b$")
        if title:
            drawing.suptitle(title, fontsize=8)
    return drawing


def draw_matrix(axis, result: Hierarchy, group: list[LayerHierarchy]):
    """The overlap matrix of a group of equal layers, replicas in the order of the tree; returns the image."""
    order = result.tree.order()
    matrix = result.tree.overlaps(group[0].q_i)[np.ix_(order, order)]
    image = axis.imshow(matrix, vmin=0.0, vmax=1.0, interpolation="nearest", rasterized=True)
    axis.set_xticks([])
    axis.set_yticks([])
    axis.set_title(group_name(group), pad=2)
    return image


def plot_hierarchy(result: Hierarchy, path: Path, title: str = "") -> list[Path]:
    """Write four figures and a table: PATH (terraces), PATH-laws, -trees, -matrices, and PATH with .csv (m, q, Q)."""
    path = Path(path)
    paths = [path, *(path.with_stem(f"{path.stem}-{name}") for name in ("laws", "trees", "matrices"))]
    drawn = (terrace_figure, laws_figure, trees_figure, matrices_figure)
    for target, draw in zip(paths, drawn):
        style.save_figure(draw(result, title), target)
    table = path.with_suffix(".csv")
    with atomic(table) as temporary, temporary.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        names = [f"{SYMBOL[layer.kind]}({layer.layer})" for layer in result.layers]
        writer.writerow(["m_lower", "m_upper", *names])
        columns = [result.m[:-1], result.m[1:], *(layer.q_i for layer in result.layers)]
        writer.writerows([f"{value:.12g}" for value in row] for row in zip(*columns))
    return [*paths, table]
