"""River terraces: q(x,l) and Q(x,l) as a landscape over layer and x, at three loads.

[Y20] section 4, the picture of terraces along a river: every layer is a staircase in x, and going inwards from either
boundary the lowest terraces drown one after the other (overlap zero: white) while the highest reach farthest. All
layers share x. Random setting, hard core, symmetric closure, L = 20. White lines separate levels that are alive.

States as in order-parameters: searched from small overlaps; columns "beyond counting bound" (C11;
α > 178.3 at L = 20) are saddle points of the equations, no net of this depth stores so many patterns.

Takes 25 s in draft, nothing if order-parameters was drawn before; paper (k = 100) is not measured.
"""

from __future__ import annotations

from dataclasses import replace

from gardner.figures.states import FINE, Columns, State, find_state, heading, states_dataset
from gardner.figures.workspace import Picture, Workspace

DRAFT = Columns((50.0, 200.0, 1000.0))
PAPER = replace(DRAFT, levels=FINE)


def make(settings: Columns, work: Workspace) -> Picture:
    """Bonds above, spins below; one column per α and one colour scale for all panels."""
    from gardner.plotting import style

    states = [find_state(work, alpha, settings.depth, settings.levels) for alpha in settings.alphas]
    with style.journal():
        drawing, axes = style.figure(2, len(states), height=3.6, width=style.PAGE, sharey=True)
        images = [image for column, state in zip(axes.T, states) for image in _column(column, state, settings.depth)]
        axes[0, 0].set_ylabel(r"$x$")
        axes[1, 0].set_ylabel(r"$x$")
        if images:
            bar = drawing.colorbar(images[0], ax=axes, pad=0.02)
            bar.set_label(r"overlap $Q(x,l)$, $q(x,l)$ (white: 0)")
        drawing.suptitle(rf"random setting, symmetric closure, $L={settings.depth}$", fontsize=8)
    return Picture(drawing, states_dataset(states, settings.depth))


def _column(column, state: State, depth: int) -> list:
    """Both panels of one α; the mappables of the colour bar."""
    from gardner.analysis.ultrametric import hierarchy
    from gardner.plotting.ultrametric import draw_terraces

    column[0].set_title(heading(state, depth))
    column[0].set_xlabel("bond layer $l$")
    column[1].set_xlabel("spin layer $l$")
    if state.solution is None:
        return []
    result = hierarchy(state.solution, replicas=2)
    return [draw_terraces(axis, layers, result.m, 1.0) for axis, layers in zip(column, (result.bonds, result.spins))]
