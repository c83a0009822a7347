"""Figures of a comparison: extrapolation of every overlap, and gaps over theory.

`extrapolation`: Monte Carlo (points, error bars over samples) against 1/c or 1/N, one colour per layer; the line is the
model of largest weight, drawn from its limit at 0; closures are horizontal strokes at the left edge in dashes of
their own (`style.closure_dashes`), and the averaged limit with its whole error stands at 0. Open points are excluded
runs.

`generalization`: the same for the error on fresh inputs (planted setting).

`gaps`: histogram of the largest size per layer over theory. Planted: P(r) = 2 N(r; 0, 1) θ(r) in every layer of either
closure (student and teacher share one distribution). Random: P(r, l) of the symmetric closure.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.lines import Line2D

from gardner.comparison.analysis import Comparison
from gardner.comparison.curves import gap_histogram, gap_theory, limit_curve, linear_errors
from gardner.plotting import style
from gardner.results.solution import atomic

MARKS = {"Q": "o", "q": "s"}
STROKE = 0.06  # length of a theory stroke, of the axis


def extrapolation(comparison: Comparison):
    """One panel for the bonds, one for the hidden spins."""
    names = ["Q", "q"] if comparison.settings.depth > 1 else ["Q"]
    colours = style.layer_colours(comparison.settings.depth + 1)
    with style.journal():
        drawing, axes = style.figure(len(names), 1, height=2.3 * len(names), sharex=True, squeeze=False)
        for axis, name in zip(axes[:, 0], names):
            _panel(axis, comparison, name, {key: colours[key[1]] for key in comparison.keys})
        axes[-1, 0].set_xlabel(r"$1/c$" if comparison.settings.dense else r"$1/N$")
        _legend(drawing, comparison, colours)
    return drawing


def _panel(axis, comparison: Comparison, name: str, colours: dict, spread: float = 0.0) -> None:
    """Overlaps `name` by layer; spread: distance of the limits of two overlaps, of the axis, that bars do not merge."""
    right, dashes = 1.08 / min(run.size for run in comparison.measured), style.closure_dashes()
    middle = 0.5 * (len(comparison.keys) - 1)
    for k, (key, layer) in enumerate(comparison.keys):
        if key != name:
            continue
        colour = colours[key, layer]
        for run in comparison.measured:
            look = {"mfc": "w" if run.excluded else colour, "color": colour, "capsize": 1.5, "ls": ""}
            axis.errorbar(1.0 / run.size, run.mean_k[k], run.error_k[k], lw=0.6, marker=MARKS[name], **look)
        for p in comparison.predictions:
            look = _stroke(dashes[p.closure]) | {"color": colour}
            axis.plot([-STROKE * right, 0.0], [p.value_k[k]] * 2, **look)
            axis.plot([0.0, right], [p.value_k[k]] * 2, **look | {"lw": 0.35 * look["lw"]})
        if comparison.limit is not None:
            limit = comparison.limit
            look = {"color": colour, "marker": "D", "capsize": 2, "ls": "", "lw": 1.0}
            axis.errorbar((k - middle) * spread * right, limit.value_k[k], limit.error_k[k], **look)
            axis.plot(*limit_curve(comparison, k, right), color=colour, lw=0.6)
    axis.set_xlim(-STROKE * right, right)
    axis.set_ylabel(rf"${name}(l)$")


def _stroke(dash) -> dict:
    """Look of a closure: broken lines stand above full, paler ones, so that both are seen where closures coincide."""
    full = dash == "-"
    return {"ls": dash, "lw": 2.4 if full else 1.4, "alpha": 0.4 if full else 1.0, "zorder": 1.9 if full else 2.0}


def overlap_colours(comparison: Comparison) -> dict:
    """A colour for each overlap (name, layer)."""
    return dict(zip(comparison.keys, style.layer_colours(len(comparison.keys))))


def extrapolation_panel(axis, comparison: Comparison, colours: dict) -> None:
    """Bonds (circles) and hidden spins (squares) of a comparison on one axis, in `overlap_colours`."""
    names = dict.fromkeys(name for name, _ in comparison.keys)
    for name in names:
        _panel(axis, comparison, name, colours, spread=0.013)
    axis.set_ylabel("overlap " + ", ".join(f"${name}(l)$" for name in names))


def extrapolation_keys(comparison: Comparison, colours: dict) -> list[Line2D]:
    """Legend of `extrapolation_panel`; an open point is a run that does not count."""
    keys = [
        Line2D([], [], color=colours[name, layer], ls="", marker=MARKS[name], label=f"${name}({layer})$")
        for name, layer in comparison.keys
    ]
    dashes = reversed(style.closure_dashes().items())
    keys += [Line2D([], [], color="0.3", label=name, **_stroke(dash)) for name, dash in dashes]
    keys.append(Line2D([], [], color="0.3", marker="D", ls="", label=r"limit $c\to\infty$, all models"))
    keys.append(Line2D([], [], color="0.3", lw=0.6, label="best model alone"))
    keys.append(Line2D([], [], color="0.3", marker="o", mfc="w", ls="", label="run does not count"))
    return keys


def _legend(drawing, comparison: Comparison, colours) -> None:
    layers = range(1, comparison.settings.depth + 1)
    keys = [Line2D([], [], color=colours[l], marker="o", ls="", label=f"$l={l}$") for l in layers]
    dashes = style.closure_dashes()
    keys += [Line2D([], [], color="0.3", ls=dashes[p.closure], label=p.closure) for p in comparison.predictions]
    keys.append(Line2D([], [], color="0.3", marker="D", ls="", label="limit"))
    if any(run.excluded for run in comparison.measured):
        keys.append(Line2D([], [], color="0.3", marker="o", mfc="w", ls="", label="excluded"))
    drawing.legend(handles=keys, loc="outside upper center", ncols=4, fontsize=6)


def generalization(comparison: Comparison):
    """Error on fresh inputs against 1/size; in the full limit the linear phase (T22) beside the closures."""
    colour = style.layer_colours(3)[1]
    right, dashes = 1.08 / min(run.size for run in comparison.measured), style.closure_dashes()
    with style.journal():
        drawing, axis = style.figure(height=2.4)
        for run in comparison.measured:
            look = {"mfc": "w" if run.excluded else colour, "color": colour, "marker": "o", "capsize": 1.5, "ls": ""}
            axis.errorbar(1.0 / run.size, *run.generalization, lw=0.6, **look)
        lines = [(p.closure, p.generalization_error, "0.3", dashes[p.closure]) for p in comparison.predictions]
        linear = zip(linear_errors(comparison.settings).items(), ("-.", ":"))
        lines += [(name, value, "tab:red", dash) for (name, value), dash in linear]
        for name, value, shade, dash in lines:
            axis.plot([-STROKE * right, right], [value] * 2, color=shade, ls=dash, lw=0.8, label=name)
        limit = comparison.generalization
        if limit is not None:
            axis.errorbar(0.0, limit.value_k[0], limit.error_k[0], color=colour, marker="D", capsize=2, ls="", lw=1.0)
        axis.set_xlim(-STROKE * right, right)
        axis.set_xlabel(r"$1/c$" if comparison.settings.dense else r"$1/N$")
        axis.set_ylabel(r"fresh-input error $\varepsilon_g$")
        axis.legend(fontsize=6)
    return drawing


def gaps(comparison: Comparison, data):
    """Histogram of one run over theory, by layer."""
    depth = comparison.settings.depth
    colours = style.layer_colours(depth + 1)
    fine = np.linspace(float(data["gap"][0]), float(data["gap"][-1]), 1601)
    planted = comparison.settings.setting == "planted"
    with style.journal():
        drawing, axis = style.figure(height=2.4)
        for layer in range(1, depth + 1):
            axis.plot(*gap_histogram(data, layer), "o", ms=1.6, color=colours[layer], label=f"$l={layer}$")
        for layer, curve in enumerate(gap_theory(comparison.settings, fine), start=1):
            axis.plot(fine, curve, color="0.3" if planted else colours[layer], lw=0.8, label=_once(layer))
        axis.set_xlim(-0.5 if planted else -2.5, 3.5)
        axis.set_xlabel("gap $r$")
        axis.set_ylabel("$P(r, l)$")
        axis.legend(fontsize=6)
    return drawing


def _once(layer: int) -> str:
    return "theory" if layer == 1 else "_"


def save(comparison: Comparison, datasets: Sequence, folder: Path) -> None:
    """extrapolation.pdf, gaps.pdf (their points as CSV beside) and, planted, generalization.pdf."""
    folder = Path(folder)
    folder.mkdir(exist_ok=True)
    style.save_figure(extrapolation(comparison), folder / "extrapolation.pdf")
    if comparison.settings.setting == "planted":
        style.save_figure(generalization(comparison), folder / "generalization.pdf")
    largest = max(range(len(datasets)), key=lambda i: comparison.measured[i].size)
    style.save_figure(gaps(comparison, datasets[largest]), folder / "gaps.pdf")
    with atomic(folder / "extrapolation.csv") as temporary, temporary.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("observable", "layer", "size", "ratio", "mean", "error", "excluded"))
        for k, (name, layer) in enumerate(comparison.keys):
            for run in comparison.measured:
                writer.writerow((name, layer, run.size, run.ratio, run.mean_k[k], run.error_k[k], run.excluded))
            if comparison.limit is not None:
                writer.writerow((name, layer, "inf", 0, comparison.limit.value_k[k], comparison.limit.error_k[k], ""))
    with atomic(folder / "gaps.csv") as temporary, temporary.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("layer", "gap", "counts"))
        counts = datasets[largest]["gap_counts"].sum("sample")
        for layer in counts["bond_layer"].values:
            row = counts.sel(bond_layer=layer).values
            writer.writerows((int(layer), float(g), int(n)) for g, n in zip(counts["gap"].values, row))
