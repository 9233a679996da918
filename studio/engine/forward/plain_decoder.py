"""The studio's own forward of a plain decoder: prompts and steps of a batch, each row with its own adapters.

The same numbers as the model's own forward, without what a token at a time pays for most: hooks on every layer, masks
and views made anew. It reads the frozen layers themselves, past whatever a training has put around them. It is taken
only where its logits are the model's (``decoders.py``); otherwise chat goes through the model's own forward and is only
slower.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward.attention_lanes import Reading, Stepping
from studio.engine.forward.decoder_parts import Block, DecoderParts, Norm
from studio.engine.forward.key_values import KeyValues
from studio.engine.forward.learned_tokens import embedded
from studio.engine.forward.products import side_by_side
from studio.engine.forward.rotary import signed_angles
from studio.engine.rack.rack import Rack
from studio.engine.rack.row_difference import Difference, RowDifference
from studio.engine.rack.row_factors import Groups


class PlainDecoder:
    """Layers of one base."""

    def __init__(self, parts: DecoderParts, base: LoadedBase) -> None:
        self._parts, self._device = parts, base.device.torch_device
        self.embedding = base.model.get_input_embeddings().weight
        self.dtype: torch.dtype = self.embedding.dtype
        self.groups: Groups = [group for block in parts.blocks for group in block.groups]
        self._products = [side_by_side([base.linears[name] for name in group]) for group in self.groups]
        self._head = side_by_side([parts.head])
        self._angles = _Angles(parts.rotary, self._device, self.dtype)
        self._pieces = [_pieces(block, parts) for block in parts.blocks]

    def factors(self, rack: Rack) -> RowDifference | None:
        """The adapters of the rows that the rack shows."""
        return rack.row_difference(self.groups)

    def new_rows(self, rows: int) -> KeyValues:
        """Room for what these rows will have read."""
        shape = self._parts.shape
        exact = torch.float32 if self._device.type == "cpu" else self.dtype
        return KeyValues(
            layers=len(self._parts.blocks), rows=rows, heads=shape.key_heads, depth=shape.depth,
            device=self._device, dtype=exact, kept=self.dtype,
        )  # fmt: skip

    @torch.inference_mode()
    def read(
        self,
        ids: Sequence[int],
        parts: Sequence[tuple[int, int, int]],
        keys: KeyValues,
        factors: RowDifference | None,
        wanted: Sequence[int],
    ) -> Tensor:
        """Read tokens; ``parts`` are (row, start, stop) in ``ids``. Return the logits after those at ``wanted``."""
        reading = Reading(keys, parts, self._parts.shape)
        difference = factors.of_parts(parts) if factors else None
        states = self._through(
            embedded(ids, parts, self.embedding, factors.learned if factors else ()), reading, difference
        )
        reading.done()
        if not wanted:
            return states[:0]
        return self._logits(states[torch.tensor(list(wanted), device=self._device, dtype=torch.long)])

    @torch.inference_mode()
    def step(self, ids: Tensor, stepping: Stepping, factors: RowDifference | None) -> Tensor:
        """One token of every row; returns the logits after it."""
        logits = self.next_logits(ids, stepping, factors)
        stepping.next()
        return logits

    def next_logits(self, ids: Tensor, stepping: Stepping, factors: RowDifference | None) -> Tensor:
        """The step itself, which may be done again: no wait for the device, and all places stay as they are."""
        return self._logits(
            self._through(functional.embedding(ids, self.embedding), stepping, factors.of_step() if factors else None)
        )

    def stepping(self, keys: KeyValues) -> Stepping:
        """What goes on from token to token while the rows stay the same."""
        return Stepping(keys, self._parts.shape)

    def _logits(self, states: Tensor) -> Tensor:
        return self._head(_normed(states, self._parts.last_norm))

    def _through(self, x: Tensor, attention: Reading | Stepping, difference: Difference | None) -> Tensor:
        """All layers; states are [tokens, width]."""
        turn = self._angles.at(attention.positions, attention.longest)
        for number, block in enumerate(self._parts.blocks):
            x = self._layer(x, number, block, turn, attention, difference)
        return x

    def _layer(
        self, x: Tensor, number: int, block: Block, turn: tuple[Tensor, Tensor], attention: Reading | Stepping,
        difference: Difference | None,
    ) -> Tensor:  # fmt: skip
        product, group = self._product, 4 * number
        read = product(group, _normed(x, block.before_attention), difference)
        self._turned(read, number, turn)
        x = x + product(group + 1, attention.attend(number, read), difference)
        gates = product(group + 2, _normed(x, block.before_mlp), difference)
        half = gates.shape[1] // 2
        opened = functional.silu(gates[:, :half]).mul_(gates[:, half:])
        return x.add_(product(group + 3, opened, difference))

    def _product(self, group: int, x: Tensor, difference: Difference | None) -> Tensor:
        if difference is None:
            return self._products[group](x)
        x = difference.taken(group, x)
        y = self._products[group](x)
        difference.add(group, x, y)
        return y

    def _turned(self, read: Tensor, number: int, turn: tuple[Tensor, Tensor]) -> None:
        """Norms of queries and keys where the model has them, then their rotary positions, in place."""
        norms, width, depth = self._pieces[number], *self._widths
        for start, stop, norm in norms:
            part = read[:, start:stop].unflatten(1, (-1, depth))
            part.copy_(_normed(part, norm))
        halves = read[:, :width].view(len(read), -1, 2, depth // 2)
        crossed = halves.flip(2).mul_(turn[1])
        halves.mul_(turn[0]).add_(crossed)

    @property
    def _widths(self) -> tuple[int, int]:
        shape = self._parts.shape
        return (shape.heads + shape.key_heads) * shape.depth, shape.depth


class _Angles:
    """Cosines and sines of positions, as the model's own rotary part gives them; the sines of first halves negated."""

    def __init__(self, rotary: Any, device: torch.device, dtype: torch.dtype) -> None:
        self._rotary, self._device, self._dtype = rotary, device, dtype
        self._cosines = self._sines = torch.zeros(0, 1, 2, 0)

    def at(self, positions: Tensor, longest: int) -> tuple[Tensor, Tensor]:
        """[tokens, 1, 2, depth / 2] of each; no position is over ``longest``."""
        if longest >= len(self._cosines):
            self._grow(2 * longest + 256)
        return self._cosines.index_select(0, positions), self._sines.index_select(0, positions)

    def _grow(self, length: int) -> None:
        found = signed_angles(self._rotary, length, self._device, self._dtype)
        self._cosines, self._sines = (one.unflatten(1, (1, 2, -1)) for one in found)


def _normed(x: Tensor, norm: Norm) -> Tensor:
    """``x / rms(x)`` in fp32, rounded, times the weight: to the last bit what transformers' norm gives."""
    return functional.rms_norm(x, norm.weight.shape, None, norm.epsilon).mul_(norm.weight)


def _pieces(block: Block, parts: DecoderParts) -> list[tuple[int, int, Norm]]:
    """Which numbers of the queries and keys have a norm of their own."""
    queries, shape = parts.shape.queries, parts.shape
    spans = ((0, queries, block.query_norm), (queries, queries + shape.key_heads * shape.depth, block.key_norm))
    return [(start, stop, norm) for start, stop, norm in spans if norm is not None]
