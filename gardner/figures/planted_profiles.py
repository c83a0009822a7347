"""Overlaps with the teacher across the layers, liquid and crystal, in both closures.

Spins q(l) and bonds Q(l) of L = 20 layers of a teacher–student net. [Y20] section 5: in the symmetric closure both ends
solidify and the middle stays liquid (zero overlap) until the crystal takes over. The directed closure keeps the arrow:
only the output side learns in the liquid. The crystals of all α from 40 on coincide with 1 on this scale; at smaller α
both starts lead to one branch, drawn once.

Takes three seconds (draft and paper).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.workspace import Picture, Workspace, label_variables
from gardner.model import CLOSURES

LOOKS = {
    "liquid": {"ls": "-", "marker": "o", "ms": 2.2, "lw": 0.8},
    "crystal": {"ls": "--", "marker": "s", "ms": 2.2, "lw": 0.8, "mfc": "w"},
}


@dataclass(frozen=True)
class Settings:
    """alphas: one colour each; depth: L."""

    alphas: tuple[float, ...] = (2.0, 10.0, 40.0, 100.0, 150.0, 250.0)
    depth: int = 20


DRAFT = PAPER = Settings()


def profiles(settings: Settings):
    """Dataset q(closure, alpha, start, layer), Q(closure, alpha, start, bond_layer), s and the stable start; NaN where
    the crystal does not exist."""
    import xarray as xr

    from gardner.theory.planted.solve import solve_planted

    starts = ("liquid", "crystal")
    shape = (len(CLOSURES), len(settings.alphas), len(starts))
    q, Q = np.full((*shape, settings.depth + 1), np.nan), np.full((*shape, settings.depth), np.nan)
    entropy, stable = np.full(shape, np.nan), np.empty(shape[:2], dtype="U8")
    for c, closure in enumerate(CLOSURES):
        for a, alpha in enumerate(settings.alphas):
            found = solve_planted(alpha=alpha, depth=settings.depth, closure=closure)
            stable[c, a] = found.stable
            for branch in found.branches:
                b = starts.index(branch.start)
                q[c, a, b], Q[c, a, b], entropy[c, a, b] = branch.q_l, branch.Q_l, branch.free_entropy
    dims = ("closure", "alpha", "start")
    return xr.Dataset(
        {"q": ((*dims, "layer"), q), "Q": ((*dims, "bond_layer"), Q), "free_entropy": (dims, entropy)}
        | {"stable": (dims[:2], stable)},
        coords={
            "closure": list(CLOSURES),
            "alpha": list(settings.alphas),
            "start": list(starts),
            "layer": np.arange(settings.depth + 1),
            "bond_layer": np.arange(1, settings.depth + 1),
        },
    )


def make(settings: Settings, work: Workspace) -> Picture:
    """Bonds above, spins below; one column of panels per closure."""
    from matplotlib.lines import Line2D
    from matplotlib.ticker import MaxNLocator

    from gardner.plotting import style

    data = profiles(settings)
    colours = style.layer_colours(len(settings.alphas))
    with style.journal():
        drawing, axes = style.figure(2, len(CLOSURES), height=3.4, width=style.PAGE, sharex=True, sharey=True)
        for column, closure in zip(axes.T, CLOSURES):
            column[0].set_title(f"planted, {closure} closure, $L={settings.depth}$")
            for axis, name, layer in zip(column, "Qq", ("bond_layer", "layer")):
                for colour, alpha in zip(colours, settings.alphas):
                    found = data.sel(closure=closure, alpha=alpha)
                    # one branch if both starts meet: drawn once
                    for start in LOOKS if found["stable"] != "single" else ("liquid",):
                        axis.plot(data[layer], found[name].sel(start=start), color=colour, **LOOKS[start])
            column[1].set_xlabel("layer $l$")
        axes[0, 0].set_ylabel("bond overlap $Q(l)$")
        axes[1, 0].set_ylabel("spin overlap $q(l)$")
        axes[1, 0].set_ylim(-0.04, 1.04)
        axes[1, 0].set_xlim(-0.02 * settings.depth, 1.02 * settings.depth)
        axes[1, 0].xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        keys = [Line2D([], [], color=c, lw=1.5, label=rf"$\alpha={a:g}$") for c, a in zip(colours, settings.alphas)]
        keys += [Line2D([], [], color="0.3", label=start, **look) for start, look in LOOKS.items()]
        drawing.legend(handles=keys, loc="outside right center")
    labels = {"q": "spin overlap with the teacher", "Q": "bond overlap with the teacher"}
    return Picture(
        drawing, label_variables(data, **labels, alpha="patterns per width", free_entropy="free entropy per N·M")
    )
