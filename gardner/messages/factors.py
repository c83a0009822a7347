"""What one perceptron says about one pattern, given Gaussian knowledge of its pre-activation.

z = ω + √V·noise; its sign is the spin S, on which the layer above puts the field u (±∞: an output that is given, 0: a
pattern that fills up a block):

    Z = Σ_S p_S Φ_N(S ω/√V),   p_S = e^{uS} / 2cosh u,      g = ∂_ω ln Z,   ġ = ∂²_ω ln Z,
    d = ½ ln [ Φ_N(ω/√V) / Φ_N(-ω/√V) ]   (the field that the perceptron puts on S)                (M1)

Far out all follow from the tail Φ_N(-y) at y = |ω|/√V, in units of ϕ(y) or as a logarithm, so that nothing underflows.
"""

from __future__ import annotations

import math

import numpy as np

from gardner.runtime.compilation import kernel

FAR = 30.0  # from here on R(y) is its asymptotic series, to 1e-15
LOG_ROOT = 0.5 * math.log(2.0 * math.pi)
LARGEST = 700.0  # exponent of a machine number; a perceptron as sure as that says nothing: g = 0
OPPOSED = 1e-3  # of 1 + tanh(u) tanh(d): below it both are nearly certain, of opposite signs


@kernel(nogil=True)
def log_tail(y):
    """ln Φ_N(-y), y ≥ 0."""
    if y < FAR:
        return math.log(0.5 * math.erfc(y * math.sqrt(0.5)))
    w = 1.0 / (y * y)
    return math.log((1.0 - w * (1.0 - w * (3.0 - w * (15.0 - w * (105.0 - 945.0 * w))))) / y) - 0.5 * y * y - LOG_ROOT


@kernel(nogil=True)
def weigh(x, above):
    """p of the sign that agrees with ω, p of the other, and p_+ - p_- = tanh u."""
    small = math.exp(-2.0 * abs(above))
    likely, rare = 1.0 / (1.0 + small), small / (1.0 + small)
    t = math.copysign((1.0 - small) * likely, above)
    return (likely, rare, t) if x * above >= 0.0 else (rare, likely, t)


@kernel(nogil=True)
def say(field_n, variance_n, above_n, damping, gain_n, slope_n, product_n):
    """g and ġ of flat arrays of ω, V and u, of which the share 1 - damping stays what it was; product: g g'."""
    for n in range(len(field_n)):
        deviation = math.sqrt(variance_n[n])
        x = field_n[n] / deviation
        agreeing, other, t = weigh(x, above_n[n])
        y = abs(x)

        # Z in units of ϕ(y): the sign that agrees with ω, whose Φ_N is 1 less a tail, and the other one
        if y < FAR:
            inverse = math.exp(0.5 * y * y + LOG_ROOT)
            tail = 0.5 * math.erfc(y * math.sqrt(0.5)) * inverse
            weight = agreeing * (inverse - tail) + other * tail
        else:
            log_inverse = 0.5 * y * y + LOG_ROOT
            log_agreeing = math.log(agreeing) + log_inverse if agreeing > 0.0 else -math.inf
            weight = math.exp(min(log_agreeing, LARGEST)) + other * math.exp(log_tail(y) + log_inverse)
        gain = t / (deviation * weight)
        slope = -gain * (x / deviation + gain)

        gain += (1.0 - damping) * (gain_n[n] - gain)
        product_n[n] = gain * gain_n[n]
        gain_n[n] = gain
        slope_n[n] = slope + (1.0 - damping) * (slope_n[n] - slope)


@kernel(nogil=True)
def log_norms(field_n, variance_n, above_n, log_n):
    """ln Z of flat arrays of ω, V and u."""
    for n in range(len(field_n)):
        x = field_n[n] / math.sqrt(variance_n[n])
        agreeing, other, _ = weigh(x, above_n[n])
        tail = log_tail(abs(x))
        if agreeing > 0.0:
            log_agreeing = math.log(agreeing) + math.log1p(-math.exp(tail))
            log_other = math.log(other) + tail if other > 0.0 else -math.inf
            high, low = max(log_agreeing, log_other), min(log_agreeing, log_other)
            log_n[n] = high + math.log1p(math.exp(low - high))
        else:
            log_n[n] = tail


@kernel(nogil=True)
def know(field_n, variance_n, above_n, spin_n):
    """m = tanh(u + d) of hidden spins, from flat arrays of ω, V and u; tanh d = 2Φ_N(ω/√V) - 1."""
    for n in range(len(field_n)):
        x = field_n[n] / math.sqrt(variance_n[n])
        t, own = math.tanh(above_n[n]), math.erf(x * math.sqrt(0.5))
        common = 1.0 + t * own
        if common > OPPOSED:
            spin_n[n] = (t + own) / common
        else:
            tail = log_tail(abs(x))
            spin_n[n] = math.tanh(above_n[n] + math.copysign(0.5 * (math.log1p(-math.exp(tail)) - tail), x))


def flat(*arrays: np.ndarray) -> list[np.ndarray]:
    """Contiguous arrays as flat views."""
    return [array.reshape(-1) for array in arrays]
