"""The verdict: every closure against the limits at all α, and the transitions that the susceptibilities point to.

Parts are the values of α and the layers (`verdict.judge_all`). A closure that has no liquid any more at an α at which
the runs are in one is rejected by that.

*Inverse susceptibility.* 1/(M<q²>) is 1 at α = 0 and vanishes where the liquid of the layer ends. Its measured values
are fitted by 1 + b_1 α + b_2 α² (+ b_3 α³ from three values on). The smallest zero beyond the data is the transition
that they point to, with an error from draws of the measured values; where more than a twentieth of the draws have none
below FARTHEST, none is claimed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gardner.comparison.liquid.estimates import UnitCovariances
from gardner.comparison.liquid.isolated import IsolatedUnit
from gardner.comparison.liquid.limits import LayerLimit, take_limit
from gardner.comparison.liquid.settings import LiquidSettings
from gardner.comparison.verdict import REJECT, ClosureVerdict, decide, judge_all
from gardner.model import CLOSURES
from gardner.theory.liquid import liquid_instability
from gardner.values import ByValue

FARTHEST = 10.0  # in units of the largest α measured
DRAWS = 4000


@dataclass(frozen=True, eq=False)
class Susceptibility(ByValue):
    """1/(M<q²>) of a layer: values and errors at `alphas`; the zero they point to with its error (nan: none seen).

    theory: closure → α at which its liquid of this layer ends, inf where it never does.
    """

    layer: int
    alphas: np.ndarray
    inverse: np.ndarray
    error: np.ndarray
    transition: float
    transition_error: float
    none_fraction: float
    theory: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class LiquidComparison(ByValue):
    """Everything a report says; isolated: (layer, c, M) → isolated unit;
    limits, susceptibilities: by α and layer; notes: what was left out and why."""

    settings: LiquidSettings
    runs: tuple[UnitCovariances, ...]
    isolated: Mapping[tuple[int, int, int], IsolatedUnit]
    limits: tuple[LayerLimit, ...]
    closures: tuple[ClosureVerdict, ...]
    control_rejected: bool | None
    status: str
    accepted: str | None
    words: str
    susceptibilities: tuple[Susceptibility, ...]
    notes: tuple[str, ...]


def compare_liquid(
    settings: LiquidSettings,
    measured: Sequence[UnitCovariances],
    isolated: Mapping[tuple[int, int, int], IsolatedUnit],
    notes: Sequence[str] = (),
) -> LiquidComparison:
    """The comparison of runs already made and measured."""
    notes, limits = list(notes), []
    for alpha in settings.alphas:
        for layer in settings.hidden_layers:
            here = [
                run
                for run in measured
                if run.layer == layer
                and not run.excluded
                and run.patterns == settings.patterns(alpha, run.connectivity)
            ]
            if len({run.connectivity for run in here}) < 3:
                notes.append(f"α = {alpha:g}, layer {layer}: fewer than three connectivities count, no limit is taken")
                continue
            limits.append(take_limit(settings, alpha, layer, here, isolated))
    notes += [
        f"α = {limit.alpha:g}, layer {limit.layer}: the limit is another one without c = "
        + ", ".join(map(str, (limit.remainder or limit.direct).unstable))
        for limit in limits
        if (limit.remainder or limit.direct).unstable
    ]
    confronted = [confrontation for limit in limits for confrontation in limit.confrontations]
    beyond = {name: tuple((l.alpha, l.layer) for l in limits if l.theory[name] is None) for name in CLOSURES}
    closures = tuple(judge_all(name, confronted, beyond[name]) for name in CLOSURES)
    status, accepted, words = decide(closures, bool(limits))
    controls = [limit.control for limit in limits if limit.control is not None]
    return LiquidComparison(
        settings,
        tuple(measured),
        dict(isolated),
        tuple(limits),
        closures,
        bool(min(c.p_value for c in controls) * len(controls) < REJECT) if controls else None,
        status,
        accepted,
        words,
        tuple(_susceptibility(settings, layer, limits) for layer in settings.hidden_layers),
        tuple(notes),
    )


def _susceptibility(settings: LiquidSettings, layer: int, limits: Sequence[LayerLimit]) -> Susceptibility:
    here = [limit for limit in limits if limit.layer == layer]
    alphas = np.array([limit.alpha for limit in here])
    values = np.array([limit.value_p[2] for limit in here])
    error = np.array([limit.error_p[2] for limit in here])
    theory = {name: liquid_instability(name, settings.depth, layer, settings.potential) for name in CLOSURES}
    inverse, spread = 1.0 / values, error / values**2
    transition, uncertainty, none = np.nan, np.nan, 1.0
    if len(here) >= 2:
        rng = np.random.default_rng(settings.seed)
        drawn = inverse + spread * rng.standard_normal((DRAWS, len(here)))
        zeros = np.array([_first_zero(alphas, row) for row in drawn])
        none = float(np.isinf(zeros).mean())
        if none < 0.05:
            seen = zeros[np.isfinite(zeros)]
            low, transition, high = np.quantile(seen, [0.159, 0.5, 0.841])
            uncertainty = 0.5 * (high - low)
    return Susceptibility(layer, alphas, inverse, spread, float(transition), float(uncertainty), none, theory)


def _first_zero(alphas: np.ndarray, inverse: np.ndarray) -> float:
    """The smallest zero beyond the data of 1 + b_1 α + b_2 α² (+ b_3 α³), inf without one below FARTHEST."""
    powers = np.arange(1, min(len(alphas), 3) + 1)
    coefficients = np.linalg.lstsq(alphas[:, None] ** powers, inverse - 1.0, rcond=None)[0]
    roots = np.roots([*coefficients[::-1], 1.0])
    real = roots[np.abs(roots.imag) < 1e-9].real
    beyond = real[(real > alphas[-1]) & (real < FARTHEST * alphas[-1])]
    return float(beyond.min()) if len(beyond) else np.inf
