"""One sweep of relaxed belief propagation on a drawn net (M1)–(M5): messages reduced to one mean per weight and spin.

Every perceptron i of layer l knows its pre-activation for pattern μ as a Gaussian of mean ω and variance V,

    V_iμ = (1/c) Σ_s [Ĵ² + v - Ĵ² m²],
    ω_iμ = c^-1/2 Σ_s Ĵ m - g'_iμ (1/c) Σ_s [v m m' + (1 - m²) Ĵ²],                                  (M2)

answers with g and its derivative ġ of (M1), where u is what the layer above says of its spin, and tells its weights
and the spins below

    A_is = -(1/c) Σ_μ [ġ + (1 - m²) g g'],
    B_is = c^-1/2 Σ_μ m g - Ĵ (1/c) Σ_μ [m² ġ + (1 - m²) g g'],                                     (M3)
    u_kμ = c^-1/2 Σ_j Ĵ g - m_kμ (1/c) Σ_j [Ĵ Ĵ' ġ + v g²],     m_kμ = tanh(u_kμ + d_kμ).           (M4)

The second term of each sum takes out what an edge has said itself (Onsager); a prime marks the value of the sweep
before. A sweep goes up through the layers with ω and m, and down with g, the weights and u, so that each sum is taken
with the newest of all others. Updates in parallel would let weights of even and of odd times break the sign of a hidden
unit differently, and then jump between the two. The primes matter as well: without them rows are lost at small c.

Of g and ġ the share 1 - damping stays what it was. They are the messages of the perceptrons, and (M2)–(M4) remain what
cavities say, with damped ones in the place of fresh ones; with damped Ĵ and m they would not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.messages import POSTERIORS, factors, kernels
from gardner.messages.edges import Edges

SMALLEST_VARIANCE = 1e-12  # of a pre-activation, where every weight is known


@dataclass(eq=False)
class Layer:
    """Everything one bond layer knows; arrays in blocks of patterns as in `edges`.

    mean_is, variance_is: Ĵ and v; spin_bkx: m of the spins below, before_bkx in the sweep before; field_bix, width_bix:
    ω and V, narrowest: the least V; above_bix: u on the spins of this layer; gain_bix, slope_bix: g, ġ,
    product_bix: g g'; curvature_is, pull_is: A and B.
    """

    edges: Edges
    is_first: bool
    mean_is: np.ndarray
    variance_is: np.ndarray
    spin_bkx: np.ndarray
    above_bix: np.ndarray
    narrowest: float = SMALLEST_VARIANCE

    def __post_init__(self):
        shape = self.above_bix.shape
        self.field_bix, self.width_bix = np.zeros(shape), np.ones(shape)
        self.gain_bix, self.slope_bix, self.product_bix = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self.before_bkx = self.spin_bkx.copy()
        self.curvature_is, self.pull_is = np.zeros_like(self.mean_is), np.zeros_like(self.mean_is)

    def rise(self) -> None:
        """ω and V from the weights and the spins below (M2)."""
        source_is, fan = self.edges.source_is, self.edges.fan
        square_i, spread_i = (self.mean_is**2).sum(axis=1), self.variance_is.sum(axis=1)
        scale, field, width = self.edges.scale, self.field_bix, self.width_bix
        if self.is_first:  # m² = 1: both sums over squares are those of the row
            kernels.sum_fields(source_is, self.mean_is, self.spin_bkx, field)
            field *= scale
            field -= self.gain_bix * (spread_i / fan)[None, :, None]
            width[:] = np.maximum(spread_i / fan, self.narrowest)[None, :, None]
            return
        known, reaction = (
            (source_is, self.mean_is, self.variance_is, self.spin_bkx, self.before_bkx),
            np.empty_like(field),
        )
        kernels.sum_fields_and_squares(*known, field, width, reaction)
        kernels.settle(field, width, reaction, self.gain_bix, square_i, spread_i, scale, self.narrowest)

    def answer(self, damping: float) -> None:
        """g and ġ (M1)."""
        given = factors.flat(self.field_bix, self.width_bix, self.above_bix)
        factors.say(*given, damping, *factors.flat(self.gain_bix, self.slope_bix, self.product_bix))

    def pull(self) -> None:
        """A and B of every weight (M3)."""
        gain, slope = self.gain_bix, self.slope_bix
        squares_i, slopes_i = self.product_bix.sum(axis=(0, 2))[:, None], slope.sum(axis=(0, 2))[:, None]
        sum_is = np.empty_like(self.mean_is)
        if self.is_first:
            kernels.sum_patterns(self.edges.source_is, self.spin_bkx, gain, sum_is)
            own_is, free_is = slopes_i, 0.0  # Σ m² ġ, Σ (1-m²) g g'
        else:
            own_is, known_is = np.empty_like(sum_is), np.empty_like(sum_is)
            kernels.sum_patterns_and_squares(
                self.edges.source_is, self.spin_bkx, gain, slope, self.product_bix, sum_is, own_is, known_is
            )
            free_is = squares_i - known_is
        fan = self.edges.fan
        self.pull_is = self.edges.scale * sum_is - self.mean_is * ((own_is + free_is) / fan)
        self.curvature_is = -(slopes_i + free_is) / fan + np.zeros_like(sum_is)

    def send_down(self, before_is: np.ndarray) -> np.ndarray:
        """u on the spins below (M4); before_is: the means before this sweep."""
        edges = self.edges
        mean_e, variance_e = self.mean_is.reshape(-1)[edges.edge_e], self.variance_is.reshape(-1)[edges.edge_e]
        product_e = mean_e * before_is.reshape(-1)[edges.edge_e]
        field, reaction = np.empty_like(self.spin_bkx), np.empty_like(self.spin_bkx)
        kernels.sum_from_above(
            edges.first_k, edges.reader_e, mean_e, product_e, variance_e, self.gain_bix, self.slope_bix, field, reaction
        )
        return edges.scale * field - self.spin_bkx * (reaction / edges.fan)


def sweep(layers: list[Layer], prior: str, damping: float) -> float:
    """One sweep in place; the largest change (root mean square) of the weights of a layer."""
    for below, layer in zip([None, *layers], layers):
        if below is not None:
            layer.before_bkx = layer.spin_bkx.copy()
            factors.know(*factors.flat(below.field_bix, below.width_bix, below.above_bix, layer.spin_bkx))
        layer.rise()

    changes = []
    for below, layer in reversed(list(zip([None, *layers], layers))):
        layer.answer(damping)
        layer.pull()
        before = layer.mean_is
        layer.mean_is, layer.variance_is = POSTERIORS[prior].posterior(layer.curvature_is, layer.pull_is)
        changes.append(float(np.sqrt(np.mean((layer.mean_is - before) ** 2))))
        if below is not None:
            below.above_bix = layer.send_down(before)
    return max(changes)
