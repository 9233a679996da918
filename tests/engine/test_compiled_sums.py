"""Sums of compiled code: in the order that is written down, and without counting who holds an array."""

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.engine.forward.processor.compiling import compiled
from studio.engine.forward.processor.shapes import Array
from studio.engine.forward.processor.sums import sum_of, sum_of_squares


@compiled
def middle(x: Array) -> float:
    """Views of views, as the forward takes them."""
    return sum_of(x[1:][: len(x) - 2])  # type: ignore[no-any-return]


def in_order(numbers: NDArray[np.float32]) -> np.float32:
    """Four sums of every fourth number, what is left to the first."""
    whole = len(numbers) // 4 * 4
    sums = [np.float32(0)] * 4
    for place, number in enumerate(numbers[:whole]):
        sums[place % 4] = np.float32(sums[place % 4] + number)
    for number in numbers[whole:]:
        sums[0] = np.float32(sums[0] + number)
    return np.float32(np.float32(sums[0] + sums[1]) + np.float32(sums[2] + sums[3]))


@pytest.mark.parametrize("size", [0, 1, 3, 4, 64, 255, 1537])
def test_sums_are_in_the_order_that_is_written_down(size: int) -> None:
    numbers = (np.random.default_rng(size).normal(size=size) * 1000).astype(np.float32)
    found = sum_of(numbers)
    assert np.float32(found) == in_order(numbers)


def test_another_order_would_be_noticed() -> None:
    numbers = (np.random.default_rng(1).normal(size=1537) * 1000).astype(np.float32)
    assert np.float32(sum_of(np.sort(numbers))) != in_order(numbers)


def test_sums_of_squares() -> None:
    numbers = np.random.default_rng(1).normal(size=577).astype(np.float32)
    assert sum_of_squares(numbers) == pytest.approx(float((numbers.astype(np.float64) ** 2).sum()), rel=1e-6)


def test_nobody_counts_who_holds_an_array() -> None:
    numbers = np.arange(10, dtype=np.float32)
    assert middle(numbers) == 36.0
    middle.recompile()  # what is read from disk cannot be looked at
    code = "".join(middle.inspect_llvm().values())
    inside = code[code.index("define") :].split("cpython")[0]
    assert "NRT_incref" not in inside and "NRT_decref" not in inside
