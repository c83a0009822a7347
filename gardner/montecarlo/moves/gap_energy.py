"""The energy of a gap inside kernels: v(r) of whichever potential a kernel is given.

A kernel takes the potential itself as an argument and calls `gap_energy(potential, r, margin)`. For Numba the class of
a potential is a *type*, which carries no data: each class compiles its own version of a kernel, with v(r) inlined and
vectorised as if it were written there. The type is named after the class and the bytecode of its energy, so that
compiled kernels can be kept, are found again by other processes, and are not found after v(r) has been changed.
"""

from __future__ import annotations

import hashlib
from functools import cache

from numba import types
from numba.extending import NativeValue, models, overload, register_model, typeof_impl, unbox

from gardner.potentials import Potential
from gardner.runtime.compilation import kernel

FAST = {"reassoc", "contract", "nsz", "arcp"}
_kinds: dict[str, type[Potential]] = {}


class PotentialType(types.Opaque):
    """The Numba type of a class of potentials; the class is looked up by name, so that no class is ever pickled."""

    def __init__(self, name: str):
        super().__init__(name=name)


register_model(PotentialType)(models.OpaqueModel)


@typeof_impl.register(Potential)
def _type_of(potential, context):
    return _type_of_class(type(potential))


@cache
def _type_of_class(kind: type[Potential]) -> PotentialType:
    code = kind.energy_of_gap.__code__
    digest = hashlib.sha256(repr((code.co_code, code.co_consts, code.co_names)).encode()).hexdigest()[:16]
    name = f"Potential({kind.__module__}.{kind.__qualname__}, {digest})"
    _kinds[name] = kind
    return PotentialType(name)


@unbox(PotentialType)
def _unbox(kind, potential, c):
    return NativeValue(c.context.get_dummy_value())


def gap_energy(potential: Potential, r: float, margin: float) -> float:
    """v(r) at margin κ."""
    return potential.energy_of_gap(r, margin)


@overload(gap_energy, jit_options={"fastmath": FAST})
def _gap_energy(potential, r, margin):
    energy = _kinds[potential.name].energy_kernel()
    return lambda potential, r, margin: energy(r, margin)


@kernel(forceinline=True, fastmath=FAST)
def shortfall_energy(potential, x, margin):
    """v(κ - x) of the shortfall x = κ - r; LLVM reassociates κ - (κ - x), which costs nothing."""
    return gap_energy(potential, margin - x, margin)
