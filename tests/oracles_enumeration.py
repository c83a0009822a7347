"""All weights of a small binary net: its Gardner volume, energy levels and overlaps, exactly.

A net with K bonds has 2^K states; state number x has weight +1 on bond k where bit k of x is set. The energy is the
number of wrong outputs, hidden spins are slaved, sgn(0) = +1. At inverse temperature β a state has probability
e^{-βE}/Z; β = ∞ is the uniform measure on the lowest level, whose share of all states is the volume where that level
is 0. Exact up to round-off; K ≤ 18.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.nets.graphs import Topology
from gardner.values import ByValue

MOST_BONDS = 18
CHUNK = 1 << 13


@dataclass(frozen=True, eq=False)
class Enumeration(ByValue):
    """energy_x: wrong outputs of every state x; layer_l: slice of the bonds of each layer l = 1…L."""

    energy_x: np.ndarray
    layer_l: tuple[slice, ...]

    @property
    def bonds(self) -> int:
        return self.layer_l[-1].stop

    @property
    def volume(self) -> float:
        """Fraction of all states with every output right."""
        return float(np.mean(self.energy_x == 0))

    @property
    def histogram_e(self) -> np.ndarray:
        """Number of states at energy 0, 1, …"""
        return np.bincount(self.energy_x)

    def probabilities(self, beta: float) -> np.ndarray:
        """e^{-βE}/Z of every state."""
        excess_x = self.energy_x - self.energy_x.min()
        weight_x = np.exp(-np.where(excess_x > 0, beta * np.maximum(excess_x, 1), 0.0))
        return weight_x / weight_x.sum()

    def level_probabilities(self, beta: float) -> np.ndarray:
        """Probability of energy 0, 1, …"""
        return np.bincount(self.energy_x, weights=self.probabilities(beta))

    def mean_weights(self, beta: float) -> np.ndarray:
        """<J_k> of every bond."""
        return self.probabilities(beta) @ weights_of(np.arange(len(self.energy_x)), self.bonds)

    def replica_overlaps(self, beta: float) -> np.ndarray:
        """<Q(l)> of two independent replicas, l = 1…L: the mean of <J_k>² over the bonds of a layer."""
        mean_k = self.mean_weights(beta)
        return np.array([np.mean(mean_k[bonds] ** 2) for bonds in self.layer_l])

    def overlaps_with(self, weight_k: np.ndarray) -> np.ndarray:
        """Number of bonds in agreement with `weight_k`, for every state and layer [x, l]."""
        agree_xk = weights_of(np.arange(len(self.energy_x)), self.bonds) == weight_k
        return np.stack([agree_xk[:, bonds].sum(axis=1) for bonds in self.layer_l], axis=1)


def weights_of(state_x: np.ndarray, bonds: int) -> np.ndarray:
    """Weights ±1, int8 [state, bond]."""
    return (2 * ((np.asarray(state_x)[:, None] >> np.arange(bonds)) & 1) - 1).astype(np.int8)


def state_of(weight_xk: np.ndarray) -> np.ndarray:
    """State numbers of weights ±1 [state, bond]."""
    return (np.asarray(weight_xk) > 0) @ (1 << np.arange(np.shape(weight_xk)[1]))


def enumerate_states(topology: Topology, input_jm: np.ndarray, output_im: np.ndarray) -> Enumeration:
    """The energies of all 2^K states; ValueError above K = 18 bonds."""
    bonds = len(topology.source_k)
    if bonds > MOST_BONDS:
        raise ValueError(f"{bonds} bonds: at most {MOST_BONDS} can be enumerated; choose a smaller net")
    layer_l = tuple(topology.layer_bonds(layer) for layer in range(1, topology.depth + 1))
    states = 1 << bonds
    energy_x = np.empty(states, dtype=np.int64)
    for start in range(0, states, CHUNK):
        state_x = np.arange(start, min(start + CHUNK, states))
        spins = np.broadcast_to(input_jm, (len(state_x), *input_jm.shape))
        weight_xk = weights_of(state_x, bonds)
        for layer in range(1, topology.depth + 1):
            spins = _layer_above(topology, layer, weight_xk, spins)
        energy_x[state_x] = (spins != output_im).sum(axis=(1, 2))
    return Enumeration(energy_x, layer_l)


def _layer_above(topology: Topology, layer: int, weight_xk: np.ndarray, spin_xjm: np.ndarray) -> np.ndarray:
    """Spins [state, unit, pattern] of a layer."""
    first = topology.first_l[layer] - topology.width_l[0]
    above = np.empty((len(weight_xk), topology.width_l[layer], spin_xjm.shape[2]), dtype=np.int8)
    for i in range(topology.width_l[layer]):
        row = slice(topology.row_p[first + i], topology.row_p[first + i + 1])
        field = np.einsum("xk,xkm->xm", weight_xk[:, row], spin_xjm[:, topology.source_k[row]])
        above[:, i] = np.where(field >= 0, 1, -1)
    return above
