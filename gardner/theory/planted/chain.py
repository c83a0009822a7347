"""The chain of layers of the planted saddle point: geometry, state vector, result of evaluating the map.

Bond layers l = 1…L, spin layers l = 0…L. The spins of an end are given patterns (q = 1) or, for an end left
free, as hidden as the others; a half-infinite front is a short chain whose inner end is free (THEORY sections
2 and 6).

The state holds, per layer, rigidities -ln(1-q) of spins and -ln(1-Q) of bonds: they vanish with the overlap,
are linear in it at small overlap and keep full relative precision of 1-q and 1-Q where order is nearly
complete. In these variables Q = Q̂/(1+Q̂) reads -ln(1-Q) = ln(1+Q̂), and the map of either closure is
non-decreasing in every component.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Chain:
    """`depth` bond layers, ends given or free; `field` (T18) is added to q̂ of every hidden spin."""

    depth: int
    input_free: bool = False
    output_free: bool = False
    field: float = 0.0

    @property
    def spins(self) -> np.ndarray:
        """Layers of the spins that are not given: 1…L-1, and the free ends."""
        first = 0 if self.input_free else 1
        last = self.depth if self.output_free else self.depth - 1
        return np.arange(first, last + 1)


@dataclass(frozen=True)
class Overlaps:
    """q_l, 1-q_l of shape (L+1,) and Q_l, 1-Q_l of shape (L,); Q_l[0] is bond layer 1."""

    q_l: np.ndarray
    q_complement_l: np.ndarray
    Q_l: np.ndarray
    Q_complement_l: np.ndarray


@dataclass(frozen=True)
class Image:
    """One evaluation of the map.

    value, jacobian, alpha_slope: F(x), ∂F/∂x and ∂F/∂ln α in the variables of the state;
    residual: max |F(x)-x| over all q and Q; relative: the same in the variables of the state, that is,
    relative to 1-q and 1-Q.
    """

    value: np.ndarray
    jacobian: np.ndarray
    alpha_slope: np.ndarray
    residual: float
    relative: float


def relative_change(value: np.ndarray, state: np.ndarray) -> float:
    """Largest |F(x)-x|/(1+x) of a state."""
    return float(np.max(np.abs(value - state) / (1 + state), initial=0.0))


def overlaps(chain: Chain, spin_rigidity_h: np.ndarray, bond_rigidity_l: np.ndarray) -> Overlaps:
    """Overlaps of all layers from the rigidities of the unknown spins and of the bonds."""
    complement_l = np.zeros(chain.depth + 1)
    complement_l[chain.spins] = np.exp(-spin_rigidity_h)
    q_l = np.ones(chain.depth + 1)
    q_l[chain.spins] = -np.expm1(-spin_rigidity_h)
    return Overlaps(q_l, complement_l, -np.expm1(-bond_rigidity_l), np.exp(-bond_rigidity_l))


def bond_entropy(alpha: float, bond_rigidity_l: np.ndarray) -> float:
    """Σ_l [ln(1-Q) + Q]/2α, the bond term of (T14) and (T16)."""
    return float(np.sum(-np.expm1(-bond_rigidity_l) - bond_rigidity_l)) / (2 * alpha)
