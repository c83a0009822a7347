"""Closed forms of the L = 1 perceptron: the replica-symmetric capacity of [G88].

    1/α_c(κ) = ∫_{-κ}^∞ Dt (t+κ)² = (1+κ²) Φ_N(κ) + κ ϕ(κ),                                                (C14)

exact for κ ≥ 0, where RS is stable up to capacity; for κ < 0 an upper bound.
"""

from __future__ import annotations

import numpy as np
from scipy.special import erfcx, ndtr

from gardner.checks import checked_margin


def rs_capacity(margin: float = 0.0) -> float:
    """α_c(κ) of (C14) for |κ| ≤ 100; inf where it exceeds the largest number (κ < -38). ValueError for other κ.

    The two terms cancel for κ → -∞; the tail is 2 ϕ(κ)/|κ|³ (1 - 6/κ² + 45/κ⁴ - …), relative error below 1e-9.
    """
    kappa = checked_margin(margin)
    density = np.exp(-0.5 * kappa**2) / np.sqrt(2.0 * np.pi)
    if kappa > -5.0:
        return float(1.0 / ((1.0 + kappa**2) * ndtr(kappa) + kappa * density))
    if kappa > -20.0:
        mills = np.sqrt(0.5 * np.pi) * erfcx(-kappa / np.sqrt(2.0))
        inverse = density * ((1.0 + kappa**2) * mills + kappa)
    else:
        y = 1.0 / kappa**2
        series = np.polynomial.polynomial.polyval(y, (1.0, -6.0, 45.0, -420.0, 4725.0, -62370.0))
        inverse = 2.0 * density / abs(kappa) ** 3 * series
    with np.errstate(divide="ignore"):
        return float(1.0 / inverse) if inverse > 0.0 else float("inf")
