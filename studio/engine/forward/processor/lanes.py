"""What a batch's rows have read, laid out for the inner loop (``dots.py``): positions in blocks of ``TILE``.

A block of keys is a tile whose outputs are positions, a block of values one whose inputs are positions::

    keys   [pair of numbers][position][2]        values [16 numbers][pair of positions][number][2]

Each row begins at 0 in its own lane; memory grows by doubling, rows come and go by number.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.engine.forward.processor.shapes import TILE


class Lanes:
    """``lengths``: tokens of each row. What lies behind a row's length is nobody's."""

    def __init__(self, *, layers: int, rows: int, heads: int, depth: int) -> None:
        self.lengths = [0] * rows
        self._size = TILE * depth
        with torch.inference_mode():
            self._kept = _zeros(layers, rows, heads, 2, 0, self._size)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.lengths)

    @property
    def bits(self) -> NDArray[np.uint16]:
        """[layers, rows, key heads, keys and values, blocks, numbers of a block]."""
        return self._kept.numpy().view(np.uint16)

    @torch.inference_mode()
    def reserve(self, tokens: int) -> None:
        """Have memory for that many tokens a row."""
        blocks, before = _blocks(tokens), self._kept.shape[4]
        if blocks <= before:
            return
        larger = _zeros(*self._kept.shape[:4], max(blocks, 2 * before), self._size)
        larger[:, :, :, :, :before] = self._kept
        self._kept = larger

    @torch.inference_mode()
    def put(self, row: int, numbers: Tensor, length: int) -> None:
        """A row begins with the first tokens of what was ``copied``."""
        self.reserve(length)
        self._kept[:, row, :, :, : _blocks(length)] = numbers[:, :, :, : _blocks(length)]
        self.lengths[row] = length

    @torch.inference_mode()
    def share(self, source: int, row: int, length: int) -> None:
        """A row begins with the first tokens of another."""
        self._kept[:, row, :, :, : _blocks(length)] = self._kept[:, source, :, :, : _blocks(length)]
        self.lengths[row] = length

    @torch.inference_mode()
    def keep_rows(self, rows: Sequence[int]) -> None:
        """Drop all rows but these."""
        self.lengths = [self.lengths[row] for row in rows]
        self._kept = self._kept.index_select(1, torch.tensor(list(rows)))

    @torch.inference_mode()
    def copied(self, row: int, length: int) -> Tensor:
        """What a row has read first, apart from this batch."""
        return self._kept[:, row, :, :, : _blocks(length)].clone()

    def size(self, length: int) -> int:
        """Bytes of such a copy."""
        layers, _, heads = self._kept.shape[:3]
        return layers * heads * 2 * _blocks(length) * self._size * 2


def _blocks(tokens: int) -> int:
    return -(-tokens // TILE)


def _zeros(*shape: int) -> Tensor:
    """Asked for by numpy, who wants large pages for large arrays (``slab.py``)."""
    return torch.from_numpy(np.zeros(shape, dtype=np.int16))
