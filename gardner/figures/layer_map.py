"""Layer after layer turns solid: overlaps of every layer against ln α, random and planted, in all closures.

[Y20] sections 4 and 5, the paper's claim in one picture: solid layers enter from the boundaries and
go inwards as α grows by factors. Rows: bonds Q_EA(l) and spins q_EA(l) (Q(l) and q(l) with the
teacher); columns: setting and closure, L = 10, the branch followed upward. Behind a front the bonds
are near 1 at once, while the spins tell how much of the given patterns is left. Symmetric closure:
both ends are solid; directed: the output alone, the input stays liquid.

Black strokes: α_l, layer by layer; planted: exact transitions of this net (T21), (T23); random:
those of a half-infinite front at k → ∞ (T20), α_1 exact, the others extrapolated, so that they need
not meet the cells, which are of finite k. Broken line, random: counting bound (C11), beyond which
no net stores the patterns and states are saddle points of the equations. Broken line, planted: α*,
beyond which the crystal, solid throughout, is the stable state, and the fronts go on in a
metastable one. Grey: not converged.

Takes a minute in draft (k = 6), less after successive-transitions; paper (k = 20) is not measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.crystal_transition import keep_transitions
from gardner.figures.states import logarithmic, random_branches
from gardner.figures.successive_transitions import transitions
from gardner.figures.workspace import Picture, Workspace, label_variables
from gardner.model import CLOSURES

ROWS = {
    "Q_EA": (r"bond layer $l$", r"bonds $Q_\mathrm{EA}$, $Q$"),
    "q_EA": (r"spin layer $l$", r"spins $q_\mathrm{EA}$, $q$"),
}
LABELS = {
    "Q_EA": "overlap of the bonds, with the teacher where planted",
    "q_EA": "overlap of the spins, with the teacher where planted",
    "mark_alpha": "α at which a layer turns solid",
    "limit": "random: counting bound; planted: α*(L)",
}


@dataclass(frozen=True)
class Settings:
    """depth: L; random, planted: α of the settings, in `points`; levels: k of the branch, and of the search for α_l."""

    depth: int = 10
    random: tuple[float, float] = (1.5, 110.0)
    planted: tuple[float, float] = (1.5, 8000.0)
    points: tuple[int, int] = (24, 60)
    levels: tuple[int, int] = (6, 8)


DRAFT = Settings()
PAPER = Settings(points=(80, 240), levels=(20, 40))


def profiles(settings: Settings, work: Workspace) -> dict:
    """`layer_profile` of every setting and closure, with the line that its panel shows as the variable `limit`."""
    from gardner.analysis.phases import layer_profile
    from gardner.analysis.plans import PlantedSweep
    from gardner.theory.counting import counting_bound

    depth, found = settings.depth, {}
    for closure in CLOSURES:
        alphas = logarithmic(*settings.random, settings.points[0])
        branch = random_branches(work, alphas, (depth,), settings.levels[0], ("up",), closure)
        exact = transitions(work, settings.levels[1], closure)["alpha_l"].values
        profile = layer_profile(branch, depth, "up", exact[exact <= settings.random[1]])
        found["random", closure] = profile.assign(limit=counting_bound(depth))
    for closure in CLOSURES:
        plan = PlantedSweep(logarithmic(*settings.planted, settings.points[1]), (depth,), closure, directions=("up",))
        edges = keep_transitions(work, closure, depth)
        exact = edges["continuous"].values
        profile = layer_profile(work.sweep(plan), depth, "up", exact[exact <= settings.planted[1]])
        found["planted", closure] = profile.assign(limit=float(edges["crystal"]))
    return found


def make(settings: Settings, work: Workspace) -> Picture:
    """Bonds above, spins below; random on the left, planted on the right."""
    from gardner.plotting import style
    from gardner.plotting.phase import draw_layers

    found = profiles(settings, work)
    with style.journal():
        drawing, axes = style.figure(2, len(found), height=3.3, width=style.PAGE, sharex="col", sharey="row")
        for (setting, closure), profile, column in zip(found, found.values(), axes.T):
            for axis, name in zip(column, ROWS):
                mesh = draw_layers(axis, profile, name)
                style.cased(axis.axvline, float(profile["limit"]), ls=(0, (3, 2)))
            steps = rf", $k={settings.levels[0]}$" if setting == "random" else ""
            column[0].set_title(f"{setting}, {closure}{steps}")
            column[1].set_xlabel(r"patterns per width $\alpha$")
        for row, (layer, name) in zip(axes, ROWS.values()):
            row[0].set_ylabel(layer)
            drawing.colorbar(mesh, ax=list(row), label=name, pad=0.01)
        marks = r"strokes: $\alpha_l$; broken lines: counting bound (random), $\alpha^*$ (planted)"
        drawing.suptitle(rf"$L={settings.depth}$, branch followed upward; {marks}", fontsize=8)
    return Picture(drawing, label_variables(table(found), **LABELS))


def table(found: dict):
    """All profiles in one Dataset over (setting, closure); `point` counts the α of a setting, `mark` the strokes."""
    import xarray as xr

    rows = {}
    for (setting, closure), profile in found.items():
        axes = {"point": np.arange(profile.sizes["alpha"]), "mark": np.arange(profile.sizes["mark"])}
        numbered = profile.reset_index("alpha").reset_coords("alpha").rename_dims(alpha="point").assign_coords(axes)
        rows.setdefault(setting, []).append(numbered.expand_dims(setting=[setting], closure=[closure]))
    joined = [xr.concat(parts, "closure", join="outer") for parts in rows.values()]
    return xr.concat(joined, "setting", join="outer", combine_attrs="drop")
