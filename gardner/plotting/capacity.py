"""The storage capacity against the margin: RS, full RSB and the line where RS becomes unstable; and against depth.

Draws the Datasets of `gardner.analysis.capacity_curves`.
"""

from __future__ import annotations

from pathlib import Path

from gardner.analysis.capacity_curves import DEPTH_COLUMNS, MARGIN_COLUMNS, relative_curves
from gardner.plotting import style

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
    upper.plot([0.0], [2.0], "o", color="k")
    upper.set_yscale("log")
    upper.set_ylabel(r"$\alpha = M/N$")
    upper.legend(loc="upper right")
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
    axis.set_yscale("log")
    axis.set_ylabel(r"$\alpha_c^{(k)}/\alpha_c-1$")
    axis.legend(loc="lower left")


def depth_figure(data):
    """α_c against depth; no net can store the patterns in the shaded region (C11)."""
    depth, bound = data["depth"].values, data["counting_bound"].values
    with style.journal():
        drawing, axis = style.figure()
        dark, _, light = style.layer_colours(3)
        top = 1.15 * bound.max()
        axis.fill_between(depth, bound, top, color="0.93", lw=0)
        axis.plot(depth, bound, "--", color=light, label=r"counting bound $L\,H(1/\alpha)=\ln 2$")
        axis.plot(depth, data["alpha_c"], "o-", color=dark, label="symmetric closure, 1RSB")
        axis.set_xlabel("depth $L$")
        axis.set_ylabel(r"$\alpha_c = M/N$")
        axis.set_ylim(0.0, top)
        axis.set_xlim(depth.min() - 0.1, depth.max() + 0.1)
        axis.legend(loc="upper left")
    return drawing


def plot_capacity(data, path: Path) -> None:
    """Draw a `margin_curve` or a `depth_curve`, and write its numbers beside the figure (.csv)."""
    against_margin = "margin" in data.dims
    style.save_figure(curve_figure(data) if against_margin else depth_figure(data), path)
    style.write_columns(data, MARGIN_COLUMNS if against_margin else DEPTH_COLUMNS, Path(path).with_suffix(".csv"))
