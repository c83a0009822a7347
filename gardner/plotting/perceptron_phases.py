"""The phase diagram of one layer: RS, 1RSB and full RSB between their lines, α against κ."""

from __future__ import annotations

import numpy as np
from matplotlib.patches import Patch

from gardner.plotting import style

NAMES = ("RS", "1RSB", "full RSB", "no solution")
COLOURS = ("0.97", "#cfe3ee", "#f3dfc1", "0.8")
LINES = {  # curve: look, label
    "dynamic": ({"ls": ":"}, r"$\alpha_d$: states appear"),
    "static": ({"ls": "--"}, r"$\alpha_K$: they take over"),
    "instability": ({"ls": (0, (3, 1))}, r"$\alpha_\mathrm{AT}$: RS unstable"),
    "gardner": ({"ls": "-."}, r"$\alpha_G$: states break up"),
    "capacity": ({"ls": "-", "lw": 1.3}, r"$\alpha_c$: capacity"),
}


def curves(result) -> dict[str, np.ndarray]:
    """margin, the LINES and where RS ends, against κ, nan where there is none; the ends of lines are among the points.

    At the two margins at which the first transition changes its kind, and at κ = 0, the lines that
    meet there do.
    """
    rows = sorted(result.rows, key=lambda row: row.margin)
    names = ("alpha_dynamic", "alpha_static", "alpha_at", "alpha_gardner", "alpha_c", "alpha_break")
    nothing = float("nan")
    points = {row.margin: [nothing if (v := getattr(row, n)) is None else v for n in names] for row in rows}
    low, high = rows[0].margin, rows[-1].margin
    unit, flat = result.unit_alpha, result.flat_alpha
    known = {
        result.unit_margin: [unit, unit, unit, nothing, result.unit_capacity, unit],
        result.flat_margin: [nothing, nothing, flat, flat, result.flat_capacity, flat],
        0.0: [nothing, nothing, 2.0, nothing, 2.0, 2.0],
    }
    points |= {margin: values for margin, values in known.items() if low <= margin <= high}
    margin = np.array(sorted(points))
    table = np.array([points[one] for one in margin])
    found = dict(zip(("dynamic", "static", "instability", "gardner", "capacity", "end"), table.T))

    # a row that lacks only this line is no end of it
    inside = ~np.isnan(found["gardner"])
    if inside.any():
        between = (margin > margin[inside][0]) & (margin < margin[inside][-1])
        filled = np.exp(np.interp(margin, margin[inside], np.log(found["gardner"][inside])))
        found["gardner"] = np.where(between, filled, found["gardner"])
    return {"margin": margin} | found


def phase_figure(result):
    """Above: regions and lines, α logarithmic. Below: the same relative to the capacity."""
    found = curves(result)
    with style.journal():
        drawing, axes = style.figure(2, 1, height=5.2, sharex=True, height_ratios=(1.3, 1.0))
        handles = draw_regions(axes[0], found, np.ones_like(found["margin"]), 0.7 * found["end"].min())
        draw_regions(axes[1], found, found["capacity"], 0.0)
        low, high = found["margin"][[0, -1]]
        for margin, alpha, capacity, mark, name in (
            (result.unit_margin, result.unit_alpha, result.unit_capacity, "D", r"$x=1$ on $\alpha_\mathrm{AT}$"),
            (result.flat_margin, result.flat_alpha, result.flat_capacity, "o", r"$\mathrm{d}x/\mathrm{d}q=0$ there"),
        ):
            if low < margin < high:
                (point,) = axes[0].plot([margin], [alpha], mark, color="k", ms=3, ls="", label=name)
                axes[1].plot([margin], [alpha / capacity], mark, color="k", ms=3)
                handles.append(point)
        axes[0].set_yscale("log")
        axes[0].set_ylabel(r"$\alpha = M/N$")
        axes[1].set_ylabel(r"$\alpha/\alpha_c$")
        axes[1].set_xlabel(r"margin $\kappa$")
        axes[1].set_xlim(low, high)
        drawing.legend(handles=handles, loc="outside lower center", ncols=3, handlelength=2.2, columnspacing=1.0)
    return drawing


def draw_regions(axis, found: dict, unit: np.ndarray, floor: float) -> list:
    """Regions and lines of `curves` in units of `unit`, from `floor` on; returns the handles of the legend."""
    margin = found["margin"]
    end, gardner, capacity = (found[name] / unit for name in ("end", "gardner", "capacity"))
    top = 1.15 * capacity.max()
    upper = np.where(np.isnan(gardner), end, gardner)
    for low, high, colour in zip((floor, end, upper, capacity), (end, upper, capacity, top), COLOURS):
        axis.fill_between(margin, low, high, color=colour, lw=0)
    handles = [Patch(fc=colour, ec="0.6", lw=0.4, label=name) for name, colour in zip(NAMES, COLOURS)]
    for (name, (look, label)), colour in zip(LINES.items(), style.layer_colours(len(LINES))):
        curve = found[name] / unit
        (line,) = axis.plot(margin, np.where(curve > top, np.nan, curve), color=colour, label=label, **look)
        handles.append(line)
    axis.set_ylim(floor, top)
    return handles
