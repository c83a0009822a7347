"""The storage capacity against the margin: RS, full RSB and the line where RS becomes unstable; and against depth.

`curve` computes the data, `curve_figure` draws them; `depth_curve` and `depth_figure` do the same for L.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gardner.analysis.capacity import ValidityWarning, capacity
from gardner.plotting import style
from gardner.results.solution import atomic

MARGINS = np.round(np.arange(-2.0, 1.501, 0.05), 2)
CURVE_LEVELS = 3  # steps behind α_c(κ < 0): 1e-4 of the limit at κ = -1, less above
DEPTHS = (1, 2, 3, 4, 5, 6)


@dataclass(frozen=True)
class CapacityCurve:
    """margin (n,), alpha_rs, alpha_c and its error, alpha_at (nan where RS is stable up to capacity), all (n,).

    bounds: (n, j), capacities of 1…j steps, nan for κ ≥ 0, where RS is exact.
    """

    margin: np.ndarray
    alpha_rs: np.ndarray
    alpha_c: np.ndarray
    error: np.ndarray
    alpha_at: np.ndarray
    bounds: np.ndarray

    def table(self) -> np.ndarray:
        """The plotted data, columns as in `HEADER`."""
        return np.column_stack([self.margin, self.alpha_rs, self.alpha_c, self.error, self.alpha_at])

    HEADER = "margin,alpha_rs,alpha_c,error,alpha_at"


def curve(margins: Sequence[float], levels: int | None = None) -> CapacityCurve:
    """Capacities at L = 1 for every margin (about 3 s each below zero, `levels` = 3 takes 0.2 s)."""
    margins = np.asarray(margins, dtype=float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)  # a curve shows what the warning says
        results = [capacity(1, float(kappa), None if kappa >= 0 else levels) for kappa in margins]
    at = [np.nan if r.alpha_at is None else r.alpha_at for r in results]
    columns = ([r.alpha_rs for r in results], [r.alpha_c for r in results], [r.error for r in results], at)
    most = max((len(r.bounds) for r in results), default=0)
    bounds = [[*r.bounds, *[np.nan] * (most - len(r.bounds))] for r in results]
    return CapacityCurve(
        margins, *(np.array(column) for column in columns), np.array(bounds).reshape(len(margins), most)
    )


def curve_figure(data: CapacityCurve):
    """Above: α_c, the RS capacity and α_AT against κ. Below: the change from the RS capacity in per cent, κ ≤ 0."""
    with style.journal():
        drawing, (upper, lower) = style.figure(2, 1, height=3.6, sharex=True, height_ratios=(1.5, 1.0))
        draw_curve(upper, lower, data)
        lower.set_xlabel(r"margin $\kappa$")
    return drawing


def draw_curve(upper, lower, data: CapacityCurve) -> None:
    """`curve_figure` on two given axes that share κ."""
    dark, middle, light = style.layer_colours(3)
    lines = ((data.alpha_rs, "--", light, "RS"), (data.alpha_at, "-.", middle, r"RS unstable, $\alpha_{AT}$"))
    for values, line, colour, name in (*lines, (data.alpha_c, "-", dark, r"capacity $\alpha_c$")):
        upper.plot(data.margin, values, line, color=colour, label=name)
        below = data.margin <= 0.0
        lower.plot(data.margin[below], 100.0 * (values / data.alpha_rs - 1.0)[below], line, color=colour)
    upper.plot([0.0], [2.0], "o", color="k")
    upper.set_yscale("log")
    upper.set_ylabel(r"$\alpha = M/N$")
    upper.legend(loc="upper right")
    lower.axvspan(0.0, data.margin.max(), color="0.93", lw=0)
    lower.text(0.5 * data.margin.max(), lower.get_ylim()[0] / 2.0, "RS exact", ha="center")
    lower.set_ylabel(r"change from RS (%)")
    lower.set_xlim(data.margin.min(), data.margin.max())


def draw_steps(axis, data: CapacityCurve, most: int = 3) -> None:
    """α_c of RS and of 1…`most` steps relative to full RSB, in excess of 1, against κ < 0; both are upper bounds."""
    below = data.margin < 0.0
    steps = [data.alpha_rs, *data.bounds.T[:most]]
    for number, (values, colour) in enumerate(zip(steps, style.layer_colours(len(steps))[::-1])):
        look = {"marker": "osD^v"[number % 5], "ms": 2.5, "lw": 0.8, "color": colour}
        name = f"{number} step{'s' * (number > 1)}" if number else "RS"
        axis.plot(data.margin[below], (values / data.alpha_c - 1.0)[below], label=name, **look)
    axis.set_yscale("log")
    axis.set_ylabel(r"$\alpha_c^{(k)}/\alpha_c-1$")
    axis.legend(loc="lower left")


@dataclass(frozen=True)
class DepthCurve:
    """depth (n,), alpha_c (n,) of the locked one-step branch, counting bound (n,), RS of the closure (inf: none)."""

    depth: np.ndarray
    alpha_c: np.ndarray
    bound: np.ndarray
    alpha_rs: np.ndarray

    def table(self) -> np.ndarray:
        return np.column_stack([self.depth, self.alpha_c, self.bound, self.alpha_rs])

    HEADER = "depth,alpha_c,counting_bound,alpha_rs"


def depth_curve(depths: Sequence[int] = (1, 2, 3, 4, 6), watch: Callable[[str], None] | None = None) -> DepthCurve:
    """Capacities at κ = 0 against depth (2 to 12 s each); watch sees a line of text now and then."""
    results = []
    for depth in depths:
        named = None if watch is None else (lambda text, depth=depth: watch(f"curve, L = {depth}, {text}"))
        results.append(capacity(int(depth), 0.0, watch=named))
    columns = ([r.alpha_c for r in results], [r.counting_bound for r in results], [r.alpha_rs for r in results])
    return DepthCurve(np.asarray(depths), *(np.array(column, dtype=float) for column in columns))


def depth_figure(data: DepthCurve):
    """α_c against depth; no net can store the patterns in the shaded region (C11)."""
    with style.journal():
        drawing, axis = style.figure()
        dark, _, light = style.layer_colours(3)
        top = 1.15 * data.bound.max()
        axis.fill_between(data.depth, data.bound, top, color="0.93", lw=0)
        axis.plot(data.depth, data.bound, "--", color=light, label=r"counting bound $L\,H(1/\alpha)=\ln 2$")
        axis.plot(data.depth, data.alpha_c, "o-", color=dark, label="symmetric closure, 1RSB")
        axis.set_xlabel("depth $L$")
        axis.set_ylabel(r"$\alpha_c = M/N$")
        axis.set_ylim(0.0, top)
        axis.set_xlim(data.depth.min() - 0.1, data.depth.max() + 0.1)
        axis.legend(loc="upper left")
    return drawing


def write_table(data: CapacityCurve | DepthCurve, path: Path) -> None:
    """The plotted numbers as CSV."""
    with atomic(path) as temporary:
        np.savetxt(temporary, data.table(), delimiter=",", header=data.HEADER, comments="", fmt="%.12g")


def plot_capacity(depth: int, path: Path, watch: Callable[[str], None] | None = None) -> None:
    """Write α_c(κ) for depth 1, α_c(L) otherwise, and the plotted numbers beside the figure (.csv)."""
    data = curve(MARGINS, CURVE_LEVELS) if depth == 1 else depth_curve(DEPTHS, watch)
    drawing = curve_figure(data) if depth == 1 else depth_figure(data)
    style.save_figure(drawing, path)
    write_table(data, Path(path).with_suffix(".csv"))
