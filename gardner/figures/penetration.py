"""Solid layers against ln α: random and planted fronts, the straight line and what it leaves over.

ξ layers from the boundary are solid beyond α_ξ, the exact transitions of half-infinite fronts
(THEORY section 6), with the fit (P1) and its residuals. [Y20] sections 4 and 5: penetration grows
as ln α. Tested here: no front is straight over all its layers. That of the directed closure,
planted, becomes so far behind its tip, where α_{l+1}/α_l → π²/4: for α ≥ 100 the slope changes by a
few per cent, which the title names, and the residuals show it as a shallow U. The planted symmetric
front accelerates. The random one has four known transitions, extrapolated to k → ∞; "metastable
front": a frozen state of smaller s exists there. Titles say what `gardner penetration` says.

Takes half a minute (draft), two minutes (paper, not measured).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from gardner.figures.workspace import Picture, Workspace, label_variables

CASES = {
    "random, symmetric": (0.0, inf),
    "planted, symmetric": (0.0, inf),
    "planted, directed": (100.0, inf),
}  # window of the straight line
EVERY = (0.0, inf)

LABELS = {
    "layer": "bond layer counted from the boundary",
    "alpha": "patterns per width at which the layer turns solid",
    "residual": "layer less the straight line",
    "slope": "layers per unit of ln alpha",
    "bend": "relative change of the slope across the window",
}


@dataclass(frozen=True)
class Settings:
    """levels: k behind the random transitions; layers: random ones; planted_layers: planted ones."""

    levels: int = 20
    layers: int = 4
    planted_layers: int = 10


DRAFT = Settings()
PAPER = Settings(levels=56)


def transitions(case: str, settings: Settings):
    """`LayerTransitions` of one of CASES as a Dataset over the layers."""
    import xarray as xr

    from gardner.analysis.layer_transitions import of_planted_front, of_random_front

    setting, closure = case.split(", ")
    if setting == "random":
        found = of_random_front(settings.levels, settings.layers, None, closure)
    else:
        found = of_planted_front(closure, settings.planted_layers)
    layered = {
        "alpha": found.alpha_l,
        "alpha_low": found.low_l,
        "alpha_high": found.high_l,
        "status": [*found.status_l],
    }
    data = xr.Dataset({name: ("layer", values) for name, values in layered.items()}, {"layer": found.layer_l})
    return data.assign_attrs(source=found.source, ended=found.ended or "")


def fit_case(data, case: str, window=None):
    """The test of the straight line for transitions of `transitions`, over the window of its case or another one."""
    from gardner.analysis.penetration import LayerTransitions, penetration

    arrays = [data[name].values for name in ("layer", "alpha", "alpha_low", "alpha_high")]
    statuses = tuple(str(status) for status in data["status"].values)
    every = LayerTransitions(*arrays, statuses, data.attrs["source"], *case.split(", "))
    return penetration(every, window or CASES[case])


def make(settings: Settings, work: Workspace) -> Picture:
    """One column per case: the layers above, the residuals below."""
    import xarray as xr

    from gardner.plotting import style
    from gardner.plotting.penetration import draw_penetration

    parts = []
    with style.journal():
        drawing, axes = style.figure(2, 3, height=3.2, width=style.PAGE, sharex="col", height_ratios=(2.4, 1))
        for case, column in zip(CASES, axes.T):
            named = {"case": case, "layers": settings.layers if "random" in case else settings.planted_layers}
            named |= {"levels": settings.levels} if "random" in case else {}
            data = work.keep("front", named, lambda case=case: transitions(case, settings))
            result = fit_case(data, case)
            draw_penetration(*column, result)
            column[0].set_ylim(0.0, 1.35 * result.transitions.layer_l[-1])
            column[0].set_title(title_of(result, fit_case(data, case, EVERY)))
            parts.append(with_fit(data, result))
        axes[0, 0].set_ylabel(r"solid layers $\xi$")
        axes[1, 0].set_ylabel("residual")
        axes[1, 0].set_xticks([3, 10, 30, 100], ["3", "10", "30", "100"])
    data = xr.concat(parts, "case", join="outer").assign_coords(case=list(CASES))
    return Picture(drawing, label_variables(data, **LABELS))


def title_of(result, whole) -> str:
    """Case and verdict of all layers, and below it that of the window where this leaves some out."""
    title = f"{whole.used.setting}, {whole.used.closure}: {whole.wording}"
    return title if result.window == whole.window else f"{title}\n{result.wording}"


def with_fit(data, result):
    """The transitions with residuals (nan outside the window), slope, its error, the relative bend and the verdict."""
    residual = np.full(data.sizes["layer"], np.nan)
    residual[np.isin(data["layer"], result.used.layer_l)] = result.line.residual_l
    numbers = {"slope": result.line.slope, "slope_error": result.line.error, "bend": result.bend}
    fit = {"residual": ("layer", residual), **numbers, "bend_error": result.bend_error, "verdict": result.verdict}
    return data.assign(fit).drop_attrs(deep=False)
