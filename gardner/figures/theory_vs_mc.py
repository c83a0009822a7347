"""Monte Carlo overlaps extrapolated in 1/c against both closures: one layer as a control, and two.

Planted hard core in the dense limit on regular graphs (every hidden unit is read by equally many perceptrons), runs
from the teacher (equilibrium from the first step). Left: L = 1, where both closures are Gardner's perceptron. Right:
L = 2 at α = 10, crystal, where they differ; signs of units are matched. Points: means at connectivity c with standard
errors over samples. A run counts if it is ten autocorrelation times long and has forgotten the teacher (pairs of
students are a time 2t apart, student and teacher t: both overlaps agree), or if what it may still remember is small
and in its error, the relaxed counting of `gardner compare`; an R-hat that is too large does not exclude it. Open: runs
that do not count. Strokes at the left edge and thin lines: closures. Diamond and thin curve: the limit c → ∞, with the
error of statistics and of the choice of model, drawn only where three sizes count.

In draft, L = 2, the runs are 58, 48 and 17 autocorrelation times long, and c ≤ 12 is far from the limit: Q rises fast
up to c = 8 and hardly beyond, a parabola in 1/c turns down, and neither closure is confirmed or rejected (verdict,
stored with the data: undecided). M/N is the same at all c, 5/6 at L = 2: the dense limit has M/N → 0, which these sizes
do not reach; `gardner compare` comes closer with a larger budget.

Takes 97 s (draft; paper: not measured).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.workspace import Picture, Workspace


@dataclass(frozen=True)
class Settings:
    """depths, alphas: one panel each; sizes: connectivities c; widths: N over c by panel; sweeps, samples: of every
    run."""

    depths: tuple[int, ...] = (1, 2)
    alphas: tuple[float, ...] = (2.0, 10.0)
    sizes: tuple[int, ...] = (6, 8, 12)
    widths: tuple[int, ...] = (4, 12)
    sweeps: int = 8000
    samples: int = 4
    seed: int = 5


DRAFT, PAPER = Settings(), Settings(sweeps=100_000, samples=24)


def compared(settings: Settings, panel: int, work: Workspace):
    """The comparison of one panel, its runs kept."""
    from gardner.comparison.analysis import compare
    from gardner.comparison.planning import run_settings
    from gardner.comparison.runs import measured_for
    from gardner.comparison.settings import ComparisonSettings

    depth, alpha, factor = settings.depths[panel], settings.alphas[panel], settings.widths[panel]
    numbers = {"sizes": settings.sizes, "samples": settings.samples, "seed": settings.seed}
    plan = ComparisonSettings("planted", depth, alpha, counting="relaxed", **numbers)
    measured = []
    for size in plan.sizes:
        run = run_settings(plan, size, factor * size, settings.sweeps, settings.samples)
        measured.append(measured_for(plan, work.monte_carlo(run), run))
    return compare(plan, measured)


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
                numbers = (run.mean_k[k], run.error_k[k], *reached, theory["symmetric"], theory["directed"])
                key = (comparison.settings.depth, comparison.settings.alpha, name, layer, run.size)
                rows.append((*key, *numbers, bool(run.excluded), run.tau, run.ratio))
    names = ("depth", "alpha", "overlap", "layer", "connectivity", "mean", "error", "limit", "limit_error")
    names += ("symmetric", "directed", "excluded", "tau", "ratio")
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
    """One panel per depth."""
    from gardner.plotting import style
    from gardner.plotting.comparison import extrapolation_keys, extrapolation_panel

    comparisons = [compared(settings, panel, work) for panel in range(len(settings.depths))]
    colours = style.layer_colours(max(settings.depths) + 1)
    with style.journal():
        drawing, axes = style.figure(1, len(comparisons), height=2.9, width=style.PAGE)
        for axis, comparison in zip(axes, comparisons):
            extrapolation_panel(axis, comparison, colours)
            window = axis.get_ylim()
            depth, alpha = comparison.settings.depth, comparison.settings.alpha
            axis.set_title(rf"planted, regular graph, $L={depth}$, $\alpha={alpha:g}${remark(comparison)}")
            axis.axhspan(1.0, 2.0, fc="0.93", ec="none", zorder=-1)  # no overlap
            axis.set_xlabel("$1/c$")
            axis.set_ylim(*window)
        drawing.legend(handles=extrapolation_keys(comparisons[-1], colours), loc="outside lower center", ncols=8)
    return Picture(drawing, dataset(comparisons))
