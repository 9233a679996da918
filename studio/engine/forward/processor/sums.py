"""Sums whose order is written down.

A compiler that may choose the order itself chooses another one when it meets the same code in other surroundings: the
same forward, just compiled or read from disk, would give other last bits.
"""

import numpy as np

from studio.engine.forward.processor.compiling import compiled
from studio.engine.forward.processor.shapes import Array


@compiled
def sum_of(x: Array) -> np.float32:
    """Four sums of every fourth number, neighbours added first."""
    first = second = third = fourth = np.float32(0)
    whole = len(x) // 4 * 4
    for i in range(0, whole, 4):
        first += x[i]
        second += x[i + 1]
        third += x[i + 2]
        fourth += x[i + 3]
    for i in range(whole, len(x)):
        first += x[i]
    return (first + second) + (third + fourth)


@compiled
def sum_of_squares(x: Array) -> np.float32:
    """The same of their squares."""
    first = second = third = fourth = np.float32(0)
    whole = len(x) // 4 * 4
    for i in range(0, whole, 4):
        first += x[i] * x[i]
        second += x[i + 1] * x[i + 1]
        third += x[i + 2] * x[i + 2]
        fourth += x[i + 3] * x[i + 3]
    for i in range(whole, len(x)):
        first += x[i] * x[i]
    return (first + second) + (third + fourth)
