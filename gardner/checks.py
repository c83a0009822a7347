"""Checks of the numbers that users give: each returns the number, or raises a ValueError that says what is allowed."""

from __future__ import annotations

import math

MAX_MARGIN = 100.0
MAX_BETA = 1e12
MAX_WHOLE = 2**63 - 1  # of every count and seed: what a machine word holds


def finite(name: str, value: float) -> float:
    """`value` as a float, or ValueError if it is not a finite number."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} = {value!r}: must be a number") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} = {value}: must be a finite number")
    return number


def positive(name: str, value: float, largest: float = math.inf) -> float:
    """`value` as a float, or ValueError if it is not a finite number within (0, largest]."""
    number = finite(name, value)
    if number <= 0:
        raise ValueError(f"{name} = {value}: must be greater than 0")
    if number > largest:
        raise ValueError(f"{name} = {value}: must be at most {largest:g}")
    return number


def checked_beta(value: float) -> float:
    """The inverse temperature β as a float, or ValueError unless 0 < β ≤ MAX_BETA."""
    return positive("beta", value, MAX_BETA)


def checked_margin(value: float) -> float:
    """The margin κ as a float, or ValueError unless |κ| ≤ MAX_MARGIN."""
    number = finite("margin", value)
    if abs(number) > MAX_MARGIN:
        raise ValueError(f"margin = {value}: must lie between {-MAX_MARGIN:g} and {MAX_MARGIN:g}")
    return number


def whole(name: str, value: int, smallest: int, largest: int | None = None) -> int:
    """`value` as an int within [smallest, largest], at most MAX_WHOLE, or ValueError."""
    largest = MAX_WHOLE if largest is None else largest
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        number = None
    if number is None or number != value:
        raise ValueError(f"{name} = {value!r}: must be a whole number")
    if number < smallest:
        raise ValueError(f"{name} = {value}: must be at least {smallest}")
    if number > largest:
        raise ValueError(f"{name} = {value}: must be at most {largest}")
    return number
