"""Phase diagrams of a sweep: layer against ln α, depth against ln α, and hysteresis loops.

Every function draws a Dataset of `gardner.analysis.phases` and returns a figure, or draws on axes that it is given.
Points that did not converge are left grey: nothing is drawn in their place.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from gardner.analysis.phases import PHASES, STABLE, phase_table
from gardner.plotting import style
from gardner.results.solution import atomic

UNSOLVED = "neither converged"
DOTS = {"marker": "o", "ms": 2.2, "mew": 0.7}
KNOWN_LOOKS = {  # marks of a map of phases: look, label
    "exact": ({}, "exact transition"),
    "crystal": ({"lw": 2.2}, r"$\alpha^*(L)$"),
    "spinodal": ({"ls": ":"}, "spinodal"),
    "counting_bound": ({"ls": (0, (3, 2))}, "counting bound"),
}
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
    with style.journal():
        drawing, axis = style.figure(height=2.4)
        mesh = draw_layers(axis, profile)
        axis.set_xlabel(r"patterns per width $\alpha$")
        axis.set_ylabel("bond layer $l$")
        drawing.colorbar(mesh, ax=axis, label=r"$Q_\mathrm{EA}(l)$", pad=0.02)
        axis.set_title(f"{_name(profile)}, $L = {profile.attrs['depth']}$, {profile.attrs['direction']}ward")
    return drawing


def draw_layers(axis, profile, name: str = "Q_EA"):
    """`layer_map` on one axis; name: Q_EA of the bonds or q_EA of the spins. Returns the mesh of the colour bar."""
    axes = {"Q_EA": ("bond_layer", "mark_layer"), "q_EA": ("spin_layer", "mark_spin")}[name]
    alphas, (layers, marks) = profile["alpha"].values, (profile[axis].values for axis in axes)
    axis.set_facecolor(_GREY)
    look = {"cmap": "viridis", "vmin": 0.0, "vmax": 1.0, "rasterized": True}
    rows = np.append(layers - 0.5, layers[-1] + 0.5)
    mesh = axis.pcolormesh(edges(alphas), rows, profile[name].values.T, **look)
    for alpha, layer in zip(profile["mark_alpha"].values, marks):
        style.cased(axis.vlines, alpha, layer - 0.5, layer + 0.5)
    style.logarithmic(axis)
    axis.set_xlim(*edges(alphas)[[0, -1]])
    axis.set_ylim(*rows[[0, -1]])
    axis.yaxis.get_major_locator().set_params(integer=True)
    axis.tick_params(axis="y", which="both", length=0)
    return mesh


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
    """`phase_map` of a `phase_diagram` on one axis; returns the legend's handles.

    Exact transitions, α*(L), the spinodal and the counting bound are marked where it holds them.
    """
    depths, direction = diagram["depth"].values, diagram.attrs["direction"]
    low, high = edges(diagram["alpha"].values)[[0, -1]]
    colours, seen = ("0.97", *style.layer_colours(3)[::-1], _GREY), set()
    for row, (last, phase) in enumerate(zip(diagram["last_alpha"].values, diagram["interval_phase"].values)):
        ends = np.clip(last[~np.isnan(last)], low, high)
        kinds = np.where(np.isnan(phase), len(colours) - 1, phase).astype(int)[: len(ends)]
        seen |= set(kinds)
        starts = np.append(low, ends[:-1])
        axis.barh(row, ends - starts, 1.0, starts, color=[colours[kind] for kind in kinds], lw=0)
        for first, end in zip(diagram["first_two"].values[row], diagram["last_two"].values[row]):
            if np.isfinite(first):
                between = max(first, low), min(end, high)
                axis.fill_between(between, row - 0.5, row + 0.5, fc="none", ec="0.55", hatch="////", lw=0)
    axis.hlines(np.arange(1, len(depths)) - 0.5, low, high, color="white", lw=1.0)
    keys = _mark_known(axis, diagram)
    style.logarithmic(axis)
    axis.set_xlim(low, high)
    axis.set_ylim(-0.5, len(depths) - 0.5)
    axis.set_yticks(range(len(depths)), [str(d) for d in depths])
    axis.tick_params(axis="y", which="both", length=0)
    axis.set_xlabel(r"patterns per width $\alpha$")
    axis.set_ylabel("depth $L$")
    axis.set_title(f"{_name(diagram)}, {direction}{' branch' if direction == STABLE else 'ward'}")
    names = (*PHASES, UNSOLVED)
    patches = [Patch(fc=colours[p], ec="0.4", lw=0.4, label=names[p]) for p in sorted(seen)]
    if np.isfinite(diagram["first_two"]).any():
        patches.append(Patch(fc="none", ec="0.55", hatch="////", lw=0.4, label="two branches"))
    return patches + keys


def _mark_known(axis, diagram) -> list:
    """Strokes in the rows of a map for what is known exactly; returns their handles."""
    handles, found = [], []
    exact = diagram["interval_exact"].values == 1.0
    for row, (alphas, chosen) in enumerate(zip(diagram["last_alpha"].values, exact)):
        found += [("exact", row, alpha) for alpha in alphas[chosen]]
    for name in ("crystal", "spinodal", "counting_bound"):
        if name in diagram:
            found += [(name, row, alpha) for row, alpha in enumerate(diagram[name].values) if np.isfinite(alpha)]
    for name, (look, label) in KNOWN_LOOKS.items():
        places = [(row, alpha) for kind, row, alpha in found if kind == name]
        for row, alpha in places:
            style.cased(axis.vlines, alpha, row - 0.5, row + 0.5, **look)
        if places:
            handles.append(Line2D([], [], color="black", label=label, **({"lw": 1.1} | look)))
    return handles


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
            branch = curves.sel(depth=depth, direction=direction)
            places = np.flatnonzero(branch["broken"])
            curve = style.break_curve(branch["alpha"].values, branch["mean_Q_EA"].values, places)
            top.plot(*curve, color=colour, ls=_DASH[direction])
    draw_entropies(bottom, curves)
    style.logarithmic(top)
    top.set_ylim(-0.04, 1.04)
    keys = [Line2D([], [], color=c, label=f"$L = {d}$") for c, d in zip(colours, depths)]
    keys += [Line2D([], [], color="0.3", ls=_DASH[d], label=f"{d}ward") for d in directions]
    top.legend(handles=keys, loc="best")
    top.set_title(_name(curves))


def draw_entropies(axis, curves) -> None:
    """s of `branch_curves` against α on one axis, with -ln 2; colour by depth, full upward, dashed downward.

    A curve is broken where its branch jumps. Deeper nets have thicker lines behind the thinner ones: curves that
    coincide are all seen. In the random setting every point has a dot, open downward, because one may stand alone.
    """
    planted = curves.attrs["setting"] == "planted"
    dots = {"up": {}, "down": {}} if planted else {"up": DOTS, "down": {**DOTS, "mfc": "w"}}
    widths = style.nested_widths(curves.sizes["depth"])
    for colour, width, depth in zip(style.layer_colours(len(widths)), widths, curves["depth"].values):
        for direction in curves["direction"].values:
            branch = curves.sel(depth=depth, direction=direction)
            places = np.flatnonzero(branch["broken"])
            curve = style.break_curve(branch["alpha"].values, branch["free_entropy"].values, places)
            look = {"color": colour, "lw": width, "ls": _DASH[direction], "zorder": 2.2 - 0.1 * width}
            axis.plot(*curve, **look | dots[direction])
    axis.axhline(-np.log(2.0), color="0.6", lw=0.6, zorder=0)
    place = {"xycoords": ("axes fraction", "data"), "color": "0.4", "va": "top", "ha": "right"}
    axis.annotate(r"$-\ln 2$", (0.99, -np.log(2.0) - 0.004), **place)
    if planted:
        _crop(axis, curves)
    style.logarithmic(axis)
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
