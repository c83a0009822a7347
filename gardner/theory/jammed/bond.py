"""Weights at capacity: the sphere in a field whose last step takes the overlap to one (C54)."""

from __future__ import annotations

from gardner.model import PRIORS
from gardner.theory.jammed.base import Contribution, Inputs, JammedSetting


def evaluate(inputs: Inputs, setting: JammedSetting) -> Contribution:
    """A of (C3) at the overlaps and room given; the image answers to the field p_i, which contains α."""
    prior = PRIORS[setting.weights]
    return Contribution(
        prior.jammed_entropy(inputs.own_i, setting.m),
        image_i=prior.jammed_bond(inputs.field_i, setting.m),
    )
