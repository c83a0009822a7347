"""Gaps P(r,l) by layer with their contact part, random and planted.

Symmetric closure, hard core at κ = 0, α = 60, L = 9; dashed: contacts, gaps whose cluster field lies beyond the wall.
[Y20] section 3 defines the gap; jamming makes contacts a peak at r = 0. Computed: no peak here, the layers
are far from jamming; solid layers have a larger P(0⁺) and a narrower contact part, a liquid layer is half a Gaussian.
A teacher makes P(r) = 2N(r;0,1) in every layer, and only the contact part tells solid from liquid ones.

Takes six seconds (draft), a quarter of a minute (paper).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.workspace import Picture, Workspace


@dataclass(frozen=True)
class Settings:
    """alpha, depth: of both nets; levels: k of the random setting."""

    alpha: float = 60.0
    depth: int = 9
    levels: int = 29


DRAFT = Settings()
PAPER = Settings(levels=59)


def gaps(settings: Settings, work: Workspace) -> dict:
    """`GapDistribution` of every layer, by setting."""
    from gardner.analysis.gaps import planted_gaps, solution_gaps
    from gardner.errors import ConvergenceError
    from gardner.theory.planted.solve import solve_planted

    net = {"alpha": settings.alpha, "depth": settings.depth}
    random = work.solution(**net, levels=settings.levels)
    planted = solve_planted(**net, branch="liquid")
    if planted.status != "converged":
        raise ConvergenceError(f"planted, {net}: {planted.status}")
    branch = planted.branches[0]
    return {"random": solution_gaps(random), "planted": planted_gaps("symmetric", branch.q_l, branch.Q_l)}


def make(settings: Settings, work: Workspace) -> Picture:
    """One column per setting: linear axes above, logarithmic below."""
    from gardner.plotting import style
    from gardner.plotting.gaps import draw_gaps

    found = gaps(settings, work)
    net = rf"$\alpha={settings.alpha:g}$, $L={settings.depth}$"
    titles = {"random": rf"random, {net}, $k={settings.levels}$", "planted": f"planted, {net}, liquid branch"}
    with style.journal():
        drawing, axes = style.figure(2, 2, height=4.2, width=style.PAGE, sharey="row")
        for (setting, layers), column in zip(found.items(), axes.T):
            draw_gaps(*column, layers, titles[setting])
        for axis in axes[:, 1]:
            axis.set_ylabel("")
        for axis in axes[1]:
            axis.set_xlim(1e-2, 5.0)
        tallest = max(gap.density_a.max() for layers in found.values() for gap in layers)
        axes[0, 0].set_ylim(0.0, 1.06 * tallest)
        axes[1, 0].set_ylim(2e-3, 2.0 * tallest)
        axes[0, 1].text(0.97, 0.45, "full: the same in every layer", ha="right", transform=axes[0, 1].transAxes)
    return Picture(drawing, dataset(found))


def dataset(found: dict):
    """P(r) and its contact part by bond layer, each setting on its own r; moments and the identity errors beside."""
    import xarray as xr

    variables = {}
    for setting, layers in found.items():
        dims = ("bond_layer", f"r_{setting}")
        variables[f"P_{setting}"] = (
            dims,
            np.array([gap.density_a for gap in layers]),
            {"long_name": "density of the gap", "units": "1"},
        )
        variables[f"contacts_{setting}"] = (
            dims,
            np.array([gap.contact_a for gap in layers]),
            {"long_name": "contact part", "units": "1"},
        )
        for name in ("wall_density", "contact_weight", "mean", "normalisation_error", "identity_error"):
            variables[f"{name}_{setting}"] = ("bond_layer", [getattr(gap, name) for gap in layers])
    grids = {f"r_{setting}": layers[0].r_a for setting, layers in found.items()}
    return xr.Dataset(variables, {"bond_layer": [gap.layer for gap in found["random"]]} | grids)
