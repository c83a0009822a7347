"""The hard core: exp(-βv(r)) = θ(r - κ), a constraint that every gap must meet.

φ(h) = ln Φ_N(x),  x = (h-κ)/σ;    φ' = ρ/σ,  φ'' = -ρ(x+ρ)/σ²,  ρ = ϕ(x)/Φ_N(x)                        (T7)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import erfcx, log_ndtr

from gardner.potentials.base import Potential, Terminal, margin_parameter

SQRT2 = np.sqrt(2.0)
LOG_SQRT_2PI = 0.5 * np.log(2.0 * np.pi)
FAR = -50.0  # x below which x + ρ has lost its digits, and its series is used


@dataclass(frozen=True)
class HardCore(Potential):
    """Hard core: exp(-β v(r)) = θ(r - κ); r is in units in which it has unit variance.

    Parameters
    ----------
    margin : float
        κ, |κ| ≤ 100.

    Raises
    ------
    ValueError
        For a margin outside.

    Notes
    -----
    THEORY section 1.
    """

    margin: float = margin_parameter()
    name = "hard"
    title = "hard core"
    is_constraint = True

    def terminal(self, h: np.ndarray, sigma: float) -> Terminal:
        """ln Φ_N(x) with its derivatives; Φ_N is never the ratio of two underflowing numbers."""
        x = (h - self.margin) / sigma
        ratio = np.where(
            x < 5.0,
            np.sqrt(2.0 / np.pi) / erfcx(-np.minimum(x, 5.0) / SQRT2),
            np.exp(-0.5 * x * x - LOG_SQRT_2PI),
        )

        # for x → -∞, ρ(x+ρ) = 1 - 1/x² + 6/x⁴ - 50/x⁶…: the series avoids the cancellation in x + ρ
        y = 1.0 / np.square(np.where(x < FAR, x, FAR))
        product = np.where(x < FAR, 1.0 - y * (1.0 - y * (6.0 - 50.0 * y)), ratio * (x + ratio))
        return log_ndtr(x), ratio / sigma, -product / sigma**2

    def energy(self, r: np.ndarray) -> np.ndarray:
        """0 from κ on, infinite below."""
        return np.where(np.asarray(r) < self.margin, np.inf, 0.0)

    @staticmethod
    def energy_of_gap(r: float, margin: float) -> float:
        """0 from κ on, infinite below."""
        return math.inf if r < margin else 0.0

    def log_boltzmann(self, r: np.ndarray) -> np.ndarray:
        """ln θ(r - κ); at r = κ the limit from above."""
        return -self.energy(r)

    @property
    def reach_below(self) -> float:
        """No gap lies below κ."""
        return 0.0

    @property
    def entropy_bound(self) -> float | None:
        """-ln 2 at κ = 0: of the two signs of an output a net gives one, so that Z is ½ per output on average."""
        return -float(np.log(2.0)) if self.margin == 0.0 else None
