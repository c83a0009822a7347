"""Gibbs and Bayes error on fresh inputs against α and against depth, both closures.

Teacher–student setting, stable branch, (T17). [Y20] section 5 and its discussion: what a deep net generalises although
its middle is liquid. Computed: a liquid layer passes nothing on, ε_g = 1/2, and nets generalise once every layer is
solid: gradually if they are shallow, with the crystal at α*(L), where the curves are broken, if they are deep. At L = 1
both closures agree and ε_g → 0.625/α. Every further layer of signs takes a square root of the error: ε_g falls like
α^(-1/2) at L = 2, α^(-1/8) at L = 4.

Takes a quarter of a minute (draft), half a minute (paper).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.crystal_transition import keep_transitions
from gardner.figures.workspace import Picture, Workspace, label_variables
from gardner.model import CLOSURES

CLOSE = 1e-7  # relative distance of the two points beside α*
MARKERS = "osD^v"
ERRORS = {"gibbs": "generalization_error", "bayes": "bayes_error"}


@dataclass(frozen=True)
class Settings:
    """depths: of the curves against α, within `span`, in `points`; alphas: of those against L = 1…deepest."""

    depths: tuple[int, ...] = (1, 2, 4, 8, 15)
    span: tuple[float, float] = (0.3, 1000.0)
    alphas: tuple[float, ...] = (3.0, 10.0, 30.0, 100.0)
    deepest: int = 16
    points: int = 40


DRAFT = Settings()
PAPER = Settings(points=300)


def errors(closure: str, depth: int, alphas: tuple[float, ...]):
    """Gibbs and Bayes error, stable branch and α of a scan, over its points."""
    import xarray as xr

    from gardner.errors import ConvergenceError
    from gardner.theory.planted.solve import scan_planted

    solutions = scan_planted(alphas, depth, closure)
    failed = [solution.alpha for solution in solutions if solution.status != "converged"]
    if failed:
        raise ConvergenceError(f"planted, {closure}, L = {depth}: not converged at alpha = {failed}")
    columns = {name: [getattr(s.equilibrium, error) for s in solutions] for name, error in ERRORS.items()}
    columns |= {"stable": [solution.stable for solution in solutions], "alpha": list(alphas)}
    return xr.Dataset({name: ("point", values) for name, values in columns.items()})


def loads(closure: str, depth: int, settings: Settings, work: Workspace) -> tuple[float, ...]:
    """α of a curve: geometric steps, and α*(L) just from below and from above, where there is one."""
    crystal = float(keep_transitions(work, closure, depth)["crystal"])
    if np.isnan(crystal):
        return tuple(np.geomspace(*settings.span, settings.points + 2).tolist())
    sides = crystal * (1.0 + np.array([-CLOSE, CLOSE]))
    return tuple(np.sort(np.append(np.geomspace(*settings.span, settings.points), sides)).tolist())


def table(work: Workspace, depths, alphas_of):
    """`errors` over (closure, depth, point)."""
    import xarray as xr

    rows = []
    for closure in CLOSURES:
        named = [{"closure": closure, "depth": int(L), "alphas": alphas_of(closure, int(L))} for L in depths]
        rows.append(xr.concat([work.keep("errors", n, lambda n=n: errors(**n)) for n in named], "depth"))
    return xr.concat(rows, "closure").assign_coords(closure=list(CLOSURES), depth=list(depths))


def make(settings: Settings, work: Workspace) -> Picture:
    """A row per closure: against α left, against L right."""
    from matplotlib.lines import Line2D

    from gardner.analysis.phases import find_crystallizations
    from gardner.plotting import style
    from gardner.plotting.planted import draw_errors

    along = table(work, settings.depths, lambda closure, depth: loads(closure, depth, settings, work))
    across = table(work, range(1, settings.deepest + 1), lambda *_: settings.alphas)
    across = across.assign_coords(point=list(settings.alphas)).drop_vars("alpha").rename(point="alpha")
    colours, shades = style.layer_colours(len(settings.depths)), style.layer_colours(len(settings.alphas))
    with style.journal():
        drawing, axes = style.figure(
            len(CLOSURES), 2, height=2.1 * len(CLOSURES), width=style.PAGE, sharex="col", sharey="col"
        )
        for closure, (left, right) in zip(CLOSURES, axes):
            for colour, marker, depth in zip(colours, MARKERS, settings.depths):
                found = along.sel(closure=closure, depth=depth)
                jumps = find_crystallizations(found["stable"].values.tolist())
                look = {"color": colour, "marker": marker, "markevery": max(settings.points // 10, 1), "ms": 2.5}
                draw_errors(left, found["alpha"], found["gibbs"], found["bayes"], jumps, f"$L={depth}$", **look)
            for colour, marker, alpha in zip(shades, MARKERS, settings.alphas):
                found = across.sel(closure=closure, alpha=alpha)
                look = {"color": colour, "marker": marker, "ms": 2.5}
                draw_errors(right, found["depth"], found["gibbs"], found["bayes"], (), rf"$\alpha={alpha:g}$", **look)
            for axis in (left, right):
                axis.set_title(f"planted, {closure} closure")
        axes[1, 0].set_xscale("log")
        axes[1, 0].set_yscale("log")
        axes[1, 0].set_xlim(settings.span)
        axes[1, 0].set_xlabel(r"patterns per width $\alpha$")
        axes[1, 1].set_xlabel("depth $L$")
        axes[1, 1].set_ylim(0.0, 0.54)
        drawing.supylabel(r"error on fresh inputs $\epsilon_\mathrm{g}$", fontsize=8)
        kinds = [Line2D([], [], color="0.3", lw=1, ls=ls, label=name) for name, ls in (("Gibbs", "-"), ("Bayes", "--"))]
        axes[0, 0].legend(handles=[*axes[0, 0].get_legend_handles_labels()[0], *kinds], loc="lower left")
        axes[0, 1].legend(loc="lower right")
    renamed = {name: f"{name}_of_depth" for name in (*ERRORS, "stable")} | {
        "alpha": "fixed_alpha",
        "depth": "every_depth",
    }
    data = along.merge(across.rename(renamed), join="exact")
    names = {name: f"{name.title()} error on fresh inputs" for name in ERRORS}
    names |= {f"{name}_of_depth": text for name, text in names.items()}
    return Picture(
        drawing, label_variables(data, **names, alpha="patterns per width", fixed_alpha="patterns per width")
    )
