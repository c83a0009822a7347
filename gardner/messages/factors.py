"""What one perceptron says about one pattern, given Gaussian knowledge of its pre-activation.

z = ω + √V·noise; its sign is the spin S, on which the layer above puts the field u (±∞: an output that is given, 0: a
pattern that fills up a block):

    Z = Σ_S p_S Φ_N(S ω/√V),   p_S = e^{uS} / 2cosh u,      g = ∂_ω ln Z,   ġ = ∂²_ω ln Z,
    d = ½ ln [ Φ_N(ω/√V) / Φ_N(-ω/√V) ]   (the field that the perceptron puts on S)                (M1)

All follow from Mills' ratio R(y) = Φ_N(-y)/ϕ(y) at y = |ω|/√V, without a difference of numbers close to each other.
"""

from __future__ import annotations

import math

import numpy as np

from gardner.runtime.compilation import kernel

FAR = 30.0  # from here on R(y) is its asymptotic series, to 1e-15
LOG_ROOT = 0.5 * math.log(2.0 * math.pi)
LARGEST = 700.0  # exponent of a machine number; a perceptron as sure as that says nothing: g = 0


@kernel(nogil=True)
def mills(y):
    """R(y) = Φ_N(-y)/ϕ(y), y ≥ 0."""
    if y > FAR:
        w = 1.0 / (y * y)
        return (1.0 - w * (1.0 - w * (3.0 - w * (15.0 - w * (105.0 - 945.0 * w))))) / y
    return 0.5 * math.erfc(y / math.sqrt(2.0)) * math.exp(0.5 * y * y + LOG_ROOT)


@kernel(nogil=True)
def say(field_n, variance_n, above_n, gain_n, slope_n, log_n):
    """g, ġ and ln Z of flat arrays of ω, V and u."""
    for n in range(len(field_n)):
        deviation = math.sqrt(variance_n[n])
        x = field_n[n] / deviation
        y, small = abs(x), math.exp(-2.0 * abs(above_n[n]))
        likely, rare = 1.0 / (1.0 + small), small / (1.0 + small)
        t = math.copysign((1.0 - small) * likely, above_n[n])

        # Z in units of ϕ(y): the sign that agrees with ω, whose Φ_N is 1 less a tail, and the other one
        agreeing, other = (likely, rare) if x * above_n[n] >= 0.0 else (rare, likely)
        ratio, log_normal = mills(y), -0.5 * y * y - LOG_ROOT
        log_agreeing = math.log(agreeing) - log_normal if agreeing > 0.0 else -math.inf
        weight = math.exp(min(log_agreeing, LARGEST)) + (other - agreeing) * ratio
        log_n[n] = math.log(weight) + log_normal if log_agreeing < LARGEST else math.log(agreeing)
        gain_n[n] = t / (deviation * weight)
        slope_n[n] = -gain_n[n] * (x / deviation + gain_n[n])


@kernel(nogil=True)
def know(field_n, variance_n, above_n, own_n, spin_n):
    """d, and m = tanh(u + d) of hidden spins, from flat arrays of ω, V and u."""
    for n in range(len(field_n)):
        y = abs(field_n[n]) / math.sqrt(variance_n[n])
        ratio = mills(y)
        log_tail = math.log(ratio) - 0.5 * y * y - LOG_ROOT
        own_n[n] = math.copysign(0.5 * (math.log1p(-math.exp(log_tail)) - log_tail), field_n[n])
        spin_n[n] = math.tanh(above_n[n] + own_n[n])


def flat(*arrays: np.ndarray) -> list[np.ndarray]:
    """Contiguous arrays as flat views."""
    return [array.reshape(-1) for array in arrays]
