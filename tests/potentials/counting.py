"""A potential from outside the package: every gap below the margin costs one, however far below it lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtr

from gardner.potentials import Potential
from gardner.potentials.base import beta_parameter, margin_parameter


@dataclass(frozen=True)
class Counting(Potential):
    """v(r) = θ(κ - r), the number of errors: e^φ = e^{-β} + (1 - e^{-β}) Φ_N(x), x = (h-κ)/σ."""

    beta: float = beta_parameter()
    margin: float = margin_parameter()
    name = "counting"
    title = "error count"
    usual_beta = 2.0

    def terminal(self, h, sigma):
        """With p = (1 - e^{-β}) ϕ(x)/σ: φ' = p e^{-φ}, φ'' = -(x/σ) φ' - φ'²."""
        x = (h - self.margin) / sigma
        phi = np.logaddexp(-self.beta + log_ndtr(-x), log_ndtr(x))
        first = -np.expm1(-self.beta) * np.exp(-0.5 * x**2 - phi) / np.sqrt(2.0 * np.pi) / sigma
        return phi, first, -x / sigma * first - first**2

    def energy(self, r):
        """1 below κ."""
        return np.where(np.asarray(r) < self.margin, 1.0, 0.0)

    @staticmethod
    def energy_of_gap(r, margin):
        """1 below κ."""
        return 1.0 if r < margin else 0.0

    def error_rate(self, field: float, sigma: float) -> float:
        """Probability of an error at a given field, for the tests."""
        below = np.exp(-self.beta) * ndtr((self.margin - field) / sigma)
        return float(below / (below + ndtr((field - self.margin) / sigma)))
