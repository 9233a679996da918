"""Attention over ``KeyValues``: many tokens of some rows (reading a prompt), or one token of every row (a step).

``softmax(scale · Q·Kᵀ + mask)·V`` written out as batched products, heads that share keys under each other. No product
has fewer than four rows: see ``rack/row_factors.py``; so a token's numbers do not depend on how it was read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional

from studio.engine.forward.key_values import KeyValues, rounded
from studio.engine.rack.row_factors import LEAST_ROWS

QUERIES = 128
"""Tokens of a prompt that are looked at together; the fewer, the less is computed that a mask takes away again."""


@dataclass(frozen=True, kw_only=True)
class HeadShape:
    """Query heads, heads with keys of their own, numbers in a head, and the scale of scores."""

    heads: int
    key_heads: int
    depth: int
    scale: float

    @property
    def group(self) -> int:
        """Query heads that share keys."""
        return self.heads // self.key_heads

    @property
    def queries(self) -> int:
        """Width of all queries."""
        return self.heads * self.depth


class Reading:
    """Tokens of ``parts`` (row, start, stop in this batch) go behind what their rows have read already."""

    def __init__(self, keys: KeyValues, parts: Sequence[tuple[int, int, int]], shape: HeadShape) -> None:
        self._keys, self._shape, self._parts = keys, shape, parts
        place = keys.layers[0].device
        before = [keys.lengths[row] for row, _, _ in parts]
        keys.reserve(max(length + stop - start for length, (_, start, stop) in zip(before, parts, strict=True)))
        rows = [row for row, start, stop in parts for _ in range(start, stop)]
        spans = [range(length, length + stop - start) for length, (_, start, stop) in zip(before, parts, strict=True)]
        self.positions = torch.tensor([position for span in spans for position in span], device=place)
        self.longest = max(span.stop for span in spans) - 1
        self._places = keys.places(torch.tensor(rows, device=place), self.positions)
        self._blocks = [
            (row, first, last, self._mask(length + first - start, last - first))
            for length, (row, start, stop) in zip(before, parts, strict=True)
            for first, last in pairwise([*range(start, stop, QUERIES), stop])
        ]

    def done(self) -> None:
        """All layers have been written."""
        for row, start, stop in self._parts:
            self._keys.lengths[row] += stop - start

    def attend(self, layer: int, read: Tensor) -> Tensor:
        """Take the queries, keys and values [n, ..] of all tokens; return what their heads found, [n, queries]."""
        shape, keys = self._shape, self._keys.layers[layer]
        lines = read[:, shape.queries :].to(keys.dtype)
        self._keys.flat(layer).index_copy_(0, self._places, lines.reshape(-1, shape.depth))
        queries = read[:, : shape.queries].to(keys.dtype).view(-1, shape.key_heads, shape.group, shape.depth)
        out = read.new_empty(len(read), shape.queries)
        for row, first, last, mask in self._blocks:
            asked = queries[first:last].permute(1, 2, 0, 3).reshape(shape.key_heads, -1, shape.depth)
            seen = mask.shape[1]
            found = _found(_at_least(asked), keys[0, row, :, :seen], keys[1, row, :, :seen], mask, shape.scale)
            found = found[:, : asked.shape[1]].view(shape.key_heads, shape.group, last - first, shape.depth)
            out[first:last].view(-1, shape.key_heads, shape.group, shape.depth).copy_(found.permute(2, 0, 1, 3))
        return out

    def _mask(self, before: int, tokens: int) -> Tensor:
        """[queries of a key head, keys seen]: minus infinity where a token would look ahead."""
        keys, group = self._keys.layers[0], self._shape.group
        mask = torch.full(
            (tokens, rounded(before + tokens, self._keys.block)), float("-inf"), dtype=keys.dtype, device=keys.device
        )
        mask = mask.triu(before + 1).repeat(group, 1)
        missing = LEAST_ROWS - len(mask)
        return mask if missing <= 0 else functional.pad(mask, (0, 0, 0, missing))


class Stepping:
    """One more token of every row. ``version``: another one when numbers lie elsewhere than before."""

    version = 0

    def __init__(self, keys: KeyValues, shape: HeadShape) -> None:
        self._keys, self._shape = keys, shape
        keys.reserve(max(keys.lengths) + 1)
        place, dtype = keys.layers[0].device, keys.layers[0].dtype
        self.positions = torch.tensor(keys.lengths, device=place)
        self._places = keys.places(torch.arange(keys.rows, device=place), self.positions)
        height = max(LEAST_ROWS, shape.group)
        self._queries = torch.zeros(keys.rows, shape.key_heads, height, shape.depth, device=place, dtype=dtype)
        self._look()

    @property
    def longest(self) -> int:
        """The furthest position."""
        return max(self._keys.lengths)

    def next(self) -> None:
        """All layers have been written; be ready for the token after."""
        keys = self._keys
        keys.lengths = [length + 1 for length in keys.lengths]
        self.positions += 1
        if max(keys.lengths) >= keys.capacity:
            self.__init__(keys, self._shape)  # type: ignore[misc] # places move when memory grows
            return
        self._places += 1
        if max(keys.lengths) >= self._seen:
            self._look()
        else:
            self._mask.view(keys.rows, -1, self._seen).scatter_(
                2, self.positions.view(-1, 1, 1).expand(-1, self._shape.key_heads, 1), 0.0
            )

    def attend(self, layer: int, read: Tensor) -> Tensor:
        """Take the queries, keys and values [rows, ..]; return what the heads found, [rows, queries]."""
        shape, keys = self._shape, self._keys
        lines = read[:, shape.queries :].to(self._queries.dtype)
        keys.flat(layer).index_copy_(0, self._places, lines.reshape(-1, shape.depth))
        asked = read[:, : shape.queries].view(-1, shape.key_heads, shape.group, shape.depth)
        self._queries[:, :, : shape.group].copy_(asked)
        found = _found(self._queries.flatten(0, 1), *self._lanes[layer], self._mask, shape.scale)
        found = found.view_as(self._queries)[:, :, : shape.group]
        return found.to(read.dtype).reshape(keys.rows, -1)

    def _look(self) -> None:
        """How far all rows look; a row's own mask hides what it has not read."""
        keys = self._keys
        self.version += 1
        self._seen = rounded(max(keys.lengths) + 1, keys.block)
        self._lanes = [
            (one[0].flatten(0, 1)[:, : self._seen], one[1].flatten(0, 1)[:, : self._seen]) for one in keys.layers
        ]
        ahead = torch.arange(self._seen, device=self.positions.device) > self.positions.unsqueeze(1)
        mask = torch.zeros(ahead.shape, device=ahead.device, dtype=self._queries.dtype).masked_fill_(
            ahead, float("-inf")
        )
        self._mask = mask.repeat_interleave(self._shape.key_heads, dim=0).unsqueeze(1)


def _found(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor, scale: float) -> Tensor:
    """Queries [b, n, d], keys and values [b, seen, d], mask [n or b and 1, seen] to [b, n, d]."""
    scores = torch.baddbmm(mask, queries, keys.mT, alpha=scale)
    return torch.bmm(torch.softmax(scores, dim=-1), values)


def _at_least(queries: Tensor) -> Tensor:
    missing = LEAST_ROWS - queries.shape[1]
    return queries if missing <= 0 else functional.pad(queries, (0, 0, 0, missing))
