"""How deep the solid layers reach: ξ(α) and the claim that it grows as ln α (THEORY section 6).

ξ(α) is the number of solid bond layers counted from a boundary, solid meaning Q_EA > SOLID. It is a
staircase and saturates at the depth of the net, so that a line fitted to ξ itself measures where
its window ends. The fit is of the layer l against x = ln α_l, α_l the α at which layer l turns
solid, over a stated window:

    l = a + b (x - x̄),          and to test it       l = a' + b' (x - x̄) + c (x - x̄)².                       (P1)

*What an error means.* Errors of the α_l (half a step of the sweep, or the error of the limit k → ∞)
are carried through the fits. Exact α_l have none; what is left is misfit, of which the scatter of
the residuals about each curve is the measure: s² = RSS/(n - p). Both are added in quadrature. The
misfit part is no standard deviation: residuals of an exact curve have a pattern, not a
distribution.

*Verdict.* bend = 2c (x_n - x_1)/b is the change of the slope across the window relative to the
slope. With its error σ and the 95 % quantile t of Student's distribution with n - 3 degrees of
freedom,

    straight:   |bend| + tσ < 1/4           the slope changes by less than a quarter,
    bent:       |bend| - tσ > 0 otherwise   the slope changes, l accelerates (c > 0) or slows down,
    undecided:  neither; or fewer than four layers.

A straight line within a quarter may still have residuals in the shape of a U, since the test asks
how much the slope changes and not whether it does. `wording`, which the command and every picture
print, therefore names the change that is not excluded and the window: "straight to 5.2 % (α ≥
100)".

p is the two-sided probability of the t of c. The local slopes 1/ln(α_{l+1}/α_l) are reported beside
it: a sequence that becomes straight only asymptotically shows there.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.stats import t as student

from gardner.criteria import SOLID
from gardner.model import CLOSURES
from gardner.results import schema as words
from gardner.results.base import Result, labelled
from gardner.results.tables import print_table
from gardner.values import ByValue

FEWEST = 4  # layers that test a straight line
STRAIGHT = 0.25  # largest relative change of slope of a straight line
CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class LayerTransitions(ByValue):
    """α_l at which bond layer l, counted from the boundary, turns solid: within [low_l, high_l], all of shape (n,).

    layer_l: 1, 2, …; exact values have low = high. status_l: what is known of each ("" if nothing is to be said).
    source: where they come from; ended: why there are no more, or None.
    """

    layer_l: np.ndarray
    alpha_l: np.ndarray
    low_l: np.ndarray
    high_l: np.ndarray
    status_l: tuple[str, ...]
    source: str
    setting: str
    closure: str
    depth: int | None = None
    ended: str | None = None

    def within(self, low: float, high: float) -> LayerTransitions:
        """Those with low ≤ α_l ≤ high."""
        keep = (self.alpha_l >= low) & (self.alpha_l <= high)
        parts = (self.layer_l[keep], self.alpha_l[keep], self.low_l[keep], self.high_l[keep])
        statuses = tuple(s for s, kept in zip(self.status_l, keep) if kept)
        return LayerTransitions(*parts, statuses, self.source, self.setting, self.closure, self.depth, self.ended)


@dataclass(frozen=True, eq=False)
class Line(ByValue):
    """Fit (P1): value at x̄, slope and its errors (from the α_l, from misfit), residuals in layers."""

    centre: float
    value: float
    slope: float
    slope_error: float
    misfit_error: float
    residual_l: np.ndarray

    def __call__(self, alpha) -> np.ndarray:
        return self.value + self.slope * (np.log(alpha) - self.centre)

    def in_layers(self, width, alpha) -> np.ndarray:
        """Widths in α, at some α, in layers."""
        return width / alpha * self.slope

    @property
    def error(self) -> float:
        """Both errors of the slope together."""
        return float(np.hypot(self.slope_error, self.misfit_error))


SORTS = dict.fromkeys(("layers", "alpha", "alpha_low", "alpha_high"), words.MAYBES) | {"statuses": [words.TEXT]}


@dataclass(frozen=True, eq=False)
class Penetration(Result):
    """Layers against ln α_l over a window: the line, its quadratic test and the verdict (module docstring).

    quadratic, quadratic_error: c of (P1); p_value: of c; bend, bend_error: relative change of the slope;
    local_slope_l: between neighbouring layers. nan where there are too few layers.
    """

    transitions: LayerTransitions = labelled(hidden=True)
    used: LayerTransitions = labelled(hidden=True)
    window: tuple[float, float] = labelled(type=words.MAYBES)
    line: Line | None = labelled(hidden=True)
    quadratic: float
    quadratic_error: float
    p_value: float
    bend: float
    bend_error: float
    local_slope_l: np.ndarray = labelled("slope between neighbouring layers", key="local_slopes", type=words.MAYBES)
    verdict: str
    explanation: str
    seconds: float = field(default=0.0, compare=False)
    parameters: dict = field(default_factory=dict)

    kind = "penetration"
    drawing = "gardner.plotting.penetration:penetration_figure"
    columns = (
        ("layers", "layer", "bond layer"),
        ("alpha", "layer", "α at which it turns solid"),
        ("alpha_low", "layer", "lower bound of α"),
        ("alpha_high", "layer", "upper bound of α"),
        ("statuses", "layer", "what is known of α"),
    )

    def body(self) -> dict:
        """The entries of the JSON document of `gardner penetration`: the layers of the window and what they say."""
        used, line = self.used, self.line
        names = ("quadratic", "quadratic_error", "p_value", "bend", "bend_error")
        return {
            "setting": used.setting,
            "closure": used.closure,
            "depth": used.depth,
            "transitions": used.source,
            "window": list(self.window),
            "layers": used.layer_l.tolist(),
            "alpha": used.alpha_l.tolist(),
            "alpha_low": used.low_l.tolist(),
            "alpha_high": used.high_l.tolist(),
            "statuses": list(used.status_l),
            "ended": used.ended,
            "slope": None if line is None else line.slope,
            "slope_error": None if line is None else line.error,
            "slope_error_data": None if line is None else line.slope_error,
            "slope_error_misfit": None if line is None else line.misfit_error,
            "residuals": None if line is None else line.residual_l.tolist(),
            **{name: getattr(self, name) for name in names},
            "local_slopes": self.local_slope_l.tolist(),
            "verdict": self.verdict,
            "explanation": self.explanation,
        }

    @classmethod
    def from_body(cls, body: dict, **header) -> Penetration:
        """The result for the transitions in `body`, fitted again; those outside the window are not in it."""
        words.check_value(body, SORTS, "the document")
        if len({len(body[name]) for name in SORTS}) > 1:
            raise ValueError(f"{', '.join(SORTS)} differ in length")
        columns = (np.array(body[name], dtype=float) for name in ("layers", "alpha", "alpha_low", "alpha_high"))
        told = (body[name] for name in ("transitions", "setting", "closure", "depth", "ended"))
        low, high = body["window"]
        found = LayerTransitions(*columns, tuple(body["statuses"]), *told)
        return replace(penetration(found, (low or 0.0, math.inf if high is None else high)), **header)

    @classmethod
    def schema(cls) -> words.Schema:
        """What its fields say, and of the transitions their closure."""
        whole = super().schema()
        return replace(whole, attributes=whole.attributes | {"closure": CLOSURES, "depth": words.MAYBE_COUNT})

    def case(self) -> tuple:
        """Closure and depth, by which `closure_verdict` judges."""
        return self.used.closure, self.used.depth

    @property
    def wording(self) -> str:
        """The verdict in a few words, the same in the command and in pictures; with the window, if one was chosen."""
        said = {"bent": "not straight", "undecided": "undecided"}.get(self.verdict)
        if said is None:
            said = f"straight to {100.0 * (abs(self.bend) + self.bend_reach):.2g} %"
        low, high = self.window
        limits = [f"α ≥ {low:g}"] * (low > 0.0) + [f"α ≤ {high:g}"] * math.isfinite(high)
        return said + (f" ({', '.join(limits)})" if limits else "")

    @property
    def bend_reach(self) -> float:
        """tσ of the bend: half the width of its interval of 95 %, nan for fewer than four layers."""
        return _reach(len(self.used.alpha_l), self.bend_error)

    def tell(self) -> None:
        """Print a readable account, the verdict last."""
        used, line = self.used, self.line
        rows = []
        for l, layer in enumerate(used.layer_l):
            local = f"{self.local_slope_l[l - 1]:.4f}" if l else ""
            residual = "" if line is None else f"{line.residual_l[l]:+.3f}"
            error = 0.5 * (used.high_l[l] - used.low_l[l])
            shown = f"{used.alpha_l[l]:.6g}" + (f" ± {error:.2g}" if error else "")
            rows.append([f"{layer:.0f}", shown, local, residual, used.status_l[l]])
        title = f"{used.setting}, {used.closure} closure: {used.source}"
        print_table(title, ["l", "α_l", "slope from l-1", "off the line", "status"], rows)
        if line is not None:
            error = "unknown from two layers"
            if math.isfinite(line.error):
                error = f"{line.error:.2g} (from the α_l {line.slope_error:.2g}, from misfit {line.misfit_error:.2g})"
            print(f"line: {line.slope:.4f} layers per unit of ln α, error {error}")
        if math.isfinite(self.quadratic):
            print(f"quadratic term {self.quadratic:+.4f} ± {self.quadratic_error:.2g}, p = {self.p_value:.2g}")
        print(f"{self.wording}: {self.explanation}")
        if used.ended is not None:
            print(f"the list ends: {used.ended}", file=sys.stderr)


def _least_squares(x, y, sigma_x, degree: int):
    """Coefficients of y against x (constant first), their errors from σ_x and from scatter, residuals."""
    design = np.vander(x, degree + 1, increasing=True)
    linear = np.linalg.pinv(design)
    coefficients = linear @ y
    residuals = y - design @ coefficients
    slope_l = design[:, :-1] @ (coefficients[1:] * np.arange(1, degree + 1))
    carried = np.sqrt((linear**2) @ (slope_l * sigma_x) ** 2)
    freedom = len(y) - degree - 1
    scatter = math.sqrt(residuals @ residuals / freedom) if freedom > 0 else math.nan
    return coefficients, carried, scatter * np.sqrt(np.sum(linear**2, axis=1)), residuals


def fit_line(transitions: LayerTransitions) -> Line | None:
    """The straight line of (P1), or None for fewer than two layers."""
    if len(transitions.alpha_l) < 2:
        return None
    x = np.log(transitions.alpha_l)
    centre = float(x.mean())
    values, carried, misfit, residuals = _least_squares(x - centre, transitions.layer_l, _sigma(transitions), 1)
    return Line(centre, float(values[0]), float(values[1]), float(carried[1]), float(misfit[1]), residuals)


def _sigma(transitions: LayerTransitions) -> np.ndarray:
    """Standard deviation of ln α_l, uniform within its interval."""
    return np.log(transitions.high_l / transitions.low_l) / math.sqrt(12.0)


def penetration(transitions: LayerTransitions, window: tuple[float, float] | None = None) -> Penetration:
    """Fit and test the transitions with α_l inside `window` (all of them by default)."""
    window = (0.0, math.inf) if window is None else (float(window[0]), float(window[1]))
    if not window[0] < window[1]:
        raise ValueError(f"window = {window[0]:g}:{window[1]:g}: the first α must be the smaller one")
    used = transitions.within(*window)
    count = len(used.alpha_l)
    local = np.diff(used.layer_l) / np.diff(np.log(used.alpha_l))
    line = fit_line(used)
    if count < FEWEST:
        text = f"{count} layers turn solid in the window; at least {FEWEST} are needed to test a straight line"
        return Penetration(transitions, used, window, line, *[math.nan] * 5, local, "undecided", text)
    x = np.log(used.alpha_l)
    centred, width = x - x.mean(), x[-1] - x[0]
    values, carried, misfit, _ = _least_squares(centred, used.layer_l, _sigma(used), 2)
    curvature, error = float(values[2]), float(np.hypot(carried[2], misfit[2]))
    freedom = count - 3
    p_value = float(2.0 * student.sf(abs(curvature) / error, freedom)) if error > 0.0 else float(curvature == 0.0)
    bend, bend_error = 2.0 * curvature * width / line.slope, 2.0 * error * width / line.slope
    reach = _reach(count, bend_error)
    verdict = "undecided"
    if abs(bend) + reach < STRAIGHT:
        verdict = "straight"
    elif abs(bend) > reach:
        verdict = "bent"
    text = _explanation(verdict, curvature, bend, reach, local)
    slope = asymptotic_slope(used.setting, used.closure)
    if slope is not None:
        text += f"; far behind its tip this front has the slope {slope:.3f}"
    return Penetration(
        transitions, used, window, line, curvature, error, p_value, bend, bend_error, local, verdict, text
    )  # fmt: skip


def _reach(count: int, bend_error: float) -> float:
    """Half the width of the interval of CONFIDENCE about the bend of `count` layers."""
    return float(student.ppf(0.5 + CONFIDENCE / 2.0, count - 3)) * bend_error if count > 3 else math.nan


def asymptotic_slope(setting: str, closure: str) -> float | None:
    """Layers per unit of ln α far behind the tip of the planted front, None where no line is reached."""
    ratio = CLOSURES[closure].planted_ratio
    return None if setting != "planted" or ratio is None else 1.0 / math.log(ratio)


def _explanation(verdict: str, curvature: float, bend: float, reach: float, local: np.ndarray) -> str:
    change = f"the slope changes by {100 * bend:+.1f} % ± {100 * reach:.1f} % (95 %) across the window"
    steps = f"from {local[0]:.3f} between its first two layers to {local[-1]:.3f} between its last two"
    if verdict == "straight":
        return f"a straight line describes the data to within a quarter of its slope: {change}, {steps}"
    if verdict == "bent":
        word = "accelerates" if curvature > 0.0 else "slows down"
        return f"no straight line: penetration {word}; {change}, {steps}"
    return f"neither straight nor bent at this accuracy: {change}, {steps}"


def solid_layers(Q_ea_l: Sequence[float], threshold: float = SOLID) -> int:
    """ξ: how many layers from the first on have Q_EA > threshold (nan counts as liquid)."""
    solid = np.asarray(Q_ea_l) > threshold
    return len(solid) if solid.all() else int(np.argmin(solid))


def penetration_table(result: Penetration) -> tuple[str, np.ndarray]:
    """Header and rows of the plotted transitions; residuals are nan outside the window."""
    every = result.transitions
    residuals = np.full(len(every.layer_l), np.nan)
    if result.line is not None:
        residuals[np.isin(every.layer_l, result.used.layer_l)] = result.line.residual_l
    columns = every.layer_l, every.alpha_l, every.low_l, every.high_l, residuals
    return "layer,alpha,alpha_low,alpha_high,residual", np.column_stack(columns)
