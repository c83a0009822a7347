"""Eight 64-bit words side by side, as a Numba type: the arithmetic of bit-packed nets.

A word holds one spin of 64 patterns, a vector of `LANES` words the same spin of as many chains. LLVM turns the vector
into whatever registers the machine has (one of 512 bits, two of 256, four of 128), so the kernels are written once and
need no automatic vectorisation, which the aliasing of many small arrays would defeat. Vectors live only inside
kernels; outside they are runs of `LANES` elements of flat arrays (int8 masks 0 and -1 where a bit per lane suffices).
"""

from __future__ import annotations

import operator

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

LANE_BITS = 3
LANES = 1 << LANE_BITS
VECTOR = ir.VectorType(ir.IntType(64), LANES)
BYTES = ir.VectorType(ir.IntType(8), LANES)


class LaneVector(types.Type):
    """The Numba type of a vector of words."""

    def __init__(self):
        super().__init__(name="LaneVector")


vector = LaneVector()


@register_model(LaneVector)
class _LaneModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, VECTOR)


def _at(builder, address, index, kind, size):
    offset = builder.mul(index, ir.Constant(index.type, size))
    return builder.inttoptr(builder.add(address, offset), kind.as_pointer())


@intrinsic
def address(typingctx, array):
    """Where a contiguous array begins; the caller keeps it alive.

    Numbers instead of arrays: Numba counts references to an array at every call, atomically, which would cost more
    than the arithmetic of a perceptron.
    """

    def codegen(context, builder, signature, args):
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.ptrtoint(data, ir.IntType(64))

    return types.int64(array), codegen


@intrinsic
def entry(typingctx, address, index):
    """Element `index` of an int64 array."""

    def codegen(context, builder, signature, args):
        return builder.load(_at(builder, *args, ir.IntType(64), 8))

    return types.int64(types.int64, types.int64), codegen


@intrinsic
def load(typingctx, address, index):
    """The words index … index + LANES - 1 of an array of words."""

    def codegen(context, builder, signature, args):
        result = builder.load(_at(builder, *args, VECTOR, 8))
        result.align = 8
        return result

    return vector(types.int64, types.int64), codegen


@intrinsic
def store(typingctx, address, index, value):
    """Set the words index … index + LANES - 1 of an array of words."""

    def codegen(context, builder, signature, args):
        stored = builder.store(args[2], _at(builder, *args[:2], VECTOR, 8))
        stored.align = 8
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, vector), codegen


@intrinsic
def load_mask(typingctx, address, index):
    """int8 masks (0 or -1) widened to words of all zeros or all ones."""

    def codegen(context, builder, signature, args):
        narrow = builder.load(_at(builder, *args, BYTES, 1))
        narrow.align = 1
        return builder.sext(narrow, VECTOR)

    return vector(types.int64, types.int64), codegen


def _splatted(builder, value):
    single = builder.insert_element(ir.Constant(VECTOR, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(single, ir.Constant(VECTOR, ir.Undefined), zeros)


@intrinsic
def splat(typingctx, value):
    """The same integer in every lane."""

    def codegen(context, builder, signature, args):
        return _splatted(builder, args[0])

    return vector(types.int64), codegen


@intrinsic
def lane_numbers(typingctx):
    """0, 1, 2, …"""
    return vector(), lambda context, builder, signature, args: ir.Constant(VECTOR, list(range(LANES)))


@intrinsic
def popcount(typingctx, value):
    """Set bits of each word."""

    def codegen(context, builder, signature, args):
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(VECTOR, [VECTOR]), f"llvm.ctpop.v{LANES}i64"
        )
        return builder.call(function, args)

    return vector(vector), codegen


@intrinsic
def any_bit(typingctx, value):
    """Whether any bit of any lane is set."""

    def codegen(context, builder, signature, args):
        kind = ir.FunctionType(ir.IntType(64), [VECTOR])
        function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.vector.reduce.or.v{LANES}i64")
        return builder.icmp_unsigned("!=", builder.call(function, args), ir.Constant(ir.IntType(64), 0))

    return types.boolean(vector), codegen


@intrinsic
def at_most(typingctx, first, second):
    """All ones where first ≤ second as signed integers, zeros elsewhere."""

    def codegen(context, builder, signature, args):
        return builder.sext(builder.icmp_signed("<=", *args), VECTOR)

    return vector(vector, vector), codegen


@intrinsic
def gather(typingctx, address, index):
    """Word index[c] of an array of words, in lane c."""

    def codegen(context, builder, signature, args):
        result = ir.Constant(VECTOR, ir.Undefined)
        for lane in range(LANES):
            position = ir.Constant(ir.IntType(32), lane)
            index = builder.extract_element(args[1], position)
            value = builder.load(_at(builder, args[0], index, ir.IntType(64), 8))
            result = builder.insert_element(result, value, position)
        return result

    return vector(types.int64, vector), codegen


@intrinsic
def gather_mask(typingctx, address, index):
    """int8 mask index[c] of an array, widened, in lane c."""

    def codegen(context, builder, signature, args):
        result = ir.Constant(BYTES, ir.Undefined)
        for lane in range(LANES):
            position = ir.Constant(ir.IntType(32), lane)
            index = builder.extract_element(args[1], position)
            result = builder.insert_element(
                result, builder.load(_at(builder, args[0], index, ir.IntType(8), 1)), position
            )
        return builder.sext(result, VECTOR)

    return vector(types.int64, vector), codegen


@intrinsic
def scatter_mask(typingctx, address, index, value):
    """Set int8 mask index[c] of an array to the low byte of lane c; no two indices may agree."""

    def codegen(context, builder, signature, args):
        narrow = builder.trunc(args[2], BYTES)
        for lane in range(LANES):
            position = ir.Constant(ir.IntType(32), lane)
            index = builder.extract_element(args[1], position)
            builder.store(builder.extract_element(narrow, position), _at(builder, args[0], index, ir.IntType(8), 1))
        return context.get_dummy_value()

    return types.void(types.int64, vector, vector), codegen


def _binary(name: str):
    @intrinsic
    def operation(typingctx, first, second):
        def codegen(context, builder, signature, args):
            return getattr(builder, name)(*args)

        return vector(vector, vector), codegen

    return operation


def _shift(name: str):
    @intrinsic
    def operation(typingctx, value, count):
        def codegen(context, builder, signature, args):
            return getattr(builder, name)(args[0], _splatted(builder, args[1]))

        return vector(vector, types.int64), codegen

    return operation


def _give_operator(symbol, operation, second_type) -> None:
    @overload(symbol)
    def implementation(first, second):
        if isinstance(first, LaneVector) and isinstance(second, second_type):
            return lambda first, second: operation(first, second)
        return None


for _symbol, _name in (
    (operator.and_, "and_"),
    (operator.or_, "or_"),
    (operator.xor, "xor"),
    (operator.add, "add"),
    (operator.sub, "sub"),
    (operator.mul, "mul"),
):
    _give_operator(_symbol, _binary(_name), LaneVector)
for _symbol, _name in ((operator.lshift, "shl"), (operator.rshift, "lshr")):
    _give_operator(_symbol, _shift(_name), types.Integer)
