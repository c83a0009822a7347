"""The move of spherical weights: two elements of a row turn by the angle 2 arctan t, t uniform in (-δ, δ).

Rotations keep |J|², and t and -t undo each other: the proposal is reversible for the uniform measure on the sphere.
A row of one element has no such move and changes sign instead. Separate small functions: one that returned all the
numbers of a proposal as a tuple would cost a third of the move.
"""

from __future__ import annotations

from gardner.montecarlo.generator import below, uniform
from gardner.runtime.compilation import kernel


@kernel(forceinline=True)
def other_element(fan, a, rng):
    """An element of a row of `fan`, other than a where there is one."""
    if fan == 1:
        return a
    b = below(rng, fan - 1)
    return b + (b >= a)


@kernel(forceinline=True)
def tangent(fan, step, rng):
    """t, drawn unless the row has one element."""
    return step * (2.0 * uniform(rng) - 1.0) if fan > 1 else 0.0


@kernel(forceinline=True)
def turn_first(first, second, t, fan):
    """cos·first - sin·second."""
    if fan == 1:
        return -first
    return ((1.0 - t * t) * first - 2.0 * t * second) / (1.0 + t * t)


@kernel(forceinline=True)
def turn_second(first, second, t):
    """sin·first + cos·second."""
    return (2.0 * t * first + (1.0 - t * t) * second) / (1.0 + t * t)
