"""How the capacity grows with depth: a table of closures and depths, and four laws fitted to that of one step.

    linear  a L + b        L ln L  a L ln L + b L + c        power  a L^b        exponential  a e^{bL}          (C57)

The first two are least squares of α_c/L, that is, of relative deviations on the scale of a linear law; the last two of
ln α_c. `deviation` is the largest |fit/α_c - 1|: the laws compete on it. They are fitted to L ≥ 2.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from gardner.analysis.capacity import capacity
from gardner.analysis.jammed_capacity import end_layer
from gardner.errors import ConvergenceError
from gardner.model import CLOSURES, PRIORS
from gardner.results import schema as words
from gardner.results.base import Entry, Result, labelled
from gardner.results.tables import print_table
from gardner.theory.counting import counting_bound

LAWS = ("linear", "L ln L", "power", "exponential")
FEWEST = 5  # points behind the fits
FITS = 0.05  # deviation beyond which the best law is none
MOST_DEPTHS = 200


@dataclass(frozen=True, eq=False)
class CapacityPoint(Entry):
    """α_c of one closure and depth; nan where status is stalled.

    alpha_c: the best of the steps asked for; one_step: that of one step, all layers at the same m; counting_bound:
    (C11), nan for negative margins.
    """

    number: int = labelled("row", type=words.COUNT)
    closure: str = labelled("closure")
    depth: int = labelled("depth L", type=words.COUNT)
    alpha_c: float = labelled("storage capacity α_c", type=words.MAYBE)
    error: float = labelled("numerical error of α_c", type=words.MAYBE)
    one_step: float = labelled("α_c of one step", type=words.MAYBE)
    counting_bound: float = labelled("counting bound", type=words.MAYBE)
    status: str = labelled("converged or stalled")

    @property
    def ratio(self) -> float:
        """α_c over the counting bound."""
        return self.alpha_c / self.counting_bound


@dataclass(frozen=True, eq=False)
class GrowthFit(Entry):
    """A law of (C57) with its coefficients (c: 0 where the law has two) and its largest relative deviation."""

    name: str = labelled("closure and law")
    closure: str = labelled("closure of the law", key="fit_closure")
    law: str = labelled("law of growth")
    a: float = labelled("coefficient a", type=words.NUMBER)
    b: float = labelled("coefficient b", type=words.NUMBER)
    c: float = labelled("coefficient c", type=words.NUMBER)
    deviation: float = labelled("largest relative deviation", type=words.NUMBER)


@dataclass(frozen=True, eq=False)
class EndLayer(Entry):
    """What the layer beside given spins can store by itself, one step (C58): a bound for every depth."""

    closure: str = labelled("closure")
    alpha_c: float = labelled("α_c of the layer at the end", key="end_layer", type=words.NUMBER)


@dataclass(frozen=True, eq=False)
class CapacityCurve(Result):
    """α_c against depth in one or more closures, and how it grows.

    margin: κ of the hard core; levels: RSB steps at L ≥ 2, None for one or the limit of two that (C58) is; points: one
    row for each closure and depth; ends: (C58), of the closures where it exists; fits: the laws (C57) of one step,
    where a closure has five depths L ≥ 2; status: converged if any point is; seconds: wall time.
    """

    margin: float = labelled(type=words.NUMBER)
    levels: int | None = labelled(type=words.MAYBE_COUNT)
    points: tuple[CapacityPoint, ...] = labelled(axes="point", entry=CapacityPoint, index="number")
    ends: tuple[EndLayer, ...] = labelled(axes="end", entry=EndLayer, index="closure")
    fits: tuple[GrowthFit, ...] = labelled(axes="fit", entry=GrowthFit, index="name")
    status: str = "converged"
    seconds: float = field(default=0.0, compare=False)
    parameters: dict = field(default_factory=dict)

    kind = "capacity curve"
    drawing = "gardner.plotting.capacity:depth_figure"
    saving = "gardner.plotting.capacity:save_depths"

    def of(self, closure: str) -> list[CapacityPoint]:
        """The converged points of a closure, by depth."""
        return [p for p in self.points if p.closure == closure and p.status == "converged"]

    @property
    def closures(self) -> list[str]:
        """The closures of the points, in their order."""
        return list(dict.fromkeys(point.closure for point in self.points))

    @property
    def steps(self) -> str:
        """The steps behind alpha_c, in words."""
        return "one step or end layer" if self.levels is None else f"{self.levels} step{'s' * (self.levels > 1)}"

    def tell(self) -> None:
        """Print the table, the laws, and what they say."""
        print(f"hard core, κ = {self.margin:g}: α_c of {self.steps}, against counting")
        rows = []
        for p in self.points:
            shown = (f"{p.alpha_c:.8g}", f"{p.error:.0e}") if p.status == "converged" else (p.status, "")
            bound = ("", "") if math.isnan(p.counting_bound) else (f"{p.counting_bound:.6g}", f"{p.ratio:.4f}")
            one = "" if math.isnan(p.one_step) else f"{p.one_step:.8g}"
            rows.append([p.closure, str(p.depth), *shown, one, *bound])
        print_table("", ["closure", "L", "α_c", "error", "one step", "counting", "ratio"], rows)
        if self.fits:
            laws = [[f.closure, f.law, *(f"{x:.5g}" for x in (f.a, f.b, f.c)), f"{f.deviation:.1e}"] for f in self.fits]
            print_table("growth of one step, L ≥ 2", ["closure", "law", "a", "b", "c", "deviation"], laws)
        for closure in self.closures:
            print(self.growth(closure))

    def growth(self, closure: str) -> str:
        """What is found about the growth of α_c in a closure, in words."""
        fits, said = {fit.law: fit for fit in self.fits if fit.closure == closure}, f"{closure}: "
        if fits:
            best = min(fits.values(), key=lambda fit: fit.deviation)
            how = "one step grows like" if best.deviation < FITS else "no law fits one step, the best is"
            said += f"{how} {best.law}, to {100 * best.deviation:.2g} %"
            if best.law != "exponential" and "exponential" in fits:
                said += f"; an exponential is off by up to {100 * fits['exponential'].deviation:.2g} %"
        else:
            said += f"too few depths for a law of growth (at least {FEWEST} with L ≥ 2)"
        ends = [end.alpha_c for end in self.ends if end.closure == closure]
        return said + (f"; two steps store no more than {ends[0]:.5g} at any depth" if ends else "")


def fit_law(law: str, depth: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (a, b, c) of a law of (C57), and its values at `depth`."""
    one, zero = np.ones_like(depth), np.zeros_like(depth)
    if law in ("linear", "L ln L"):
        basis = [depth, one, zero] if law == "linear" else [depth * np.log(depth), depth, one]
        design = np.column_stack(basis)
        found = np.linalg.lstsq(design / depth[:, None], alpha / depth, rcond=None)[0]
        return found, design @ found
    variable = np.log(depth) if law == "power" else depth
    b, log_a = np.polyfit(variable, np.log(alpha), 1)
    return np.array([np.exp(log_a), b, 0.0]), np.exp(log_a + b * variable)


def fit_growth(points: Sequence[CapacityPoint]) -> tuple[GrowthFit, ...]:
    """The laws of (C57) of every closure with enough depths."""
    fits = []
    for closure in dict.fromkeys(point.closure for point in points):
        used = [p for p in points if p.closure == closure and p.depth > 1 and math.isfinite(p.one_step)]
        if len(used) < FEWEST:
            continue
        depth, alpha = (np.array([getattr(p, name) for p in used], dtype=float) for name in ("depth", "one_step"))
        for law in LAWS:
            coefficients, values = fit_law(law, depth, alpha)
            deviation = float(np.abs(values / alpha - 1.0).max())
            fits.append(GrowthFit(f"{closure}, {law}", closure, law, *map(float, coefficients), deviation))
    return tuple(fits)


def capacity_curve(
    depths: Sequence[int],
    margin: float = 0.0,
    levels: int | None = None,
    closures: Sequence[str] = tuple(CLOSURES),
    watch: Callable[[str], None] | None = None,
    weights: str = "spherical",
) -> CapacityCurve:
    """α_c at every depth in every closure, and how it grows; hard core of margin κ.

    levels: RSB steps at L ≥ 2 and, for κ < 0, at L = 1 (None: one, and the limit of two where the layer at the end
    decides alone; RS is exact at L = 1, κ ≥ 0). A depth whose branch
    cannot be followed is a point with status stalled. 0.1 to 2 s each at one step and κ = 0; watch sees a line of text
    now and then. weights: as for `capacity`. ValueError for impossible input. (C57)
    """
    if not 1 <= len(depths) <= MOST_DEPTHS:
        raise ValueError(f"{len(depths)} depths: between 1 and {MOST_DEPTHS} are allowed")
    if levels == 0:
        raise ValueError("levels = 0: a curve against depth needs at least one step; RS is for a single --depth")
    began, points, counted = time.perf_counter(), [], PRIORS[weights].log_values is not None
    for closure in closures:
        for depth in depths:
            named = None if watch is None else (lambda text, d=depth, c=closure: watch(f"{c}, L = {d}, {text}"))
            bound = counting_bound(depth, margin, PRIORS[weights].log_values)
            known = closure, int(depth)
            bound = math.nan if bound is None else bound
            try:
                steps = levels if depth > 1 else (None if margin >= 0.0 else levels or 1)
                found = capacity(int(depth), margin, levels if counted else steps, named, closure, weights)
                one = found.bounds[0] if found.bounds else found.alpha_c
                row = CapacityPoint(len(points) + 1, *known, found.alpha_c, found.error, one, bound, "converged")
            except ConvergenceError:
                row = CapacityPoint(len(points) + 1, *known, math.nan, math.nan, math.nan, bound, "stalled")
            points.append(row)
            if named is not None:
                named(f"α_c = {row.alpha_c:.6g}")
    status = "converged" if any(point.status == "converged" for point in points) else "stalled"
    given = {"depths": list(map(int, depths)), "margin": margin, "levels": levels, "closures": list(closures)}
    given["weights"] = weights
    alone = {} if counted else {closure: end_layer(closure, margin) for closure in closures}
    ends = tuple(EndLayer(name, float(state.alpha)) for name, state in alone.items() if state is not None)
    fits, seconds = fit_growth(points), time.perf_counter() - began
    return CapacityCurve(float(margin), levels, tuple(points), ends, fits, status, seconds, given)
