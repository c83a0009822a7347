"""Jamming of one layer at κ < 0: exponents, measured and from the scaling equations, and contacts per weight.

At capacity with k optimised steps (`perceptron.jamming`) the fields h at q = 1 have a density P_k(h) that is the gap
distribution (G1) of a soft core, β = y_k/2: h > κ is a gap, h < κ a contact that carries the force f = κ-h, in units
of ε = 1-Q_k → 0 per weight. Contacts and their total force per weight are

    z = α ∫_{h<κ} P_k(h) dh = 1 - R_k,        f = α ∫_{h<κ} (κ-h) P_k(h) dh,                             (C49)

R_k the replicon (C7) of the innermost level, for F'' = -1 in contact and λ = 1. Full RSB is marginal, R = 0: one
contact per weight, isostatic. (At κ ≥ 0, RS, z = α_c Φ_N(κ): 1 at κ = 0, where half of the α = 2 patterns touch, and
less at κ > 0.)

What k steps see. They end at 1-q_{k-1} =: w², which falls like (k+1)^{-5}; below h-κ ~ w all is smooth. Up to there, by
(C45) and with λ_0 = 1 + ∫_0^1 y,

    λ_0 ~ w^{-2a},    P_k(κ) ~ w^{-γ},    P_k(κ) f ~ (w/f)^θ,    z - 1 ~ w^{2a}.

So the exponents are slopes between consecutive k, at the scale w of the innermost step. They approach their limits
like w^{2ω}, ω of `jamming_exponents`, and are extrapolated in that variable (powers 1 and 2, k ≥ 3). The error is the
largest of: that of the fit (`statistics.extrapolate`), the change if the power is fitted too, the change if k ≥ 1.
z is extrapolated in 1/λ_0 (powers 1, 2, 3, k ≥ 3), which takes nothing from the theory of exponents; error likewise.

Within one solution the powers are hardly seen. Gaps have them between w and 1, where k = 20 leaves two decades
(w = 9e-4 at κ = -0.5), curved at both ends; forces between w and their mean f/z ~ w^{2a}, a ratio of 8 at k = 20. The
slope of ln P_k over 3w < h-κ < 0.1 is printed beside, as are those of ln λ(q); of forces none.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import curve_fit

from gardner.analysis.capacity import POWERS
from gardner.analysis.gaps import STEP, GapDensity, distances
from gardner.checks import checked_margin
from gardner.model import whole
from gardner.perceptron.closed_form import rs_capacity
from gardner.perceptron.jamming import SMALL_MARGIN, JammingBound, jamming_bounds
from gardner.perceptron.jamming_exponents import jamming_exponents
from gardner.potentials.hard import HardCore
from gardner.potentials.soft import SoftCore
from gardner.results import schema as words
from gardner.results.base import Result, labelled
from gardner.results.tables import print_table
from gardner.statistics import extrapolate
from gardner.theory.parisi.flow import GridSettings

LEVELS = 10  # steps, unless told
FEWEST, MOST = 7, 20  # steps that the extrapolations need, and to which the search was tried
LOWEST = -3.0  # margin below which the steps are not resolved
FIRST = 3  # steps from which local exponents are extrapolated
ACCURACY = 1e-11
NEAREST = 1e-2  # of the innermost 1-q: smallest distance from κ of the quadratures
WINDOW = (3.0, 0.1)  # of slopes within one solution: from so many w to so far from κ, and up to this 1-q
POINTS = 60  # of the densities that are kept
EXPONENTS = ("gamma", "theta", "a", "kappa", "correction", "error")  # of the scaling equations, in documents
MEASURED = ("gamma", "theta", "a")
FOUND = {"value": words.NUMBER, "error": words.NUMBER, "within": words.MAYBE}  # of each measured exponent


@dataclass(frozen=True, eq=False)
class JammedState:
    """At capacity with k steps: rest 1-q_{k-1}, λ_0, contacts z and force f per weight (C49), density P_k(κ)."""

    levels: int
    alpha: float
    rest: float
    growth: float
    contacts: float
    force: float
    density: float


class JammedDensity:
    """P_k(h) of a bound: the gap distribution of the soft core that the jammed k steps are."""

    def __init__(self, bound: JammingBound, margin: float):
        self.bound, self.margin, top = bound, margin, bound.y_i[-1]
        parisi, core = np.append(0.0, bound.y_i / top), SoftCore(0.5 * top, margin)
        self._density = GapDensity(bound.q_i, parisi, core, GridSettings.for_accuracy(ACCURACY))

    def __call__(self, h: np.ndarray) -> np.ndarray:
        """P_k at the fields h."""
        return self._density(h)

    @property
    def rest_i(self) -> np.ndarray:
        """1-q_i."""
        return 1.0 - self.bound.q_i

    @property
    def growth_i(self) -> np.ndarray:
        """λ(q_i) = 1 + ∫_{q_i}^1 y dq."""
        pieces = self.bound.y_i * np.diff(np.append(self.bound.q_i, 1.0))
        return 1.0 + np.cumsum(pieces[::-1])[::-1]

    def state(self) -> JammedState:
        """The numbers of (C49)."""
        alpha, rest = self.bound.alpha, float(self.rest_i[-1])
        x = distances(NEAREST * rest)
        weight = alpha * x * STEP * self(self.margin - x)
        density = float(self(np.array([self.margin]))[0])
        growth = float(self.growth_i[0])
        return JammedState(self.bound.levels, alpha, rest, growth, float(weight.sum()), float(weight @ x), density)


@dataclass(frozen=True, eq=False)
class Jamming(Result):
    """Exponents and contacts at the capacity of one layer, κ < 0.

    Attributes
    ----------
    depth, margin : int, float
        1, and κ.
    alpha_c, error : float
        Full RSB, extrapolated from `levels` steps.
    levels : int
        Steps k, of which all 1…k are computed.
    exponents : dict
        From the scaling equations: gamma, theta, a, kappa, the exponent `correction` (ω), and
        the error of a.
    measured : dict
        gamma, theta, a, each with value, error and `within` (the slope within the deepest
        solution, None without a window); scales, window: ranges of w and of h-κ.
    contacts : dict
        k → ∞: value per weight, error, fraction of the patterns.
    level_k, rest_k, growth_k, contact_k, force_k, density_k : ndarray
        Along k: the steps, 1-q_{k-1}, λ_0, contacts, forces, P_k(κ).
    distance_a, gap_a : ndarray
        Of the deepest solution: the density of gaps, gap_a, at h-κ = distance_a.
    force_a, force_density_a : ndarray
        The density of forces in units of their mean.
    rest_i, growth_i : ndarray
        1-q_i and λ(q_i).
    seconds : float
        Wall time.
    parameters : dict
        What was asked for.
    """

    depth: int = labelled(type=words.COUNT)
    margin: float = labelled(type=words.NUMBER)
    alpha_c: float = labelled(type=words.NUMBER)
    error: float = labelled(type=words.NUMBER)
    levels: int = labelled(type=words.COUNT)
    exponents: dict = labelled(type=dict.fromkeys(EXPONENTS, words.NUMBER))
    measured: dict = labelled(type=dict.fromkeys(MEASURED, FOUND) | {"scales": words.NUMBERS, "window": words.NUMBERS})
    contacts: dict = labelled(type=dict.fromkeys(("value", "error", "fraction"), words.NUMBER))
    level_k: np.ndarray = labelled("steps k", axes="step", key="steps")
    rest_k: np.ndarray = labelled("1 - q of the innermost step", axes="step", key="innermost_rest")
    growth_k: np.ndarray = labelled("1 + integral of y over q", axes="step", key="growth")
    contact_k: np.ndarray = labelled("contacts per weight", axes="step", key="contacts_of_steps")
    force_k: np.ndarray = labelled("total force per weight", axes="step", key="force")
    density_k: np.ndarray = labelled("density of gaps at contact", axes="step", key="contact_density")
    distance_a: np.ndarray = labelled("gap h - κ", axes="gap", key="gap")
    gap_a: np.ndarray = labelled("density of gaps", axes="gap", key="gap_density")
    force_a: np.ndarray = labelled("force / mean force", axes="force", key="forces")
    force_density_a: np.ndarray = labelled("density of forces", axes="force", key="force_density")
    rest_i: np.ndarray = labelled("1 - q", axes="level", key="rest")
    growth_i: np.ndarray = labelled("λ(q)", axes="level", key="slope")
    seconds: float = field(default=0.0, compare=False)
    parameters: dict = field(default_factory=dict)

    kind = "capacity exponents"
    drawing = "gardner.plotting.jamming:jamming_figure"

    def tell(self) -> None:
        """Print a readable account."""
        theory, contacts, k = self.exponents, self.contacts, self.levels
        print(f"hard core, κ = {self.margin:g}, L = 1: jamming, at capacity")
        print(f"α_c = {self.alpha_c:.9g} ± {self.error:.1e}, full RSB, extrapolated from k = 2..{k}")
        names = {"gamma": "γ, gaps h^-γ", "theta": "θ, forces f^θ", "a": "a = 1 - 1/κ_J"}
        rows = []
        for name, label in names.items():
            found = self.measured[name]
            value = f"{found['value']:.5f} ± {found['error']:.1e}"
            within = "-" if found["within"] is None else f"{found['within']:.3f}"
            rows.append([label, f"{theory[name]:.9f}", value, within])
        print_table("exponents", ["", "scaling equations", f"steps, k = 1..{k}", f"within k = {k}"], rows)
        print(
            f"κ_J = {theory['kappa']:.9f}; error of a {theory['error']:.0e}; "
            f"corrections (1-q)^{theory['correction']:.5f}"
        )
        low, high = self.measured["scales"][:2]
        print(f"measured at the scale w of the innermost step, {low:.1e} < w < {high:.1e}, extrapolated to w = 0;")
        low, high = self.measured["window"][:2]
        print(f"slopes within k = {k}: over {low:.1e} < h-κ < {high:.1g} (γ) and 1-q < {high:.1g} (a)")
        print(
            f"contacts per weight, k → ∞: {contacts['value']:.8f} ± {contacts['error']:.1e} (isostatic: 1), "
            f"{contacts['fraction']:.6f} of the patterns; k = 1, 2, …:"
        )
        print("  " + ", ".join(f"{value:.5f}" for value in self.contact_k))


def contact_fraction_rs(margin: float = 0.0) -> float:
    """Fraction of patterns in contact at the RS capacity: the contact part (G1) of the gap distribution as Q → 1.

    Exact for κ ≥ 0, where it is Φ_N(κ): ½ at κ = 0, with α_c = 2 one contact per weight. ValueError for |κ| > 100.
    """
    density = GapDensity(np.array([1.0 - 1e-10]), np.array([0.0, 1.0]), HardCore(checked_margin(margin)))
    return density.contact_weight


def jamming_scaling(margin: float, levels: int | None = None, watch: Callable[[str], None] | None = None) -> Jamming:
    """Exponents of jamming and contacts per weight at the capacity of one layer, hard core.

    Parameters
    ----------
    margin : float
        κ, from -3 to -0.02. At κ ≥ 0 replica symmetry holds up to capacity, without these
        exponents.
    levels : int, optional
        Steps k, 7 to 20, of which all 1…k are computed (by default 10, 4 s; 20 take 12 s at κ =
        -0.5).
    watch : callable, optional
        Sees a line of text after each.

    Returns
    -------
    Jamming
        Exponents from the scaling equations and as measured, contacts for k → ∞.

    Raises
    ------
    ValueError
        For other margins.

    Notes
    -----
    (C45)–(C49), THEORY section 12.7.
    """
    margin = checked_margin(margin)
    if margin >= 0.0:
        z = rs_capacity(margin) * contact_fraction_rs(margin)
        raise ValueError(
            f"margin = {margin:g}: must be negative for exponents of jamming; at κ ≥ 0 replica symmetry holds up to "
            f"capacity, with {z:.6f} contacts per weight and no power laws"
        )
    if not LOWEST <= margin <= -SMALL_MARGIN:
        raise ValueError(
            f"margin = {margin:g}: must lie between {LOWEST:g} and {-SMALL_MARGIN:g} for exponents; "
            "the steps are not resolved elsewhere"
        )
    levels = whole("levels", LEVELS if levels is None else levels, FEWEST, MOST)
    began = time.perf_counter()
    bounds = jamming_bounds(margin, levels, watch)
    states = [JammedDensity(bound, margin).state() for bound in bounds]
    last, curves = states[-1], _curves(bounds[-1], margin, states[-1])
    limit = extrapolate(range(2, levels + 1), [b.alpha for b in bounds[1:]], POWERS, [b.error for b in bounds[1:]])
    columns = {
        "level_k": [float(state.levels) for state in states],
        "rest_k": [state.rest for state in states],
        "growth_k": [state.growth for state in states],
        "contact_k": [state.contacts for state in states],
        "force_k": [state.force for state in states],
        "density_k": [state.density for state in states],
    }
    return Jamming(
        depth=1,
        margin=margin,
        alpha_c=min(limit.value, last.alpha),
        error=max(limit.error, limit.value - last.alpha),
        levels=levels,
        exponents=_from_theory(),
        measured=_measured(states, curves),
        contacts=_contacts(states),
        **{name: np.array(values) for name, values in columns.items()},
        **curves,
        seconds=time.perf_counter() - began,
        parameters={"depth": 1, "margin": margin, "levels": levels, "exponents": True},
    )


def _curves(bound: JammingBound, margin: float, state: JammedState) -> dict[str, np.ndarray]:
    """Densities of gaps and of forces, and λ(q), of one solution."""
    density, mean = JammedDensity(bound, margin), state.force / state.contacts
    nearest = 0.1 * np.sqrt(state.rest)
    distance_a = np.geomspace(nearest, 5.0 - margin, POINTS)
    contact_a = np.geomspace(nearest, 10.0 * mean, POINTS)
    return {
        "distance_a": distance_a,
        "gap_a": density(margin + distance_a),
        "force_a": contact_a / mean,
        "force_density_a": state.alpha / state.contacts * mean * density(margin - contact_a),
        "rest_i": density.rest_i,
        "growth_i": density.growth_i,
    }


def _from_theory() -> dict:
    """The exponents of the scaling equations as they stand in the document."""
    found = jamming_exponents()
    return {name: float(getattr(found, name)) for name in EXPONENTS}


def _measured(states: list[JammedState], curves: dict[str, np.ndarray]) -> dict:
    """γ, θ and a from slopes between consecutive k, extrapolated, and from slopes within the deepest solution."""
    rest, growth, force, density = (
        np.array([getattr(state, name) for state in states]) for name in ("rest", "growth", "force", "density")
    )
    middle = np.sqrt(rest[:-1] * rest[1:])
    local = {
        "gamma": -2.0 * _slopes(rest, density),
        "theta": _slopes(np.sqrt(rest) / force, density * force),
        "a": -_slopes(rest, growth),
    }

    # slopes within the deepest solution; forces have no window
    low, high = WINDOW[0] * np.sqrt(rest[-1]), WINDOW[1]
    inside = {
        "gamma": -_slope_within(curves["distance_a"], curves["gap_a"], low, high),
        "theta": None,
        "a": _slope_within(curves["rest_i"], curves["growth_i"], 0.0, high),
    }
    found = {name: _limit(middle, slopes) | {"within": inside[name]} for name, slopes in local.items()}
    scales = [float(np.sqrt(rest[-1])), float(np.sqrt(rest[FIRST - 1]))]
    return found | {"scales": scales, "window": [float(low), high]}


def _slopes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """d ln y/d ln x between neighbours."""
    return np.diff(np.log(y)) / np.diff(np.log(x))


def _slope_within(x: np.ndarray, y: np.ndarray, low: float, high: float) -> float:
    """Slope of ln y against ln x, low < x < high; nan with fewer than three points there."""
    kept = (x > low) & (x < high)
    return float(np.polyfit(np.log(x[kept]), np.log(y[kept]), 1)[0]) if kept.sum() > 2 else float("nan")


def _limit(rest: np.ndarray, slopes: np.ndarray) -> dict[str, float]:
    """The limit 1-q_{k-1} → 0 of slopes between consecutive k, with its error (module docstring)."""
    omega = jamming_exponents().correction
    fits = [extrapolate(rest[first:] ** -omega - 1.0, slopes[first:], (1.0, 2.0)) for first in (FIRST - 1, 0)]
    value = fits[0].value

    # the same with one power, which is fitted
    start = (slopes[-1], (slopes[-1] - value) / rest[-1] ** omega, omega)
    free, _ = curve_fit(
        lambda x, *c: c[0] + c[1] * x ** c[2], rest[FIRST - 1 :], slopes[FIRST - 1 :], p0=start, maxfev=20000
    )
    error = max(fits[0].error, abs(fits[1].value - value), abs(float(free[0]) - value))
    return {"value": float(value), "error": float(error)}


def _contacts(states: list[JammedState]) -> dict[str, float]:
    """Contacts per weight for k → ∞, with an error, and the fraction of the patterns that they are."""
    growth, z = (np.array([getattr(state, name) for state in states]) for name in ("growth", "contacts"))
    powers = (1.0, 2.0, 3.0)[: len(z) - FIRST - 1]
    limit, wider = (extrapolate(growth[first:] - 1.0, z[first:], powers) for first in (FIRST - 1, 0))
    error = max(limit.error, abs(wider.value - limit.value))
    return {"value": limit.value, "error": error, "fraction": limit.value / states[-1].alpha}
