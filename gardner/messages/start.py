"""The first messages of a run: nothing known but a broken sign, the teacher, or a given overlap with it.

An overlap ε is that of a student who has seen something: Ĵ = εJ* + √(ε(1-ε)) noise, so that Ĵ·J* and Ĵ² agree, as they
do for whoever knows no more than he says, and likewise m = tanh(u), u = q̂S + √q̂ noise.
"""

from __future__ import annotations

import numpy as np

from gardner.messages import POSTERIORS
from gardner.messages.edges import edges_of, into_blocks
from gardner.messages.passing import SMALLEST_VARIANCE, Layer
from gardner.messages.settings import AmpSettings
from gardner.nets.disorder import Disorder

BREAKING = 0.05  # of the weights of an uninformed start: enough for hidden units to choose their signs in some sweeps


def start_layers(settings: AmpSettings, disorder: Disorder, rng: np.random.Generator) -> list[Layer]:
    """The bond layers 1…L of one sample before the first sweep."""
    topology, layers = disorder.topology, []
    narrowest = max(SMALLEST_VARIANCE, (0.5 * POSTERIORS[settings.weights].spacing) ** 2 / settings.fan)
    for number, edges in enumerate(edges_of(topology), 1):
        teacher_is = disorder.teacher_k[topology.layer_bonds(number)].reshape(edges.source_is.shape)
        mean, variance = _weights(teacher_is, settings.overlap, rng)
        below, own = (disorder.teacher_um[topology.layer_units(l)].astype(float) for l in (number - 1, number))
        spin = into_blocks(below) if number == 1 else np.tanh(layers[-1].above_bix)
        above = into_blocks(own * np.inf if number == topology.depth else _told(own, settings.overlap, rng))
        layers.append(Layer(edges, number == 1, mean, variance, spin, above, narrowest))
    return layers


def _weights(teacher_is: np.ndarray, overlap: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    noise_is = rng.standard_normal(teacher_is.shape)
    if overlap == 0.0:
        return BREAKING * noise_is, np.full(teacher_is.shape, 1.0 - BREAKING**2)
    mean_is = overlap * teacher_is + np.sqrt(overlap * (1.0 - overlap)) * noise_is
    return mean_is, np.full(teacher_is.shape, 1.0 - overlap)


def _told(spin_im: np.ndarray, overlap: float, rng: np.random.Generator) -> np.ndarray:
    """u of an overlap of the spins; a field q̂ = atanh(ε) is near enough, and the next sweep replaces it."""
    if overlap == 0.0:
        return np.zeros(spin_im.shape)
    field = np.arctanh(overlap)
    return field * spin_im + np.sqrt(field) * rng.standard_normal(spin_im.shape)
