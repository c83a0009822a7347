"""The bond sector (T9): the weights of a layer under their prior, in the field of the perceptrons that they feed."""

from __future__ import annotations

from gardner.model import RandomSetting
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.priors import PRIORS
from gardner.theory.sectors.base import Contribution, Inputs


def evaluate(inputs: Inputs, setting: RandomSetting, grid: GridSettings, with_response: bool) -> Contribution:
    """The weights as a part of a chain: 1/α of the prior's free entropy, which counts per weight of N²."""
    prior, alpha = PRIORS[setting.weights], setting.alpha
    term = prior.entropy(inputs.own_i, inputs.field_i, setting.m) / alpha
    slope_i = lambda: prior.slope(inputs.own_i, inputs.field_i, setting.m) / alpha  # noqa: E731
    if inputs.field_i is None:
        return Contribution(term, slope_i=slope_i)
    value = prior.bond(inputs.field_i, setting.m, with_response)
    responses = {} if value.response_ji is None else {("image", "field"): value.response_ji}
    return Contribution(term, image_i=value.overlaps_i, responses=responses, slope_i=slope_i)
