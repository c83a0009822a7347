"""Phase diagrams of a sweep: layer against ln α, depth against ln α, and hysteresis loops.

Every function draws a Dataset of `gardner.analysis.phases` and returns a figure, or draws on axes that it is given.
Points that did not converge are left grey: nothing is drawn in their place.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from gardner.analysis.phases import PHASES, STABLE, phase_table
from gardner.plotting import style
from gardner.results.solution import atomic

UNSOLVED = "neither converged"
DOTS = {"marker": "o", "ms": 2.2, "mew": 0.7}
_GREY = "0.85"
_DASH = {"up": "-", "down": "--"}


def edges(values: np.ndarray) -> np.ndarray:
    """Cell boundaries of a logarithmic axis: geometric middles, the outer cells symmetric about their values."""
    logs = np.log(values)
    if len(logs) == 1:
        return values[0] * np.array([0.9, 1.1])
    middle = 0.5 * (logs[:-1] + logs[1:])
    return np.exp(np.concatenate([[2 * logs[0] - middle[0]], middle, [2 * logs[-1] - middle[-1]]]))


def layer_map(profile):
    """Q_EA of every bond layer against α (logarithmic), with the marks of a `layer_profile` in their layers."""
    alphas, depth = profile["alpha"].values, profile.attrs["depth"]
    with style.journal():
        drawing, axis = style.figure(height=2.4)
        axis.set_facecolor(_GREY)
        layers = np.arange(0.5, depth + 1.0)
        look = {"cmap": "viridis", "vmin": 0.0, "vmax": 1.0, "rasterized": True}
        mesh = axis.pcolormesh(edges(alphas), layers, profile["Q_EA"].values.T, **look)
        for alpha, layer in zip(profile["mark_alpha"].values, profile["mark_layer"].values):
            axis.vlines(alpha, layer - 0.5, layer + 0.5, color="tab:red", lw=1.5)
        axis.set_xscale("log")
        axis.set_xlim(*edges(alphas)[[0, -1]])
        axis.set_ylim(0.5, depth + 0.5)
        axis.yaxis.get_major_locator().set_params(integer=True)
        axis.tick_params(axis="y", which="both", length=0)
        axis.set_xlabel(r"patterns per width $\alpha$")
        axis.set_ylabel("bond layer $l$")
        drawing.colorbar(mesh, ax=axis, label=r"$Q_\mathrm{EA}(l)$", pad=0.02)
        axis.set_title(f"{_name(profile)}, $L = {depth}$, {profile.attrs['direction']}ward")
    return drawing


def _name(data) -> str:
    name = f"{data.attrs['setting']}, {data.attrs['closure']}"
    levels = int(data.attrs.get("levels", 0))
    return f"{name}, $k = {levels}$" if levels else name


def phase_map(diagram):
    """(α, L) map of liquid, partly solid, solid throughout, crystal; hatched where the two directions differ."""
    with style.journal():
        drawing, axis = style.figure(height=1.4 + 0.25 * max(diagram.sizes["depth"], 2))  # room for the legend
        keys = draw_phases(axis, diagram)
        drawing.legend(handles=keys, loc="outside lower center", ncols=3, handlelength=1.4, columnspacing=1.0)
    return drawing


def draw_phases(axis, diagram) -> list:
    """`phase_map` of a `phase_diagram` on one axis, α*(L) marked where it holds them; returns the legend's handles."""
    depths, alphas = diagram["depth"].values, diagram["alpha"].values
    state, two, direction = diagram["phase"].values, diagram["two_branches"].values, diagram.attrs["direction"]
    colours = ("0.97", *style.layer_colours(3)[::-1])
    axis.set_facecolor(_GREY)
    bounds = np.arange(len(depths) + 1) - 0.5
    norm = BoundaryNorm(np.arange(5) - 0.5, 4)
    axis.pcolormesh(edges(alphas), bounds, state, cmap=ListedColormap(colours), norm=norm, rasterized=True)
    for row, twin in enumerate(two):
        for first, last in _runs(twin):
            low, high = edges(alphas)[[first, last + 1]]
            axis.fill_between([low, high], row - 0.5, row + 0.5, fc="none", ec="0.55", hatch="////", lw=0)
    axis.hlines(bounds[1:-1], *edges(alphas)[[0, -1]], color="white", lw=1.0)
    for row, alpha in enumerate(diagram["crystal"].values if "crystal" in diagram else ()):
        axis.vlines(alpha, row - 0.5, row + 0.5, color="k", lw=1.5)
    axis.set_xscale("log")
    axis.set_xlim(*edges(alphas)[[0, -1]])
    axis.set_yticks(range(len(depths)), [str(d) for d in depths])
    axis.tick_params(axis="y", which="both", length=0)
    axis.set_xlabel(r"patterns per width $\alpha$")
    axis.set_ylabel("depth $L$")
    axis.set_title(f"{_name(diagram)}, {direction}{' branch' if direction == STABLE else 'ward'}")
    seen = set(state[np.isfinite(state)].astype(int))
    keys = [Patch(fc=colours[p], ec="0.4", lw=0.4, label=PHASES[p]) for p in sorted(seen)]
    if two.any():
        keys.append(Patch(fc="none", ec="0.55", hatch="////", lw=0.4, label="two branches"))
    if "crystal" in diagram:
        keys.append(Line2D([], [], color="k", lw=1.5, label=r"$\alpha^*(L)$"))
    if np.isnan(state).any():
        keys.append(Patch(fc=_GREY, ec="0.4", lw=0.4, label=UNSOLVED))
    return keys


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """First and last index of every run of True."""
    change = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [(int(a), int(b) - 1) for a, b in change.reshape(-1, 2)]


def hysteresis_loops(curves):
    """Mean Q_EA of the layers and free entropy s of `branch_curves` against α, one colour per depth.

    Full lines upward, dashed downward. Where they differ, s tells which is physical: the larger one in the planted
    setting, the smaller one in the random setting (n → 0).
    """
    with style.journal():
        drawing, (top, bottom) = style.figure(2, 1, 3.4, sharex=True)
        draw_loops(top, bottom, curves)
        top.set_ylabel(r"mean $Q_\mathrm{EA}(l)$")
        bottom.set_ylabel("free entropy $s$ per $NM$")
    return drawing


def draw_loops(top, bottom, curves) -> None:
    """`hysteresis_loops` on two given axes that share α: mean Q_EA on `top`, s on `bottom`."""
    depths, directions = curves["depth"].values, curves["direction"].values
    colours = style.layer_colours(len(depths))
    for colour, depth in zip(colours, depths):
        for direction in directions:
            mean = curves["mean_Q_EA"].sel(depth=depth, direction=direction)
            top.plot(curves["alpha"], mean, color=colour, ls=_DASH[direction])
    draw_entropies(bottom, curves)
    top.set_xscale("log")
    top.set_ylim(-0.04, 1.04)
    keys = [Line2D([], [], color=c, label=f"$L = {d}$") for c, d in zip(colours, depths)]
    keys += [Line2D([], [], color="0.3", ls=_DASH[d], label=f"{d}ward") for d in directions]
    top.legend(handles=keys, loc="best")
    top.set_title(_name(curves))


def draw_entropies(axis, curves) -> None:
    """s of `branch_curves` against α on one axis, with -ln 2; colour by depth, full upward, dashed downward.

    A curve is broken where its branch jumps. In the random setting every point has a dot, open downward, because one
    may stand alone.
    """
    planted = curves.attrs["setting"] == "planted"
    dots = {"up": {}, "down": {}} if planted else {"up": {**DOTS, "zorder": 2.2}, "down": {**DOTS, "mfc": "w"}}
    for colour, depth in zip(style.layer_colours(curves.sizes["depth"]), curves["depth"].values):
        for direction in curves["direction"].values:
            branch = curves.sel(depth=depth, direction=direction)
            places = np.flatnonzero(branch["broken"])
            curve = style.break_curve(branch["alpha"].values, branch["free_entropy"].values, places)
            axis.plot(*curve, color=colour, ls=_DASH[direction], **dots[direction])
    axis.axhline(-np.log(2.0), color="0.6", lw=0.6, zorder=0)
    place = {"xycoords": ("axes fraction", "data"), "color": "0.4", "va": "top", "ha": "right"}
    axis.annotate(r"$-\ln 2$", (0.99, -np.log(2.0) - 0.004), **place)
    if planted:
        _crop(axis, curves)
    axis.set_xscale("log")
    axis.set_ylabel("free entropy $s$ per $NM$")
    axis.set_xlabel(r"patterns per width $\alpha$")


def _crop(axis, curves) -> None:
    """s of a metastable crystal falls far below -ln 2 ≤ s of the stable branch: show a little of it."""
    high = float(curves["free_entropy"].max())
    room = max(0.05, 0.25 * (high + np.log(2.0)))
    axis.set_ylim(-np.log(2.0) - room, high + 0.2 * room)


def save_with_table(drawing, dataset, path: Path) -> None:
    """Write a figure of this module, and the numbers of the sweep behind it (`phase_table`) as CSV beside it."""
    style.save_figure(drawing, path)
    header, rows = phase_table(dataset)
    with atomic(Path(path).with_suffix(".csv")) as temporary:
        np.savetxt(temporary, rows, delimiter=",", header=header, comments="", fmt="%.10g")
