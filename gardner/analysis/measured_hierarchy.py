"""The hierarchy of simulated replicas, layer by layer: P(q,l) and its ultrametricity, from a Monte Carlo file.

A file of `gardner mc` holds the raw overlap matrices of all copies at the end of every block of sweeps,

    Q_matrix(sample, point, bond_layer, clone, clone_b),   q_matrix(sample, point, layer, clone, clone_b);

the last block is taken, and of the copies the replicas, which started independently (a guest did not). The statistics
are those of `replica_overlaps`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields

import numpy as np

from gardner.analysis.replica_overlaps import (
    OverlapHistogram,
    SampleMean,
    Ultrametricity,
    overlap_histogram,
    ultrametricity,
)
from gardner.errors import FileFormatError
from gardner.model import whole
from gardner.montecarlo.data import MonteCarloData
from gardner.results import schema as words
from gardner.results.base import Result
from gardner.results.datasets import from_attribute, to_attribute
from gardner.results.tables import print_table
from gardner.values import ByValue

MATRICES = {"spin": ("q_matrix", "layer"), "bond": ("Q_matrix", "bond_layer")}
FEWEST = 3  # replicas of a triple
ARRAYS = ("density", "density_error", "example_matrix")
COUNTS = ("samples", "replicas", "triples", "tolerance")
ESTIMATES = tuple(one.name for one in fields(Ultrametricity) if one.name not in COUNTS)


@dataclass(frozen=True, eq=False)
class MeasuredLayer(ByValue):
    """One layer: kind "spin" or "bond", layer, P(q), statistics, and the matrix (n, n) of the first sample."""

    kind: str
    layer: int
    histogram: OverlapHistogram
    statistics: Ultrametricity
    example_rr: np.ndarray


@dataclass(frozen=True, eq=False)
class MeasuredHierarchy(Result):
    """All layers asked for: spins (MeasuredLayer, …) and bonds (MeasuredLayer, …)."""

    spins: tuple[MeasuredLayer, ...]
    bonds: tuple[MeasuredLayer, ...]
    seconds: float = field(default=0.0, compare=False)
    seed: int | None = None
    parameters: dict = field(default_factory=dict)

    kind = "ultrametric"
    drawing = "gardner.plotting.measured_hierarchy:laws_figure"
    saving = "gardner.plotting.measured_hierarchy:plot_measured"
    pictures = ("-statistics", "-matrices")
    listed = True

    def body(self) -> dict:
        """P(q,l) and statistics of every layer."""
        return measured_document(self)

    def to_dataset(self):
        """P(q,l), statistics and the matrices of the first sample, with the header as attributes."""
        attributes = {"kind": self.kind} | asdict(self.header)
        return measured_dataset(self, {name: to_attribute(value) for name, value in attributes.items()})

    @classmethod
    def from_dataset(cls, dataset) -> MeasuredHierarchy:
        """The inverse of `to_dataset`."""
        known = {name: from_attribute(value) for name, value in dataset.attrs.items()}
        header = {name: known.get(name) for name in ("seconds", "seed", "parameters")}
        return cls(*(_stored_layers(dataset, kind) for kind in MATRICES), **header)

    @classmethod
    def schema(cls) -> words.Schema:
        """Header and edges of the bins; layers of spins or bonds may be missing."""
        return words.Schema(words.HEADER, {"edges": (("edge",), "number")}, words.SEED, also=_check_layers)

    def tell(self) -> None:
        """Print the statistics of every layer beside the null's."""
        body = self.body()
        columns = ["l", "<q>", "violations", "null", "cophenetic", "null"]
        names = ("violations", "null_violations", "cophenetic", "null_cophenetic")
        for kind in ("bond", "spin"):
            rows = [
                [str(layer["layer"])] + [_with_error(layer[name]) for name in ("mean_overlap", *names)]
                for layer in body[kind]
            ]
            if rows:
                print_table(
                    f"{kind}s: {body[kind][0]['samples']} samples, {body[kind][0]['replicas']} replicas", columns, rows
                )
        print("violations: triples whose two smallest overlaps differ by more than the tolerance;")
        print("null: the overlaps of each sample put at random on its pairs")


def _with_error(estimate: dict) -> str:
    error = estimate["error"]
    return f"{estimate['mean']:.4f}" + ("" if error is None or error != error else f" ± {error:.4f}")


def _stored_layers(dataset, kind: str) -> tuple[MeasuredLayer, ...]:
    """The spin or bond layers in a Dataset."""
    found = []
    for l, layer in enumerate(dataset[f"{kind}_layer"].values if f"{kind}_layer" in dataset else ()):
        part = {name: dataset[f"{name}_{kind}"].values[l] for name in (*ARRAYS, *COUNTS, "outside")}
        numbers = {name: part[name].item() for name in COUNTS}
        for name in ESTIMATES:
            pair = (dataset[f"{name}_{end}_{kind}"].values[l].item() for end in ("mean", "error"))
            numbers[name] = SampleMean(*pair)
        histogram = OverlapHistogram(
            dataset["edges"].values, part["density"], part["density_error"], part["outside"].item()
        )
        found.append(MeasuredLayer(kind, int(layer), histogram, Ultrametricity(**numbers), part["example_matrix"]))
    return tuple(found)


def _check_layers(attributes: dict, dataset) -> None:
    for kind in MATRICES:
        axis = f"{kind}_layer"
        if axis in dataset:
            wanted = {f"{name}_{kind}": ((axis,), "number") for name in (*ARRAYS, *COUNTS, "outside")}
            wanted |= {f"{name}_{end}_{kind}": ((axis,), "number") for name in ESTIMATES for end in ("mean", "error")}
            words.Schema({}, wanted).check(attributes, dataset)


def measured_layer(
    kind: str, layer: int, overlap_srr: np.ndarray, bins: int = 40, tolerance: float = 0.05, seed: int = 1
) -> MeasuredLayer:
    """Everything about one layer from its overlap matrices (samples, n, n)."""
    histogram = overlap_histogram(overlap_srr, bins)
    statistics = ultrametricity(overlap_srr, tolerance, seed)
    return MeasuredLayer(kind, layer, histogram, statistics, np.asarray(overlap_srr[0], dtype=float))


def replica_matrices(dataset, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Layer numbers and overlap matrices (layers, samples, n, n) of the replicas; FileFormatError without them."""
    name, axis = MATRICES[kind]
    if not MonteCarloData.holds(dataset) or name not in dataset:
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
    began = time.perf_counter()
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
    given = {"layers": None if layers is None else list(layers), "bins": bins, "tolerance": tolerance}
    seconds = time.perf_counter() - began
    return MeasuredHierarchy(tuple(found["spin"]), tuple(found["bond"]), seconds, seed, given)


def measured_document(result: MeasuredHierarchy) -> dict:
    """The body of `gardner ultrametric --json` for a Monte Carlo file."""

    def layer_document(layer: MeasuredLayer) -> dict:
        histogram = layer.histogram
        law = {"edges": histogram.edges_b.tolist(), "density": histogram.density_b.tolist()}
        law |= {"density_error": histogram.error_b.tolist()}
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
        variables["edges"] = ("edge", edges)
        variables[f"outside_{kind}"] = (axis, [layer.histogram.outside for layer in layers])
        matrices = np.array([layer.example_rr for layer in layers])
        variables[f"example_matrix_{kind}"] = ((axis, "replica", "replica_other"), matrices)
        for name in COUNTS:
            variables[f"{name}_{kind}"] = (axis, [getattr(layer.statistics, name) for layer in layers])
        for name in ESTIMATES:
            for part in ("mean", "error"):
                values = [getattr(getattr(layer.statistics, name), part) for layer in layers]
                variables[f"{name}_{part}_{kind}"] = (axis, values)
    return xr.Dataset(variables, coordinates, attributes)


def tree_order(overlap_rr: np.ndarray) -> np.ndarray:
    """Replicas in the order of the tree of average linkage on 1-q."""
    from scipy.cluster.hierarchy import leaves_list, linkage

    distance = 1.0 - overlap_rr[np.triu_indices(len(overlap_rr), 1)]
    return leaves_list(linkage(distance - distance.min(), method="average"))
