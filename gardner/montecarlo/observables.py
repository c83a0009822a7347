"""How a sample is measured: the observer knows the disorder, a look is the sampler at one time.

Overlaps of bonds are n_bonds^-1 Σ J_a J_b (Gaussian weights are not normalised), of spins M^-1 n_l^-1 Σ S_a S_b on the
training inputs. What is recorded, and when, is the table of `series`.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from gardner.montecarlo.matching import matched_overlaps, null_overlaps
from gardner.montecarlo.sampler import Sampler
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.nets.disorder import Disorder, gaps, run_forward

GAP_EDGES = np.linspace(-4.0, 4.0, 161)  # gaps beyond the ends are counted in the outermost bins


def average_layers(product_k: np.ndarray, slices: list[slice]) -> np.ndarray:
    """Mean over the last axis within each layer."""
    return np.stack([product_k[..., part].mean(axis=-1) for part in slices], axis=-1)


class Observer:
    """Measures the clones of one sample; knows the disorder, keeps no state."""

    def __init__(self, settings: MonteCarloSettings, disorder: Disorder):
        self.settings, self.disorder = settings, disorder
        net, depth = disorder.topology, settings.depth
        self.bond_slices = [net.layer_bonds(l) for l in range(1, depth + 1)]
        self.unit_slices = [net.layer_units(l) for l in range(depth + 1)]
        self.pairs = np.triu_indices(settings.replicas, 1)
        self.bins = len(GAP_EDGES) - 1
        self.continuous = settings.weights != "binary"
        self.permute = settings.connectivity is None and settings.dilution == 0.0

    def overlap_matrices(self, weight_rk: np.ndarray, spin_rum: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Q_lab, q_lab of all clones, raw."""
        bonds = [weight_rk[:, part] for part in self.bond_slices]
        spins = [spin_rum[:, part].reshape(len(spin_rum), -1).astype(np.float32) for part in self.unit_slices]
        return (
            np.stack([w @ w.T / w.shape[1] for w in bonds]),
            np.stack([s @ s.T / s.shape[1] for s in spins]).astype(float),
        )

    def teacher_overlaps(self, weight_rk: np.ndarray, spin_rum: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Q_rl, q_rl with the teacher, raw; nan without one."""
        teacher, spins = self.disorder.teacher_k, self.disorder.teacher_um
        clones = len(weight_rk)
        if teacher is None:
            return np.full((clones, len(self.bond_slices)), np.nan), np.full((clones, len(self.unit_slices)), np.nan)
        bond = average_layers(weight_rk * teacher, self.bond_slices)
        same = (spin_rum == spins).mean(axis=2)
        return bond, 2.0 * average_layers(same, self.unit_slices) - 1.0

    def output_errors(self, weight_rk: np.ndarray, input_jm: np.ndarray, output_im: np.ndarray) -> np.ndarray:
        """Fraction of outputs of each clone, run forward from the inputs, that differ from these."""
        net = self.disorder.topology
        outputs = net.layer_units(net.depth)
        return np.array([(run_forward(net, weights, input_jm)[outputs] != output_im).mean() for weights in weight_rk])

    def gaps(self, weight_rk: np.ndarray, spin_rum: np.ndarray) -> np.ndarray:
        """gap_rpm with the imposed outputs (a slaved output that is wrong has a negative gap)."""
        net = self.disorder.topology
        imposed = spin_rum.copy()
        imposed[:, net.layer_units(net.depth)] = self.disorder.output_im
        return np.stack([gaps(net, weights, spins) for weights, spins in zip(weight_rk, imposed)])

    def count_gaps(self, gap_rpm: np.ndarray) -> np.ndarray:
        """gap_counts_lb."""
        net, bins = self.disorder.topology, self.bins
        scaled = (gap_rpm - GAP_EDGES[0]) / (GAP_EDGES[1] - GAP_EDGES[0])
        index = np.clip(scaled, 0, bins - 1).astype(np.int64)
        rows = [slice(part.start - net.width_l[0], part.stop - net.width_l[0]) for part in self.unit_slices[1:]]
        return np.stack([np.bincount(index[:, row].ravel(), minlength=bins) for row in rows])

    def match(self, weight_rk: np.ndarray, spin_rum: np.ndarray, time: int, sample: int) -> dict[str, np.ndarray]:
        """Signed-matched overlaps with the teacher and between replicas, and the null of the latter.

        One replica: the null is that with the teacher, or nan. The null depends on seed, sample and time alone.
        """
        net, depth = self.disorder.topology, self.settings.depth
        replicas = self.settings.replicas
        matrices = [[net.matrix(l, w) for l in range(1, depth + 1)] for w in weight_rk[:replicas]]
        spins = [[s[part] for part in self.unit_slices] for s in spin_rum[:replicas]]
        result, against = {}, (matrices[0], spins[0]) if replicas > 1 else None
        empty = np.full(depth, np.nan), np.full(depth + 1, np.nan)
        with_teacher = [empty] * replicas
        if self.disorder.teacher_k is not None:
            teacher = [net.matrix(l, self.disorder.teacher_k) for l in range(1, depth + 1)]
            teacher_spins = [self.disorder.teacher_um[part] for part in self.unit_slices]
            with_teacher = [
                matched_overlaps(teacher, J, teacher_spins, s, self.permute) for J, s in zip(matrices, spins)
            ]
            against = against or (teacher, teacher_spins)
        pairs = [
            matched_overlaps(matrices[a], matrices[b], spins[a], spins[b], self.permute) for a, b in zip(*self.pairs)
        ]
        null = empty
        if against is not None:
            rng = np.random.default_rng((self.settings.seed, sample, time))
            null = null_overlaps(against[0], matrices[-1], against[1], spins[-1], self.permute, self.continuous, rng)
        for k, name in enumerate(("Q", "q")):
            result[f"{name}_teacher_matched"] = np.stack([entry[k] for entry in with_teacher])
            width = depth + k
            result[f"{name}_replica_matched"] = np.array([entry[k] for entry in pairs]).reshape(len(pairs), width)
            result[f"{name}_null"] = null[k]
        return result


class Look:
    """The sampler at one time; what several quantities need is measured once.

    is_first: whether this is in the first block; gap_counts_lb: gaps counted in the block so far.
    """

    def __init__(self, observer: Observer, sampler: Sampler, time: int, sample: int, is_first: bool = False):
        self.observer, self.sampler, self.time, self.sample, self.is_first = observer, sampler, time, sample, is_first
        self.weight_rk, self.spin_rum = sampler.weight_rk, sampler.spin_rum
        self.absent_r = np.arange(len(self.weight_rk)) >= sampler.active  # clones that are not there yet
        self.gap_counts_lb = np.zeros((len(observer.bond_slices), observer.bins), np.int64)

    @property
    def training_error_r(self) -> np.ndarray:
        """Fraction of wrong outputs on the training inputs, hidden spins slaved."""
        disorder = self.observer.disorder
        return self.observer.output_errors(self.weight_rk, disorder.input_jm, disorder.output_im)

    @property
    def fresh_error_r(self) -> np.ndarray:
        """Fraction of outputs that differ from the teacher's on fresh inputs; nan without one."""
        disorder = self.observer.disorder
        if disorder.fresh_jm is None:
            return np.full(len(self.weight_rk), np.nan)
        return self.observer.output_errors(self.weight_rk, disorder.fresh_jm, disorder.fresh_output_im)

    @cached_property
    def gap_rpm(self) -> np.ndarray:
        """Gaps of all perceptrons with the imposed outputs."""
        return self.observer.gaps(self.weight_rk, self.spin_rum)

    @cached_property
    def matrices(self) -> tuple[np.ndarray, np.ndarray]:
        """Q_lab, q_lab of all clones."""
        return self.observer.overlap_matrices(self.weight_rk, self.spin_rum)

    def overlaps(self, other: str) -> tuple[np.ndarray, np.ndarray]:
        """Q and q of each replica pair [pair, layer], of each clone with the teacher, or of replica 0 and its guest."""
        if other == "teacher":
            return self._with_teacher
        if other == "replica":
            a, b = self.observer.pairs
            return tuple(matrix[:, a, b].T for matrix in self.matrices)
        replicas = self.observer.settings.replicas
        if self.sampler.active <= replicas:  # there is no guest yet
            return tuple(np.full(len(matrix), np.nan) for matrix in self.matrices)
        return tuple(matrix[:, 0, replicas] for matrix in self.matrices)

    @cached_property
    def _with_teacher(self) -> tuple[np.ndarray, np.ndarray]:
        return self.observer.teacher_overlaps(self.weight_rk, self.spin_rum)

    @cached_property
    def matched(self) -> dict[str, np.ndarray]:
        """Matched overlaps and their null, by name."""
        return self.observer.match(self.weight_rk, self.spin_rum, self.time, self.sample)

    def overlaps_with(self, then: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Q and q of each clone with itself, given its weights and spins at t_w; nan if it was not there then."""
        observer, (weight_rk, spin_rum) = self.observer, then
        bond_rl = average_layers(self.weight_rk * weight_rk, observer.bond_slices)
        same_ru = (self.spin_rum == spin_rum).mean(axis=2)
        spin_rl = 2.0 * average_layers(same_ru, observer.unit_slices) - 1.0
        came_later = (weight_rk == 0.0).all(axis=1)
        bond_rl[came_later], spin_rl[came_later] = np.nan, np.nan
        return bond_rl, spin_rl
