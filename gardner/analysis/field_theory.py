"""Numbers behind the pictures of the field theory: the potential, its ring of minima, propagators, orders.

Each function returns an xarray Dataset or plain records, which `gardner.plotting.fieldtheory` draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from gardner.fieldtheory.lattice_estimators import LatticeEstimates, Measured
from gardner.fieldtheory.lattice_verdicts import LatticeReport
from gardner.fieldtheory.one_loop import one_loop_order, one_loop_propagators
from gardner.fieldtheory.potential import SymmetryBreaking, potential_value, predict
from gardner.fieldtheory.propagators import (
    euclidean_propagator,
    from_momenta,
    lattice_momenta,
    lattice_momentum2,
    lattice_propagator,
    massless_without_zero_mode,
)
from gardner.fieldtheory.weight_dynamics import MERGING
from gardner.fieldtheory.weight_runs import WeightScan
from gardner.values import ByValue


def well_depth(theory: SymmetryBreaking, rate: float) -> float:
    """|V(w*)| = m⁴/4λ."""
    return 0.25 * theory.mass2(rate) ** 2 / theory.coupling


def potential_curves(theory: SymmetryBreaking, rates: Sequence[float], points: int = 401) -> xr.Dataset:
    """V of one weight (ratio, weight), with m², |w*| and V(w*) of every η/η_c, at |w| up to 1.5 |w*(0)|."""
    rates = np.array(rates, dtype=float)
    w = np.linspace(-1.5, 1.5, points) * theory.order_parameter(0.0)
    masses = np.array([theory.mass2(rate) for rate in rates])
    order = np.array([theory.order_parameter(rate) for rate in rates])
    potential = np.stack([potential_value(w[:, None], mass2, theory.coupling) for mass2 in masses])
    lowest = [potential_value(np.array([v]), mass2, theory.coupling) for v, mass2 in zip(order, masses)]
    variables = {"potential": (("ratio", "weight"), potential), "mass2": ("ratio", masses)}
    variables["order_parameter"] = ("ratio", order, {"long_name": "|w*|", "units": "1"})
    variables["minimum"] = ("ratio", np.array(lowest, dtype=float), {"long_name": "V(w*)", "units": "1"})
    data = xr.Dataset(variables, {"ratio": rates / theory.critical_rate, "weight": w})
    data["ratio"].attrs = {"long_name": "learning rate over its critical value", "units": "1"}
    return data.assign_attrs(well_depth=well_depth(theory, 0.0), mu=theory.mu, coupling=theory.coupling)


def goldstone_surface(theory: SymmetryBreaking, rate: float) -> xr.Dataset:
    """V/|V(w*)| over a section of the weights below η_c, and along σ from the hill outwards.

    potential (angle, radius): radius in units of |w*|; along_sigma (distance): the same unit. ValueError from η_c on.
    """
    v, mass2 = theory.order_parameter(rate), theory.mass2(rate)
    if v == 0.0:
        raise ValueError(f"learning_rate = {rate}: no broken symmetry above η_c = {theory.critical_rate:g}; take less")
    radius, angle = np.linspace(0.0, 1.27, 40), np.linspace(0.0, 2.0 * np.pi, 73)
    w = v * radius * np.stack([np.cos(angle), np.sin(angle)])[:, :, None]
    height = potential_value(np.moveaxis(w, 0, -1), mass2, theory.coupling) / well_depth(theory, rate)
    distance = np.linspace(0.68, 1.25, 20)
    slope = potential_value((distance * v)[:, None], mass2, theory.coupling) / well_depth(theory, rate)
    variables = {"potential": (("angle", "radius"), height), "along_sigma": ("distance", slope)}
    data = xr.Dataset(variables, {"angle": angle, "radius": radius, "distance": distance})
    data["potential"].attrs = {"long_name": "V over |V(w*)|", "units": "1"}
    data["along_sigma"].attrs = {"long_name": "V over |V(w*)| along σ", "units": "1"}
    data["radius"].attrs = {"long_name": "|w| over |w*|", "units": "1"}
    data["angle"].attrs = {"long_name": "angle in the section", "units": "radian"}
    return data


@dataclass(frozen=True, eq=False)
class PropagatorCurve(ByValue):
    """One line of the picture of propagators: label, P(t) at the times t, and its dashes.

    `--` is for values quoted by the source, `:` for the potential alone where fluctuations count.
    """

    label: str
    t: np.ndarray
    value: np.ndarray
    dash: str = "-"


@dataclass(frozen=True, eq=False)
class PropagatorPoints(ByValue):
    """Measured correlation functions: label, times, values and standard errors, and the curve they belong to."""

    label: str
    t: np.ndarray
    value: np.ndarray
    error: np.ndarray
    curve: int = 0


def propagator_curves(theory: SymmetryBreaking, rate: float, k: float, longest: float = 8.0) -> list[PropagatorCurve]:
    """Euclidean P_σ and P_π at learning rate η, exact Hessian (full) and source (dashed)."""
    t, found = np.linspace(0.0, longest, 161), predict(theory, rate)
    broken = found.order_parameter > 0.0
    masses = [(r"\sigma" if broken else "w", "exact", max(found.sigma_mass2, 0.0), "-")]
    if theory.components > 1 and broken:
        masses.append((r"\pi", "exact", 0.0, "-"))
        masses.append((r"\sigma", "quoted", found.quoted_sigma_mass2, "--"))
        masses.append((r"\pi", "quoted", found.quoted_pi_mass2, "--"))
    return [
        PropagatorCurve(rf"$P_{{{name}}}$, {kind}, $m^2={mass2:.3g}$", t, euclidean_propagator(t, k, mass2), dash)
        for name, kind, mass2, dash in masses
    ]


def largest_lattice(report: LatticeReport):
    """The estimates of the largest lattice at the smallest m²."""
    return min(report.at(max(report.plan.sizes)), key=lambda e: e.lattice.mass2)


def _off(measured: Measured, expected: float) -> str:
    """How far the first value is from the expected one."""
    return f"{(measured.value[0] - expected) / measured.error[0]:+.1f}"


def ordered_correlations(e: LatticeEstimates) -> tuple[list[PropagatorCurve], list[PropagatorPoints]]:
    """σ and π of an ordered lattice in t at k = 0: one loop (full), the potential alone (dotted), measured.

    The curves of σ say how many standard errors the value at t = 0 lies above them.
    """
    lattice, length = e.lattice, e.lattice.shape[0]
    t = np.arange(length // 2 + 1)
    loop = [from_momenta(G)[t] for G in one_loop_propagators(lattice)]
    tree = (lattice_propagator(t, 0.0, -2.0 * lattice.mass2, length), massless_without_zero_mode(length)[t])
    known, turning = bool(np.isfinite(one_loop_order(lattice))), lattice.components > 1
    curves, points = [], []
    kinds = (("one loop", loop, "-"), ("potential alone", tree, ":")) if known else (("potential alone", tree, "-"),)
    for kind, (sigma, pi), dash in kinds:
        off = _off(e.sigma_t, sigma[0])
        curves.append(PropagatorCurve(rf"$\sigma$, {kind} (measured {off} s.e. at $t=0$)", t, sigma, dash))
        if turning:
            curves.append(PropagatorCurve(rf"$\pi$, {kind}", t, pi, dash))
    points.append(PropagatorPoints(r"$\sigma$ measured", t, e.sigma_t.value[t], e.sigma_t.error[t]))
    if turning:
        points.append(PropagatorPoints(r"$\pi$ measured", t, e.pi_t.value[t], e.pi_t.error[t], 1))
    return curves, points


def inverse_propagators(report: LatticeReport, ratio: float) -> tuple[list[PropagatorCurve], list[PropagatorPoints]]:
    """1/G(p) of σ and π at k = 0 against p̂² on the largest ordered lattice: lines that begin at the masses squared.

    Full: one loop; dashed: masses quoted by the source, |m²| and ¼λη² at η = `ratio` η_c; points: measured. D > 1.
    """
    e = largest_lattice(report)
    mass2 = abs(e.lattice.mass2)
    n = np.arange(e.lattice.shape[0] // 2 + 1)
    p2 = lattice_momentum2(lattice_momenta(e.lattice.shape[0]))[n]
    names, first = (r"\sigma", r"\pi"), (0, 1)  # π has no mode p = 0
    quoted = (mass2, mass2 * ratio**2 / (1.0 - ratio**2))
    curves = [
        PropagatorCurve(rf"${name}$, one loop", p2[i:], 1.0 / G[n][i:])
        for name, i, G in zip(names, first, one_loop_propagators(e.lattice))
    ]
    curves += [
        PropagatorCurve(rf"${name}$, quoted, $m_{name}^2={value:.4g}$", p2, p2 + value, "--")
        for name, value in zip(names, quoted)
    ]
    points = [
        PropagatorPoints(rf"${name}$ measured", p2[i:], 1.0 / G.value[n][i:], (G.error / G.value**2)[n][i:], place)
        for place, (name, i, G) in enumerate(zip(names, first, (e.sigma_p, e.pi_p)))
    ]
    return curves, points


def lattice_correlations(report: LatticeReport) -> tuple[list[PropagatorCurve], list[PropagatorPoints], str]:
    """Curves, measured points and title of the largest lattice at the smallest m².

    Free or symmetric: k = 0 and 2π/L; ordered: σ and π.
    """
    e = largest_lattice(report)
    lattice, length = e.lattice, e.lattice.shape[0]
    t, dense = np.arange(length // 2 + 1), np.linspace(0.0, length / 2.0, 161)
    title = rf"$D={lattice.components}$, $L={length}$, $m^2={lattice.mass2:g}$, $\lambda={lattice.coupling:g}$"
    if e.ordered and lattice.mass2 < 0.0:
        curves, points = ordered_correlations(e)
    else:
        momenta = (0.0, 2.0 * np.pi / lattice.shape[1])
        mass2 = lattice.mass2 if lattice.coupling == 0.0 else max(float(e.mass2.value), 1e-6)
        names = (r"$k=0$", r"$k=2\pi/L$")
        curves = [
            PropagatorCurve(f"{name}, exact" if lattice.coupling == 0.0 else f"{name}, free field of measured mass",
                            dense, lattice_propagator(dense, k, mass2, length))
            for name, k in zip(names, momenta)
        ]  # fmt: skip
        points = [
            PropagatorPoints(f"{name} measured", t, e.correlation_kt.value[i, t], e.correlation_kt.error[i, t], i)
            for i, name in enumerate(names)
        ]
    return curves, points, title


@dataclass(frozen=True, eq=False)
class OrderCurve(ByValue):
    """Order parameters over |w*(0)| against η/η_c, with errors (None: exact) and the name of their dynamics."""

    name: str
    ratio: np.ndarray
    order: np.ndarray
    error: np.ndarray | None = None


def predicted_order(theory: SymmetryBreaking) -> OrderCurve:
    """(-m²)^{1/2} of the potential up to 1.15 η_c."""
    rates = np.linspace(0.0, 1.15 * theory.critical_rate, 400)
    order = np.array([theory.order_parameter(rate) / theory.order_parameter(0.0) for rate in rates])
    return OrderCurve("potential", rates / theory.critical_rate, order)


def measured_order(theory: SymmetryBreaking, scan: WeightScan) -> OrderCurve:
    """The order of a scan where fewer than half of its runs diverged."""
    good = np.isfinite(scan.order) & (scan.diverged < 0.5)
    scale, ratio = theory.order_parameter(0.0), scan.rates / theory.critical_rate
    return OrderCurve(scan.dynamics, ratio[good], scan.order[good] / scale, scan.order_error[good] / scale)


def stability_limits(theory: SymmetryBreaking) -> tuple[float, float]:
    """η/η_c at which gradient descent loses the minima (2/λ_max), and at which its bands merge."""
    return theory.mu**-2.0 / theory.critical_rate, MERGING / theory.mu**2 / theory.critical_rate
