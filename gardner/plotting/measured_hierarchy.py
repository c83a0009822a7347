"""Simulated replicas: P(q,l) with error bars, ultrametricity beside the null, and overlap matrices in tree order."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gardner.analysis.measured_hierarchy import MeasuredHierarchy, MeasuredLayer, tree_order
from gardner.plotting import style
from gardner.results.solution import atomic

SYMBOL = {"spin": "q", "bond": "Q"}
MOST = 6  # layers in one panel


def _kinds(result: MeasuredHierarchy) -> list[tuple[str, Sequence[MeasuredLayer]]]:
    return [(kind, layers) for kind, layers in (("bond", result.bonds), ("spin", result.spins)) if layers]


def _spread(layers: Sequence[MeasuredLayer], most: int) -> list[MeasuredLayer]:
    """At most `most` layers, evenly spread from the first to the last."""
    picks = np.unique(np.linspace(0, len(layers) - 1, min(most, len(layers))).round().astype(int))
    return [layers[i] for i in picks]


def laws_figure(result: MeasuredHierarchy, title: str = ""):
    """P(q,l) of bonds and of spins: points with standard errors over samples, joined to guide the eye."""
    kinds = _kinds(result)
    with style.journal():
        drawing, axes = style.figure(len(kinds), 1, height=0.5 + 1.75 * len(kinds), squeeze=False)
        for axis, (kind, layers) in zip(axes[:, 0], kinds):
            shown = _spread(layers, MOST)
            for layer, colour in zip(shown, style.layer_colours(len(shown))):
                histogram = layer.histogram
                middle = 0.5 * (histogram.edges_b[:-1] + histogram.edges_b[1:])
                error = np.nan_to_num(histogram.error_b)
                axis.errorbar(middle, histogram.density_b, error, fmt="o-", color=colour, markersize=1.8,
                              linewidth=0.5, elinewidth=0.5, label=f"$l={layer.layer}$")  # fmt: skip
            axis.set_xlabel(rf"${SYMBOL[kind]}$ ({kind}s)")
            axis.set_ylabel(rf"$P({SYMBOL[kind]}, l)$")
            axis.set_ylim(bottom=0.0)
            edges, used = _used_range(shown)
            axis.set_xlim(edges[used[0]] - 0.02, edges[used[-1] + 1] + 0.02)
            axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        if title:
            axes[0, 0].set_title(title)
    return drawing


def _used_range(layers: Sequence[MeasuredLayer]) -> tuple[np.ndarray, np.ndarray]:
    """The common edges and the bins that hold anything, one empty bin on either side kept."""
    filled_b = np.any([layer.histogram.density_b > 0.0 for layer in layers], axis=0)
    used = np.flatnonzero(filled_b) if filled_b.any() else np.arange(len(filled_b))
    low, high = max(used[0] - 1, 0), min(used[-1] + 1, len(filled_b) - 1)
    return layers[0].histogram.edges_b, np.arange(low, high + 1)


def statistics_figure(result: MeasuredHierarchy, title: str = ""):
    """Violations of the isosceles property and cophenetic correlation against the layer, filled; the null, open."""
    rows = (("violations", "triples that violate"), ("cophenetic", "cophenetic correlation"))
    with style.journal():
        drawing, axes = style.figure(2, 1, height=3.6, sharex=True)
        for (kind, layers), colour, marker, shift in zip(_kinds(result), style.layer_colours(3), "os", (-0.08, 0.08)):
            place = np.array([layer.layer for layer in layers]) + shift
            for axis, (name, label) in zip(axes, rows):
                for prefix, fill in (("", colour), ("null_", "w")):
                    estimates = [getattr(layer.statistics, prefix + name) for layer in layers]
                    mean, error = (np.array([getattr(e, part) for e in estimates]) for part in ("mean", "error"))
                    axis.errorbar(place, mean, np.nan_to_num(error), fmt=marker, color=colour, markerfacecolor=fill,
                                  label=f"{kind}s{', null' if prefix else ''}")  # fmt: skip
                axis.set_ylabel(label)
        axes[1].set_xlabel(r"layer $l$")
        axes[1].xaxis.get_major_locator().set_params(integer=True)
        axes[0].set_ylim(bottom=0.0)
        axes[0].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        if title:
            axes[0].set_title(title)
    return drawing


def matrices_figure(result: MeasuredHierarchy, title: str = ""):
    """Overlap matrices of the first sample, up to four layers, each in the order of its own tree (average linkage)."""
    kind, layers = _kinds(result)[0]
    shown = _spread(layers, 4)
    columns = min(2, len(shown))
    count = -(-len(shown) // columns)
    with style.journal():
        drawing, axes = style.figure(count, columns, height=0.6 + 1.5 * count, squeeze=False)
        for axis in axes.ravel()[len(shown) :]:
            axis.set_axis_off()
        for axis, layer in zip(axes.ravel(), shown):
            order = tree_order(layer.example_rr)
            image = axis.imshow(layer.example_rr[np.ix_(order, order)], vmin=0.0, vmax=1.0, interpolation="nearest",
                                rasterized=True)  # fmt: skip
            axis.set_xticks([])
            axis.set_yticks([])
            axis.set_title(f"$l={layer.layer}$", pad=2)
        bar = drawing.colorbar(image, ax=axes.ravel().tolist(), pad=0.02)
        bar.set_label(rf"${SYMBOL[kind]}_{{ab}}(l)$ of replicas $a, b$")
        if title:
            drawing.suptitle(title, fontsize=8)
    return drawing


def plot_measured(result: MeasuredHierarchy, path: Path, title: str = "") -> list[Path]:
    """Write PATH (P(q,l)), PATH-statistics, PATH-matrices, and PATH with .csv (kind, layer, q, density, error)."""
    path = Path(path)
    paths = [path, *(path.with_stem(f"{path.stem}-{name}") for name in ("statistics", "matrices"))]
    for target, draw in zip(paths, (laws_figure, statistics_figure, matrices_figure)):
        style.save_figure(draw(result, title), target)
    table = path.with_suffix(".csv")
    with atomic(table) as temporary, temporary.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["kind", "layer", "q", "density", "error"])
        for kind, layers in _kinds(result):
            for layer in layers:
                histogram = layer.histogram
                middle = 0.5 * (histogram.edges_b[:-1] + histogram.edges_b[1:])
                rows = zip(middle, histogram.density_b, histogram.error_b)
                writer.writerows([kind, layer.layer, *(f"{value:.10g}" for value in row)] for row in rows)
    return [*paths, table]
