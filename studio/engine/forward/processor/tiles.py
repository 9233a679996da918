"""Weights and adapters laid out in tiles (``dots.py``), and which rows meet which adapter."""

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from studio.engine.forward.processor.dots import LANES
from studio.engine.forward.processor.shapes import TILE, Meets
from studio.engine.forward.processor.slab import Slab
from studio.engine.rack.adapter_files import AdapterFactors

Part = tuple[int, int, int]
"""Row of the batch, first token and the one after the last in this pass."""


def tiles_of(weight: Tensor, outputs: int) -> Tensor:
    """[d_out, d_in] as tiles of so many outputs, [tiles, pairs, outputs] words; filled up with zeros."""
    high, wide = weight.shape
    weight = functional.pad(weight.to(torch.bfloat16), (0, wide % 2, 0, -high % outputs)).contiguous()
    return weight.view(torch.int32).view(-1, outputs, (wide + 1) // 2).transpose(1, 2).contiguous()


def tiled_size(high: int, wide: int, outputs: int) -> int:
    """Bytes of such tiles."""
    return (high + -high % outputs) * (wide + wide % 2) * 2


@dataclass(frozen=True, kw_only=True)
class AdapterTiles:
    """An adapter's factors. ``downs`` and ``ups``: addresses by group, 0 where it has none; ``pairs``: of its ranks."""

    pairs: int
    downs: NDArray[np.int64]
    ups: NDArray[np.int64]
    slab: Slab


class TileShelf:
    """The tiles of adapters, made at first use and kept as long as the adapter is in memory."""

    def __init__(self, groups: Sequence[Sequence[str]], linears: Mapping[str, nn.Module]) -> None:
        self._groups = groups
        self._outputs = {name: int(linears[name].out_features) for group in groups for name in group}  # type: ignore[arg-type]
        self._made: dict[int, AdapterTiles] = {}

    def of(self, factors: AdapterFactors) -> AdapterTiles:
        """Return them; ``factors`` tells an adapter by being itself, not by its name."""
        key = id(factors)
        if key not in self._made:
            self._made[key] = self._laid_out(factors)
            weakref.finalize(factors, self._made.pop, key, None)
        return self._made[key]

    def _laid_out(self, factors: AdapterFactors) -> AdapterTiles:
        met = [number for number, group in enumerate(self._groups) if any(name in factors.pairs for name in group)]
        tiles = [(self._down(factors, self._groups[number]), self._up(factors, self._groups[number])) for number in met]
        slab = Slab(sum(one.nbytes for pair in tiles for one in pair))
        addresses = np.zeros((2, len(self._groups)), dtype=np.int64)
        for number, pair in zip(met, tiles, strict=True):
            addresses[:, number] = [slab.put(one) for one in pair]
        return AdapterTiles(pairs=(factors.rank + 1) // 2, downs=addresses[0], ups=addresses[1], slab=slab)

    def _down(self, factors: AdapterFactors, group: Sequence[str]) -> Tensor:
        """A of the group's layers under each other, each with an even number of ranks."""
        wide = next(factors.pairs[name][0].shape[1] for name in group if name in factors.pairs)
        even, nothing = factors.rank % 2, torch.zeros(factors.rank, wide)
        each = [factors.pairs[name][0] if name in factors.pairs else nothing for name in group]
        return tiles_of(torch.cat([functional.pad(one, (0, 0, 0, even)) for one in each]), LANES)

    def _up(self, factors: AdapterFactors, group: Sequence[str]) -> Tensor:
        """B of the group's layers under each other: what they give lies side by side."""
        each = [
            factors.pairs[name][1] if name in factors.pairs else torch.zeros(self._outputs[name], factors.rank)
            for name in group
        ]
        return tiles_of(torch.cat(each) if len(each) > 1 else each[0], TILE)


class RowTiles:
    """The adapters of a batch's rows, each with its strength."""

    def __init__(self, rows: Sequence[Sequence[tuple[AdapterTiles, float]]], groups: int) -> None:
        self._rows, self._groups = rows, groups
        self._step: Meets | None = None

    def step(self) -> Meets:
        """One token of every row."""
        if self._step is None:
            self._step = self.meets([(row, row, row + 1) for row in range(len(self._rows))])
        return self._step

    def meets(self, parts: Sequence[Part]) -> Meets:
        """Who meets whom in a pass over these parts; the adapters of a row always in the same order."""
        found = [(start, stop - start, *one) for row, start, stop in parts for one in self._rows[row]]
        lines = [0, *np.cumsum([rows for _, rows, _, _ in found], dtype=np.int64)]
        spans = [(start, rows, line, tiles.pairs) for (start, rows, tiles, _), line in zip(found, lines, strict=False)]
        most = max((3 * 2 * tiles.pairs for _, _, tiles, _ in found), default=0)
        return Meets(
            spans=np.array(spans, dtype=np.int64).reshape(-1, 4),
            gates=np.array([gate for *_, gate in found], dtype=np.float32),
            downs=self._addresses([tiles.downs for _, _, tiles, _ in found]),
            ups=self._addresses([tiles.ups for _, _, tiles, _ in found]),
            small=np.zeros((int(lines[-1]), -(-most // LANES) * LANES), dtype=np.uint16),
        )

    def _addresses(self, found: Sequence[Any]) -> NDArray[np.int64]:
        return np.ascontiguousarray(np.stack(found, axis=1)) if found else np.zeros((self._groups, 0), dtype=np.int64)


def nobody(groups: int) -> Meets:
    """A pass in which no adapter is met."""
    return RowTiles([], groups).meets([])
