"""The hierarchy of simulated replicas, layer by layer: P(q,l) and its ultrametricity, from a Monte Carlo file.

A file of `gardner mc` holds the raw overlap matrices of all copies at the end of every block of sweeps,

    Q_matrix(sample, point, bond_layer, clone, clone_b),   q_matrix(sample, point, layer, clone, clone_b);

the last block is taken, and of the copies the replicas, which started independently (a guest did not). The statistics
are those of `replica_overlaps`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from gardner.analysis.replica_overlaps import OverlapHistogram, Ultrametricity, overlap_histogram, ultrametricity
from gardner.errors import FileFormatError
from gardner.model import whole
from gardner.results.solution import from_attribute
from gardner.values import ByValue

MATRICES = {"spin": ("q_matrix", "layer"), "bond": ("Q_matrix", "bond_layer")}
FEWEST = 3  # replicas of a triple


@dataclass(frozen=True, eq=False)
class MeasuredLayer(ByValue):
    """One layer: kind "spin" or "bond", layer, P(q), statistics, and the matrix (n, n) of the first sample."""

    kind: str
    layer: int
    histogram: OverlapHistogram
    statistics: Ultrametricity
    example_rr: np.ndarray


@dataclass(frozen=True)
class MeasuredHierarchy:
    """All layers asked for: spins (MeasuredLayer, …) and bonds (MeasuredLayer, …)."""

    spins: tuple[MeasuredLayer, ...]
    bonds: tuple[MeasuredLayer, ...]


def measured_layer(
    kind: str, layer: int, overlap_srr: np.ndarray, bins: int = 40, tolerance: float = 0.05, seed: int = 1
) -> MeasuredLayer:
    """Everything about one layer from its overlap matrices (samples, n, n)."""
    histogram = overlap_histogram(overlap_srr, bins)
    statistics = ultrametricity(overlap_srr, tolerance, seed)
    return MeasuredLayer(kind, layer, histogram, statistics, np.asarray(overlap_srr[0], dtype=float))


def is_monte_carlo(dataset) -> bool:
    """True for a file of `gardner mc`."""
    return str(dataset.attrs.get("kind", "")).startswith("mc ")


def replica_matrices(dataset, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Layer numbers and overlap matrices (layers, samples, n, n) of the replicas; FileFormatError without them."""
    name, axis = MATRICES[kind]
    if not is_monte_carlo(dataset) or name not in dataset:
        raise FileFormatError(
            f"not a file of simulated replicas: {name} is missing; give a file of `gardner mc … --out`"
        )
    count = int(from_attribute(dataset.attrs["parameters"])["replicas"])
    if count < FEWEST:
        raise ValueError(
            f"replicas = {count}: at least {FEWEST} are needed for a triple; run `gardner mc --replicas 8`"
        )
    chosen = dataset[name].isel(point=-1, clone=slice(0, count), clone_b=slice(0, count))
    return dataset[axis].values, chosen.transpose(axis, "sample", "clone", "clone_b").values


def measured_hierarchy(
    dataset, layers: Sequence[int] | None = None, bins: int = 40, tolerance: float = 0.05, seed: int = 1
) -> MeasuredHierarchy:
    """The layers of a Monte Carlo dataset (all by default; layers where every replica agrees exactly are left out)."""
    whole("bins", bins, 1, 10_000)
    found = {"spin": [], "bond": []}
    available = set()
    for kind, measured in found.items():
        numbers, matrices = replica_matrices(dataset, kind)
        for number, overlap_srr in zip(numbers, matrices):
            if np.all(overlap_srr >= 1.0):
                continue  # imposed on all replicas
            available.add(int(number))
            if layers is None or int(number) in layers:
                measured.append(measured_layer(kind, int(number), overlap_srr, bins, tolerance, seed))
    if layers is not None and not set(layers) <= available:
        raise ValueError(f"layers = {list(layers)}: the file holds {', '.join(map(str, sorted(available)))}")
    return MeasuredHierarchy(tuple(found["spin"]), tuple(found["bond"]))


def measured_document(result: MeasuredHierarchy) -> dict:
    """The body of `gardner ultrametric --json` for a Monte Carlo file."""

    def layer_document(layer: MeasuredLayer) -> dict:
        histogram = layer.histogram
        law = {"edges": histogram.edges_b, "density": histogram.density_b, "density_error": histogram.error_b}
        return {"layer": layer.layer} | asdict(layer.statistics) | law | {"outside": histogram.outside}

    return {
        "spin": [layer_document(layer) for layer in result.spins],
        "bond": [layer_document(layer) for layer in result.bonds],
    }


def measured_dataset(result: MeasuredHierarchy, attributes: dict):
    """xarray Dataset: density_spin(spin_layer, bin), its error, and every statistic with its error, spins and bonds."""
    import xarray as xr

    variables, coordinates = {}, {}
    for kind, layers in (("spin", result.spins), ("bond", result.bonds)):
        if not layers:
            continue
        axis = f"{kind}_layer"
        coordinates[axis] = [layer.layer for layer in layers]
        edges = layers[0].histogram.edges_b
        coordinates["bin"] = 0.5 * (edges[:-1] + edges[1:])
        variables[f"density_{kind}"] = ((axis, "bin"), np.array([layer.histogram.density_b for layer in layers]))
        variables[f"density_error_{kind}"] = ((axis, "bin"), np.array([layer.histogram.error_b for layer in layers]))
        for name, value in asdict(layers[0].statistics).items():
            if isinstance(value, dict):
                for part in ("mean", "error"):
                    values = [getattr(getattr(layer.statistics, name), part) for layer in layers]
                    variables[f"{name}_{part}_{kind}"] = (axis, values)
    return xr.Dataset(variables, coordinates, attributes)


def tree_order(overlap_rr: np.ndarray) -> np.ndarray:
    """Replicas in the order of the tree of average linkage on 1-q."""
    from scipy.cluster.hierarchy import leaves_list, linkage

    distance = 1.0 - overlap_rr[np.triu_indices(len(overlap_rr), 1)]
    return leaves_list(linkage(distance - distance.min(), method="average"))
