"""The hinge: v(r) = (κ - r) θ(κ - r) at inverse temperature β, the loss that the perceptron algorithm descends.

    e^φ = A + B,  A = Φ_N(x),  B = e^{βd + c²/2} Φ_N(t);    d = h-κ,  x = d/σ,  c = βσ,  t = -x-c

Let M = Φ_N/ϕ be the Mills ratio and E(u) = u + 1/M(u) > 0. As e^{βd + c²/2} ϕ(t) = ϕ(x),

    A = ϕ(x) M(x),    B = ϕ(x) M(t),    B/A = M(t)/M(x) = e^ρ,

so that with the shares a = A/(A+B) and b = B/(A+B), A' = ϕ(x)/σ and B' = βB - ϕ(x)/σ,

    φ' = β b,    φ'' = β (β b a - ϕ(x) / σ(A+B)) = -(β/σ) a b (E(x) + E(t)) ≤ 0.

The last form has no cancellation: 1/M(x) + 1/M(t) - c = E(x) + E(t). The limit β → ∞ is the hard core, with gaps that
penetrate to a depth 1/β; β → 0 is e^φ = 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import erfcx, expit, log_ndtr

from gardner.potentials.base import Potential, Terminal, beta_parameter, margin_parameter

SQRT2 = np.sqrt(2.0)
LOG_SQRT_2PI = 0.5 * np.log(2.0 * np.pi)
LOG_SQRT_HALF_PI = 0.5 * np.log(0.5 * np.pi)
NEAR = -6.0  # u below which u + 1/M(u) loses digits, and a continued fraction gives it
TERMS = 40  # of that fraction: its error at u = NEAR is below 1e-16


@dataclass(frozen=True)
class Hinge(Potential):
    """Hinge loss: v(r) = (κ - r) θ(κ - r). The hard core is β → ∞.

    Parameters
    ----------
    beta : float
        Inverse temperature 1/T > 0 (k_B = 1).
    margin : float
        κ.

    Raises
    ------
    ValueError
        For β or κ out of range.

    Notes
    -----
    THEORY section 1.
    """

    beta: float = beta_parameter()
    margin: float = margin_parameter()
    name = "hinge"
    title = "hinge loss"

    def terminal(self, h: np.ndarray, sigma: float) -> Terminal:
        """ln(A + B) with its derivatives."""
        d = h - self.margin
        x, c = d / sigma, self.beta * sigma
        t = -x - c
        rho = _log_mills(t) - _log_mills(x)
        a, b = expit(-rho), expit(rho)

        # ln B from the side on which its two factors do not cancel
        left = c * (x + 0.5 * c) + log_ndtr(t)
        right = -0.5 * x * x - LOG_SQRT_2PI + _log_mills(np.minimum(t, 0.0))
        log_b = np.where(t > 0.0, left, right)
        phi = np.where(rho > 0.0, log_b, log_ndtr(x)) + np.log1p(np.exp(-np.abs(rho)))

        second = -(self.beta / sigma) * (a * b * (_excess(x) + _excess(t)))
        return phi, self.beta * b, second

    def energy(self, r: np.ndarray) -> np.ndarray:
        """What a gap lacks to κ."""
        return np.maximum(self.margin - r, 0.0)

    @staticmethod
    def energy_of_gap(r: float, margin: float) -> float:
        """What a gap lacks to κ."""
        x = margin - r
        return x if x > 0.0 else 0.0

    @property
    def reach_below(self) -> float:
        """64/β."""
        return 64.0 / self.beta


def _log_mills(u: np.ndarray) -> np.ndarray:
    """ln M(u), M = Φ_N/ϕ: through the scaled complementary error function for u < 0."""
    above = log_ndtr(u) + 0.5 * u * u + LOG_SQRT_2PI
    return np.where(u > 0.0, above, LOG_SQRT_HALF_PI + np.log(erfcx(np.maximum(-u, 0.0) / SQRT2)))


def _excess(u: np.ndarray) -> np.ndarray:
    """E(u) = u + 1/M(u), which decays like 1/|u| for u → -∞.

    Laplace's fraction 1/M(-y) = y + 1/(y + 2/(y + 3/(y + …))) gives it there, its first term left out.
    """
    y = np.maximum(-u, -NEAR)
    tail = y
    for term in range(TERMS, 1, -1):
        tail = y + term / tail
    return np.where(u < NEAR, 1.0 / tail, u + np.exp(-_log_mills(np.maximum(u, NEAR))))
