"""Checks of the numbers that users give: each returns the number, or raises a ValueError that says what is allowed.

A quantity that more than one command takes has its bounds here, once.
"""

from __future__ import annotations

import math

MAX_ALPHA = 1e9
MAX_MARGIN = 100.0
MAX_BETA = 1e12
TOLERANCES = 1e-15, 1.0  # of overlaps: no search gets below round-off
MAX_SWEEPS = 10**12
MAX_WORKERS = 4096  # worker processes, and threads of each of them
SCALES = 1e-6, 1e6  # μ and λ of the field theory: what follows from them keeps all its digits
MAX_RATE = 1e6  # learning rates and momenta, in the same units
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


def within(name: str, value: float, smallest: float, largest: float) -> float:
    """`value` as a float, or ValueError unless it lies in [smallest, largest]."""
    number = finite(name, value)
    if not smallest <= number <= largest:
        raise ValueError(f"{name} = {value}: must lie between {smallest:g} and {largest:g}")
    return number


def checked_tolerance(name: str, value: float) -> float:
    """A tolerance of overlaps as a float, or ValueError unless it lies in TOLERANCES."""
    number = positive(name, value, TOLERANCES[1])
    if number < TOLERANCES[0]:
        raise ValueError(f"{name} = {value}: must be at least {TOLERANCES[0]:g}")
    return number


def checked_rate(name: str, value: float) -> float:
    """A learning rate η as a float, or ValueError unless 0 ≤ η ≤ MAX_RATE."""
    return within(name, value, 0.0, MAX_RATE)


def checked_coupling(value: float, free: bool = False) -> float:
    """The coupling λ of a field as a float, or ValueError unless it lies in SCALES or, for a `free` field, is 0."""
    if free and value == 0:
        return 0.0
    return within("coupling", value, *SCALES)


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
