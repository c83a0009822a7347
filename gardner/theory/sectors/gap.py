"""The gap sector (T7): an imposed perceptron whose pre-activation has the overlap Λ that it reads."""

from __future__ import annotations

import numpy as np

from gardner.errors import FrozenError
from gardner.model import RandomSetting
from gardner.potentials import Potential
from gardner.theory.parisi.flow import GridSettings, solve_flow
from gardner.theory.sectors.base import (
    SMALLEST_GAP_VARIANCE,
    Contribution,
    Inputs,
    SectorValue,
    differentiate_in_parisi,
    evaluate_at_zero,
)


def gap_sector(
    lambda_i: np.ndarray, m: np.ndarray, potential: Potential, grid: GridSettings, with_response: bool = False
) -> SectorValue:
    """Φ = ln<Π_a e^{-βv(h_a)}>/n and G_i = E_i[(φ_i')²] at gap overlaps Λ_i.

    φ_i varies on the scale sqrt(1-Λ_i) around the margin; (1-Λ_k) is the Gaussian width of the terminal function.
    """
    if not 1.0 - lambda_i[-1] > SMALLEST_GAP_VARIANCE:
        raise FrozenError(f"1 - Λ = {1.0 - lambda_i[-1]:.1e}")
    function = potential.log_weight(lambda_i[-1])
    if lambda_i[-1] == 0.0:
        return evaluate_at_zero(m, function, with_response)
    flow = solve_flow(lambda_i, m, function, np.sqrt(1.0 - lambda_i), centre=potential.margin, settings=grid)
    return SectorValue(flow.free_entropy, flow.overlaps, flow.response() if with_response else None, flow)


def evaluate(inputs: Inputs, setting: RandomSetting, grid: GridSettings, with_response: bool) -> Contribution:
    """The gap as a part of a chain."""
    value = gap_sector(inputs.product_i, setting.m, setting.potential, grid, with_response)
    responses = {} if value.response_ji is None else {("strength", "product"): value.response_ji}
    return Contribution(
        value.free_entropy,
        strength_i=value.overlaps_i,
        responses=responses,
        slope_i=lambda: differentiate_in_parisi(value, setting.m),
    )
