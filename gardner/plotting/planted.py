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


def draw_crystal_transitions(axis, results: Mapping[str, Sequence]) -> None:
    """α*(L) (filled) and the spinodal (open) against depth; `results` maps closures to transitions."""
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


def draw_recovery(axis, found: Mapping, depth: int) -> None:
    """Discrete weights, one depth: the liquid of every closure up to its end, and perfect recovery.

    found: closure → Dataset of alpha and liquid_Q along `point`, crystal (α*), spinodal. Solid where the state is
    stable, dashed where it is metastable; recovery is stable beyond the smallest α*.
    """
    colours = dict(zip(found, style.layer_colours(len(found) + 1)))
    last = 1.12 * max(float(data["spinodal"]) for data in found.values())
    for closure, data in found.items():
        alpha, Q, star = data["alpha"].values, data["liquid_Q"].values, float(data["crystal"])
        stable = alpha <= star
        axis.plot(alpha[stable], Q[stable], "-", color=colours[closure], lw=1.2, label=f"liquid, {closure}")
        axis.plot(alpha[alpha >= star], Q[alpha >= star], "--", color=colours[closure], lw=1.0)
        axis.axvline(star, color=colours[closure], ls=":", lw=0.7, zorder=0)
    star = min(float(data["crystal"]) for data in found.values())
    axis.plot([0.0, star], [1.0, 1.0], "--", color="0.4", lw=1.0)
    axis.plot([star, 10.0 * last], [1.0, 1.0], "-", color="0.4", lw=1.2, label="recovery, $Q=1$")
    axis.set_xlim(0.0, last)
    axis.set_ylim(-0.03, 1.08)
    axis.set_title(f"$L={depth}$")
    axis.set_xlabel(r"$\alpha$")
