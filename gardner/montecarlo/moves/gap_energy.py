"""The energy of a gap inside kernels: v(r) of whichever potential a kernel is given.

A kernel takes the potential itself as an argument and calls `gap_energy(potential, r, margin)`. For Numba the class of
a potential is a *type*, which carries no data: each class compiles its own version of a kernel, with v(r) inlined and
vectorised as if it were written there. The type is named after the class and everything that its energy is made of:
its bytecode, the constants it takes from its module or an enclosing function, and the functions it calls. So compiled
kernels can be kept, are found again by other processes, and are not found after v(r) has been changed.
"""

from __future__ import annotations

import hashlib
import inspect
from functools import cache
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType

import numpy as np
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
    digest = hashlib.sha256(repr(_spell_out(kind.energy_of_gap)).encode()).hexdigest()[:16]
    name = f"Potential({kind.__module__}.{kind.__qualname__}, {digest})"
    _kinds[name] = kind
    return PotentialType(name)


def _spell_out(part: object, within: tuple = ()) -> object:
    """What a function computes, as text that changes whenever its result may: code, constants and functions called.

    ValueError for an ingredient that cannot be spelled out: kernels compiled with one of its values would be taken for
    those of another.
    """
    part = getattr(part, "py_func", part)  # a function compiled by Numba
    if isinstance(part, (bool, int, float, complex, str, bytes, type(None))):
        return repr(part)
    if isinstance(part, (tuple, frozenset)):
        return [_spell_out(value, within) for value in (part if isinstance(part, tuple) else sorted(part, key=repr))]
    if isinstance(part, (ModuleType, BuiltinFunctionType, np.ufunc, type)):
        return getattr(part, "__qualname__", part.__name__)
    if isinstance(part, np.ndarray):
        return part.dtype.str, part.shape, part.tobytes()
    if not isinstance(part, FunctionType):
        raise ValueError(f"energy_of_gap uses {part!r}: use numbers, arrays, modules and functions only")
    if part in within:  # recursion
        return part.__qualname__

    # code objects inside (of lambdas) by their code, not by their place in memory
    variables, code = inspect.getclosurevars(part), part.__code__
    constants = [c.co_code if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    used = {**variables.globals, **variables.nonlocals}
    ingredients = [(name, _spell_out(used[name], (*within, part))) for name in sorted(used)]
    return code.co_code, constants, code.co_names, ingredients


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
