"""A training pattern is known at least as well as a fresh one: a theory that says otherwise is not exact.

Planted setting. q(l) is how well the spins of layer l are known on a training pattern, r(l) on a fresh one (T17); the
posterior of the first knows one label more, so that q(l) ≥ r(l) in every layer, whatever the net (T25). Upper panels: q
(filled) and r (open) by layer, liquid branch, L = 6 at α = 20. Lower panels: the smallest q(l) - r(l) over the hidden
layers against α. The symmetric closure falls below zero beyond its first transition for L ≥ 3, since it lets the input
side freeze where nothing is known of it; the directed one does not (0 up to its first transition).

Takes half a minute (draft), two minutes (paper).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.criteria import VIOLATED
from gardner.figures.workspace import Picture, Workspace
from gardner.model import CLOSURES


@dataclass(frozen=True)
class Settings:
    """alpha, depth: of the upper panels; depths, span, points: of the lower ones."""

    alpha: float = 20.0
    depth: int = 6
    depths: tuple[int, ...] = (2, 3, 4, 6)
    span: tuple[float, float] = (1.0, 60.0)
    points: int = 40


DRAFT = Settings()
PAPER = Settings(points=160)


def inequality(settings: Settings):
    """q, r (closure, layer) and margin (closure, depth, alpha) of the liquid branch."""
    import xarray as xr

    from gardner.theory.planted.solve import scan_planted, solve_planted

    alphas = np.geomspace(*settings.span, settings.points)
    q, r, margin = [], [], []
    for closure in CLOSURES:
        branch = solve_planted(settings.alpha, settings.depth, closure, branch="liquid").branches[0]
        q.append(branch.q_l)
        r.append(branch.fresh_overlap)
        scans = [scan_planted(alphas, depth, closure) for depth in settings.depths]
        margin.append([[_liquid(solution) for solution in scan] for scan in scans])
    layers = np.arange(settings.depth + 1)
    return xr.Dataset(
        {
            "q": (("closure", "layer"), np.array(q), {"long_name": "overlap on training patterns", "units": "1"}),
            "r": (("closure", "layer"), np.array(r), {"long_name": "overlap on fresh patterns", "units": "1"}),
            "margin": (("closure", "depth", "alpha"), np.array(margin), {"long_name": "min q - r", "units": "1"}),
        },
        {"closure": list(CLOSURES), "layer": layers, "depth": list(settings.depths), "alpha": alphas},
    )


def _liquid(solution) -> float:
    branch = next(branch for branch in solution.branches if branch.start == "liquid")
    return branch.bayes_margin if branch.status == "converged" else np.nan


def make(settings: Settings, work: Workspace) -> Picture:
    """One column per closure."""
    from gardner.plotting import style

    data = inequality(settings)
    colours = style.layer_colours(len(settings.depths))
    with style.journal():
        drawing, axes = style.figure(2, len(CLOSURES), height=3.8, width=style.PAGE, sharey="row")
        for column, closure in zip(axes.T, data.closure.values):
            above, below = column
            found = data.sel(closure=closure)
            violated = (found.q < found.r - VIOLATED).values
            above.plot(found.layer, found.q, color=colours[0], marker="o", label="$q(l)$, training")
            above.plot(found.layer, found.r, color=colours[0], marker="o", mfc="w", ls=":", label="$r(l)$, fresh")
            for layer in found.layer.values[violated]:
                above.axvspan(layer - 0.3, layer + 0.3, fc="tab:red", alpha=0.18, ec="none")
            above.set_title(rf"{closure}, liquid branch, $L={settings.depth}$, $\alpha={settings.alpha:g}$")
            above.set_xlabel("layer $l$")
            above.set_ylim(-0.03, 1.03)
            for colour, width, depth in zip(colours, style.nested_widths(len(colours)), settings.depths):
                look = {"color": colour, "lw": width, "zorder": 2.2 - 0.1 * width}  # the directed ones coincide
                below.plot(found.alpha, found.margin.sel(depth=depth), label=f"$L={depth}$", **look)
            below.axhline(0.0, color="0.5", lw=0.6, zorder=-1)
            style.logarithmic(below)
            below.set_xlabel(r"patterns per width $\alpha$")
        axes[0, 0].set_ylabel("overlap with the teacher")
        axes[1, 0].set_ylabel(r"$\min_l\,[q(l)-r(l)]$")
        for axis in axes[1]:
            axis.axhspan(-1.0, 0.0, fc="tab:red", alpha=0.08, ec="none", zorder=-2)
        low, high = float(data.margin.min()), float(data.margin.max())
        axes[1, 0].set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
        axes[0, -1].legend(loc="lower right")
        axes[1, -1].legend(loc="lower left", ncols=2)
    return Picture(drawing, data)
