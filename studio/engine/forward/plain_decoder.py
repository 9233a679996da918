"""The studio's own forward of a plain decoder: prompts and steps of a batch, each row with its own adapters.

The same numbers as the model's own forward, without what a token at a time pays for most: hooks on every layer, masks
and views made anew, weights in a layout for large batches. It reads the frozen layers themselves, past whatever a
training has put around them. ``tried`` gives it only where its logits are the model's; otherwise chat goes through the
model's own forward and is only slower.
"""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.failures import is_out_of_memory
from studio.engine.forward.attention_lanes import Reading, Stepping
from studio.engine.forward.decoder_parts import Block, DecoderParts, Norm, find_parts
from studio.engine.forward.key_values import KeyValues
from studio.engine.forward.products import can_pack, laid_out
from studio.engine.memory import release
from studio.engine.rack.row_factors import Groups, RowFactors

TOLERANCE = {torch.bfloat16: 0.1, torch.float16: 2e-2, torch.float32: 1e-3}
"""Mean difference (root of squares) from the model's own logits, relative to how much these vary.

The starter's own forward in bf16 is 0.04 to 0.06 away from the same in fp32, and so is this one, in other places.
"""

TRIED = (37, 5, 21)
"""Lengths of the rows that are tried, random tokens."""

_log = logging.getLogger(__name__)

Add = Callable[[int, Tensor, Tensor], None]
"""Adds to what a group of layers gives (its number, what it takes, what it gives)."""


class PlainDecoder:
    """Layers of one base, laid out for few rows."""

    def __init__(self, parts: DecoderParts, base: LoadedBase) -> None:
        self._parts, self._device = parts, base.device.torch_device
        self.embedding = base.model.get_input_embeddings().weight
        self.dtype: torch.dtype = self.embedding.dtype
        self.groups: Groups = [group for block in parts.blocks for group in block.groups]
        layers = [base.linears[name] for group in self.groups for name in group]
        pack = can_pack([*layers[4:], *layers[:4], parts.head], self._device, self.dtype)
        self._products = [
            laid_out([base.linears[name] for name in group], self.dtype, pack=pack) for group in self.groups
        ]
        self._head = laid_out([parts.head], self.dtype, pack=pack)
        self._angles = _Angles(parts.rotary, self._device, self.dtype)
        self._pieces = [_pieces(block, parts) for block in parts.blocks]

    def new_rows(self, rows: int) -> KeyValues:
        """Room for what these rows will have read."""
        shape = self._parts.shape
        exact = torch.float32 if self._device.type == "cpu" else self.dtype
        return KeyValues(
            layers=len(self._parts.blocks), rows=rows, heads=shape.key_heads, depth=shape.depth,
            device=self._device, dtype=exact,
        )  # fmt: skip

    @torch.inference_mode()
    def read(
        self,
        ids: Sequence[int],
        parts: Sequence[tuple[int, int, int]],
        keys: KeyValues,
        factors: RowFactors | None,
        wanted: Sequence[int],
    ) -> Tensor:
        """Read tokens; ``parts`` are (row, start, stop) in ``ids``. Return the logits after those at ``wanted``."""
        reading = Reading(keys, parts, self._parts.shape)
        add = partial(factors.add_parts, parts) if factors else None
        states = self._through(torch.tensor(list(ids), device=self._device), reading, add)
        reading.done()
        if not wanted:
            return states[:0]
        return self._logits(states[torch.tensor(list(wanted), device=self._device, dtype=torch.long)])

    @torch.inference_mode()
    def step(self, ids: Tensor, stepping: Stepping, factors: RowFactors | None) -> Tensor:
        """One token of every row; returns the logits after it."""
        logits = self.next_logits(ids, stepping, factors)
        stepping.next()
        return logits

    def next_logits(self, ids: Tensor, stepping: Stepping, factors: RowFactors | None) -> Tensor:
        """The step itself, which may be done again: no wait for the device, and all places stay as they are."""
        return self._logits(self._through(ids, stepping, factors.add if factors else None))

    def stepping(self, keys: KeyValues) -> Stepping:
        """What goes on from token to token while the rows stay the same."""
        return Stepping(keys, self._parts.shape)

    def _logits(self, states: Tensor) -> Tensor:
        return self._head(_normed(states, self._parts.last_norm))

    def _through(self, ids: Tensor, attention: Reading | Stepping, add: Add | None) -> Tensor:
        """All layers; states are [tokens, width]."""
        x = functional.embedding(ids, self.embedding)
        turn = self._angles.at(attention.positions, attention.longest)
        for number, block in enumerate(self._parts.blocks):
            x = self._layer(x, number, block, turn, attention, add)
        return x

    def _layer(
        self, x: Tensor, number: int, block: Block, turn: tuple[Tensor, Tensor], attention: Reading | Stepping,
        add: Add | None,
    ) -> Tensor:  # fmt: skip
        product, group = self._product, 4 * number
        read = product(group, _normed(x, block.before_attention), add)
        self._turned(read, number, turn)
        x = x + product(group + 1, attention.attend(number, read), add)
        gates = product(group + 2, _normed(x, block.before_mlp), add)
        half = gates.shape[1] // 2
        opened = functional.silu(gates[:, :half]).mul_(gates[:, half:])
        return x.add_(product(group + 3, opened, add))

    def _product(self, group: int, x: Tensor, add: Add | None) -> Tensor:
        y = self._products[group](x)
        if add is not None:
            add(group, x, y)
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
        places = torch.arange(length, device=self._device).unsqueeze(0)
        found = self._rotary(torch.zeros(1, dtype=self._dtype, device=self._device), places)
        cosines, sines = (one[0].unflatten(1, (1, 2, -1)) for one in found)
        self._cosines, self._sines = cosines.contiguous(), torch.cat((-sines[:, :, :1], sines[:, :, 1:]), dim=2)


def _normed(x: Tensor, norm: Norm) -> Tensor:
    """``x / rms(x)`` in fp32, rounded, times the weight: to the last bit what transformers' norm gives."""
    return functional.rms_norm(x, norm.weight.shape, None, norm.epsilon).mul_(norm.weight)


def _pieces(block: Block, parts: DecoderParts) -> list[tuple[int, int, Norm]]:
    """Which numbers of the queries and keys have a norm of their own."""
    queries, shape = parts.shape.queries, parts.shape
    spans = ((0, queries, block.query_norm), (queries, queries + shape.key_heads * shape.depth, block.key_norm))
    return [(start, stop, norm) for start, stop, norm in spans if norm is not None]


def tried(base: LoadedBase) -> PlainDecoder | None:
    """The decoder of a base, if it says what the base's own forward says. No rows may be shown on the rack."""
    parts = find_parts(base.model, base.linears, base.context_length)
    if parts is None:
        return None
    try:
        decoder = PlainDecoder(parts, base)
        apart = _apart(decoder, base)
    except (RuntimeError, MemoryError) as error:
        _log.warning("this base is not read by the studio's own decoder", exc_info=error)
        if is_out_of_memory(error):
            release()
        return None
    allowed = TOLERANCE.get(decoder.dtype, 0.0)
    if not apart <= allowed:
        _log.info("this base computes something of its own (%.3g apart), so it is read its own way", apart)
        return None
    return decoder


@torch.inference_mode()
def _apart(decoder: PlainDecoder, base: LoadedBase) -> float:
    """How far the logits of some rows, read and then gone on with, are from the model's own."""
    chance, place = torch.Generator().manual_seed(0), base.device.torch_device
    rows = [torch.randint(0, len(decoder.embedding), (length + 2,), generator=chance) for length in TRIED]
    expected = [base.model(input_ids=row.unsqueeze(0).to(place)).logits[0, -3:].float() for row in rows]
    keys = decoder.new_rows(len(rows))
    read = [row[:-2].tolist() for row in rows]
    stops = list(accumulate(map(len, read)))
    parts = [(row, stop - len(ids), stop) for row, (ids, stop) in enumerate(zip(read, stops, strict=True))]
    found = [decoder.read([token for ids in read for token in ids], parts, keys, None, [stop - 1 for stop in stops])]
    stepping = decoder.stepping(keys)
    found += [decoder.step(torch.stack([row[at] for row in rows]).to(place), stepping, None) for at in (-2, -1)]
    ours, theirs = torch.stack(found, dim=1).float(), torch.stack(expected)
    return float((ours - theirs).square().mean().sqrt() / theirs.std().clamp(min=1e-6))
