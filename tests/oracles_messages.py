"""Oracles of message passing: the sums in plain NumPy, the perceptron's answer by special functions, and sums over all
weights and spins of one perceptron."""

import itertools

import numpy as np
from scipy.special import log_ndtr


def sums(edges, mean_is, variance_is, spin_km, before_km, gain_im, slope_im, product_im):
    """Every sum of `gardner.messages.kernels`, [unit, pattern] or [perceptron, place], by its name there."""
    below = spin_km[edges.source_is], before_km[edges.source_is]  # [i, s, m]
    units = len(spin_km)
    field_km, reaction_km = np.zeros(spin_km.shape), np.zeros(spin_km.shape)
    for i, row in enumerate(edges.source_is):
        for s, k in enumerate(row):
            field_km[k] += mean_is[i, s] * gain_im[i]
            reaction_km[k] += mean_is[i, s] ** 2 * slope_im[i] + variance_is[i, s] * gain_im[i] ** 2
    assert units == len(edges.first_k) - 1
    return {
        "field": np.einsum("is,ism->im", mean_is, below[0]),
        "square": np.einsum("is,ism->im", mean_is**2, below[0] ** 2),
        "spread": np.einsum("is,ism->im", variance_is, below[0] * below[1]),
        "from_above": field_km,
        "reaction": reaction_km,
        "sum": np.einsum("ism,im->is", below[0], gain_im),
        "slope": np.einsum("ism,im->is", below[0] ** 2, slope_im),
        "product": np.einsum("ism,im->is", below[0] ** 2, product_im),
    }


def answer(field, variance, above):
    """g, ġ, ln Z and d of (M1), in the logarithmic domain."""
    x = field / np.sqrt(variance)
    with np.errstate(divide="ignore"):
        plus, minus = -np.logaddexp(0.0, -2.0 * above), -np.logaddexp(0.0, 2.0 * above)
    log = np.logaddexp(plus + log_ndtr(x), minus + log_ndtr(-x))
    gain = np.tanh(above) * np.exp(-0.5 * x * x - 0.5 * np.log(2.0 * np.pi) - log) / np.sqrt(variance)
    return gain, -gain * (x / np.sqrt(variance) + gain), log, 0.5 * (log_ndtr(x) - log_ndtr(-x))


def probabilities(product_k):
    """P(Σ_k J_k S_k = n - 2j), j = 0…n: independent signs of these means, one after the other."""
    law = np.ones(1)
    for mean in product_k:
        law = np.convolve(law, [0.5 * (1.0 + mean), 0.5 * (1.0 - mean)])
    return law


def weight_of(product_k, extra, above):
    """Σ over weights and spins of Σ_S p_S θ(S z), z ∝ extra + Σ_k J_k S_k, which is never 0."""
    total = extra + len(product_k) - 2.0 * np.arange(len(product_k) + 1)
    sign = np.where(total > 0, 1.0, -1.0)
    return float((probabilities(product_k) * (1.0 + np.tanh(above) * sign)).sum() / 2.0)


def told(mean_k, spin_k, above, place):
    """What one perceptron says of J and of S of one edge: ½ ln of the weights of +1 and -1."""
    others = np.delete(mean_k * spin_k, place)
    up, down = weight_of(others, 1.0, above), weight_of(others, -1.0, above)

    def field(mean):
        return 0.5 * np.log(((1.0 + mean) * up + (1.0 - mean) * down) / ((1.0 - mean) * up + (1.0 + mean) * down))

    return field(spin_k[place]), field(mean_k[place])


def enumerated(mean_k, spin_k, above, place):
    """The same by a sum over all 4^c weights and spins."""
    total = np.zeros((2, 2))
    for state in itertools.product((-1, 1), repeat=2 * len(mean_k)):
        J, S = np.array(state).reshape(2, -1)
        odds = np.prod(0.5 * (1.0 + J * mean_k)) * np.prod(0.5 * (1.0 + S * spin_k))
        odds *= 0.5 * (1.0 + np.tanh(above) * np.sign(J @ S))
        total[0, (J[place] + 1) // 2] += odds / (0.5 * (1.0 + J[place] * mean_k[place]))
        total[1, (S[place] + 1) // 2] += odds / (0.5 * (1.0 + S[place] * spin_k[place]))
    return tuple(0.5 * np.log(total[:, 1] / total[:, 0]))
