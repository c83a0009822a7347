"""Who reads whom: fully connected, connectivity c, and dilution, as flat neighbour lists for the kernels.

Units are numbered through the layers 0…L, perceptrons (units of layers 1…L) and their bonds likewise, so that one flat
array holds all weights of a net. A bond is seen from both ends: by its perceptron (for weight moves) and by the spin
below, whose *readers* a spin flip touches. Readers are sorted by unit: where every unit above reads a spin, they are
the whole layer in order.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from gardner.errors import ConvergenceError

TRIES = 4  # per bond of the layer, before a graph is dealt again
DEALS = 1000  # before no graph is found


class NetSettings(Protocol):
    """What a net is drawn from: the settings of a Monte Carlo run, or of message passing.

    layer_widths: n_0…n_L; patterns: M; connectivity: c, None for fully connected; graph: "random" or "regular";
    dilution: share of bonds removed; setting: "random" or "planted"; weights: the prior; fresh: fresh inputs.
    """

    layer_widths: tuple[int, ...]
    patterns: int
    connectivity: int | None
    graph: str
    dilution: float
    setting: str
    weights: str
    fresh: int

    def seeds(self, sample: int) -> tuple[np.random.SeedSequence, np.random.SeedSequence]:
        """Independent seeds of the disorder and of the dynamics of one sample."""


class Topology(NamedTuple):
    """Flat neighbour lists (int64); a NamedTuple, so that kernels take it as it is.

    width_l: n_0…n_L. first_l: first unit of each layer, and the end. row_p: first bond of each perceptron, and the end;
    source_k: the spin each bond reads, numbered within the layer below. column_u: first reader of each unit of the
    layers 0…L-1, and the end; reader_k: the reading unit, numbered within its layer; bond_k: its bond. scale_l: factor
    of the field, c^-1/2 or n_{l-1}^-1/2, for l = 1…L.
    """

    width_l: np.ndarray
    first_l: np.ndarray
    row_p: np.ndarray
    source_k: np.ndarray
    column_u: np.ndarray
    reader_k: np.ndarray
    bond_k: np.ndarray
    scale_l: np.ndarray

    @property
    def depth(self) -> int:
        return len(self.width_l) - 1

    def layer_bonds(self, layer: int) -> slice:
        """The bonds of bond layer 1…L."""
        start = self.first_l[layer] - self.width_l[0]
        return slice(self.row_p[start], self.row_p[start + self.width_l[layer]])

    def layer_units(self, layer: int) -> slice:
        """The units of spin layer 0…L."""
        return slice(self.first_l[layer], self.first_l[layer + 1])

    def is_dense(self, layer: int) -> bool:
        """Whether every unit of the layer reads every unit below."""
        bonds = self.layer_bonds(layer)
        return bonds.stop - bonds.start == self.width_l[layer] * self.width_l[layer - 1]

    def matrix(self, layer: int, weight_k: np.ndarray) -> np.ndarray:
        """The weights of a layer as a matrix, absent bonds 0."""
        rows, columns = self.width_l[layer], self.width_l[layer - 1]
        bonds = self.layer_bonds(layer)
        if self.is_dense(layer):
            return weight_k[bonds].reshape(rows, columns)
        dense = np.zeros((rows, columns))
        start = self.first_l[layer] - self.width_l[0]
        counts = np.diff(self.row_p[start : start + rows + 1])
        dense[np.repeat(np.arange(rows), counts), self.source_k[bonds]] = weight_k[bonds]
        return dense


def draw_topology(settings: NetSettings, rng: np.random.Generator) -> Topology:
    """The graph of one sample: c distinct inputs per perceptron, then dilution; rows left empty are redrawn."""
    widths = settings.layer_widths
    masks = [
        _dilute(_graph(rows, columns, settings.connectivity, settings.graph, rng), settings.dilution, rng)
        for rows, columns in zip(widths[1:], widths[:-1])
    ]
    fans = [settings.connectivity or columns for columns in widths[:-1]]
    return from_masks(masks, [fan**-0.5 for fan in fans])


def _graph(rows: int, columns: int, connectivity: int | None, kind: str, rng: np.random.Generator) -> np.ndarray:
    mask = np.ones((rows, columns), dtype=bool)
    if connectivity is None or connectivity == columns:
        return mask
    if kind == "regular":  # near full connection few graphs are left: the units not read are drawn, as regularly
        sparse = 2 * connectivity <= columns
        chosen = _balance(rows, columns, connectivity if sparse else columns - connectivity, rng)
        mask[:] = not sparse
        mask[np.arange(rows)[:, None], chosen] = sparse
        return mask
    mask[:] = False
    for row in mask:
        row[rng.choice(columns, connectivity, replace=False)] = True
    return mask


def _balance(rows: int, columns: int, fan: int, rng: np.random.Generator) -> np.ndarray:
    """read_ik: `fan` distinct units below for every perceptron, each unit equally often (to within one).

    The ends of all bonds are dealt out at random, again until every perceptron that got a unit twice can trade it with
    another one for a unit that is new to both. Meant for fan ≤ columns / 2, where the first deal nearly always does.
    """
    for _ in range(DEALS):
        ends = np.resize(rng.permutation(columns), rows * fan)
        rng.shuffle(ends)
        read = ends.reshape(rows, fan)
        if _trade(read, rng):
            return read
    raise ConvergenceError(
        f"no regular graph of {rows} perceptrons with {fan} of {columns} units each in {DEALS} deals: choose random"
    )


def _trade(read: np.ndarray, rng: np.random.Generator) -> bool:
    """Trade what stands twice in a row, in place; False where a unit finds no place."""
    rows, fan = read.shape
    ordered = np.sort(read, axis=1)
    for i in np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1)):
        tries = 0
        for place in _find_repeated(read[i]):  # a trade brings in a new unit: the other places stay what they are
            while True:
                j, k = rng.integers(rows), rng.integers(fan)
                if read[j, k] not in read[i] and read[i, place] not in read[j]:
                    read[i, place], read[j, k] = read[j, k], read[i, place]
                    break
                if (tries := tries + 1) > TRIES * read.size:
                    return False
    return True


def _find_repeated(values: np.ndarray) -> np.ndarray:
    """Places of values that stand further left already, from left to right."""
    order = np.argsort(values, kind="stable")
    return np.sort(order[1:][values[order[1:]] == values[order[:-1]]])


def _dilute(mask: np.ndarray, dilution: float, rng: np.random.Generator) -> np.ndarray:
    """Each bond removed with probability `dilution`; a row without any bond left is drawn again."""
    if dilution == 0.0:
        return mask
    kept = mask & (rng.random(mask.shape) >= dilution)
    while (empty := ~kept.any(axis=1)).any():
        kept[empty] = mask[empty] & (rng.random((empty.sum(), mask.shape[1])) >= dilution)
    return kept


def from_masks(masks: list[np.ndarray], scales: list[float]) -> Topology:
    """Neighbour lists of the given connection matrices (units above × units below)."""
    width = np.array([masks[0].shape[1], *(mask.shape[0] for mask in masks)], dtype=np.int64)
    first = np.concatenate([[0], np.cumsum(width)])
    row_counts = np.concatenate([mask.sum(axis=1) for mask in masks])
    column_counts = np.concatenate([mask.sum(axis=0) for mask in masks])
    source, reader, bond, bonds = [], [], [], 0
    for mask in masks:
        rows, columns = np.nonzero(mask)
        source.append(columns)
        order = np.lexsort((rows, columns))
        reader.append(rows[order])
        bond.append(bonds + order)
        bonds += len(rows)
    return Topology(
        width,
        first,
        _offsets(row_counts),
        np.concatenate(source).astype(np.int64),
        _offsets(column_counts),
        np.concatenate(reader).astype(np.int64),
        np.concatenate(bond).astype(np.int64),
        np.array(scales, dtype=float),
    )


def _offsets(counts: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
