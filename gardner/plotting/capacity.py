"""The storage capacity against the margin: RS, full RSB and the line where RS becomes unstable; and against depth.

Draws what `gardner.analysis.capacity_curves` and `capacity_growth` compute.
"""

from __future__ import annotations

import csv
from dataclasses import fields
from pathlib import Path

import numpy as np
from matplotlib.ticker import MaxNLocator

from gardner.analysis.capacity_curves import LITERATURE, MARGIN_COLUMNS, relative_curves
from gardner.analysis.capacity_growth import CapacityPoint
from gardner.plotting import style
from gardner.results.solution import atomic

LINES = {
    "alpha_rs": ("--", "RS"),
    "alpha_at": ("-.", r"RS unstable, $\alpha_{AT}$"),
    "alpha_c": ("-", r"capacity $\alpha_c$"),
}


def curve_figure(data):
    """Above: α_c, the RS capacity and α_AT against κ. Below: the change from the RS capacity in per cent, κ ≤ 0."""
    with style.journal():
        drawing, (upper, lower) = style.figure(2, 1, height=3.6, sharex=True, height_ratios=(1.5, 1.0))
        draw_curve(upper, lower, data)
        lower.set_xlabel(r"margin $\kappa$")
    return drawing


def draw_curve(upper, lower, data) -> None:
    """`curve_figure` on two given axes that share κ."""
    margin, changes = data["margin"].values, relative_curves(data)
    below = margin <= 0.0
    for (name, (line, label)), colour in zip(LINES.items(), style.layer_colours(3)[[2, 1, 0]]):
        upper.plot(margin, data[name], line, color=colour, label=label)
        lower.plot(margin[below], changes[f"change_{name}"][below], line, color=colour)
    for (kappa, alpha, name), mark in zip(LITERATURE, ({"mfc": "k"}, {"mfc": "w"})):
        upper.plot(kappa, alpha, "o", color="k", label=name, zorder=3, **mark)
    upper.set_yscale("log")
    upper.set_ylabel(r"$\alpha = M/N$")
    upper.legend(loc="upper right", fontsize=6, handlelength=1.8)
    lower.axvspan(0.0, margin.max(), color="0.93", lw=0)
    lower.text(0.5 * margin.max(), lower.get_ylim()[0] / 2.0, "RS exact", ha="center")
    lower.set_ylabel(r"change from RS (%)")
    lower.set_xlim(margin.min(), margin.max())


def draw_steps(axis, data, most: int = 3) -> None:
    """α_c of RS and of 1…`most` steps relative to full RSB, in excess of 1, against κ < 0; both are upper bounds."""
    excess = relative_curves(data, most)["excess"]
    below = data["margin"].values < 0.0
    for number, colour in zip(excess["steps"].values.tolist(), style.layer_colours(excess.sizes["steps"])[::-1]):
        look = {"marker": "osD^v"[number % 5], "ms": 2.5, "lw": 0.8, "color": colour}
        name = f"{number} step{'s' * (number > 1)}" if number else "RS"
        axis.plot(data["margin"][below], excess.sel(steps=number)[below], label=name, **look)
    axis.xaxis.set_major_locator(MaxNLocator(5, steps=(1, 2, 5, 10)))  # by quarters they touch in a narrow panel
    axis.set_yscale("log")
    axis.set_ylabel(r"$\alpha_c^{(k)}/\alpha_c-1$")
    axis.legend(loc="lower left")


def depth_figure(curve):
    """Above: α_c against depth, one line per closure, in the shaded region no net can store the patterns (C11).

    Below: α_c per layer, where a line is a linear law and the exponential one would rise out of the picture.
    """
    with style.journal():
        drawing, (upper, lower) = style.figure(2, 1, height=3.8, sharex=True, height_ratios=(1.3, 1.0))
        draw_growth(upper, lower, curve)
    return drawing


def draw_growth(upper, lower, curve) -> None:
    """`depth_figure` on two given axes that share the depth; lines: one step, symbols: the best of the steps."""
    looks, bounds = style.closure_looks(), {}
    for closure in curve.closures:
        depth, alpha, one = np.array([(p.depth, p.alpha_c, p.one_step) for p in curve.of(closure)]).reshape(-1, 3).T
        look, colour = looks[closure] | {"linestyle": "none"}, looks[closure]["color"]
        line = {"linestyle": looks[closure].get("linestyle", "-"), "color": colour, "lw": 0.8}
        for axis, scale in ((upper, 1.0), (lower, depth)):
            axis.plot(depth, one / scale, label=f"{closure}, one step", **line)
            axis.plot(depth, alpha / scale, label=f"{closure}, {curve.steps}", **look)
        bounds |= {p.depth: p.counting_bound for p in curve.points if np.isfinite(p.counting_bound)}
    if bounds:
        depth, bound = np.array(sorted(bounds.items())).T
        top = 1.12 * bound.max()
        upper.fill_between(depth, bound, top, color="0.93", lw=0)
        upper.set_ylim(0.0, top)
        for axis, values in ((upper, bound), (lower, bound / depth)):
            axis.plot(depth, values, "k:", label=r"counting bound $L\,H(1/\alpha)=\ln 2$")
    upper.set_ylabel(r"$\alpha_c = M/N$")
    lower.set_ylabel(r"$\alpha_c/L$")
    lower.set_xlabel("depth $L$")
    lower.xaxis.get_major_locator().set_params(integer=True)
    upper.legend(loc="upper left")


def plot_margins(data, path: Path) -> None:
    """Draw a `margin_curve`, and write its numbers beside the figure (.csv)."""
    style.save_figure(curve_figure(data), path)
    style.write_columns(data, MARGIN_COLUMNS, Path(path).with_suffix(".csv"))


def save_depths(curve, path: Path) -> list[Path]:
    """Draw a `capacity_growth.CapacityCurve`, and write its points beside the figure (.csv)."""
    style.save_figure(depth_figure(curve), path)
    table = Path(path).with_suffix(".csv")
    names = [field.name for field in fields(CapacityPoint)]
    with atomic(table) as temporary, temporary.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(names)
        writer.writerows([getattr(point, name) for name in names] for point in curve.points)
    return [Path(path)]
