"""Monte Carlo overlaps extrapolated in 1/c against both closures: one layer as a control, and two.

Planted hard core in the dense limit on regular graphs, runs of the heat bath from the teacher: the comparisons that are
kept with the package (data/comparison), analysed again; `gardner compare planted` made them, in three hours of a core.
Left: L = 1, α = 2, where both closures are Gardner's perceptron. Right: L = 2 at α = 10, crystal, where they differ;
signs of units are matched. Points: means at connectivity c with standard errors over samples; open: runs that do not
count, which lie above equilibrium. Strokes at the left edge and thin lines: closures. Diamond: the
limit c → ∞, averaged over the models with the error of statistics and of their choice (beside 0 where bars would cover
one another); thin curve: the one model of largest weight, which need not end at the diamond.

What they say: the control agrees. At L = 2 the errors of the limit, .010 to .016, exceed the difference of the closures
(.001 to .008): the solid phase decides nothing, the liquid does (figure `liquid-fluctuations`).

Takes four seconds (draft and paper).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.workspace import Picture, Workspace
from gardner.model import CLOSURES


@dataclass(frozen=True)
class Settings:
    """reports: names of the kept comparisons, one panel each."""

    reports: tuple[str, ...] = ("planted_L1_alpha2", "planted_L2_alpha10")


DRAFT = PAPER = Settings()


def compare_again(name: str):
    """A kept comparison, analysed again."""
    from gardner.comparison.analysis import compare
    from gardner.comparison.stored import stored_comparison

    return compare(*stored_comparison(name))


def dataset(comparisons):
    """Means, errors and exclusions (row by panel, overlap, layer, c), theory and limit of the same row."""
    import xarray as xr

    rows = []
    for comparison in comparisons:
        limit = comparison.limit
        for k, (name, layer) in enumerate(comparison.keys):
            theory = {p.closure: p.value_k[k] for p in comparison.predictions}
            reached = (np.nan, np.nan) if limit is None else (limit.value_k[k], limit.error_k[k])
            for run in comparison.measured:
                numbers = (run.mean_k[k], run.error_k[k], *reached, *(theory[name] for name in CLOSURES))
                key = (comparison.settings.depth, comparison.settings.alpha, name, layer, run.size)
                rows.append((*key, *numbers, bool(run.excluded), run.tau, run.ratio))
    names = ("depth", "alpha", "overlap", "layer", "connectivity", "mean", "error", "limit", "limit_error")
    names += (*CLOSURES, "excluded", "tau", "ratio")
    data = xr.Dataset({name: ("row", np.array([row[i] for row in rows])) for i, name in enumerate(names)})
    data["tau"].attrs = {"long_name": "longest autocorrelation time of the run", "units": "sweeps"}
    data["ratio"].attrs = {"long_name": "M/N", "units": "1"}
    return data.assign_attrs(verdict=" | ".join(comparison.verdict.words for comparison in comparisons))


def remark(comparison) -> str:
    """What the title of a panel has to say of its limit."""
    if comparison.limit is None:
        return "\nmeans only: too few runs count for a limit"
    if (comparison.limit.value_k > 1.0).any():
        return "\nlimit exceeds 1 (grey): larger $c$ needed"
    return ""


def make(settings: Settings, work: Workspace) -> Picture:
    """One panel per kept comparison."""
    from gardner.plotting import style
    from gardner.plotting.comparison import extrapolation_keys, extrapolation_panel, overlap_colours

    comparisons = [compare_again(name) for name in settings.reports]
    deepest = max(comparisons, key=lambda comparison: comparison.settings.depth)
    colours = overlap_colours(deepest)
    with style.journal():
        drawing, axes = style.figure(1, len(comparisons), height=3.1, width=style.PAGE)
        for axis, comparison in zip(axes, comparisons):
            extrapolation_panel(axis, comparison, colours)
            window = axis.get_ylim()
            depth, alpha = comparison.settings.depth, comparison.settings.alpha
            axis.set_title(rf"planted, regular graph, $L={depth}$, $\alpha={alpha:g}${remark(comparison)}")
            axis.axhspan(1.0, 2.0, fc="0.93", ec="none", zorder=-1)  # no overlap
            axis.set_xlabel("$1/c$")
            axis.set_ylim(*window)
        drawing.legend(handles=extrapolation_keys(deepest, colours), loc="outside lower center", ncols=4)
    return Picture(drawing, dataset(comparisons))
