"""One step i → i-1 of the two-dimensional flow: an average over ω at fixed y, then one over y.

With X = e^{m δ_i}, m = m_i, A the plain Gaussian average of variance Λ_i - Λ_{i-1} along ω and T the tilted one of
`axis`,

    ζ(ω,y) = A X,    e^{m δ_{i-1}} = ζ Tᵀ,    <f> = (A X f) Tᵀ / e^{m δ_{i-1}}.

Along ω there are two kinds of targets. Where the Gaussian is wider than the nodes, A is a matrix of the trapezoid rule,
applied to all y at once by BLAS. Where it is narrower every (ω, y) has its own tilted row of a few nodes, made in the
log domain (`plane_kernels`). Both are averages with known weights, so that the measure is carried by their
transposes.

Functions live on ω ≥ 0 and are even or odd under (ω,y) → (-ω,-y).
"""

from __future__ import annotations

import numpy as np

from gardner.errors import FrozenError
from gardner.theory.parisi import plane_kernels
from gardner.theory.parisi.axis import Axis, SpinSteps
from gardner.theory.parisi.axis_kernels import STENCIL
from gardner.theory.parisi.flow import _gauss_hermite
from gardner.theory.parisi.kernels import FAINT

ODD, EVEN = -1.0, 1.0
CANCELLATION = plane_kernels.CANCELLATION
WIDE = 1.15  # width of a Gaussian, in nodes, from which the trapezoid rule is exact to 1e-11
LOWEST = -650.0  # least m δ: e^{LOWEST} is still a normal number


def mirrored(f: np.ndarray, parity: float) -> np.ndarray:
    """A function of (ω ≥ 0, …, y) on all ω."""
    return np.concatenate([parity * f[:0:-1, ..., ::-1], f])


def folded(p: np.ndarray) -> np.ndarray:
    """A measure on all ω as one on ω ≥ 0: both mirror images counted, those of ω = 0 already are."""
    centre = len(p) // 2
    half = p[centre:].copy()
    half[1:] += p[centre - 1 :: -1, ::-1]
    return half


class PlaneStep:
    """Averages from level i to level i-1 at given δ_i; `delta` is δ_{i-1}."""

    def __init__(self, omega: Axis, field: SpinSteps, i: int, m: float, delta: np.ndarray, hermite: int):
        self.field, self.safe = field.step_i[i], field.safe_i[i]
        self.along_omega = omega.variances[i] > omega.variances[i - 1]
        self.tilt = np.exp(np.maximum(m * delta, LOWEST))
        self.zeta = self.tilt
        if self.along_omega:
            self._prepare_omega(omega, i, m, delta, hermite)
        self.mass = self.zeta
        if self.field is not None:
            self._prepare_field()
        if not self.mass.min() > 0.0:
            raise FrozenError("the flow has lost its precision: fields too strong for double precision")
        self.delta = np.log(self.mass) / m
        if m < FAINT and np.abs(m * delta).max() < 1.0:
            self.delta = self._faint_delta(m, delta)

    def _faint_delta(self, m: float, delta: np.ndarray) -> np.ndarray:
        """δ_{i-1} where m is so small that ln(mass)/m loses its digits: every average is taken of its difference to 1.

        A and T are averages: ζ - 1 = A (X - 1), or 1/ζ - 1 = <1/X - 1> in the tilted rows, and mass - 1 = (ζ - 1) Tᵀ.
        """
        excess = np.expm1(m * delta)
        if self.along_omega:
            full = mirrored(delta, EVEN)
            excess = np.empty_like(self.zeta)
            excess[self.wide] = self.matrix @ np.expm1(m * full)
            if len(self.narrow):
                inverse = np.empty((len(self.narrow), 1, delta.shape[1]))
                plane_kernels.narrow_pull(self.first, self.weights, np.expm1(-m * full)[:, None, :], inverse)
                excess[self.narrow] = np.expm1(-np.log1p(inverse[:, 0, :]))
        if self.field is not None:
            averaged = excess @ self.field.T
            if self.crude is not None:
                chosen = excess @ self.safe[self.columns].T
                averaged[:, self.columns] = np.where(self.crude[:, self.columns], chosen, averaged[:, self.columns])
            excess = averaged
        return np.log1p(excess) / m

    def _prepare_field(self):
        """T, and the targets (ω, y) whose terms cancel, so that interpolation means nothing."""
        self.mass, self.crude = self.zeta @ self.field.T, None
        if self.safe is None:
            return
        crude = ~(self.zeta @ np.abs(self.field.T) <= CANCELLATION * self.mass)
        if crude.any():
            self.crude, self.columns = crude, np.flatnonzero(crude.any(axis=0))
            chosen = self.zeta @ self.safe[self.columns].T
            self.mass[:, self.columns] = np.where(crude[:, self.columns], chosen, self.mass[:, self.columns])

    def _prepare_omega(self, omega, i, m, delta, hermite):
        variance = omega.variances[i] - omega.variances[i - 1]
        sources, core, dt = omega.h_i[i], omega.core_i[i], omega.dt_i[i]
        targets = omega.h_i[i - 1][len(omega.h_i[i - 1]) // 2 :]
        width = np.sqrt(variance)
        wide = width >= WIDE * dt * np.hypot(targets + width, core)
        self.wide, self.narrow = np.flatnonzero(wide), np.flatnonzero(~wide)
        exponents = -0.5 * (targets[wide, None] - sources) ** 2 / variance
        matrix = np.exp(exponents) * omega.weight_i[i]
        self.matrix = matrix / matrix.sum(axis=1, keepdims=True)
        self.full_tilt = mirrored(self.tilt, EVEN)
        count = len(self.narrow)
        self.zeta = np.empty((len(targets), delta.shape[1]))
        self.zeta[self.wide] = self.matrix @ self.full_tilt
        self.first = np.empty((count, delta.shape[1]), np.int64)
        self.weights = np.empty((count, STENCIL, delta.shape[1]))
        log_mass = np.empty((count, delta.shape[1]))
        if count:
            nodes, log_weights = _gauss_hermite(hermite)
            plane_kernels.narrow_rows(
                targets[self.narrow], variance, m, core, dt, sources, mirrored(delta, EVEN),
                nodes, np.exp(log_weights), self.first, self.weights, log_mass,
            )  # fmt: skip
        self.zeta[self.narrow] = np.exp(np.maximum(log_mass, LOWEST))

    def average(self, f: np.ndarray, parity: float) -> np.ndarray:
        """<f> of functions f (ω, quantity, y) of level i, on the nodes of level i-1; kept between their extremes."""
        highest, lowest = f.max(axis=(0, 2)), f.min(axis=(0, 2))
        if parity == ODD:
            highest = np.maximum(highest, -lowest)
            lowest = -highest
        if self.along_omega:
            f = self._average_omega(f, parity)
        if self.field is not None:
            tilted = f * self.zeta[:, None, :]
            flat = tilted.reshape(-1, f.shape[2])
            f = (flat @ self.field.T).reshape(f.shape[0], f.shape[1], -1)
            if self.crude is not None:
                chosen = (flat @ self.safe[self.columns].T).reshape(f.shape[0], f.shape[1], -1)
                f[:, :, self.columns] = np.where(self.crude[:, None, self.columns], chosen, f[:, :, self.columns])
            f /= self.mass[:, None, :]
        return np.clip(f, lowest[:, None], highest[:, None])

    def _average_omega(self, f, parity):
        full = mirrored(f, parity)
        out = np.empty((len(self.zeta), *f.shape[1:]))
        if len(self.narrow):
            chosen = np.empty((len(self.narrow), *f.shape[1:]))
            plane_kernels.narrow_pull(self.first, self.weights, full, chosen)
            out[self.narrow] = chosen
        if len(self.wide):
            full *= self.full_tilt[:, None, :]
            averaged = (self.matrix @ full.reshape(len(full), -1)).reshape(len(self.wide), *f.shape[1:])
            out[self.wide] = averaged / self.zeta[self.wide][:, None, :]
        return out

    def push(self, p: np.ndarray) -> np.ndarray:
        """The measure p (ω, y) of level i-1 carried to level i: the transpose of `average` on even functions."""
        if self.field is not None:
            p = p / self.mass
            if self.crude is None:
                p = self.zeta * (p @ self.field)
            else:
                p = self.zeta * (np.where(self.crude, 0.0, p) @ self.field + np.where(self.crude, p, 0.0) @ self.safe)
        if not self.along_omega:
            return p
        full = self.full_tilt * (self.matrix.T @ (p[self.wide] / self.zeta[self.wide]))
        if len(self.narrow):
            plane_kernels.narrow_push(self.first, self.weights, p[self.narrow], full)
        return folded(full)
