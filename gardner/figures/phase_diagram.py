"""Phase diagrams over α and depth L: liquid, partly solid, solid throughout, crystal.

[Y20] sections 4 and 5: the deeper the net, the larger the α up to which its centre stays liquid. Left: random setting,
right: teacher–student setting; hard core, symmetric closure, stable one of the branches followed upward and downward
(planted: larger s; random, n → 0: smaller s). Hatched: both converged and differ. Grey: not converged. In the random
setting the hatched states are frozen; beyond storage capacity they are saddle points that store nothing.
Resolution: the spacing of α, too wide for the window of two branches at L = 2, 9.87 < α < 9.99
(`gardner transitions` finds the lines themselves).

Takes 35 s in draft, nothing if free-entropy was drawn before; paper is not measured.
"""

from __future__ import annotations

from gardner.figures import free_entropy
from gardner.figures.free_entropy import Settings, both, missing, sweeps
from gardner.figures.workspace import Picture, Workspace

DRAFT, PAPER = free_entropy.DRAFT, free_entropy.PAPER


def make(settings: Settings, work: Workspace) -> Picture:
    """One map per setting and one legend for both."""
    import numpy as np

    from gardner.plotting import style
    from gardner.plotting.phase import draw_phases, stable_phases

    random, planted = sweeps(settings, work)
    with style.journal():
        drawing, axes = style.figure(1, 2, height=2.6, width=style.PAGE)
        keys = [key for axis, sweep in zip(axes, (random, planted)) for key in draw_phases(axis, sweep)]
        axes[0].set_title(rf"random, $k={settings.levels}${missing(random)}")
        axes[1].set_title(f"teacher–student{missing(planted)}")
        distinct = {key.get_label(): key for key in keys}
        order = sorted(distinct, key=lambda label: (label == "not converged", label == "two branches"))
        drawing.legend(handles=[distinct[label] for label in order], loc="outside lower center", ncols=6)
    meaning = {"long_name": "phase of the stable branch", "units": "1"}
    meaning |= {"flag_values": np.arange(4), "flag_meanings": "liquid partly_solid solid_throughout crystal"}
    phases = {
        "phase": (("depth", "alpha"), stable_phases(random), meaning),
        "planted_phase": (("planted_depth", "planted_alpha"), stable_phases(planted), meaning),
    }
    return Picture(drawing, both(random, planted).assign(phases))
