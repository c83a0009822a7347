"""The soft core of [Y20]: v(r) = (r - κ)² θ(κ - r) at inverse temperature β.

    e^φ = A + B,  A = Φ_N(x),  B = b^{-1/2} e^{-βd²/b} Φ_N(-x/√b);   d = h-κ,  x = d/σ,  b = 1+2βσ²          (T7)

The Gaussians of A' and B' share the exponent d²/2σ² because β/b + 1/(2σ²b) = 1/(2σ²), hence

    (A+B)' = ϕ(x)(1-1/b)/σ - (2βd/b) B.

The hard core is β → ∞: gaps then penetrate to a depth (2β)^{-1/2}.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from gardner.potentials.base import Potential, Terminal, beta_parameter, margin_parameter

LOG_SQRT_2PI = 0.5 * np.log(2.0 * np.pi)


@dataclass(frozen=True)
class SoftCore(Potential):
    """Soft core: v(r) = (r - κ)² θ(κ - r). The hard core is β → ∞.

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
    THEORY section 1; [Y20] uses β = 66.7.
    """

    beta: float = beta_parameter()
    margin: float = margin_parameter()
    name = "soft"
    title = "soft core"

    def terminal(self, h: np.ndarray, sigma: float) -> Terminal:
        """ln(A + B) with its derivatives."""
        beta, d = self.beta, h - self.margin
        b = 1.0 + 2.0 * beta * sigma**2
        x = d / sigma
        log_b = -0.5 * np.log(b) - beta * d * d / b + log_ndtr(-x / np.sqrt(b))
        phi = np.logaddexp(log_ndtr(x), log_b)

        # everything below is divided by e^φ in the exponent
        share_b = np.exp(log_b - phi)
        density = np.exp(-0.5 * x * x - LOG_SQRT_2PI - phi) / sigma
        jump = 1.0 - 1.0 / b
        slope = 2.0 * beta * d / b
        first = density * jump - slope * share_b
        second = -(x / sigma) * density * jump - (2.0 * beta / b) * share_b + slope * (slope * share_b + density / b)
        return phi, first, second - first**2

    def terminal_by_beta(self, h: np.ndarray, phi: np.ndarray, sigma: float) -> np.ndarray:
        """∂φ/∂β of the terminal function at fields h where it is `phi` (C6), of the shape of h.

        B e^{-φ} ≤ 1 and ϕ(x) e^{-φ} ≤ ϕ(x)/Φ_N(x) ≤ 1 + |x|: where the exponents are huge, their round-off may not
        exceed that.
        """
        beta, d = self.beta, h - self.margin
        b = 1.0 + 2.0 * beta * sigma**2
        x = d / sigma
        share = np.exp(np.minimum(-0.5 * np.log(b) - beta * d * d / b + log_ndtr(-x / np.sqrt(b)) - phi, 0.0))
        density = np.exp(np.minimum(-0.5 * x * x - LOG_SQRT_2PI - phi, np.log1p(np.abs(x))))
        return -share * (sigma**2 / b + (d / b) ** 2) + sigma * d / b**2 * density

    def energy(self, r: np.ndarray) -> np.ndarray:
        """The square of what a gap lacks to κ."""
        return np.minimum(r - self.margin, 0.0) ** 2

    @staticmethod
    def energy_of_gap(r: float, margin: float) -> float:
        """The square of what a gap lacks to κ."""
        x = margin - r
        x = x if x > 0.0 else 0.0
        return x * x

    @property
    def reach_below(self) -> float:
        """8/√β."""
        return float(8.0 / np.sqrt(self.beta))
