"""What one point of a chain reports, and how it is measured.

A *chain* is one disorder sample, a *point* one block of sweeps. Axes: r clone (the replicas 0…R-1, then the guest if
there is one), p pair of replicas (a < b in the order of numpy.triu_indices(R, 1)), t time, l bond layer 1…L or, for
spins, spin layer 0…L, e autocorrelation event, b gap bin. A record is a flat dictionary of arrays and numbers:

    time_t               sweep times measured in the block (point 0 includes time 0), int64
    energy_rt            E = Σ v(r) of the soft core; number of wrong outputs of the hard core and of binary weights
    training_error_rt    fraction of wrong outputs (pattern × unit) of the net run forward from its inputs
    negative_gaps_rt     fraction of gaps r < 0 over all perceptrons and patterns (hard core: the wrong outputs' share)
    fresh_error_rt       fraction of outputs that differ from the teacher's on fresh inputs; nan without teacher
    Q_teacher_rtl        raw bond overlap n_bonds^-1 Σ J_a J_teacher (Gaussian weights are not normalised), l = 1…L
    q_teacher_rtl        raw spin overlap M^-1 n_l^-1 Σ S_a S_teacher on training inputs, l = 0…L; nan without teacher
    Q_replica_ptl, q_replica_ptl       the same between replicas
    Q_guest_tl, q_guest_tl             between replica 0 and its guest; nan before the guest exists or without one
    matched_time_m       the subset of times at which matching is done (it costs an assignment problem per layer)
    Q_teacher_matched_rml, q_teacher_matched_rml, Q_replica_matched_pml, q_replica_matched_pml
                         after signed matching, layer by layer from the input
    Q_null_ml, q_null_ml                the shuffled-null baseline of the matching, l as above, averaged over clones
    attempts_l, accepted_l              weight moves by bond layer, summed over clones and temperatures, int64
    spin_attempts_l, spin_accepted_l    spin flips by spin layer 0…L (zeros where spins are slaved), int64
    gap_counts_lb        gaps r of bond layer l at the times after the burn-in, bins GAP_EDGES, int64
    lag_e, waiting_e     autocorrelation events of the block: lag and index of t_w in settings.waiting_times
    C_bond_erl, C_spin_erl  overlaps of the configurations at t_w + lag and at t_w (raw), clones × layers
    Q_matrix_lab, q_matrix_lab          raw overlap matrices of all clones at the end of the block (for ultrametricity)
    drift                largest |incremental - recomputed| gap found in the block
    hebb_error           of the first block: fresh-input error of the Hebb rule, nan in later ones and without teacher
    seconds              CPU time spent in moves (not a function of the state: never written to result arrays)
    exchange_attempts_k, exchange_accepted_k, round_trips   of the tempering ladder (absent without one)

Every sampler writes these names; what it cannot measure is nan (zeros for counts), never absent.
"""

from __future__ import annotations

import numpy as np

from gardner.montecarlo.matching import matched_overlaps, null_overlaps
from gardner.montecarlo.net import Disorder, gaps, run_forward, signs
from gardner.montecarlo.settings import MonteCarloSettings

GAP_EDGES = np.linspace(-4.0, 4.0, 161)  # gaps beyond the ends are counted in the outermost bins


def layer_means(product_k: np.ndarray, slices: list[slice]) -> np.ndarray:
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
        bond = layer_means(weight_rk * teacher, self.bond_slices)
        same = (spin_rum == spins).mean(axis=2)
        return bond, 2.0 * layer_means(same, self.unit_slices) - 1.0

    def errors(self, weight_rk: np.ndarray, gap_rpm: np.ndarray) -> dict[str, np.ndarray]:
        """Training error, fresh-input error and share of negative gaps of each clone."""
        net, disorder = self.disorder.topology, self.disorder
        outputs = net.layer_units(net.depth)
        training, fresh = np.empty(len(weight_rk)), np.full(len(weight_rk), np.nan)
        for r, weights in enumerate(weight_rk):
            training[r] = (run_forward(net, weights, disorder.input_jm)[outputs] != disorder.output_im).mean()
            if disorder.fresh_jm is not None:
                fresh[r] = (run_forward(net, weights, disorder.fresh_jm)[outputs] != disorder.fresh_output_im).mean()
        return {"training_error": training, "fresh_error": fresh, "negative_gaps": (gap_rpm < 0.0).mean(axis=(1, 2))}

    def gaps(self, weight_rk: np.ndarray, spin_rum: np.ndarray) -> np.ndarray:
        """gap_rpm with the imposed outputs (a slaved output that is wrong has a negative gap)."""
        net = self.disorder.topology
        imposed = spin_rum.copy()
        imposed[:, net.layer_units(net.depth)] = self.disorder.output_im
        return np.stack([gaps(net, weights, spins) for weights, spins in zip(weight_rk, imposed)])

    def histogram(self, gap_rpm: np.ndarray) -> np.ndarray:
        """gap_counts_lb."""
        net, bins = self.disorder.topology, self.bins
        scaled = (gap_rpm - GAP_EDGES[0]) / (GAP_EDGES[1] - GAP_EDGES[0])
        index = np.clip(scaled, 0, bins - 1).astype(np.int64)
        rows = [slice(part.start - net.width_l[0], part.stop - net.width_l[0]) for part in self.unit_slices[1:]]
        return np.stack([np.bincount(index[:, row].ravel(), minlength=bins) for row in rows])

    def matched(self, weight_rk: np.ndarray, spin_rum: np.ndarray, time: int, sample: int) -> dict[str, np.ndarray]:
        """Signed-matched overlaps with the teacher and between replicas, and the shuffled null of the latter.

        One replica: the null is that with the teacher, or nan. The shuffling depends on seed, sample and time alone.
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
            null = null_overlaps(against[0], matrices[-1], against[1], self._forward, self.permute, rng)
        for k, name in enumerate(("Q", "q")):
            result[f"{name}_teacher_matched"] = np.stack([entry[k] for entry in with_teacher])
            width = depth + k
            result[f"{name}_replica_matched"] = np.array([entry[k] for entry in pairs]).reshape(len(pairs), width)
            result[f"{name}_null"] = null[k]
        return result

    def _forward(self, weight_l: list[np.ndarray]) -> list[np.ndarray]:
        net = self.disorder.topology
        layers = [self.disorder.input_jm]
        for scale, J in zip(net.scale_l, weight_l):
            layers.append(signs(scale * (J @ layers[-1].astype(float))))
        return layers
