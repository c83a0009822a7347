"""Weights ±1 of one row, or spins of one pattern, as the bits of a word: set for +1."""

from __future__ import annotations

import numpy as np
from numba import types
from numba.extending import intrinsic


@intrinsic
def count_bits(typingctx, word):
    """Set bits of an unsigned word of 64 bits, as int64: one instruction."""

    def codegen(context, builder, signature, args):
        return builder.ctpop(args[0])

    return types.int64(types.uint64), codegen


def pack_bits(sign_xj: np.ndarray) -> np.ndarray:
    """One word (uint64) of at most 64 signs along the last axis, bit j set for +1."""
    bit_j = np.uint64(1) << np.arange(sign_xj.shape[-1], dtype=np.uint64)
    return ((sign_xj > 0) * bit_j).sum(axis=-1, dtype=np.uint64)
