"""Figures of the planted setting, sized for one journal column (3.4 in).

Each function takes results, returns a figure and plots nothing that is not in them. Colours come from a
perceptually uniform map: one per layer where layers are told apart, one per α or depth where curves are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from gardner.analysis.phases import find_crystallizations, find_jumps
from gardner.plotting import style

_STYLE = {"liquid": "-", "crystal": "--"}


def _figure(rows: int = 1, height: float = 2.4, sharex: bool = True):
    figure = Figure(figsize=(style.COLUMN, height), layout="constrained")
    axes = figure.subplots(rows, 1, sharex=sharex, squeeze=False)[:, 0]
    for axis in axes:
        axis.tick_params(labelsize=7, direction="in", top=True, right=True)
        axis.xaxis.label.set_size(8)
        axis.yaxis.label.set_size(8)
    return figure, axes


def _label(axis, x: str | None, y: str):
    if x:
        axis.set_xlabel(x, fontsize=8)
    axis.set_ylabel(y, fontsize=8)


def _branch_key(axis, **options):
    """Line styles of the two starts."""
    handles = [Line2D([], [], color="0.3", lw=1, ls=dash, label=start) for start, dash in _STYLE.items()]
    axis.legend(handles=handles, fontsize=6.5, frameon=False, **options)


def _side_key(axis, handles, title: str):
    """A legend to the right of the axis."""
    axis.legend(
        handles=handles,
        title=title,
        title_fontsize=7,
        fontsize=6.5,
        frameon=False,
        loc="center left",
        bbox_to_anchor=(1, 0.5),
    )


def profiles(solutions: Sequence) -> Figure:
    """q(l) and Q(l) across the layers, one colour per solution (α), line style by start."""
    figure, (top, bottom) = _figure(2, 3.4)
    for colour, solution in zip(style.layer_colours(len(solutions)), solutions):
        for branch in solution.branches:
            look = {"color": colour, "ls": _STYLE[branch.start], "lw": 1, "marker": "o", "ms": 2.5}
            top.plot(np.arange(solution.depth + 1), branch.q_l, **look)
            bottom.plot(np.arange(1, solution.depth + 1), branch.Q_l, **look)
    for axis, name in ((top, "spin overlap $q(l)$"), (bottom, "bond overlap $Q(l)$")):
        axis.set_ylim(-0.04, 1.04)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        _label(axis, None, name)
    bottom.set_xlabel("layer $l$", fontsize=8)
    colours = style.layer_colours(len(solutions))
    keys = [Line2D([], [], color=c, lw=1.5, label=f"{s.alpha:g}") for c, s in zip(colours, solutions)]
    if len({branch.start for solution in solutions for branch in solution.branches}) == 2:
        _branch_key(bottom, loc="center left", bbox_to_anchor=(1, 0.5))
    _side_key(top, keys, r"$\alpha$")
    top.set_title(f"{solutions[0].closure}, $L={solutions[0].depth}$", fontsize=8)
    return figure


def branches(solutions: Sequence) -> Figure:
    """Overlaps of every hidden layer and free entropies of both branches along a scan of increasing α."""
    figure, (top, bottom) = _figure(2, 3.8)
    depth, alphas = solutions[0].depth, [solution.alpha for solution in solutions]
    colours = style.layer_colours(depth - 1)
    gap_a = find_jumps([solution.stable == "single" for solution in solutions])
    for b, start in enumerate(("liquid", "crystal")):
        q_al = np.array([solution.branches[b].q_l for solution in solutions])
        s_a = np.array([solution.branches[b].free_entropy for solution in solutions])
        for l in range(1, depth):
            top.plot(*style.broken(alphas, q_al[:, l], gap_a[start]), color=colours[l - 1], ls=_STYLE[start], lw=1)
        bottom.plot(*style.broken(alphas, s_a, gap_a[start]), color="k", ls=_STYLE[start], lw=1)
    bottom.plot(alphas, [solution.linear_bound.free_entropy for solution in solutions], color="tab:red", ls=":", lw=1)
    bottom.axhline(-np.log(2), color="0.6", lw=0.6)
    bottom.annotate(r"$-\ln 2$", (alphas[0], -np.log(2) - 0.005), fontsize=6.5, color="0.4", ha="left", va="top")
    stable = [solution.equilibrium.free_entropy for solution in solutions]
    bottom.set_ylim(-np.log(2) - 0.12, max(stable) + 0.05)
    _label(top, None, "spin overlap $q(l)$")
    _label(bottom, r"patterns per width $\alpha = M/c$", r"free entropy $s$ per $NM$")
    handles = [Line2D([], [], color="k", lw=1, ls=dash, label=start) for start, dash in _STYLE.items()]
    handles.append(Line2D([], [], color="tab:red", lw=1, ls=":", label="linear bound"))
    bottom.legend(handles=handles, fontsize=6.5, frameon=False, loc="upper left")
    if depth > 1:
        keys = [Line2D([], [], color=c, lw=1.5, label=str(l)) for l, c in enumerate(colours, start=1)]
        _side_key(top, _thinned(keys), "$l$")
    top.set_title(f"{solutions[0].closure}, $L={depth}$", fontsize=8)
    return figure


def _thinned(keys, largest: int = 8):
    """At most `largest` legend entries, the ends kept."""
    if len(keys) <= largest:
        return keys
    return [keys[i] for i in np.unique(np.linspace(0, len(keys) - 1, largest).round().astype(int))]


def learning_curves(scans: Mapping[int, Sequence]) -> Figure:
    """Gibbs and Bayes errors of the stable branch against α; colour by depth; `scans` maps L to a scan."""
    figure, (axis,) = _figure()
    for colour, (depth, solutions) in zip(style.layer_colours(len(scans)), scans.items()):
        alphas = [solution.alpha for solution in solutions]
        jumps = find_crystallizations([solution.stable for solution in solutions])
        names = ("generalization_error", "bayes_error")
        curves = ([getattr(solution.equilibrium, name) for solution in solutions] for name in names)
        draw_errors(axis, alphas, *curves, jumps, color=colour, label=f"$L={depth}$")
    axis.set_xscale("log")
    axis.set_yscale("log")
    keys, names = axis.get_legend_handles_labels()
    keys += [Line2D([], [], color="0.3", lw=1, ls=dash) for dash in ("-", "--")]
    axis.legend(keys, [*names, "Gibbs", "Bayes"], fontsize=6.5, frameon=False, loc="lower left")
    _label(axis, r"patterns per width $\alpha = M/c$", r"generalization error $\epsilon_{\mathrm{g}}$")
    return figure


def draw_errors(axis, x, gibbs, bayes, jumps: Sequence[int] = (), label: str | None = None, **look) -> None:
    """Two curves on a given axis, full and dashed, with a gap before each index of `jumps`."""
    axis.plot(*style.broken(x, gibbs, jumps), lw=1, label=label, **look)
    axis.plot(*style.broken(x, bayes, jumps), lw=1, ls="--", **look)


def crystal_transitions(results: Mapping[str, Sequence]) -> Figure:
    """α*(L) (filled) and the spinodal (open) against depth; `results` maps closures to transitions."""
    figure, (axis,) = _figure()
    draw_crystal_transitions(axis, results)
    return figure


def draw_crystal_transitions(axis, results: Mapping[str, Sequence]) -> None:
    """`crystal_transitions` on a given axis."""
    colours = style.layer_colours(max(3, len(results)))
    for colour, marker, (closure, transitions) in zip(colours, cycle("osD^v"), results.items()):
        found = [result for result in transitions if result.crystal is not None]
        depths = [result.depth for result in found]
        look = {"color": colour, "marker": marker, "ms": 3.5, "lw": 0.8}
        axis.plot(depths, [result.crystal for result in found], label=rf"$\alpha^*$, {closure}", **look)
        spinodals = [result.spinodal for result in found]
        axis.plot(depths, spinodals, mfc="w", ls=":", label=f"spinodal, {closure}", **look)
    axis.set_yscale("log")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.legend(fontsize=6.5, frameon=False)
    _label(axis, "depth $L$", r"$\alpha$ at the transition")


def save(drawing: Figure, path: str | Path) -> Path:
    """Write the figure and, beside it, the plotted curves as CSV; returns the path of the CSV."""
    return style.save_with_curves(drawing, path)
