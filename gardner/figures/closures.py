"""Overlaps by layer in both closures at the same α, random and planted: what the arrow changes.

α = 50, L = 8; random: Edwards–Anderson overlaps at the same k; planted: liquid branch, overlap with
the teacher. [Y20] treats input and output alike (symmetric): both ends are solid. With the arrow (directed) order
enters from the output only and the input side is liquid (THEORY section 13.1).

Takes five seconds (draft), a quarter of a minute (paper).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.workspace import Picture, Workspace
from gardner.model import CLOSURES


@dataclass(frozen=True)
class Settings:
    """alpha, depth: of the net; levels: k of the random setting."""

    alpha: float = 50.0
    depth: int = 8
    levels: int = 6


DRAFT = Settings()
PAPER = Settings(levels=20)


def overlaps(settings: Settings, work: Workspace):
    """q (setting, closure, layer) and Q (setting, closure, bond_layer)."""
    import xarray as xr

    from gardner.errors import ConvergenceError
    from gardner.theory.planted.solve import solve_planted

    net = {"alpha": settings.alpha, "depth": settings.depth}
    q, Q = [], []
    for closure in CLOSURES:
        random = work.solution(**net, levels=settings.levels, closure=closure)
        planted = solve_planted(**net, closure=closure, branch="liquid")
        if planted.status != "converged":
            raise ConvergenceError(f"planted, {closure}, {net}: {planted.status}")
        q.append([random.q_ea, planted.branches[0].q_l])
        Q.append([random.Q_ea, planted.branches[0].Q_l])
    dims = ("closure", "setting")
    variables = {
        "q": ((*dims, "layer"), np.array(q), {"long_name": "spin overlap", "units": "1"}),
        "Q": ((*dims, "bond_layer"), np.array(Q), {"long_name": "bond overlap", "units": "1"}),
    }
    layers = {"layer": np.arange(settings.depth + 1), "bond_layer": np.arange(1, settings.depth + 1)}
    return xr.Dataset(variables, {"closure": list(CLOSURES), "setting": ["random", "planted"]} | layers)


def make(settings: Settings, work: Workspace) -> Picture:
    """Random left, planted right; bonds above, spins below."""
    from gardner.plotting import style
    from gardner.plotting.closures import draw_overlaps

    data = overlaps(settings, work)
    net = rf"$\alpha={settings.alpha:g}$, $L={settings.depth}$"
    titles = {"random": rf"random, {net}, $k={settings.levels}$", "planted": f"planted, {net}, liquid branch"}
    with style.journal():
        drawing, axes = style.figure(2, 2, height=3.4, width=style.PAGE, sharex=True, sharey=True)
        for (setting, title), column in zip(titles.items(), axes.T):
            found = data.sel(setting=setting)
            pairs = {c: (found["q"].sel(closure=c).values, found["Q"].sel(closure=c).values) for c in CLOSURES}
            draw_overlaps(column, pairs)
            column[0].set_title(title)
        axes[0, 0].set_ylabel(r"$Q_\mathrm{EA}(l)$, $Q(l)$ (bonds)")
        axes[1, 0].set_ylabel(r"$q_\mathrm{EA}(l)$, $q(l)$ (spins)")
        axes[0, 0].legend(loc="upper center")
    return Picture(drawing, data)
