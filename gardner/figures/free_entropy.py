"""Free entropy s against α: random nets followed up and down, liquid and crystal of planted ones.

[Y20] sections 4 and 5. Random setting (n → 0: the smaller s is physical, s ≤ -ln 2): full lines and dots are followed
upward, dashed ones and open dots downward. A curve is broken where its state jumps between neighbouring α: on the way
up L = 2, 3 and 4 freeze, q(x) reaches 1 below x = 1 (a hidden spin overlap jumps past 0.999). Frozen states depend on
the grid of m: at each of them the jump of q(x) to 1 may sit at several m. At L = 2, 3 the two branches that part are
both frozen and differ in that m; at L = 4 the frozen one coexists first with the continuous hierarchy, then with
another frozen one. Their s falls without bound beyond storage capacity: only its beginning is in the window, and
nothing there says what a net can store. Teacher–student setting (the larger s is stable): the liquid starts at -ln 2,
the crystal (dashed) crosses it at α*(L). Dotted: the linear lower bound (T22), for fully connected nets only.

Hard core, symmetric closure. Points that did not converge are gaps, counted in the title. A planted branch
ends where it jumps to the other one.

Takes 35 s in draft, nothing if phase-diagram was drawn before; paper (k = 20, 60 points) is not measured.
"""

from __future__ import annotations

from dataclasses import dataclass

from gardner.figures.states import logarithmic, random_branches
from gardner.figures.workspace import Picture, Workspace

WINDOW = (-1.05, -0.67)  # of s, random setting


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
    import xarray as xr

    from gardner.analysis.phases import branch_curves
    from gardner.plotting import style
    from gardner.plotting.phase import draw_entropies
    from gardner.theory.planted.generalization import linear_bound

    random, planted = sweeps(settings, work)
    alphas = planted["alpha"].values
    bounds = xr.DataArray(
        [[linear_bound(float(alpha), depth).free_entropy for alpha in alphas] for depth in settings.planted_depths],
        dims=("planted_depth", "planted_alpha"),
        attrs={"units": "1", "long_name": "linear lower bound of s (T22)"},
    )
    with style.journal():
        drawing, axes = style.figure(1, 2, height=2.7, width=style.PAGE)
        draw_entropies(axes[0], branch_curves(random, settings.random_depths))
        draw_entropies(axes[1], branch_curves(planted, settings.planted_depths))
        axes[0].set_ylim(*WINDOW)
        for colour, bound in zip(style.layer_colours(len(bounds)), bounds):
            axes[1].plot(alphas, bound, color=colour, ls=":", lw=0.8)
        axes[0].set_title(rf"random, $k={settings.levels}${missing(random)}")
        axes[1].set_title(f"teacher–student{missing(planted)}")
        words = (("upward", "downward"), ("liquid", "crystal"))
        for axis, depths, starts in zip(axes, (settings.random_depths, settings.planted_depths), words):
            _legend(axis, depths, starts, axis is axes[1])
    return Picture(drawing, both(random, planted).assign(planted_linear_bound=bounds))


def _legend(axis, depths, starts, bound: bool) -> None:
    from matplotlib.lines import Line2D

    from gardner.plotting import style
    from gardner.plotting.phase import DOTS

    colours = style.layer_colours(len(depths))
    keys = [Line2D([], [], color=colour, label=f"$L={depth}$") for colour, depth in zip(colours, depths)]
    fills = ({}, {}) if bound else (DOTS, DOTS | {"mfc": "w"})
    looks = zip(starts, ("-", "--"), fills)
    keys += [Line2D([], [], color="0.3", ls=dash, label=start, **fill) for start, dash, fill in looks]
    if bound:
        keys.append(Line2D([], [], color="0.3", ls=":", lw=0.8, label="linear bound"))
    axis.legend(handles=keys, loc="upper left" if bound else "lower left")
