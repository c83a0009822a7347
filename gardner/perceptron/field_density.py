"""The densities P_i(h) of the gap sector's fields (T6), pointwise and in the log domain.

`Flow` pushes probabilities of grid nodes forward: exact for averages of functions that vary on the scale of the
nodes, but no density at a point. Here P_i is written relative to its Gaussian,

    P_i(h) = N(h; 0, V_i) e^{R_i(h)},   R_0 = 0,
    R_i(h) = m_i φ_i(h) + ln ∫Dz exp( B(μ + √τ z) ),   B = R_{i-1} - m_i φ_{i-1},
    μ = h V_{i-1}/V_i,   τ = (V_i - V_{i-1}) V_{i-1}/V_i,

which follows from (T6) because γ_w(h-h') N(h';0,V_{i-1}) = N(h;0,V_i) N(h';μ,τ). R varies on the scale of φ, whatever
the variances: V_0 = 0 (a field fixed at 0) and merged levels are no special cases. The gap itself is one more level
of the same recursion, with V_{k+1} = 1, m_{k+1} = 1 and φ_{k+1} = -βv (`gaps`).

Accuracy: trapezoid rule on the nodes of the flow where the integrand spans at least RESOLVED of them, on nodes
refined about its peak where it does not; splines of degree DEGREE between nodes. Errors are those of the flow's grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.special import logsumexp

from gardner.theory.parisi.flow import Flow
from gardner.values import ByValue

CUT = 37.0  # e^{-37} = 1e-16
RESOLVED = 24  # nodes within e^{-CUT} of the peak: a Gaussian then spans 1.3 nodes per standard deviation
ZOOM = 8  # refinement about an unresolved peak, repeated as needed
DEGREE = 9
POINT = 1e-8  # a Gaussian narrower than this many node spacings is a point


@dataclass(frozen=True, eq=False)
class LogFunction(ByValue):
    """A smooth function B(h) given on nodes h = centre + s sinh(t), t equidistant with spacing dt; b_a (n,)."""

    centre: float
    s: float
    dt: float
    b_a: np.ndarray

    @property
    def t_a(self) -> np.ndarray:
        """The nodes in t, symmetric about 0."""
        n = len(self.b_a)
        return (np.arange(n) - n // 2) * self.dt

    def between(self):
        """B as a function of h, by a spline in t; constant beyond the last nodes."""
        t_a = self.t_a
        spline = make_interp_spline(t_a, self.b_a, k=DEGREE)
        return lambda h: spline(np.clip(np.arcsinh((h - self.centre) / self.s), t_a[0], t_a[-1]))

    def log_average(self, target_t: np.ndarray, variance: float) -> np.ndarray:
        """ln ∫Dz exp B(target + z sqrt(variance)) for every target."""
        function = self.between()
        if variance <= (POINT * self.s * self.dt) ** 2:
            return function(target_t)
        t_ta = np.broadcast_to(self.t_a, (len(target_t), len(self.b_a)))
        log_ta = self._exponents(t_ta, self.b_a[None, :], target_t, variance, self.dt)
        out = logsumexp(log_ta, axis=1)
        spacing, best_t = self.dt, self.t_a[log_ta.argmax(axis=1)]
        poor = np.flatnonzero(_support(log_ta) < RESOLVED)
        while poor.size:
            window = np.arange(-RESOLVED * ZOOM, RESOLVED * ZOOM + 1) * (spacing / ZOOM)
            spacing /= ZOOM
            t_ta = best_t[poor, None] + window[None, :]
            fine = self._exponents(t_ta, function(self._field(t_ta)), target_t[poor], variance, spacing)
            out[poor] = logsumexp(fine, axis=1)
            best_t[poor] = t_ta[np.arange(len(poor)), fine.argmax(axis=1)]
            poor = poor[_support(fine) < RESOLVED]
        return out

    def _field(self, t):
        return self.centre + self.s * np.sinh(t)

    def _exponents(self, t_ta, b_ta, target_t, variance, spacing):
        """Log weights of the trapezoid rule in t for the Gaussian average about every target."""
        distance = self._field(t_ta) - target_t[:, None]
        jacobian = np.log(self.s * spacing * np.cosh(t_ta)) - 0.5 * np.log(2.0 * np.pi * variance)
        return b_ta - 0.5 * distance**2 / variance + jacobian


def _support(log_ta: np.ndarray) -> np.ndarray:
    """Number of nodes within e^{-CUT} of the largest, per row."""
    return np.sum(log_ta > log_ta.max(axis=1, keepdims=True) - CUT, axis=1)


def bridge(variance_below: float, variance: float) -> tuple[float, float]:
    """V_{i-1}/V_i and τ: mean (per field h) and variance of the level below, given the field h of variance V_i."""
    if variance <= 0.0:
        return 0.0, 0.0
    ratio = variance_below / variance
    return ratio, max(variance - variance_below, 0.0) * ratio


def log_tilts(flow: Flow, centre: float) -> LogFunction:
    """R_k on the nodes of the last level: P_k(h) = N(h; 0, V_k) e^{R_k(h)}."""
    n = flow.n_i[0]
    tilt_a = np.zeros(n)
    for i in range(1, len(flow.variances)):
        n_below, n = flow.n_i[i - 1], flow.n_i[i]
        if flow.steps[i] is None:
            continue  # merged with the level below, on the same nodes
        source = LogFunction(centre, flow.scale_i[i - 1], flow.dt, tilt_a - flow.m[i] * flow.phi_ia[i - 1, :n_below])
        ratio, variance = bridge(flow.variances[i - 1], flow.variances[i])
        tilt_a = flow.m[i] * flow.phi_ia[i, :n] + source.log_average(ratio * flow.h_ia[i, :n], variance)
    return LogFunction(centre, flow.scale_i[-1], flow.dt, tilt_a)
