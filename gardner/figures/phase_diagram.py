"""Phase diagrams over α and depth L: liquid, partly solid, solid throughout, crystal.

[Y20] sections 4 and 5: the deeper the net, the larger the α up to which its centre stays liquid. Left: random setting,
right: teacher–student setting; hard core, symmetric closure, branches followed upward and downward. Random setting:
the branch of smaller s (n → 0); its hatched states (both branches converged and differ) are frozen, and beyond storage
capacity they are saddle points that store nothing. Planted: crystal is every α > α*(L), the transition itself (black
stroke, as in crystal-transition), not read off the branches: at L = 2 they differ for 9.87 < α < 9.99 only, less than
the spacing of α. Grey: neither branch converged; a cell in which one of them did has its colour (the titles count every
single failure).

Takes 40 s in draft, 7 s if free-entropy was drawn before; paper is not measured.
"""

from __future__ import annotations

from gardner.figures import free_entropy
from gardner.figures.crystal_transition import keep_transitions
from gardner.figures.free_entropy import Settings, both, missing, sweeps
from gardner.figures.workspace import Picture, Workspace

DRAFT, PAPER = free_entropy.DRAFT, free_entropy.PAPER


def make(settings: Settings, work: Workspace) -> Picture:
    """One map per setting and one legend for both."""
    from gardner.analysis.phases import PHASES, phase_diagram
    from gardner.plotting import style
    from gardner.plotting.phase import UNSOLVED, draw_phases

    random, planted = sweeps(settings, work)
    crystal = {L: float(keep_transitions(work, "symmetric", L)["crystal"]) for L in settings.planted_depths}
    maps = phase_diagram(random), phase_diagram(planted, crystal=crystal)
    with style.journal():
        drawing, axes = style.figure(1, 2, height=2.6, width=style.PAGE)
        keys = [key for axis, diagram in zip(axes, maps) for key in draw_phases(axis, diagram)]
        axes[0].set_title(rf"random, $k={settings.levels}${missing(random)}")
        axes[1].set_title(f"teacher–student{missing(planted)}")
        distinct = {key.get_label(): key for key in keys}
        order = sorted(distinct, key=lambda label: (label not in PHASES, label == UNSOLVED))
        drawing.legend(handles=[distinct[label] for label in order], loc="outside lower center", ncols=7)
    names = {"depth": "planted_depth", "alpha": "planted_alpha", "phase": "planted_phase", "crystal": "planted_crystal"}
    phases = {"phase": maps[0]["phase"]} | dict(maps[1].drop_vars("two_branches").rename(names).data_vars)
    return Picture(drawing, both(random, planted).assign(phases))
