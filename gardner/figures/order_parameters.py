"""Order parameters q(x,l) of spins and Q(x,l) of bonds of a deep random net at four loads α.

[Y20] section 4, the hierarchy of the random setting: from both ends layer after layer solidifies as α grows; near the
boundaries the overlaps are large over the whole range of x, deeper layers keep only the innermost steps, the centre is
liquid until the fronts meet. L = 20, hard core, symmetric closure: layers l and L+1-l of bonds, l and L-l of spins
coincide and are drawn once.

Every state is searched from small overlaps at the number of levels in the title; where the search fails the title says
so, and fewer levels are tried. Beyond α near 80 the first layers are frozen (q, Q → 1 on the innermost steps): such a
state depends on the grid of m and on k. Columns "beyond counting bound" (C11; α > 178.3 at L = 20) belong to no net:
none of this depth stores so many patterns, and what they show are saddle points of the equations. At α = 4000 some
numbers of levels have no solution (k = 10, 40), others have one (k = 6, 8, 20).

Takes 40 s in draft (k = 8); paper (k = 100, else 50, 20, 8) is not measured.
"""

from __future__ import annotations

from dataclasses import replace

from gardner.figures.states import FINE, Columns, find_state, heading, states_dataset
from gardner.figures.workspace import Picture, Workspace

DRAFT = Columns((50.0, 200.0, 1000.0, 4000.0))
PAPER = replace(DRAFT, levels=FINE)


def make(settings: Columns, work: Workspace) -> Picture:
    """Bonds above, spins below; one column per α, one colour per layer."""
    from gardner.plotting import style
    from gardner.plotting.profiles import draw_steps, layer_bar, layer_curves

    states = [find_state(work, alpha, settings.depth, settings.levels) for alpha in settings.alphas]
    half = (settings.depth + 1) // 2
    with style.journal():
        drawing, axes = style.figure(2, len(states), height=3.3, width=style.PAGE, sharex=True, sharey=True)
        for column, state in zip(axes.T, states):
            title = heading(state, settings.depth)
            column[0].set_title(title)
            column[1].set_xlabel("$x$")
            column[1].set_xticks([0.0, 0.5, 1.0], ["0", "0.5", "1"])
            if state.solution is None:
                continue
            panels = zip(column, layer_curves(state.solution))
            liquid = [draw_steps(axis, state.solution.setting.m, curves, half) for axis, curves in panels]
            column[0].set_title(f"{title}\n{liquid[0] or 'no'} layers liquid")
            column[1].set_title(f"{liquid[1] or 'no'} layers liquid")
        axes[0, 0].set_ylabel(r"bonds $Q(x,l)$")
        axes[1, 0].set_ylabel(r"spins $q(x,l)$")
        layer_bar(axes, style.layer_colours(half), "layer from either end")
        drawing.suptitle(rf"random setting, symmetric closure, $L={settings.depth}$", fontsize=8)
    return Picture(drawing, states_dataset(states, settings.depth))
