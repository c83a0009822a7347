"""Free hidden spins at capacity: within a cluster they follow the sign of a strong field (C52).

    e^φ = e^{W/2} [ e^h Φ_N(√W + h/√W) + e^{-h} Φ_N(√W - h/√W) ],    (e^φ)'' = e^φ + 2 e^{-h²/2W}/√(2πW),

and stationarity in p_k gives the room: 1 + r = E[φ'' + φ'²] at the end of the flow, r ~ e^{-W/2}.
"""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr

from gardner.theory.jammed.base import Contribution, Inputs, JammedSetting
from gardner.theory.sectors.spin import spin_entropy, spin_sector

SMALLEST_STEP = 1e-12  # of p_k - p_{k-1}: rooms are then as large as overlaps, and no cluster is left


def log_density(h: np.ndarray, step: float) -> np.ndarray:
    """ln of 2 e^{-W/2 - h²/2W}/√(2πW): what (e^φ)'' exceeds e^φ by, relative to e^{W/2}."""
    return np.log(2.0) - 0.5 * step - 0.5 * h**2 / step - 0.5 * np.log(2.0 * np.pi * step)


def locking_terminal(step: float):
    """h ↦ φ, φ', φ'' of (C52) at W = `step`."""
    width = np.sqrt(step)

    def function(h):
        up, down = h + log_ndtr(width + h / width), -h + log_ndtr(width - h / width)
        total = np.logaddexp(up, down)
        first = np.exp(up - total) - np.exp(down - total)
        return 0.5 * step + total, first, 1.0 + np.exp(log_density(h, step) - total) - first**2

    return function


def evaluate(inputs: Inputs, setting: JammedSetting) -> Contribution:
    """½ΣΔy p q - ½ p_k (1 + r) + Φ, and the image of overlaps and room."""
    p_i, top, (q_i, room) = inputs.field_i[:-1], float(inputs.field_i[-1]), (inputs.own_i[:-1], inputs.own_i[-1])
    step = max(top - float(np.maximum.accumulate(p_i)[-1]), SMALLEST_STEP)
    value = spin_sector(p_i, setting.m, setting.grid, function=locking_terminal(step))

    # the room is what the density at zero field adds to (e^φ)''
    if value.flow is None:
        h, weight, phi = np.zeros(1), np.ones(1), np.array([value.free_entropy])
    else:
        n = value.flow.n_i[-1]
        h, weight, phi = value.flow.h_ia[-1, :n], value.flow.p_ia[-1, :n], value.flow.phi_ia[-1, :n]
    opened = float(weight @ np.exp(log_density(h, step) + 0.5 * step - phi))
    entropy = spin_entropy(p_i, q_i, setting.m, value.free_entropy) + 0.5 * p_i[-1] - 0.5 * top * (1.0 + room)
    return Contribution(entropy, image_i=np.append(value.overlaps_i, opened))
