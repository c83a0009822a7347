"""Phase diagrams over α and depth L: liquid, partly solid, solid throughout, crystal.

[Y20] sections 4 and 5: the deeper the net, the larger the α up to which its centre stays liquid.
Left: random setting, right: teacher–student setting; hard core, symmetric closure. Strokes are
exact: the first transition of random nets, every transition of planted ones up to α*(L), α* itself
and the spinodal, at which the crystal begins to exist. Edges without a stroke lie somewhere between
two neighbouring α of the branches, which were followed upward and downward.

Random setting: the branch of smaller s (n → 0); its hatched states (both branches converged and
differ) are frozen. No net stores patterns beyond the counting bound (C11): states there are saddle
points of the equations. Teacher–student setting: crystal is every α > α*(L); hatched, from the
spinodal on, crystal and branch from small overlaps both exist (at L = 2 for 9.872 < α < 9.993
only). Beyond the counting bound s = -ln 2 is excluded (C17), so that an equilibrium state has to be
partly solid at least. Grey: neither branch converged; a cell in which one of them did has its
colour (the titles count every single failure).

Takes 50 s in draft, 10 s if free-entropy was drawn before; paper is not measured.
"""

from __future__ import annotations

from gardner.figures import free_entropy
from gardner.figures.crystal_transition import keep_edges
from gardner.figures.free_entropy import Settings, both, missing, sweeps
from gardner.figures.workspace import Picture, Workspace

CLOSURE = "symmetric"
DRAFT, PAPER = free_entropy.DRAFT, free_entropy.PAPER


def make(settings: Settings, work: Workspace) -> Picture:
    """One map per setting and one legend for both."""
    from gardner.analysis.phase_edges import random_edges
    from gardner.analysis.phases import PHASES, phase_diagram
    from gardner.plotting import style
    from gardner.plotting.phase import UNSOLVED, draw_phases

    random, planted = sweeps(settings, work)
    known = {depth: random_edges(CLOSURE, depth) for depth in settings.random_depths}
    known_planted = {depth: keep_edges(work, CLOSURE, depth) for depth in settings.planted_depths}
    maps = phase_diagram(random, known=known), phase_diagram(planted, known=known_planted)
    with style.journal():
        drawing, axes = style.figure(1, 2, height=2.8, width=style.PAGE)
        keys = [key for axis, diagram in zip(axes, maps) for key in draw_phases(axis, diagram)]
        axes[0].set_title(rf"random, $k={settings.levels}${missing(random)}")
        axes[1].set_title(f"teacher–student{missing(planted)}")
        distinct = {key.get_label(): key for key in keys}
        order = sorted(distinct, key=lambda label: (label not in PHASES, label == UNSOLVED))
        drawing.legend(handles=[distinct[label] for label in order], loc="outside lower center", ncols=5)
    return Picture(drawing, both(random, planted).assign(variables_of(*maps)))


def variables_of(random, planted) -> dict:
    """What the maps are made of; the variables and axes of the planted one have names of their own."""
    named = {name: f"planted_{name}" for name in (*planted.data_vars, *planted.dims)}
    return dict(random.data_vars) | dict(planted.rename(named).data_vars)
