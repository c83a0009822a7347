"""What a student does on fresh inputs against α and against depth: its error, and how far it is from guessing.

Teacher–student setting, stable branch, (T17). [Y20] section 5 and its discussion: what a deep net
generalises although its middle is liquid. Computed: a liquid layer passes nothing on, ε = 1/2, and
nets generalise once every layer is solid: gradually if they are shallow, with the crystal at α*(L),
where the curves are broken, if they are deep. Rows: Gibbs error, Bayes error. Left: ε at large α;
every further layer of signs takes a square root of the error, so that ε falls like α^-1, α^-1/2,
α^-1/8 at L = 1, 2, 4 (grey guides, laid through the last point), while L = 8 and 15 hardly fall at
all. Middle and right: ½ - ε, what is better than guessing, against α and against L: it sets in at
once, and with depth it falls faster than a power. Where there is no symbol, ½ - ε is 0. Closures
are overlaid: they differ in where generalization sets in, and agree beyond. At L = 1, where they
are one theory, ε → 0.625/α (Gibbs), 0.442/α (Bayes).

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
LABELS_OF_ERRORS = {"gibbs": "Gibbs", "bayes": "Bayes"}
DEEPEST_POWER = 4  # L up to which the power of large α is seen within the span
REACH = 12.0  # factor of α that a guide spans
NOTHING = 1e-9  # ½ - ε below which a net has learned nothing


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
    """A row per kind of error: ε against α, ½ - ε against α, ½ - ε against L."""
    from gardner.plotting import style

    along = table(work, settings.depths, lambda closure, depth: loads(closure, depth, settings, work))
    across = table(work, range(1, settings.deepest + 1), lambda *_: settings.alphas)
    across = across.assign_coords(point=list(settings.alphas)).drop_vars("alpha").rename(point="alpha")
    along = along.assign(exponent=("depth", [-(0.5 ** (L - 1)) for L in settings.depths]))
    with style.journal():
        drawing, axes = style.figure(2, 3, height=4.4, width=style.PAGE, sharex="col", sharey="col")
        for (name, label), row in zip(LABELS_OF_ERRORS.items(), axes):
            draw_along(row[0], along[name], along, settings)
            draw_along(row[1], 0.5 - along[name], along, settings)
            draw_guides(row[0], along[name], along, settings)
            draw_across(row[2], 0.5 - across[name], settings)
            row[0].set_ylabel(rf"{label} error $\epsilon$")
            for axis in row[1:]:
                axis.set_ylabel(r"$\frac{1}{2}-\epsilon$")
        finish(drawing, axes, settings)
    renamed = {name: f"{name}_of_depth" for name in (*ERRORS, "stable")} | {
        "alpha": "fixed_alpha",
        "depth": "every_depth",
    }
    data = along.merge(across.rename(renamed), join="exact")
    names = {name: f"{name.title()} error on fresh inputs" for name in ERRORS}
    names |= {f"{name}_of_depth": text for name, text in names.items()}
    names |= {"exponent": "of α in the error at large α, -(1/2)^(L-1)"}
    return Picture(
        drawing, label_variables(data, **names, alpha="patterns per width", fixed_alpha="patterns per width")
    )


def draw_along(axis, values, along, settings: Settings) -> None:
    """Curves against α, one colour and symbol per depth, one dash per closure, broken at α*."""
    from gardner.analysis.phases import find_crystallizations
    from gardner.plotting import style

    colours, every = style.layer_colours(len(settings.depths)), max(settings.points // 8, 1)
    for closure, dash in style.closure_dashes().items():
        for colour, marker, depth in zip(colours, MARKERS, settings.depths):
            chosen = {"closure": closure, "depth": depth}
            alpha, stable = along["alpha"].sel(chosen).values, along["stable"].sel(chosen).values
            curve = style.break_curve(alpha, values.sel(chosen).values, find_crystallizations(stable.tolist()))
            axis.plot(*curve, color=colour, ls=dash, marker=marker, markevery=every, ms=2.5, label=f"$L={depth}$")


def draw_guides(axis, values, along, settings: Settings) -> None:
    """The power laws of large α where they are reached, through the last point of the first closure."""
    for depth in (L for L in settings.depths if L <= DEEPEST_POWER):
        chosen = {"closure": next(iter(CLOSURES)), "depth": depth}
        alpha, power = along["alpha"].sel(chosen).values, float(along["exponent"].sel(depth=depth))
        reach = np.array([alpha[-1] / REACH, alpha[-1]])
        axis.plot(reach, float(values.sel(chosen)[-1]) * (reach / alpha[-1]) ** power, color="0.6", lw=2.5, zorder=1)
        place = {"textcoords": "offset points", "xytext": (-6, -3), "ha": "right", "va": "top", "fontsize": 7}
        exponent = "-1" if depth == 1 else f"-1/{2 ** (depth - 1)}"
        axis.annotate(rf"$\alpha^{{{exponent}}}$", (alpha[-1], float(values.sel(chosen)[-1])), **place)


def draw_across(axis, values, settings: Settings) -> None:
    """Curves against depth, one colour and symbol per α, one dash per closure; what is 0 is left out."""
    from gardner.plotting import style

    shades = style.layer_colours(len(settings.alphas))
    for closure, dash in style.closure_dashes().items():
        for colour, marker, alpha in zip(shades, MARKERS, settings.alphas):
            found = values.sel(closure=closure, alpha=alpha)
            found = found.where(found > NOTHING)
            look = {"color": colour, "marker": marker, "ms": 2.5, "ls": dash}
            axis.plot(found["depth"], found, label=rf"$\alpha={alpha:g}$", **look)


def finish(drawing, axes, settings: Settings) -> None:
    """Scales, labels and legends."""
    from matplotlib.lines import Line2D

    from gardner.plotting import style

    left, middle, right = axes.T
    for axis in (left[0], middle[0]):
        style.logarithmic(axis)
        axis.set_xlim(settings.span)
    left[0].set_yscale("log")
    left[0].set_ylim(1.5e-4, 0.75)
    middle[0].set_ylim(0.0, 0.52)
    right[0].set_yscale("log")
    right[0].set_ylim(2e-3, 0.7)
    for axis, name in zip(axes[1], (r"patterns per width $\alpha$", r"patterns per width $\alpha$", "depth $L$")):
        axis.set_xlabel(name)
    right[0].xaxis.get_major_locator().set_params(integer=True)
    drawing.suptitle("planted, stable branch", fontsize=8)
    depths = left[0].get_legend_handles_labels()[0][: len(settings.depths)]
    loads = right[0].get_legend_handles_labels()[0][: len(settings.alphas)]
    closures = [Line2D([], [], color="0.3", ls=ls, label=name) for name, ls in style.closure_dashes().items()]
    keys = [Line2D([], [], color=h.get_color(), marker=h.get_marker(), ms=2.5, label=h.get_label()) for h in depths]
    left[1].legend(handles=[*keys, Line2D([], [], color="0.6", lw=2.5, label="guide")], loc="lower left")
    keys = [Line2D([], [], color=h.get_color(), marker=h.get_marker(), ms=2.5, label=h.get_label()) for h in loads]
    right[0].legend(handles=keys, loc="upper right")
    middle[0].legend(handles=closures, loc="upper left")
