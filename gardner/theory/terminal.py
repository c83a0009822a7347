"""The terminal function φ_k(h) of the spin sector; those of the gap sector belong to the potentials."""

from __future__ import annotations

import numpy as np


def spin(h: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """φ = ln 2cosh h with φ' = tanh h and φ'' = 1 - tanh² h, each of the shape of h. (T8)"""
    tanh = np.tanh(h)
    cosh_inverse = 2.0 * np.exp(-np.abs(h)) / (1.0 + np.exp(-2.0 * np.abs(h)))
    return np.logaddexp(h, -h), tanh, cosh_inverse**2
