"""Free entropy s against α with its bounds: random nets until they freeze, both branches of planted ones.

[Y20] sections 4 and 5; hard core, symmetric closure. Random setting (n → 0: the smaller s is
physical, s ≤ -ln 2): the branch followed upward, up to the last point (cross) before L = 2, 3, 4
freeze, that is, q(x) reaches 1 below x = 1. What lies beyond is left out (the data have it, and the
branch followed downward): frozen states depend on the grid of m, and their s falls without bound
beyond storage capacity. Vertical lines: counting bounds (C11), where storage ends at the latest.
Deeper nets are drawn thick behind the others; they coincide as long as their fronts do not meet.

Teacher–student setting (the larger s is stable): the branch from small overlaps starts at -ln 2,
the crystal crosses it at α*(L). Counting (C17) bounds the s of the stable state from below,
whatever the closure, and is obeyed. The linear bound (T22) is rigorous as well, but for fully
connected nets only, and there s of the theory lies below it at small α: at L = 2 up to α = 7.51
(directed: 7.85), and wherever a net is liquid. That is no slip of the code. The theory is that of
many weak, tree-like connections (M, c → ∞ with c ≪ N), with overlaps of single units for order
parameters; that all units of a fully connected net together carry a linear map, which a student
learns while no unit has an overlap, is outside of what its order parameters can say.

Points that did not converge are gaps, counted in the title. A planted branch ends where it jumps to
the other one.

Takes 35 s in draft, nothing if phase-diagram was drawn before; paper (k = 20, 60 points) is not
measured.
"""

from __future__ import annotations

from dataclasses import dataclass

from gardner.figures.states import logarithmic, random_branches
from gardner.figures.workspace import Picture, Workspace

BOUNDS = {"planted_linear_bound": ":", "planted_counting_bound": "-."}
LOWEST = -0.81  # s shown in the random setting


@dataclass(frozen=True)
class Settings:
    """One range of α and list of depths per setting; points: of α in the random and in the planted setting."""

    random_alphas: tuple[float, float] = (1.0, 40.0)
    random_depths: tuple[int, ...] = (2, 3, 4, 6, 8)
    planted_alphas: tuple[float, float] = (1.0, 400.0)
    planted_depths: tuple[int, ...] = (2, 4, 10, 20)
    points: tuple[int, int] = (16, 40)
    levels: int = 6


DRAFT = Settings()
PAPER = Settings(points=(60, 120), levels=20)


def sweeps(settings: Settings, work: Workspace):
    """The sweep of the random and that of the planted setting, up and down."""
    from gardner.analysis.plans import PlantedSweep

    alphas = logarithmic(*settings.random_alphas, settings.points[0])
    planted = PlantedSweep(logarithmic(*settings.planted_alphas, settings.points[1]), settings.planted_depths)
    return random_branches(work, alphas, settings.random_depths, settings.levels), work.sweep(planted)


def both(random, planted):
    """One Dataset: variables of the random sweep as they are, those of the planted one on axes of their own."""
    import xarray as xr

    axes = {name: f"planted_{name}" for name in ("alpha", "depth", "spin_layer", "bond_layer")}
    names = {name: f"planted_{name}" for name in planted.data_vars}
    return xr.merge([random, planted.rename(axes | names)], combine_attrs="drop")


def missing(dataset) -> str:
    """How many points did not converge, for a title."""
    count = int((dataset["status"] != "converged").sum())
    return f", {count} of {dataset['status'].size} points not converged" if count else ""


def make(settings: Settings, work: Workspace) -> Picture:
    """Random nets left, teacher–student nets right; one colour per depth."""
    from gardner.analysis.phases import branch_curves
    from gardner.plotting import style
    from gardner.plotting.phase import draw_entropies

    random, planted = sweeps(settings, work)
    bounds = planted_bounds(planted["alpha"].values, settings.planted_depths)
    curves = branch_curves(random, settings.random_depths)
    unfrozen = curves.assign(free_entropy=curves["free_entropy"].where(~curves["frozen"])).sel(direction=["up"])
    with style.journal():
        drawing, axes = style.figure(1, 2, height=2.9, width=style.PAGE)
        draw_entropies(axes[0], unfrozen)
        draw_ends(axes[0], unfrozen, curves["frozen"].sel(direction="up"))
        draw_entropies(axes[1], branch_curves(planted, settings.planted_depths))
        axes[0].set_ylim(LOWEST, -0.685)
        for name, dash in BOUNDS.items():
            for colour, bound in zip(style.layer_colours(len(settings.planted_depths)), bounds[name]):
                axes[1].plot(planted["alpha"], bound, color=colour, ls=dash, lw=0.8)
        axes[0].set_title(rf"random, $k={settings.levels}${missing(random)}")
        axes[1].set_title(f"teacher–student{missing(planted)}")
        words = {"before it freezes": {"ls": "", "marker": "x"}, "counting bound": {"ls": ":", "lw": 0.8}}
        add_legend(axes[0], settings.random_depths, words, "lower left")
        words = {"from small overlaps": {}, "crystal": {"ls": "--"}}
        words |= {"linear bound, $c=N$": {"ls": ":", "lw": 0.8}, "counting bound": {"ls": "-.", "lw": 0.8}}
        add_legend(axes[1], settings.planted_depths, words, "upper left")
    return Picture(drawing, both(random, planted).merge(bounds))


def planted_bounds(alphas, depths):
    """Lower bounds of s: `planted_linear_bound` (T22), `planted_counting_bound` (C17), each (depth, α)."""
    import numpy as np
    import xarray as xr

    from gardner.theory.counting import counting_entropy
    from gardner.theory.planted.generalization import linear_bound

    linear = [[linear_bound(float(alpha), depth).free_entropy for alpha in alphas] for depth in depths]
    counted = [[-counting_entropy(depth, float(a)) if a >= 2.0 else np.nan for a in alphas] for depth in depths]
    dims, meaning = ("planted_depth", "planted_alpha"), {"units": "1", "long_name": "lower bound of s"}
    values = {"planted_linear_bound": linear, "planted_counting_bound": np.maximum(counted, -np.log(2.0))}
    variables = {name: (dims, np.array(value), meaning) for name, value in values.items()}
    return xr.Dataset(variables, {"planted_depth": list(depths), "planted_alpha": alphas})


def draw_ends(axis, curves, frozen) -> None:
    """A cross on the last point before a branch freezes, and the counting bound of its depth."""
    import numpy as np

    from gardner.plotting import style
    from gardner.theory.counting import counting_bound

    last = curves["alpha"].values[-1]
    for colour, depth in zip(style.layer_colours(curves.sizes["depth"]), curves["depth"].values):
        s_a = curves["free_entropy"].sel(depth=depth, direction="up").values
        solved = np.flatnonzero(np.isfinite(s_a))
        if frozen.sel(depth=depth).any() and len(solved):
            axis.plot(curves["alpha"].values[solved[-1]], s_a[solved[-1]], "x", color=colour, ms=6, mew=1.2)
        if counting_bound(int(depth)) <= last:
            axis.axvline(counting_bound(int(depth)), color=colour, ls=":", lw=0.8)


def add_legend(axis, depths, looks, place: str) -> None:
    """Depths by colour and width, then what else there is, by look."""
    from matplotlib.lines import Line2D

    from gardner.plotting import style

    lines = zip(style.layer_colours(len(depths)), style.nested_widths(len(depths)), depths)
    keys = [Line2D([], [], color=colour, lw=width, label=f"$L={depth}$") for colour, width, depth in lines]
    keys += [Line2D([], [], color="0.3", label=name, **look) for name, look in looks.items()]
    axis.legend(handles=keys, loc=place)
