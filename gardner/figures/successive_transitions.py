"""Layer after layer solidifies: overlaps q_EA(l), Q_EA(l) against α, with the transitions α_l.

[Y20] section 4: the l-th layer from either boundary turns solid at α_1 < α_2 < … Random setting, hard core, symmetric
closure. Curves: branch followed upward in a net of L = 10 at finite k. Vertical lines: α_l of a half-infinite front at
k → ∞ (T20), α_1 = π²/4 exact, the others extrapolated, bands: their errors; dashed where another front, frozen, has
the smaller s (status metastable). No further one is known: soon after α_4 the unfrozen front is lost, and the branch
jumps to a frozen state, q_EA(1) = 1, in which all ten layers are solid; the curves are broken there, layers 4 and 5 do
not rise continuously. Shaded: beyond the counting bound of this depth (C11; 77.0 for L = 10), where no net stores the
patterns and the states are saddle points of the equations.

Takes 35 s in draft (k = 10, 24 points; α_l from k ≤ 12); paper is not measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.states import logarithmic, random_branches
from gardner.figures.workspace import Picture, Workspace

COUNT = 4  # transitions; the unfrozen front has no fifth


@dataclass(frozen=True)
class Settings:
    """depth: L; alpha_low, alpha_high, points: of the branch; levels: of the branch, and of the search for α_l."""

    depth: int = 10
    alpha_low: float = 1.5
    alpha_high: float = 110.0
    points: int = 24
    levels: tuple[int, int] = (10, 12)


DRAFT = Settings()
PAPER = Settings(points=150, levels=(40, 40))


def transitions(work: Workspace, levels: int, closure: str = "symmetric"):
    """Dataset alpha_l, error, status over `front_layer`, kept."""
    import xarray as xr

    def compute():
        from gardner.theory.transitions.random_transitions import random_transitions

        found = random_transitions(levels=levels, count=COUNT, closure=closure).transitions
        variables = {
            "alpha_l": ("front_layer", [t.alpha for t in found], {"units": "1", "long_name": "transition, k → ∞"}),
            "alpha_l_error": ("front_layer", [t.error for t in found], {"units": "1", "long_name": "error of alpha_l"}),
            "alpha_l_status": ("front_layer", [t.status for t in found]),
        }
        return xr.Dataset(variables, {"front_layer": np.arange(1, len(found) + 1)})

    return work.keep("random-transitions", {"levels": levels, "count": COUNT, "closure": closure}, compute)


def make(settings: Settings, work: Workspace) -> Picture:
    """Bonds above, spins below; one colour and marker per layer."""
    from gardner.analysis.phases import branch_values, find_frozen_jumps
    from gardner.plotting import style
    from gardner.theory.counting import counting_bound

    alphas = logarithmic(settings.alpha_low, settings.alpha_high, settings.points)
    sweep = random_branches(work, alphas, (settings.depth,), settings.levels[0], ("up",))
    found = transitions(work, settings.levels[1])
    places, bound = find_frozen_jumps(sweep, settings.depth, "up"), counting_bound(settings.depth)
    panels = (("Q_EA", (settings.depth + 1) // 2, 0), ("q_EA", settings.depth // 2, 1))
    colours = style.layer_colours(panels[0][1])
    with style.journal():
        drawing, axes = style.figure(2, 1, height=4.0, sharex=True)
        for axis, (name, count, first) in zip(axes, panels):
            values_al = branch_values(sweep, settings.depth, "up", name)
            for l, (colour, marker) in enumerate(zip(colours[:count], "os^Dv<>ph*"), start=1):
                curve = values_al[:, l - 1 + first]
                look = {"color": colour, "marker": marker, "markersize": 2.4, "lw": 0.8, "label": f"$l={l}$"}
                axis.plot(*style.break_curve(alphas, curve, places), markevery=max(1, settings.points // 24), **look)
            _mark(axis, found)
            _forbid(axis, bound)
            axis.set_ylim(-0.03, 1.03)
        style.logarithmic(axes[0])
        axes[0].set_xlim(settings.alpha_low, 1.05 * settings.alpha_high)
        axes[0].set_ylabel(r"bonds $Q_\mathrm{EA}(l)$")
        axes[1].set_ylabel(r"spins $q_\mathrm{EA}(l)$")
        axes[1].set_xlabel(r"patterns per width $\alpha$")
        for l, alpha in enumerate(found["alpha_l"].values, start=1):
            place = {"xycoords": axes[0].get_xaxis_transform(), "textcoords": "offset points", "xytext": (0, 2)}
            axes[0].annotate(rf"$\alpha_{l}$", (alpha, 1.0), ha="center", fontsize=7, **place)
        drawing.suptitle(_title(settings, sweep), fontsize=8)
        axes[1].legend(loc="upper left", bbox_to_anchor=(0.13, 1.0))
        if bound < settings.alpha_high:
            words = {"rotation": 90, "ha": "center", "va": "center", "fontsize": 6.5}
            axes[0].text((bound * settings.alpha_high) ** 0.5, 0.4, "beyond counting bound", **words)
    data = sweep.merge(found, combine_attrs="drop_conflicts")
    data["counting_bound"] = ((), bound, {"long_name": "α beyond which no net of this depth stores", "units": "1"})
    return Picture(drawing, data)


def _mark(axis, found) -> None:
    """α_l with its error as a band, dashed where the front is metastable."""
    for alpha, error, status in zip(*(found[n].values for n in ("alpha_l", "alpha_l_error", "alpha_l_status"))):
        axis.axvspan(alpha - error, alpha + error, color="0.85", lw=0, zorder=0)
        axis.axvline(alpha, color="0.4", lw=0.6, ls="-" if status == "continuous" else "--", zorder=0)


def _forbid(axis, bound: float) -> None:
    """Shade α beyond the counting bound, up to the end of any axis."""
    axis.axvspan(bound, 1e9, fc="0.93", ec="none", zorder=-1)


def _title(settings: Settings, sweep) -> str:
    text = rf"random, symmetric closure, $L={settings.depth}$, $k={settings.levels[0]}$"
    missing = int((sweep["status"] != "converged").sum())
    return text + (f"\n{missing} of {settings.points} points not converged" if missing else "")
