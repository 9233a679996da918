"""16-bit brain floats as bits, and the exponential, for compiled code.

numba knows no bfloat16: such numbers are uint16 here, rounded to the nearest and to even on a tie, as torch rounds.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

LOG2_E, LN2_HIGH, LN2_LOW = np.float32(1.44269504), np.float32(0.693359375), np.float32(-2.12194440e-4)
"""Constants of Cephes' ``expf``; so are the factors in ``exponential``."""

FURTHEST = np.float32(87.0)
"""Beyond it an exponential is no normal number any more, on either side."""


@intrinsic
def _float_of(_context: Any, _word: Any) -> Any:
    def reinterpret(_: Any, builder: Any, __: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.FloatType())

    return types.float32(types.uint32), reinterpret


@intrinsic
def _word_of(_context: Any, _number: Any) -> Any:
    def reinterpret(_: Any, builder: Any, __: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(32))

    return types.uint32(types.float32), reinterpret


@njit(inline="always")
def number_of(bits: Any) -> Any:
    """The number that 16 bits stand for."""
    return _float_of(np.uint32(bits) << np.uint32(16))


@njit(inline="always")
def bits_of(number: Any) -> Any:
    """A number's bits in 16; what is not a number stays none."""
    word = _word_of(np.float32(number))
    rounded_up = (word + np.uint32(0x7FFF) + ((word >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16)
    lost = (word & np.uint32(0x7FFFFFFF)) > np.uint32(0x7F800000)
    return np.uint16(0x7FC0) if lost else np.uint16(rounded_up)


@njit(inline="always")
def rounded(number: Any) -> Any:
    """The nearest number of 16 bits."""
    return number_of(bits_of(number))


@njit(inline="always")
def exponential(number: Any) -> Any:
    """e to a number, within 1e-6 of it, as far as ``FURTHEST``; a polynomial, so that a row of them is one loop."""
    x = min(max(np.float32(number), -FURTHEST), FURTHEST)
    whole = np.floor(x * LOG2_E + np.float32(0.5))
    rest = x - whole * LN2_HIGH - whole * LN2_LOW
    found = np.float32(1.9875691500e-4)
    found = found * rest + np.float32(1.3981999507e-3)
    found = found * rest + np.float32(8.3334519073e-3)
    found = found * rest + np.float32(4.1665795894e-2)
    found = found * rest + np.float32(1.6666665459e-1)
    found = found * rest + np.float32(5.0000001201e-1)
    found = found * rest * rest + rest + np.float32(1.0)
    return found * _float_of(np.uint32(np.int32(whole) + np.int32(127)) << np.uint32(23))
