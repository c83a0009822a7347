"""Results that are compared by value: arrays element by element, nan equal to nan."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np


class ByValue:
    """Mixin of dataclasses with array fields (`eq=False`): a == b is one bool, also where fields are arrays.

    Equal are instances of one class whose fields are all equal, apart from those declared with `compare=False`, such as
    the wall time. Like other mutable values they have no hash.
    """

    __hash__ = None

    def __eq__(self, other):
        if type(other) is not type(self):
            return NotImplemented
        compared = [field.name for field in fields(self) if field.compare]
        return all(same(getattr(self, name), getattr(other, name)) for name in compared)


def same(a, b) -> bool:
    """True if two values are equal: numbers (nan equals nan), arrays, labelled datasets, and containers of those."""
    if a is b:
        return True
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return _same_arrays(a, b)
    if hasattr(a, "identical") and type(a) is type(b):  # xarray
        return bool(a.identical(b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)) and type(a) is type(b):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b):
        return True
    return bool(a == b)


def _same_arrays(a, b) -> bool:
    if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
        return False
    return np.array_equal(a, b, equal_nan=a.dtype.kind in "fc" and b.dtype.kind in "fc")
