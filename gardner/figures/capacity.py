"""Storage capacity of one layer against the margin: RS, steps of RSB, full RSB and α_AT.

L = 1, hard core, random patterns. For κ ≥ 0 RS is exact (α_c = 2 at κ = 0); for κ < 0 it is unstable beyond α_AT, and
every number of steps is an upper bound of full RSB. At κ = -0.5: 4.7701 (RS), 4.70014 (one step), 4.696597 (full),
α_AT = 3.9507. [Y20] section 3 builds its layers from this perceptron (Gardner 1988).

Takes a minute (draft), four minutes (paper, not measured).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.workspace import Picture, Workspace, label_variables

MOST = 4  # steps drawn beside RS
LABELS = {
    "margin": "margin κ of the hard core",
    "alpha_c": "storage capacity, full RSB",
    "error": "error of the capacity",
    "alpha_rs": "storage capacity, RS",
    "alpha_of_steps": "storage capacity of a number of RSB steps",
    "alpha_at": "α beyond which RS is unstable",
}


@dataclass(frozen=True)
class Settings:
    """lowest, highest: κ; points: at negative κ; steps: at κ ≥ 0, where a formula answers at once."""

    lowest: float = -1.5
    highest: float = 1.5
    points: int = 9
    steps: int = 31


DRAFT = Settings()
PAPER = Settings(points=45, steps=91)


def margins(settings: Settings) -> list[list[float]]:
    """κ from `lowest` up to just below 0, each computed and kept by itself, then all from 0 to `highest` at once."""
    below = np.linspace(settings.lowest, 0.0, settings.points, endpoint=False)
    return [*([kappa] for kappa in below.tolist()), np.linspace(0.0, settings.highest, settings.steps).tolist()]


def make(settings: Settings, work: Workspace) -> Picture:
    """Left: α_c(κ) above its distance from RS; right: what a finite number of steps adds to full RSB."""
    import xarray as xr

    from gardner.analysis.capacity_curves import margin_curve
    from gardner.plotting import style
    from gardner.plotting.capacity import draw_curve, draw_steps

    groups = margins(settings)
    rows = [work.keep("capacity", {"margins": g}, lambda g=g: margin_curve(g, levels=None)) for g in groups]
    data = xr.concat(rows, "margin", join="outer")
    with style.journal():
        drawing, axes = style.figure(2, 2, height=3.4, width=style.PAGE, height_ratios=(1.5, 1.0))
        grid = axes[0, 1].get_gridspec()
        for axis in axes[:, 1]:
            axis.remove()
        right = drawing.add_subplot(grid[:, 1])
        upper, lower = axes[:, 0]
        lower.sharex(upper)
        draw_curve(upper, lower, data)
        upper.tick_params(labelbottom=False)
        upper.set_title("random patterns, $L=1$")
        draw_steps(right, data, MOST)
        right.set_title("excess over full RSB")
        for axis in (lower, right):
            axis.set_xlabel(r"margin $\kappa$")
    return Picture(drawing, label_variables(data, **LABELS))
