"""Extrapolation in the number of RSB steps.

A quantity computed with k steps approaches its full-RSB limit along powers of 1/(k+1),

    value(k) = a_0 + Σ_p a_p (k+1)^{-p},

p = 2, 4, … for a fixed grid m_i = i/(k+1) (second-order quadrature of a smooth x(q)), p = 4, 6, … where the steps
themselves minimise a functional (the error of the minimiser enters squared).

The error of a_0 is the largest of: its change when any one point is left out; its change when the highest power is
dropped; the given errors of the values carried through the fit. The first two measure the truncated series from two
sides; they are systematic, not a standard deviation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Extrapolation:
    """value and error of the limit; coefficients of the powers; residuals of the fit, value(k) - fit(k)."""

    value: float
    error: float
    powers: tuple[float, ...]
    coefficients: tuple[float, ...]
    residuals: np.ndarray


def _limit(levels: np.ndarray, values: np.ndarray, powers: Sequence[float]) -> np.ndarray:
    design = (levels[:, None] + 1.0) ** -np.array([0.0, *powers])
    scale = np.abs(design).max(axis=0)
    return np.linalg.lstsq(design / scale, values, rcond=None)[0] / scale


def extrapolate(
    levels: Sequence[int], values: Sequence[float], powers: Sequence[float] = (2.0, 4.0), errors: Sequence[float] = ()
) -> Extrapolation:
    """The limit k → ∞ of `values` at `levels` steps, least squares in (k+1)^{-p}; needs len(powers) + 2 points."""
    k, v = np.asarray(levels, dtype=float), np.asarray(values, dtype=float)
    powers = tuple(float(p) for p in powers)
    if k.ndim != 1 or k.shape != v.shape or len(np.unique(k)) != len(k) or not np.isfinite(v).all():
        raise ValueError("extrapolate: one finite value per distinct number of levels is needed")
    if not powers or min(powers) <= 0.0:
        raise ValueError(f"powers = {powers}: at least one positive exponent is needed")
    if len(k) < len(powers) + 2:
        raise ValueError(f"{len(k)} values: at least {len(powers) + 2} are needed to fit {len(powers)} powers")
    coefficients = _limit(k, v, powers)
    keep = ~np.eye(len(k), dtype=bool)
    changes = [abs(_limit(k[row], v[row], powers)[0] - coefficients[0]) for row in keep]
    if len(powers) > 1:
        changes.append(abs(_limit(k, v, powers[:-1])[0] - coefficients[0]))
    if len(errors):
        weights = np.array([_limit(k, unit, powers)[0] for unit in np.eye(len(k))])
        changes.append(float(np.abs(weights) @ np.asarray(errors, dtype=float)))
    fit = (k[:, None] + 1.0) ** -np.array([0.0, *powers]) @ coefficients
    return Extrapolation(float(coefficients[0]), float(max(changes)), powers, tuple(coefficients[1:]), v - fit)
