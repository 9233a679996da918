"""Keys and values of a batch's rows, written in place; memory grows by doubling, rows come and go by number.

Each row begins at 0 in its own lane, so rows of any length stand side by side without padding, and what one row has
read can be handed to another. On a processor the numbers lie in fp32, whose products of few rows are faster; they are
16-bit numbers all the same (what layers give is rounded), so what is kept of a row loses nothing in 16 bit.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

BLOCK, BLOCK_ON_CARD = 64, 1024
"""Lengths are rounded up to this: sums over a few zeros more are the same to the last bit, other lengths' are not. On a
card every new length is a new recording of the step (``captured_step.py``)."""


class KeyValues:
    """``layers[i]`` [2, rows, key heads, capacity, depth]: keys, then values. ``lengths``: tokens of each row."""

    def __init__(
        self,
        *,
        layers: int,
        rows: int,
        heads: int,
        depth: int,
        device: torch.device,
        dtype: torch.dtype,
        kept: torch.dtype,
    ) -> None:
        self.lengths, self._kept = [0] * rows, kept
        self.block = BLOCK if device.type == "cpu" else BLOCK_ON_CARD
        with torch.inference_mode():
            self.layers = [torch.zeros(2, rows, heads, 0, depth, device=device, dtype=dtype) for _ in range(layers)]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.lengths)

    @property
    def capacity(self) -> int:
        """Tokens that a row has memory for."""
        return self.layers[0].shape[3]

    @property
    def heads(self) -> int:
        """Heads that have keys of their own."""
        return self.layers[0].shape[2]

    @torch.inference_mode()
    def reserve(self, tokens: int) -> None:
        """Have memory for that many tokens a row."""
        if tokens <= self.capacity:
            return
        wanted = rounded(max(tokens, 2 * self.capacity), self.block)
        for number, layer in enumerate(self.layers):
            larger = layer.new_zeros(*layer.shape[:3], wanted, layer.shape[4])
            larger[:, :, :, : layer.shape[3]] = layer
            self.layers[number] = larger

    def places(self, rows: Tensor, positions: Tensor) -> Tensor:
        """Where tokens [n] of rows [n] are written in ``flat``: n · 2 · heads numbers, keys before values."""
        device = rows.device
        lanes = torch.arange(2, device=device).view(1, 2, 1) * self.rows + rows.view(-1, 1, 1)
        lanes = lanes * self.heads + torch.arange(self.heads, device=device).view(1, 1, -1)
        return (lanes * self.capacity + positions.view(-1, 1, 1)).flatten()

    def flat(self, layer: int) -> Tensor:
        """A layer as lines of ``depth`` numbers, to be written into."""
        return self.layers[layer].view(-1, self.layers[layer].shape[4])

    @torch.inference_mode()
    def keep_rows(self, rows: Sequence[int]) -> None:
        """Drop all rows but these."""
        self.lengths = [self.lengths[row] for row in rows]
        index = torch.tensor(list(rows), device=self.layers[0].device)
        for number, layer in enumerate(self.layers):
            self.layers[number] = layer.index_select(1, index)

    @torch.inference_mode()
    def copied(self, row: int, length: int) -> Tensor:
        """What a row has read first, [layers, 2, heads, length, depth], apart from this batch."""
        return torch.stack([layer[:, row, :, :length].to(self._kept) for layer in self.layers])

    def size(self, length: int) -> int:
        """Bytes of such a copy."""
        return len(self.layers) * 2 * self.heads * length * self.layers[0].shape[4] * self._kept.itemsize

    @torch.inference_mode()
    def put(self, row: int, kept: Tensor, length: int) -> None:
        """Let a row begin with ``length`` tokens of what was kept."""
        self.reserve(length)
        for number, layer in enumerate(self.layers):
            layer[:, row, :, :length] = kept[number, :, :, :length]
        self.lengths[row] = length

    @torch.inference_mode()
    def share(self, source: int, row: int, length: int) -> None:
        """Let a row begin with what another has read."""
        for layer in self.layers:
            layer[:, row, :, :length] = layer[:, source, :, :length]
        self.lengths[row] = length


def rounded(tokens: int, block: int) -> int:
    """The next whole number of blocks."""
    return -(-tokens // block) * block
