"""The bonds of a layer as index arrays, seen from both ends, and patterns in blocks that fit into the cache.

Every perceptron reads c units, so that the edges of a bond layer are a matrix [perceptron i, place s]. Seen from below
they are lists, sorted by the unit k that is read: its readers, with the number i·c + s of each edge.

Numbers per unit and pattern are stored as [block b, unit, pattern x of the block]. The last block is filled up with
patterns that say nothing (no input, no output): all their messages are 0, and so is what they add to any sum.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gardner.messages.settings import BLOCK
from gardner.nets.graphs import Topology


class Edges(NamedTuple):
    """One bond layer: source_is, the unit below that edge (i, s) reads; the readers of unit k are those from
    first_k[k] to first_k[k+1], reader_e the perceptron and edge_e = i·c + s its edge; scale: c^-1/2.
    """

    source_is: np.ndarray
    first_k: np.ndarray
    reader_e: np.ndarray
    edge_e: np.ndarray
    scale: float

    @property
    def fan(self) -> int:
        """c."""
        return self.source_is.shape[1]


def edges_of(topology: Topology) -> list[Edges]:
    """The bond layers 1…L of a graph whose perceptrons read equally many units."""
    found = []
    for layer in range(1, topology.depth + 1):
        bonds, below = topology.layer_bonds(layer), topology.layer_units(layer - 1)
        source_is = topology.source_k[bonds].reshape(topology.width_l[layer], -1)
        first_k = topology.column_u[below.start : below.stop + 1]
        readers = slice(first_k[0], first_k[-1])
        found.append(
            Edges(
                source_is,
                first_k - first_k[0],
                topology.reader_k[readers],
                topology.bond_k[readers] - bonds.start,
                float(topology.scale_l[layer - 1]),
            )
        )
    return found


def into_blocks(value_um: np.ndarray) -> np.ndarray:
    """[unit, pattern] as [block, unit, pattern of the block], filled up with 0."""
    units, patterns = value_um.shape
    blocks = -(-patterns // BLOCK)
    filled = np.zeros((units, blocks * BLOCK))
    filled[:, :patterns] = value_um
    return np.ascontiguousarray(filled.reshape(units, blocks, BLOCK).transpose(1, 0, 2))


def from_blocks(value_bux: np.ndarray, patterns: int) -> np.ndarray:
    """The inverse of `into_blocks`."""
    blocks, units, size = value_bux.shape
    return value_bux.transpose(1, 0, 2).reshape(units, blocks * size)[:, :patterns]
