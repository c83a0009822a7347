"""The Parisi functional of one perceptron layer as a function of the step function x(q), with its gradient.

At L = 1 the free entropy depends on the overlaps Q_0 < … < Q_k and on the Parisi parameters m_1 < … < m_k alone
(the spins are clamped, Λ = Q):

    s[Q, m] = (1/α) B(Q, m) + Φ(Q, m),      B = (1/n) ½ ln det Q of (T9),  Φ = E_0[φ_0] of (T5).           (C1)

In the limit n → 0 the physical x(q) *minimises* s. Both parts have elementary first derivatives.

Gap part. Q_i enters through the variances: ∂Φ/∂V_i = -½ Δm_i G_i. Raising m_i changes φ_{i-1} = (1/m_i) ln<e^{m_i φ_i}>
by (1/m_i)(<φ_i>_tilted - φ_{i-1}); this perturbation reaches Φ with the weight P_{i-1}, which (T6) carries to P_i, so

    ∂Φ/∂m_i = ( E_i[φ_i] - E_{i-1}[φ_{i-1}] ) / m_i.                                                      (C2)

Bond part. With ℓ_{k+1} given and ℓ_i = ℓ_{i+1} + y_i (q_i - q_{i-1}),

    A(q, y, ℓ_{k+1}) = ½ [ Σ_{i=1}^{k} (1/y_i) ln(ℓ_i/ℓ_{i+1}) + q_0/ℓ_1 ] = ½ ∫_0^{q_k} dq/ℓ(q),          (C3)

and B = A(Q, m, 1-Q_k) + ½ ln(1-Q_k). The jamming limit uses the same A with q_k = 1 and ℓ_{k+1} = 1 (`jamming`).

A step function is coded by unconstrained numbers: 1 - q_i and y_i are products of fractions 1/(1+e^{-z}), falling
from level to level (1 - q) and from the top level down (y), so that order and bounds hold for every z.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit

from gardner.theory.parisi.flow import Flow

FARTHEST = 30.0  # codes z beyond ± this are read as ± this


def bond_integral(q_i: np.ndarray, y_i: np.ndarray, last: float) -> tuple[float, np.ndarray, np.ndarray, float]:
    """A of (C3) and its derivatives with respect to q_0…q_k, y_1…y_k and ℓ_{k+1} = `last`."""
    steps = np.diff(q_i)
    l_i = np.append(last + np.cumsum((y_i * steps)[::-1])[::-1], last)
    logs = np.log1p(y_i * steps / l_i[1:])
    value = 0.5 * (np.sum(logs / y_i) + q_i[0] / l_i[0])
    by_l = np.append(0.5 / (y_i * l_i[:-1]), 0.0)
    by_l[1:] -= 0.5 / (y_i * l_i[1:])
    by_l[0] -= 0.5 * q_i[0] / l_i[0] ** 2
    reached = np.cumsum(by_l)  # ℓ_j, j ≤ i, all contain the step i; ℓ_{k+1} is contained in every one
    by_step = reached[:-1] * y_i
    by_q = np.append(0.0, by_step) - np.append(by_step, 0.0)
    by_q[0] += 0.5 / l_i[0]
    return float(value), by_q, reached[:-1] * steps - 0.5 * logs / y_i**2, float(reached[-1])


def bond_functional(Q_i: np.ndarray, m: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """B of (C1), (T9) and its derivatives with respect to Q_0…Q_k and m_1…m_k; m is (m_0 = 0, …, m_{k+1} = 1)."""
    last = 1.0 - Q_i[-1]
    value, by_q, by_m, by_last = bond_integral(Q_i, m[1:-1], last)
    by_q[-1] -= by_last + 0.5 / last
    return value + 0.5 * float(np.log(last)), by_q, by_m


def level_means(flow: Flow) -> np.ndarray:
    """E_i[φ_i], shape (k+1,)."""
    return np.einsum("ia,ia->i", flow.p_ia, flow.phi_ia)


def flow_gradient(flow: Flow) -> tuple[np.ndarray, np.ndarray]:
    """∂Φ/∂V_i, i = 0…k, and ∂Φ/∂m_i, i = 1…k (C2)."""
    return -0.5 * np.diff(flow.m) * flow.overlaps, np.diff(level_means(flow)) / flow.m[1:-1]


@dataclass(frozen=True)
class StepCode:
    """Unconstrained numbers z for a step function with `overlaps` values q_i < 1 and `heights` values y_i.

    bounded: heights stay below 1 (Parisi parameters m_i); otherwise the top height is e^z (jamming limit).
    """

    overlaps: int
    heights: int
    bounded: bool

    def decode(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """1 - q_i (falling) and y_i (rising)."""
        z = np.clip(z, -FARTHEST, FARTHEST)  # a line search may try anything
        gaps = np.exp(np.cumsum(log_expit(z[: self.overlaps])))
        logs = log_expit(z[self.overlaps :])
        if self.heights and not self.bounded:
            logs[-1] = z[-1]
        return gaps, np.exp(np.cumsum(logs[::-1])[::-1])

    def encode(self, gaps_i: np.ndarray, y_i: np.ndarray) -> np.ndarray:
        """The z of a step function: 1 - q_i falling, y_i rising, both strictly."""
        fractions = np.append(gaps_i, y_i)
        fractions[1 : self.overlaps] /= gaps_i[:-1]
        fractions[self.overlaps : -1] /= y_i[1:]
        top = None if self.bounded or not self.heights else fractions[-1]
        if top is not None:
            fractions[-1] = 0.5
        z = np.log(fractions) - np.log1p(-fractions)
        if top is not None:
            z[-1] = np.log(top)
        return z

    def pull_back(self, z: np.ndarray, by_q: np.ndarray, by_y: np.ndarray) -> np.ndarray:
        """Gradient with respect to z of a function with derivatives by_q (q_i) and by_y (y_i)."""
        gaps, y_i = self.decode(z)
        below = np.cumsum((-by_q * gaps)[::-1])[::-1]
        above = np.cumsum(by_y * y_i)
        slope = expit(-z)  # d ln(fraction)/dz
        if self.heights and not self.bounded:
            slope[-1] = 1.0
        return np.append(below, above) * slope


def resample(values: np.ndarray, count: int) -> np.ndarray:
    """Positive, strictly monotone values read off at `count` equidistant relative levels, log-linear between them."""
    if len(values) == 1:
        return values[0] * np.geomspace(0.9, 1.1, count)
    old, new = (np.arange(len(values)) + 0.5) / len(values), (np.arange(count) + 0.5) / count
    cell = np.clip(np.searchsorted(old, new) - 1, 0, len(old) - 2)
    logs = np.log(values)
    slope = np.diff(logs)[cell] / np.diff(old)[cell]
    return np.exp(logs[cell] + slope * (new - old[cell]))
