"""The crystal of a teacher–student net: α*(L), spinodal and a hysteresis loop, both closures.

Above α*(L) the crystal, which knows the teacher, has the larger free entropy; below the spinodal it
does not exist. [Y20] section 5: the transition is discontinuous and recedes with depth. Computed:
in the symmetric closure from L = 2 on, in the directed one from L = 4 on (no fold at L = 2, 3),
there at smaller α. The loop follows the branch from small overlaps upward and the crystal downward:
s crosses at α*, and that branch goes on far beyond, metastable. It is a liquid at the beginning
only: layer after layer turns solid, and beyond its last transition (thin line) none is liquid. In
the symmetric closure Q comes to .997 at α = 2000, and it still is another state than the crystal,
of smaller s.

Takes three quarters of a minute (draft), a minute (paper).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.workspace import Picture, Workspace, label_variables
from gardner.model import CLOSURES

LABELS = {
    "crystal": "α*(L), patterns per width",
    "spinodal": "α at which the crystal branch ends",
    "continuous": "α at which layer after layer of the branch from small overlaps turns solid",
    "alpha": "patterns per width",
    "mean_Q": "mean bond overlap with the teacher",
    "free_entropy": "free entropy per N·M",
}


@dataclass(frozen=True)
class Settings:
    """depths: of the transitions; loop: L of the hysteresis; points: α of the loop within `span`."""

    depths: tuple[int, ...] = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20)
    loop: int = 10
    span: tuple[float, float] = (1.0, 2000.0)
    points: int = 60


DRAFT = Settings()
PAPER = Settings(points=300)


def transitions(closure: str, depth: int):
    """`planted_transitions` as a Dataset: spinodal and crystal, nan where there are none, continuous(front_layer)."""
    import xarray as xr

    from gardner.theory.transitions.planted_transitions import planted_transitions

    found = planted_transitions(closure, depth)
    values = {
        name: np.nan if getattr(found, name) is None else getattr(found, name) for name in ("spinodal", "crystal")
    }
    numbers = {name: ((), value) for name, value in values.items()}
    numbers["continuous"] = ("front_layer", np.array(found.continuous, dtype=float))
    return xr.Dataset(numbers, {"front_layer": np.arange(1, len(found.continuous) + 1)})


def keep_transitions(work: Workspace, closure: str, depth: int):
    """`transitions`, computed once for all figures."""
    return work.keep("planted-transitions", {"closure": closure, "depth": depth}, lambda: transitions(closure, depth))


def keep_edges(work: Workspace, closure: str, depth: int):
    """The `KnownEdges` of a teacher–student net, computed once for all figures."""
    from gardner.analysis.phase_edges import end_of_branch, planted_edges
    from gardner.theory.transitions.planted_transitions import PlantedTransitions

    found = keep_transitions(work, closure, depth)
    star, fold = (None if np.isnan(found[name]) else float(found[name]) for name in ("crystal", "spinodal"))
    steps = tuple(found["continuous"].values.tolist())
    return planted_edges(PlantedTransitions(closure, depth, steps, fold, star, 0.0), end_of_branch(closure, depth))


def all_transitions(settings: Settings, work: Workspace):
    """spinodal and crystal, each (closure, depth)."""
    import xarray as xr

    rows = []
    for closure in CLOSURES:
        parts = [keep_transitions(work, closure, depth) for depth in settings.depths]
        rows.append(xr.concat(parts, "depth", join="outer"))
    return xr.concat(rows, "closure", join="outer").assign_coords(closure=list(CLOSURES), depth=list(settings.depths))


def make(settings: Settings, work: Workspace) -> Picture:
    """Left: transitions against depth. Then one column per closure: mean Q and s around the loop, α* marked."""
    import xarray as xr

    from gardner.analysis.phases import branch_curves
    from gardner.analysis.plans import PlantedSweep
    from gardner.plotting import phase, style
    from gardner.plotting.planted import draw_crystal_transitions

    data, loops = all_transitions(settings, work), []
    alphas = tuple(np.geomspace(*settings.span, settings.points).tolist())
    with style.journal():
        ratios = (1.25, *[1.0] * len(CLOSURES))
        drawing, axes = style.figure(2, len(ratios), height=3.5, width=style.PAGE, width_ratios=ratios)
        grid = axes[0, 0].get_gridspec()
        for axis in axes[:, 0]:
            axis.remove()
        left = drawing.add_subplot(grid[:, 0])
        draw_crystal_transitions(left, {closure: found_of(data, closure) for closure in CLOSURES})
        left.set_xlim(0, max(settings.depths) + 1)
        for closure, (top, bottom) in zip(CLOSURES, axes[:, 1:].T):
            loop = work.sweep(PlantedSweep(alphas, (settings.loop,), closure))
            bottom.sharex(top)
            curves = branch_curves(loop)
            phase.draw_loops(top, bottom, curves)
            top.tick_params(labelbottom=False)
            marks = mark_transitions((top, bottom), data.sel(closure=closure, depth=settings.loop), settings.span[1])
            top.get_legend().remove()
            top.set_title(f"planted, {closure}, $L={settings.loop}$")
            loops.append(loop_of(loop, curves, closure))
        drawing.legend(handles=[*branch_keys(), *marks], loc="outside lower right", ncols=5)
        axes[0, 1].set_ylabel(r"mean $Q(l)$")
        axes[1, 1].set_ylabel("free entropy $s$ per $NM$")
    data = data.merge(xr.concat(loops, "closure"), join="exact")
    return Picture(drawing, label_variables(data, **LABELS))


def mark_transitions(axes, found, last: float) -> list:
    """Lines at spinodal, α* and where the last layer of the branch from small overlaps turns solid; their handles."""
    lines = {
        "spinodal": (float(found["spinodal"]), {"color": "0.4", "ls": ":", "lw": 1.0}),
        r"$\alpha^*$": (float(found["crystal"]), {"color": "0.4", "ls": "-.", "lw": 1.0}),
        "no layer liquid": (float(found["continuous"].max()), {"color": "0.4", "ls": "-", "lw": 0.5}),
    }
    drawn = {}
    for axis in axes:
        for name, (alpha, look) in lines.items():
            drawn[name] = axis.axvline(alpha if alpha <= last else np.nan, zorder=0, label=name, **look)
    return list(drawn.values())


def branch_keys() -> list:
    """Legend handles of the two branches."""
    from matplotlib.lines import Line2D

    names = {"from small overlaps, upward": "-", "crystal, downward": "--"}
    return [Line2D([], [], color="0.3", ls=dash, label=name) for name, dash in names.items()]


def found_of(data, closure: str) -> list:
    """The transitions of a closure, as `draw_crystal_transitions` takes them: only where there is a crystal."""
    from gardner.theory.transitions.planted_transitions import PlantedTransitions

    chosen = data.sel(closure=closure)
    values = zip(chosen["depth"].values, chosen["spinodal"].values, chosen["crystal"].values)
    return [PlantedTransitions(closure, int(d), (), fold, star, 0.0) for d, fold, star in values if np.isfinite(star)]


def loop_of(loop, curves, closure: str):
    """mean_Q, free_entropy and status (closure, direction, alpha) of a sweep, nan where it is not converged."""
    numbers = curves[["mean_Q_EA", "free_entropy"]].rename(mean_Q_EA="mean_Q")
    return numbers.assign(status=loop["status"]).isel(depth=0, drop=True).expand_dims(closure=[closure])
