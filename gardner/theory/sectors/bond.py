"""The bond sector (T9): the weights of a layer under their prior, in the field of the perceptrons that they feed."""

from __future__ import annotations

from dataclasses import replace

from gardner.model import PRIORS, RandomSetting
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.sectors.base import Contribution, Inputs


def evaluate(inputs: Inputs, setting: RandomSetting, grid: GridSettings, with_response: bool) -> Contribution:
    """The weights as a part of a chain: 1/α of the prior's free entropy, which counts per weight of N²."""
    prior, alpha = PRIORS[setting.weights], setting.alpha
    said = prior.contribution(inputs.own_i, inputs.field_i, setting.m, grid, with_response)
    return replace(said, free_entropy=said.free_entropy / alpha, slope_i=lambda: said.slope_i() / alpha)
