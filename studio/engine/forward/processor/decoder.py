"""The forward for processors: the same numbers as ``plain_decoder.py``, in one compiled call a pass.

For bases of 16-bit brain floats. What it saves is what a small model on a processor pays for most: a dispatch for every
small operation, and weights in a layout for large batches. Its own copy of the weights lies beside the layers, which
training goes on to use; where memory does not allow that, the base is read by the plain decoder.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numba
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward.decoder_parts import Block, DecoderParts
from studio.engine.forward.learned_tokens import embedded
from studio.engine.forward.processor.dots import LANES
from studio.engine.forward.processor.lanes import Lanes
from studio.engine.forward.processor.ready import get_ready
from studio.engine.forward.processor.row_tiles import LaidScales, RowTiles, nobody
from studio.engine.forward.processor.shapes import ROWS, TILE, Meets, Room, Tables
from studio.engine.forward.processor.slab import Slab
from studio.engine.forward.processor.tiles import TileShelf, tiled_size, tiles_of
from studio.engine.forward.processor.whole import pass_through
from studio.engine.forward.rotary import signed_angles
from studio.engine.memory import free_memory
from studio.engine.rack.dense_weight import dense_weight
from studio.engine.rack.group_scales import group_scales
from studio.engine.rack.rack import Rack, ShownRows
from studio.engine.rack.row_difference import Part
from studio.engine.rack.row_factors import Groups
from studio.engine.rack.row_scales import ScaledRow

SHARE_OF_FREE = 0.25
"""Of the free memory, what a second copy of the weights may take: a training that comes later must still fit."""


class ProcessorDecoder:
    """Layers of one base, in tiles. Raises ``RuntimeError`` where the forward cannot be compiled."""

    def __init__(self, parts: DecoderParts, base: LoadedBase) -> None:
        get_ready()
        self._parts, self._linears = parts, base.linears
        self.embedding = base.model.get_input_embeddings().weight
        self.dtype: torch.dtype = self.embedding.dtype
        self.groups: Groups = [group for block in parts.blocks for group in block.groups]
        self._layers = [[base.linears[name] for name in group] for group in self.groups]
        self._vocabulary = int(parts.head.out_features)
        products = [*self._layers, [parts.head]]
        self._slab = Slab(sum(_size(layers) for layers in products))
        self._tables = self._make_tables([self._slab.put(_tiles(layers)) for layers in products])
        self._shelf, self._nobody = TileShelf(self.groups, base.linears), nobody(len(self.groups))
        self._room = self._make_room(ROWS, int(self._tables.ends[:, -1].max()) * TILE)
        self._head_room = self._make_room(ROWS, -(-self._vocabulary // TILE) * TILE)

    def factors(self, rack: Rack) -> RowTiles | None:
        """The adapters of the rows that the rack shows."""
        return rack.of_shown_rows(self._row_tiles)

    def new_rows(self, rows: int) -> Lanes:
        """Room for what these rows will have read."""
        shape = self._parts.shape
        return Lanes(layers=len(self._parts.blocks), rows=rows, heads=shape.key_heads, depth=shape.depth)

    def stepping(self, keys: Lanes) -> Lanes:
        """What goes on from token to token: nothing but the rows themselves."""
        return keys

    @torch.inference_mode()
    def read(
        self, ids: Sequence[int], parts: Sequence[Part], keys: Lanes, factors: RowTiles | None, wanted: Sequence[int]
    ) -> Tensor:
        """Read tokens; ``parts`` are (row, start, stop) in ``ids``. Return the logits after those at ``wanted``."""
        keys.reserve(max(keys.lengths[row] + stop - start for row, start, stop in parts))
        lanes = np.array([row for row, start, stop in parts for _ in range(start, stop)], dtype=np.int64)
        spans = [np.arange(stop - start) + keys.lengths[row] for row, start, stop in parts]
        positions, learned = np.concatenate(spans).astype(np.int64), factors.learned if factors else ()
        found = []
        for first, last in pairwise([*range(0, len(ids), ROWS), len(ids)]):
            inside = _within(parts, first, last)
            meets = factors.meets(inside) if factors else self._nobody
            asked = [place - first for place in wanted if first <= place < last]
            states = embedded(ids[first:last], inside, self.embedding, learned)
            found.append(self._pass(states, keys, meets, lanes[first:last], positions[first:last], asked).clone())
        for row, start, stop in parts:
            keys.lengths[row] += stop - start
        return torch.cat(found)

    @torch.inference_mode()
    def step(self, ids: Tensor, stepping: Lanes, factors: RowTiles | None) -> Tensor:
        """One token of every row; returns the logits after it, which hold until the next pass."""
        rows, keys = len(ids), stepping
        keys.reserve(max(keys.lengths) + 1)
        lanes, positions = np.arange(rows, dtype=np.int64), np.array(keys.lengths, dtype=np.int64)
        meets = factors.step() if factors else self._nobody
        states = functional.embedding(ids, self.embedding)
        found = self._pass(states, keys, meets, lanes, positions, range(rows))
        keys.lengths = [length + 1 for length in keys.lengths]
        return found

    def _pass(
        self, states: Tensor, keys: Lanes, meets: Meets, lanes: NDArray[Any], positions: NDArray[Any],
        wanted: Sequence[int],
    ) -> Tensor:  # fmt: skip
        """Up to ``ROWS`` embedded tokens through all layers; [wanted, vocabulary] logits, in the decoder's own room."""
        self._look_ahead(int(positions.max()))
        threads = min(torch.get_num_threads(), numba.config.NUMBA_NUM_THREADS)
        numba.set_num_threads(threads)
        self._room.states[: len(states)] = states.float().numpy()
        apart = len(set(lanes.tolist())) == len(lanes)
        asked = np.array(list(wanted), dtype=np.int64)
        pass_through(
            self._room, self._tables, keys.bits, meets, lanes, positions, apart, asked, self._nobody, self._head_room,
            threads,
        )  # fmt: skip
        return torch.from_numpy(self._head_room.given[: len(wanted), : self._vocabulary])

    def _look_ahead(self, longest: int) -> None:
        """Have the angles of all positions."""
        if longest >= len(self._tables.cosines):
            cosines, sines = signed_angles(self._parts.rotary, 2 * longest + 256, torch.device("cpu"), self.dtype)
            self._tables = self._tables._replace(cosines=_numbers(cosines), sines=_numbers(sines))

    def _row_tiles(self, rows: ShownRows, scaled: Sequence[ScaledRow], learned: Sequence[Tensor]) -> RowTiles:
        tiles = [[(self._shelf.of(factors), gate) for factors, gate in row] for row in rows]
        scales = group_scales(scaled, self.groups, self._linears) if scaled else []
        return RowTiles(tiles, len(self.groups), LaidScales(scales), learned)

    def _make_tables(self, products: Sequence[int]) -> Tables:
        parts, shape = self._parts, self._parts.shape
        ends = [np.cumsum([-(-layer.out_features // TILE) for layer in group]) for group in self._layers[:4]]
        norms = [norm for block in parts.blocks for norm in (block.before_attention, block.before_mlp)]
        head_norm = parts.blocks[0].query_norm
        return Tables(
            products=np.array(products, dtype=np.int64),
            biases=_biases(self._layers),
            ends=np.array([[*end, *[end[-1]] * (3 - len(end))] for end in ends], dtype=np.int64),
            norms=np.stack([_numbers(norm.weight) for norm in (*norms, parts.last_norm)]),
            head_norms=_head_norms(parts.blocks, shape.depth),
            cosines=np.zeros((0, shape.depth), np.float32),
            sines=np.zeros((0, shape.depth), np.float32),
            epsilon=parts.last_norm.epsilon,
            head_epsilon=getattr(head_norm, "epsilon", 0.0),
            scale=shape.scale,
            layers=len(parts.blocks),
            width=self.embedding.shape[1],
            heads=shape.heads,
            key_heads=shape.key_heads,
            depth=shape.depth,
            inner=int(self._layers[3][0].in_features),
            vocabulary=self._vocabulary,
        )

    def _make_room(self, rows: int, given: int) -> Room:
        widest = max(int(group[0].in_features) for group in self._layers)
        return Room(
            states=np.zeros((rows, self.embedding.shape[1]), np.float32),
            taken=np.zeros((rows, widest), np.uint16),
            given=np.zeros((rows, given), np.float32),
            queries=np.zeros((rows, self._parts.shape.queries), np.uint16),
        )


def fits(parts: DecoderParts, base: LoadedBase) -> bool:
    """Whether a base is of the numbers and widths that this forward is for, and memory allows for it."""
    weight = base.model.get_input_embeddings().weight
    layers = [base.linears[name] for block in parts.blocks for group in block.groups for name in group]
    size = sum(int(layer.in_features) * int(layer.out_features) for layer in (*layers, parts.head)) * 2
    whole = all(int(layer.out_features) % TILE == 0 and int(layer.in_features) % 2 == 0 for layer in layers)
    epsilons = {norm.epsilon for block in parts.blocks for norm in (block.before_attention, block.before_mlp)}
    return (
        base.device.kind == "cpu" and weight.dtype == torch.bfloat16 and whole and parts.shape.depth % LANES == 0
        and epsilons == {parts.last_norm.epsilon} and size <= SHARE_OF_FREE * free_memory()
    )  # fmt: skip


def _size(layers: Sequence[Any]) -> int:
    return tiled_size(sum(int(layer.out_features) for layer in layers), int(layers[0].in_features), TILE)


def _tiles(layers: Sequence[Any]) -> Tensor:
    """The frozen layers of a group under each other."""
    weights = [dense_weight(layer, torch.bfloat16) for layer in layers]
    return tiles_of(torch.cat(weights) if len(weights) > 1 else weights[0], TILE)


def _within(parts: Sequence[Part], first: int, last: int) -> list[Part]:
    """The parts as far as they lie between two tokens, counted from the first of these."""
    inside = [(row, max(start, first) - first, min(stop, last) - first) for row, start, stop in parts]
    return [(row, start, stop) for row, start, stop in inside if start < stop]


def _biases(layers: Sequence[Sequence[Any]]) -> NDArray[np.float32]:
    """[groups, widest output]; no rows where no layer has any."""
    if all(layer.bias is None for group in layers for layer in group):
        return np.zeros((0, 0), np.float32)
    widest = max(sum(int(layer.out_features) for layer in group) for group in layers)
    found = np.zeros((len(layers), widest), np.float32)
    for number, group in enumerate(layers):
        each = [np.zeros(layer.out_features) if layer.bias is None else _numbers(layer.bias) for layer in group]
        line = np.concatenate(each)
        found[number, : len(line)] = line
    return found


def _head_norms(blocks: Sequence[Block], depth: int) -> NDArray[np.float32]:
    pairs = [(block.query_norm, block.key_norm) for block in blocks]
    found = [[_numbers(norm.weight) for norm in pair if norm is not None] for pair in pairs]
    if not all(found):
        return np.zeros((0, 2, depth), np.float32)
    return np.array(found, dtype=np.float32)


def _numbers(tensor: Tensor) -> NDArray[np.float32]:
    return np.ascontiguousarray(tensor.detach().float().numpy())
