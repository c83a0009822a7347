"""An imposed perceptron at capacity: a soft core as hard as the rooms around it are small (C51)."""

from __future__ import annotations

import numpy as np

from gardner.potentials.soft import SoftCore
from gardner.theory.jammed.base import Contribution, Inputs, JammedSetting
from gardner.theory.sectors.gap import gap_sector


def evaluate(inputs: Inputs, setting: JammedSetting) -> Contribution:
    """Φ and G_i; with β = 1/2ρ the pull on rooms is G_k = 2 ∂Φ/∂ρ = -E[∂φ/∂β]/ρ²."""
    lambda_i, rho = inputs.product_i[:-1], float(inputs.product_i[-1])
    core = SoftCore(0.5 / rho, setting.margin)
    value = gap_sector(lambda_i, setting.m, core, setting.grid)

    # the innermost fields and their weights; without variance there is one field
    if value.flow is None:
        h, phi, weight = np.zeros(1), np.array([value.free_entropy]), np.ones(1)
    else:
        n = value.flow.n_i[-1]
        h, phi, weight = value.flow.h_ia[-1, :n], value.flow.phi_ia[-1, :n], value.flow.p_ia[-1, :n]
    sigma = float(np.sqrt(1.0 - lambda_i[-1]))
    pull = -float(weight @ core.terminal_by_beta(h, phi, sigma)) / rho**2
    return Contribution(value.free_entropy, strength_i=np.append(value.overlaps_i, pull))
