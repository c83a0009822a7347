"""Storage capacity: of one layer against the margin, RS, steps of RSB, full RSB and α_AT; and against depth.

Hard core, random patterns. Left and middle: L = 1. For κ ≥ 0 RS is exact (α_c = 2 at κ = 0, Gardner
1988, as Cover counted); for κ < 0 it is unstable beyond α_AT, which ends on α_c at κ = 0, and every
number of steps is an upper bound of full RSB. At κ = -0.5: 4.7701 (RS), 4.70014 (one step),
4.696597 (full; 4.6966 in the literature, open symbol), α_AT = 3.9507. [Y20] section 3 builds its
layers from this perceptron. Right: κ = 0 against depth, both closures: one step (lines) and the
best of one step and the layer at the end (symbols, C58), below the counting bound (C11), in the
shade beyond which nothing can be stored; below it the same per layer. No capacity grows
exponentially with depth.

Takes a minute (draft), four minutes (paper, not measured).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.workspace import Picture, Workspace, label_variables
from gardner.model import CLOSURES

DEPTH = ("alpha_c", "one_step", "counting_bound")  # of the points against depth
MOST = 4  # steps drawn beside RS
LABELS = {
    "margin": "margin κ of the hard core",
    "alpha_c": "storage capacity, full RSB",
    "error": "error of the capacity",
    "alpha_rs": "storage capacity, RS",
    "alpha_of_steps": "storage capacity of a number of RSB steps",
    "alpha_at": "α beyond which RS is unstable",
    "alpha_c_of_depth": "storage capacity, the best of one step and the layer at the end",
    "one_step_of_depth": "storage capacity, one step",
    "counting_bound_of_depth": "counting bound",
}


@dataclass(frozen=True)
class Settings:
    """lowest, highest: κ; points: at negative κ; steps: at κ ≥ 0, where a formula answers at once; depths: L."""

    lowest: float = -1.5
    highest: float = 1.5
    points: int = 9
    steps: int = 31
    depths: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 8)


DRAFT = Settings()
PAPER = Settings(points=45, steps=91)


def margins(settings: Settings) -> list[list[float]]:
    """κ from `lowest` up to just below 0, each computed and kept by itself, then all from 0 to `highest` at once."""
    below = np.linspace(settings.lowest, 0.0, settings.points, endpoint=False)
    return [*([kappa] for kappa in below.tolist()), np.linspace(0.0, settings.highest, settings.steps).tolist()]


def growth(settings: Settings, work: Workspace):
    """The `CapacityCurve` of both closures at κ = 0."""
    from gardner.analysis.capacity_growth import CapacityCurve, capacity_curve

    given = {"depths": settings.depths, "closures": tuple(CLOSURES)}
    kept = work.keep("capacity-growth", given, lambda: capacity_curve(**given).to_dataset())
    return CapacityCurve.from_dataset(kept)


def make(settings: Settings, work: Workspace) -> Picture:
    """Left: α_c(κ) above its distance from RS; middle: what steps add to full RSB; right: α_c and α_c/L against L."""
    import xarray as xr

    from gardner.analysis.capacity_curves import margin_curve
    from gardner.plotting import style
    from gardner.plotting.capacity import draw_curve, draw_growth, draw_steps

    groups = margins(settings)
    rows = [work.keep("capacity-margin", {"margins": g}, lambda g=g: margin_curve(g, levels=None)) for g in groups]
    data, curve = xr.concat(rows, "margin", join="outer"), growth(settings, work)
    with style.journal():
        drawing, axes = style.figure(2, 3, height=3.6, width=style.PAGE, height_ratios=(1.5, 1.0))
        grid = axes[0, 1].get_gridspec()
        for axis in axes[:, 1]:
            axis.remove()
        middle = drawing.add_subplot(grid[:, 1])
        for upper, lower in axes[:, [0, 2]].T:
            lower.sharex(upper)
            upper.tick_params(labelbottom=False)
        draw_curve(*axes[:, 0], data)
        draw_steps(middle, data, MOST)
        draw_growth(*axes[:, 2], curve)
        name_closures(axes[0, 2])
        axes[0, 0].set_title("$L=1$")
        middle.set_title("$L=1$, excess over full RSB")
        axes[0, 2].set_title(r"$\kappa=0$")
        for axis in (axes[1, 0], middle):
            axis.set_xlabel(r"margin $\kappa$")
    return Picture(drawing, label_variables(data.assign(of_depths(curve)), **LABELS))


def name_closures(axis) -> None:
    """A short legend: one key for line and symbols of a closure."""
    from matplotlib.lines import Line2D

    from gardner.plotting import style

    keys = [Line2D([], [], label=closure, lw=0.8, **look) for closure, look in style.closure_looks().items()]
    axis.legend(handles=[*keys, Line2D([], [], color="k", ls=":", label="counting bound")], loc="upper left")


def of_depths(curve) -> dict:
    """The points of the right panels: (closure, depth)."""
    rows, variables = [[p for p in curve.points if p.closure == closure] for closure in curve.closures], {}
    for name in DEPTH:
        values = np.array([[getattr(point, name) for point in row] for row in rows], dtype=float)
        variables[f"{name}_of_depth"] = (("closure", "depth"), values)
    depths = [point.depth for point in rows[0]]
    return variables | {"closure": ("closure", curve.closures), "depth": ("depth", depths)}
