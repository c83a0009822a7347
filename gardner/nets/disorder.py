"""One disorder sample: graph, inputs, outputs and, if planted, the teacher; and nets run forward.

Spins are int8 arrays [unit, pattern], all layers in one array where hidden spins are kept. sgn(0) = +1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.nets.graphs import NetSettings, Topology, draw_topology
from gardner.values import ByValue


@dataclass(frozen=True, eq=False)
class Disorder(ByValue):
    """What all clones of a sample share.

    input_jm, output_im: imposed spins; teacher_k: the teacher's weights, None in the random setting; teacher_um: its
    spins on the training inputs, all layers; fresh_jm, fresh_output_im: fresh inputs and the teacher's outputs.
    """

    topology: Topology
    input_jm: np.ndarray
    output_im: np.ndarray
    teacher_k: np.ndarray | None = None
    teacher_um: np.ndarray | None = None
    fresh_jm: np.ndarray | None = None
    fresh_output_im: np.ndarray | None = None

    @property
    def patterns(self) -> int:
        return self.input_jm.shape[1]


def draw_disorder(settings: NetSettings, sample: int) -> Disorder:
    """Sample number `sample`: depends on the settings' seed, widths, graph, weights and α alone."""
    rng = np.random.default_rng(settings.seeds(sample)[0])
    topology = draw_topology(settings, rng)
    inputs = random_signs(rng, (settings.layer_widths[0], settings.patterns))
    if settings.setting == "random":
        return Disorder(topology, inputs, random_signs(rng, (settings.layer_widths[-1], settings.patterns)))
    teacher = draw_weights(settings.weights, topology, rng)
    spins = run_forward(topology, teacher, inputs)
    fresh = random_signs(rng, (settings.layer_widths[0], settings.fresh))
    return Disorder(
        topology,
        inputs,
        spins[topology.layer_units(topology.depth)],
        teacher,
        spins,
        fresh,
        run_forward(topology, teacher, fresh)[topology.layer_units(topology.depth)],
    )


def random_signs(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """iid ±1, int8."""
    return (2 * rng.integers(0, 2, shape, dtype=np.int8) - 1).astype(np.int8)


def draw_weights(prior: str, topology: Topology, rng: np.random.Generator) -> np.ndarray:
    """weight_k of one net from its prior: uniform on the sphere of each row, N(0, 1), or ±1."""
    count = topology.row_p[-1]
    if prior == "binary":
        return random_signs(rng, (count,)).astype(float)
    weights = rng.standard_normal(count)
    return project_to_sphere(topology, weights) if prior == "spherical" else weights


def project_to_sphere(topology: Topology, weight_k: np.ndarray) -> np.ndarray:
    """Rows scaled to |J|² = number of bonds."""
    counts = np.diff(topology.row_p)
    squares = np.add.reduceat(weight_k**2, topology.row_p[:-1])
    return weight_k * np.repeat(np.sqrt(counts / squares), counts)


def layer_fields(topology: Topology, layer: int, weight_k: np.ndarray, below_jm: np.ndarray) -> np.ndarray:
    """Fields h_im = scale Σ_j J_ij S_jm of bond layer `layer`."""
    return topology.scale_l[layer - 1] * (_operator(topology, layer, weight_k) @ below_jm.astype(float))


def _operator(topology: Topology, layer: int, weight_k: np.ndarray):
    """The weights of a layer as what costs least to apply: a matrix, or its existing bonds."""
    if topology.is_dense(layer):
        return topology.matrix(layer, weight_k)
    from scipy.sparse import csr_array

    bonds, start = topology.layer_bonds(layer), topology.first_l[layer] - topology.width_l[0]
    rows, columns = topology.width_l[layer], topology.width_l[layer - 1]
    ends = topology.row_p[start : start + rows + 1] - bonds.start
    return csr_array((weight_k[bonds], topology.source_k[bonds], ends), shape=(rows, columns))


def signs(field: np.ndarray) -> np.ndarray:
    """sgn with sgn(0) = +1, int8."""
    return np.where(field >= 0.0, 1, -1).astype(np.int8)


def run_forward(topology: Topology, weight_k: np.ndarray, input_jm: np.ndarray) -> np.ndarray:
    """Spins [unit, pattern] of all layers, hidden spins and outputs slaved to the weights."""
    layers = [input_jm]
    for layer in range(1, topology.depth + 1):
        layers.append(signs(layer_fields(topology, layer, weight_k, layers[-1])))
    return np.concatenate(layers)


def gaps(topology: Topology, weight_k: np.ndarray, spin_um: np.ndarray) -> np.ndarray:
    """gap_pm = S h of every perceptron, given all spins."""
    rows = [
        layer_fields(topology, layer, weight_k, spin_um[topology.layer_units(layer - 1)])
        for layer in range(1, topology.depth + 1)
    ]
    return np.concatenate(rows) * spin_um[topology.width_l[0] :]
