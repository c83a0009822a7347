"""Terminal functions φ_k(h) of the one-dimensional sectors, with their first two derivatives.

    gap, hard core:   φ = ln Φ_N((h-κ)/σ),  σ² = 1-Λ_k                                                   (T7)
    gap, soft core:   e^φ = Φ_N(x) + b^{-1/2} e^{-βh'²/b} Φ_N(-x/√b),  h' = h-κ, x = h'/σ, b = 1+2βσ²       (T7)
    spin:             φ = ln 2cosh h                                                                   (T8)

Each function takes fields h of any shape and returns (φ, φ', φ'') of that shape, accurate in both tails:
Φ_N through log_ndtr and the scaled complementary error function, never as a ratio of two underflowing numbers.
"""

from __future__ import annotations

import numpy as np
from scipy.special import erfcx, log_ndtr

from gardner.model import HardCore, Potential, SoftCore

SQRT2 = np.sqrt(2.0)
LOG_SQRT_2PI = 0.5 * np.log(2.0 * np.pi)


def hard_core(h: np.ndarray, sigma: float, margin: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """ln Φ_N(x) and derivatives: φ' = r/σ with r = ϕ(x)/Φ_N(x), φ'' = -r(x+r)/σ²."""
    x = (h - margin) / sigma
    phi = log_ndtr(x)
    ratio = np.where(
        x < 5.0,
        np.sqrt(2.0 / np.pi) / erfcx(-np.minimum(x, 5.0) / SQRT2),
        np.exp(-0.5 * x * x - LOG_SQRT_2PI),
    )
    # for x → -∞, r(x+r) → 1 - 2/x² + 8/x⁴ - 50/x⁶…: the series avoids the cancellation in x + r
    y = 1.0 / np.square(np.where(x < -50.0, x, -50.0))
    product = np.where(x < -50.0, 1.0 - y * (1.0 - y * (6.0 - 50.0 * y)), ratio * (x + ratio))
    return phi, ratio / sigma, -product / sigma**2


def soft_core(h: np.ndarray, sigma: float, beta: float, margin: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """ln(A + B), A = Φ_N(x), B = b^{-1/2} e^{-βh'²/b} Φ_N(-x/√b).

    The Gaussians of A' and B' share the exponent h'²/2σ² because β/b + 1/(2σ²b) = 1/(2σ²), hence
    (A+B)' = ϕ(x)(1-1/b)/σ - (2βh'/b) B.
    """
    b = 1.0 + 2.0 * beta * sigma**2
    d = h - margin
    x = d / sigma
    log_a = log_ndtr(x)
    log_b = -0.5 * np.log(b) - beta * d * d / b + log_ndtr(-x / np.sqrt(b))
    phi = np.logaddexp(log_a, log_b)
    share_b = np.exp(log_b - phi)
    density = np.exp(-0.5 * x * x - LOG_SQRT_2PI - phi) / sigma
    jump = 1.0 - 1.0 / b
    slope = 2.0 * beta * d / b
    first = density * jump - slope * share_b
    second = -(x / sigma) * density * jump - (2.0 * beta / b) * share_b + slope * (slope * share_b + density / b)
    return phi, first, second - first**2


def gap(potential: Potential, variance: float):
    """The terminal function h ↦ (φ, φ', φ'') of the gap sector at Λ_k = `variance` < 1."""
    sigma = float(np.sqrt(1.0 - variance))
    if isinstance(potential, HardCore):
        return lambda h: hard_core(h, sigma, potential.margin)
    if isinstance(potential, SoftCore):
        return lambda h: soft_core(h, sigma, potential.beta, potential.margin)
    raise ValueError(f"potential = {potential!r}: must be HardCore or SoftCore")


def spin(h: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """ln 2cosh h, tanh h, 1 - tanh² h."""
    tanh = np.tanh(h)
    cosh_inverse = 2.0 * np.exp(-np.abs(h)) / (1.0 + np.exp(-2.0 * np.abs(h)))
    return np.logaddexp(h, -h), tanh, cosh_inverse**2
