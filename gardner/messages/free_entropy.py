"""Bethe free entropy of a drawn net at a fixed point of the messages, per output unit and pattern.

    Φ = Σ_outputs ln Z + Σ_hidden [ ln Z + ln 2cosh u - u m + ½ (1 - m²) (1/c) Σ_j Ĵ_j² g_j² ]
        + Σ_weights [ ln ∫dP e^{BJ - ½AJ²} - BĴ + ½A (Ĵ² + v) + ½ v (1/c) Σ_μ m² g² ]              (M6)

The perceptron and the spin that it makes are one strong link, whose ln Z stands once; all other links are weak, and
ln(Z/Z without it) = δB Ĵ - ½ δA <J²> + ½ δB² v of the cavity. Φ is stationary in all messages. Inserting (T15) gives
(T16), term by term: -um + ½ (1 - m²) q̂ averages to -½ q̂ (1 + q), and the weights of a sphere to ½ [ln(1-Q) + Q].
"""

from __future__ import annotations

import numpy as np

from gardner.messages import POSTERIORS, factors, kernels
from gardner.messages.passing import Layer

IMPOSSIBLE = -100.0  # ln Z: e^-100 is never met; the least of sound runs is some -10, of contradictory ones -10^12


def free_entropy(layers: list[Layer], prior: str, patterns: int) -> float:
    """Φ per output unit and pattern: the s of the theory where all layers are equally wide."""
    total = -np.log(0.5) * _fillings(layers, patterns)  # patterns that fill up blocks have Z = ½ everywhere
    for layer, above in zip(layers, [*layers[1:], None]):
        total += _perceptrons(layer) + _weights(layer, prior)
        if above is not None:
            total += _spins(layer, above)
    outputs = layers[-1].mean_is.shape[0]
    return float(total / (outputs * patterns))


def _fillings(layers: list[Layer], patterns: int) -> int:
    """Perceptrons times patterns that only fill up a block; those of hidden ones are counted with ln 2cosh 0."""
    blocks, outputs, size = layers[-1].field_bix.shape
    return outputs * (blocks * size - patterns)


def is_contradictory(layers: list[Layer]) -> bool:
    """Whether some perceptron takes what it has been told for impossible: there is no free entropy then."""
    return any(float(_log_norms(layer).min()) < IMPOSSIBLE for layer in layers)


def _perceptrons(layer: Layer) -> float:
    return float(_log_norms(layer).sum())


def _log_norms(layer: Layer) -> np.ndarray:
    log = np.empty_like(layer.field_bix)
    factors.log_norms(*factors.flat(layer.field_bix, layer.width_bix, layer.above_bix, log))
    return log


def _weights(layer: Layer, prior: str) -> float:
    mean, variance = layer.mean_is, layer.variance_is
    curvature, pull = layer.curvature_is, layer.pull_is
    norm = POSTERIORS[prior].log_norm(curvature, pull)
    told_is = np.empty_like(mean)
    kernels.sum_patterns(layer.edges.source_is, layer.spin_bkx**2, layer.gain_bix**2, told_is)
    links = -pull * mean + 0.5 * curvature * (mean**2 + variance) + 0.5 * variance * told_is / layer.edges.fan
    return float((norm + links).sum())


def _spins(layer: Layer, above: Layer) -> float:
    """Hidden spins made by `layer` and read by `above`, without the ln Z of their perceptrons."""
    edges, spin, told = above.edges, above.spin_bkx, np.empty_like(above.spin_bkx)
    square_e = (above.mean_is**2).reshape(-1)[edges.edge_e]
    kernels.sum_from_above(
        edges.first_k, edges.reader_e, square_e, square_e, np.zeros_like(square_e), above.gain_bix**2,
        np.zeros_like(above.gain_bix), told, np.empty_like(told),
    )  # fmt: skip
    field = np.abs(layer.above_bix)
    cosh = field + np.log1p(np.exp(-2.0 * field))
    return float((cosh - layer.above_bix * spin + 0.5 * (1.0 - spin**2) * told / edges.fan).sum())
