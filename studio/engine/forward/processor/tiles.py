"""Weights and adapters laid out in tiles (``dots.py``)."""

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from studio.engine.forward.processor.dots import LANES
from studio.engine.forward.processor.shapes import TILE
from studio.engine.forward.processor.slab import Slab
from studio.engine.rack.adapter_files import AdapterFactors


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
