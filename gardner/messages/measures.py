"""What a run knows, and what of it is true: overlaps with the teacher, the run's own estimate of them, fresh errors.

    Q(l) = mean of c^-1 Σ_s Ĵ J* over rows,     its own estimate  mean of Ĵ²,
    q(l) = mean of m S*,                          its own estimate  mean of m².                    (M7)

They agree if the messages are right (Nishimori). Signs of hidden units are free: each is turned so that the row of its
weights has a positive overlap with the teacher's, from the input up.

*Fresh inputs.* The estimator takes weights for independent and Gaussian and carries means and variances up the net, as
(M2) does without its second term: that is the majority of the students. A sampled student is one net drawn from what is
known of each weight.
"""

from __future__ import annotations

import numpy as np
from scipy.special import erf

from gardner.messages import POSTERIORS
from gardner.messages.edges import from_blocks
from gardner.messages.passing import SMALLEST_VARIANCE, Layer
from gardner.nets.disorder import Disorder, run_forward

NAMES = ("Q_teacher", "Q_self", "q_teacher", "q_self")  # Q of bond layers 1…L, q of spin layers 0…L


def overlaps(layers: list[Layer], disorder: Disorder) -> dict[str, np.ndarray]:
    """The four rows of NAMES."""
    topology, depth = disorder.topology, len(layers)
    Q, q = np.empty((2, depth)), np.ones((2, depth + 1))
    sign_k = np.ones(topology.width_l[0])
    for l, layer in enumerate(layers, 1):
        teacher_is = disorder.teacher_k[topology.layer_bonds(l)].reshape(layer.mean_is.shape)
        row_i = (layer.mean_is * teacher_is * sign_k[layer.edges.source_is]).mean(axis=1)
        sign_k = np.where(row_i < 0.0, -1.0, 1.0) if l < depth else np.ones(len(row_i))
        Q[:, l - 1] = (row_i * sign_k).mean(), (layer.mean_is**2).mean()
        if l < depth:
            spin_im = from_blocks(layers[l].spin_bkx, disorder.patterns)
            true_im = disorder.teacher_um[topology.layer_units(l)] * sign_k[:, None]
            q[:, l] = (spin_im * true_im).mean(), (spin_im**2).mean()
    return dict(zip(NAMES, (*Q, *q)))


def known(layers: list[Layer], patterns: int) -> np.ndarray:
    """Means of Ĵ² of every bond layer and of m² of every hidden layer: what a run can see of its own progress."""
    squares = [(layer.mean_is**2).mean() for layer in layers]
    filled = [layer.spin_bkx.shape[0] * layer.spin_bkx.shape[2] / patterns for layer in layers[1:]]
    return np.array([*squares, *((layer.spin_bkx**2).mean() * share for layer, share in zip(layers[1:], filled))])


def estimator_error(layers: list[Layer], disorder: Disorder) -> float:
    """Share of wrong outputs of the majority on fresh inputs."""
    from scipy.sparse import csr_array

    spin_km = disorder.fresh_jm.astype(float)
    for layer in layers:
        rows, fan = layer.mean_is.shape
        ends, places = np.arange(rows + 1) * fan, layer.edges.source_is.reshape(-1)
        mean, square = (
            csr_array((value.reshape(-1), places, ends), shape=(rows, len(spin_km)))
            for value in (layer.mean_is, layer.mean_is**2)
        )
        width_im = (layer.mean_is**2 + layer.variance_is).mean(axis=1)[:, None] - square @ spin_km**2 / fan
        field_im = layer.edges.scale * (mean @ spin_km)
        spin_km = erf(field_im / np.sqrt(2.0 * np.maximum(width_im, SMALLEST_VARIANCE)))
    return float(np.mean((spin_km >= 0.0) != (disorder.fresh_output_im > 0)))


def student_error(layers: list[Layer], disorder: Disorder, prior: str, rng: np.random.Generator) -> float:
    """Share of wrong outputs of one sampled student on fresh inputs."""
    drawn = [POSTERIORS[prior].draw(layer.mean_is, layer.variance_is, rng).reshape(-1) for layer in layers]
    spins = run_forward(disorder.topology, np.concatenate(drawn), disorder.fresh_jm)
    outputs = spins[disorder.topology.layer_units(len(layers))]
    return float(np.mean(outputs != disorder.fresh_output_im))
