"""Penetration of the solid layers against ln α: staircase, transitions, straight line, residuals; and their table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.ticker import NullFormatter

from gardner.analysis.layer_transitions import choose_depth, visible_staircase
from gardner.analysis.penetration import Penetration, penetration_table
from gardner.plotting import style
from gardner.results.solution import atomic


def penetration_figure(result: Penetration, dataset=None):
    """Layers against α_l with the fit, above its residuals; `dataset` (a sweep) adds the staircase ξ(α)."""
    with style.journal():
        drawing, (top, bottom) = style.figure(2, 1, 3.3, sharex=True, height_ratios=(3, 1))
        draw_penetration(top, bottom, result, dataset)
        top.set_ylabel(r"solid layers $\xi$")
        bottom.set_ylabel("residual")
    return drawing


def draw_penetration(top, bottom, result: Penetration, dataset=None) -> None:
    """Layers against α_l with the line on the axis `top`, what is left of them on `bottom`; both share α."""
    if dataset is not None:
        _staircase(top, dataset, result.used.depth)
    used, every, line = result.used, result.transitions, result.line
    outside = ~np.isin(every.layer_l, used.layer_l)
    if outside.any():
        look = {"mfc": "none", "color": "0.4", "label": "outside window"}
        top.plot(every.alpha_l[outside], every.layer_l[outside], "o", **look)
    bars = np.array([used.alpha_l - used.low_l, used.high_l - used.alpha_l])
    look = {"color": "k", "lw": 0, "elinewidth": 0.8, "zorder": 3}
    top.errorbar(used.alpha_l, used.layer_l, xerr=bars, fmt="o", label=r"$\alpha_l$", **look)
    unsure = np.array([status not in ("", "continuous") for status in used.status_l], dtype=bool)
    if unsure.any():
        places = used.alpha_l[unsure], used.layer_l[unsure]
        top.plot(*places, "o", mfc="white", mec="k", zorder=4, label="metastable front")
    if line is not None:
        reach = np.array([used.alpha_l[0], used.alpha_l[-1]])
        error = f" ± {line.error:.2g}" if np.isfinite(line.error) else ""
        top.plot(reach, line(reach), color="tab:red", label=f"slope {line.slope:.3f}{error}", zorder=2)
        bottom.errorbar(used.alpha_l, line.residual_l, yerr=line.in_layers(bars, used.alpha_l), fmt="o", **look)
        bottom.axhline(0.0, color="tab:red")
        largest = 1.25 * max(0.1, float(np.abs(line.residual_l).max()))
        bottom.set_ylim(-largest, largest)
    top.set_xscale("log")
    bottom.xaxis.set_minor_formatter(NullFormatter())
    top.set_ylim(0.0, None)
    top.yaxis.get_major_locator().set_params(integer=True)
    bottom.set_xlabel(r"patterns per width $\alpha$")
    top.legend(loc="upper left", fontsize=6)
    top.set_title(_title(result))


def _staircase(axis, dataset, depth: int | None) -> None:
    """ξ(α) of the upward branch of the net of `depth`, or of the deepest, as long as some layer is liquid."""
    depth = choose_depth(dataset, depth)
    look = {"color": style.layer_colours(2)[1], "label": rf"$\xi(\alpha)$, $L = {depth}$"}
    axis.step(*visible_staircase(dataset, depth), where="post", **look)


def _title(result: Penetration) -> str:
    return f"{result.used.setting}, {result.used.closure}: {result.wording}"


def plot_penetration(result: Penetration, path: Path, dataset=None) -> None:
    """Write the figure, and the plotted transitions as CSV beside it."""
    style.save_figure(penetration_figure(result, dataset), path)
    header, rows = penetration_table(result)
    with atomic(Path(path).with_suffix(".csv")) as temporary:
        np.savetxt(temporary, rows, delimiter=",", header=header, comments="", fmt="%.10g")
