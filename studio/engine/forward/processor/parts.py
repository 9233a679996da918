"""The parts of a layer in compiled code: norm, products with adapters, rotary positions, attention, the gated MLP.

Every result is rounded to 16 bit where the model's own forward rounds it. ``rows`` tokens at a time, in ``Room``; a
token's numbers are the same whichever others stand beside it. Compiled once and kept on disk by numba, which looks at
the file of a function alone: after a change in ``dots.py`` or ``brain_floats.py``, touch this one.
"""

import numpy as np
from numba import njit, prange

from studio.engine.forward.processor.brain_floats import bits_of, exponential, rounded
from studio.engine.forward.processor.dots import LANES, add_rounded, add_thin, add_wide, fetch_ahead
from studio.engine.forward.processor.shapes import TILE, Array, Meets, Room, Tables

ALONE, FEW = 2, 8
"""Up to so many rows small work is done by one thread; up to so many each thread does all of a row's small work."""

BLOCKS = 4
"""Of keys and of values that are asked for before they are needed."""

NEAR = 1 << 20
"""Bytes of the weights after it that attention asks for: more would drive each other out again."""

_HOW = {"nogil": True, "cache": True, "error_model": "numpy", "fastmath": {"contract", "reassoc", "nsz", "arcp"}}
"""What is not a number stays none: no flag lets the compiler think that there is no such thing."""

_compiled, _in_parallel = njit(**_HOW), njit(parallel=True, **_HOW)


@_compiled
def _inverse_rms(x: Array, epsilon: float) -> float:
    squares = np.float32(0)
    for i in range(len(x)):
        squares += x[i] * x[i]
    return np.float32(1) / np.sqrt(squares / np.float32(len(x)) + np.float32(epsilon))  # type: ignore[no-any-return]


@_compiled
def _norm_into(out: Array, x: Array, weight: Array, epsilon: float) -> None:
    """``x / rms(x)``, rounded, times the weight."""
    factor = _inverse_rms(x, epsilon)
    for i in range(len(x)):
        out[i] = bits_of(rounded(x[i] * factor) * weight[i])


@_compiled
def _gate_into(out: Array, gates: Array, ups: Array) -> None:
    for i in range(len(gates)):
        opened = rounded(gates[i] / (np.float32(1) + exponential(-gates[i])))
        out[i] = bits_of(opened * ups[i])


@_compiled
def _small_tile(room: Room, pairs: int, meets: Meets, group: int, meet: int, tile: int, first: int, rows: int) -> None:
    """16 numbers of A·x of some rows of a meeting, times its gate; ``first`` counts from the meeting's own."""
    begin, _, line, _ = meets.spans[meet]
    found, gate = np.zeros((rows, LANES), np.float32), meets.gates[meet]
    step = 2 * room.taken.shape[1]
    x = room.taken.ctypes.data + (begin + first) * step
    add_thin(meets.downs[group, meet] + tile * pairs * 4 * LANES, x, step, pairs, found.ctypes.data, 4 * LANES, rows)
    for row in range(rows):
        out = meets.small[line + first + row, tile * LANES : (tile + 1) * LANES]
        for i in range(LANES):
            out[i] = bits_of(found[row, i] * gate)


@_compiled
def _tiles_down(meets: Meets, group: int, meet: int) -> int:
    """How many tiles A of a group has; its layers stand under each other."""
    if meets.downs[group, meet] == 0:
        return 0
    layers = 3 if group % 4 == 0 else (2 if group % 4 == 2 else 1)
    return int((layers * 2 * meets.spans[meet, 3] + LANES - 1) // LANES)


@_compiled
def _row_down(room: Room, pairs: int, meets: Meets, group: int, row: int) -> None:
    """What the adapters' A make of one row."""
    for meet in range(len(meets.gates)):
        first = row - meets.spans[meet, 0]
        if 0 <= first < meets.spans[meet, 1]:
            for tile in range(_tiles_down(meets, group, meet)):
                _small_tile(room, pairs, meets, group, meet, tile, first, 1)


@_compiled
def _task_down(room: Room, pairs: int, meets: Meets, group: int, task: int) -> None:
    """What one adapter's A makes of all its rows, a tile of it."""
    most = meets.small.shape[1] // LANES
    meet, tile = task // most, task % most
    if tile < _tiles_down(meets, group, meet):
        _small_tile(room, pairs, meets, group, meet, tile, 0, meets.spans[meet, 1])


@_compiled
def _begin_row(room: Room, weight: Array, epsilon: float, inner: int, row: int) -> None:
    """What the next group takes: the state, normed, or (``inner`` numbers of it) ``silu(gate) * up``, or as it is."""
    if len(weight) > 0:
        _norm_into(room.taken[row, : len(weight)], room.states[row], weight, epsilon)
    elif inner > 0:
        _gate_into(room.taken[row], room.given[row, :inner], room.given[row, inner : 2 * inner])


@_in_parallel
def begin(
    room: Room, weight: Array, epsilon: float, inner: int, rows: int, pairs: int, meets: Meets, group: int
) -> None:
    """Make ready what a group takes, and what the adapters' A make of it."""
    if rows <= ALONE:
        for row in range(rows):
            _begin_row(room, weight, epsilon, inner, row)
            _row_down(room, pairs, meets, group, row)
    elif rows <= FEW:
        for row in prange(rows):
            _begin_row(room, weight, epsilon, inner, row)
            _row_down(room, pairs, meets, group, row)
    else:
        for row in prange(rows):
            _begin_row(room, weight, epsilon, inner, row)
        for task in prange(len(meets.gates) * (meets.small.shape[1] // LANES)):
            _task_down(room, pairs, meets, group, task)


@_compiled
def _add_adapters(given: Array, meets: Meets, group: int, layer: int, tile: int) -> None:
    """B of one tile of outputs, for all meetings; rounded after each, as PEFT does."""
    step, line_step = 4 * given.shape[1], 2 * meets.small.shape[1]
    for meet in range(len(meets.gates)):
        if meets.ups[group, meet] != 0:
            first, rows, line, pairs = meets.spans[meet]
            x = meets.small.ctypes.data + line * line_step + layer * pairs * 4
            y = given.ctypes.data + first * step + tile * 4 * TILE
            add_rounded(meets.ups[group, meet] + tile * pairs * 4 * TILE, x, line_step, pairs, y, step, rows)


@_compiled
def _fetch_adapters(meets: Meets, group: int, tile: int) -> None:
    """B lies in another place for each adapter: asked for now, it is there when the frozen product is done."""
    for meet in range(len(meets.gates)):
        if meets.ups[group, meet] != 0:
            size = meets.spans[meet, 3] * 4 * TILE
            fetch_ahead(meets.ups[group, meet] + tile * size, size)


@_compiled
def _begin_tile(given: Array, biases: Array, group: int, tile: int, rows: int) -> None:
    for row in range(rows):
        line = given[row, tile * TILE : (tile + 1) * TILE]
        for i in range(TILE):
            line[i] = biases[group, tile * TILE + i] if group < len(biases) else np.float32(0)


@_compiled
def _into_states(room: Room, tile: int, rows: int) -> None:
    for row in range(rows):
        state, line = room.states[row, tile * TILE : (tile + 1) * TILE], room.given[row, tile * TILE :]
        for i in range(len(state)):
            state[i] = rounded(state[i] + line[i])


@_in_parallel
def multiply(
    room: Room, tables: Tables, group: int, pairs: int, tiles: int, rows: int, meets: Meets, added: int
) -> None:
    """The frozen layers' product with what is taken, and the adapters' part; ``added`` numbers go to the states."""
    weight, ends = tables.products[group], tables.ends[group % 4]
    step, y_step = 2 * room.taken.shape[1], 4 * room.given.shape[1]
    for tile in prange(tiles):
        _fetch_adapters(meets, group, tile)
        _begin_tile(room.given, tables.biases, group, tile, rows)
        y = room.given.ctypes.data + tile * 4 * TILE
        add_rounded(weight + tile * pairs * 4 * TILE, room.taken.ctypes.data, step, pairs, y, y_step, rows)
        if len(meets.gates) > 0:
            layer = (1 if tile >= ends[0] else 0) + (1 if tile >= ends[1] else 0)
            _add_adapters(room.given, meets, group, layer, tile)
        if added > 0:
            _into_states(room, tile, rows)


@_compiled
def _normed_head(head: Array, weight: Array, epsilon: float) -> None:
    factor = _inverse_rms(head, epsilon)
    for i in range(len(head)):
        head[i] = rounded(rounded(head[i] * factor) * weight[i])


@_compiled
def _turned(out: Array, head: Array, cosines: Array, sines: Array) -> None:
    """A head turned to its position, as bits."""
    half = len(cosines) // 2
    for first, other in ((0, half), (half, 0)):
        end, mine, crossed = out[first : first + half], head[first : first + half], head[other : other + half]
        cosine, sine = cosines[first : first + half], sines[first : first + half]
        for i in range(half):
            end[i] = bits_of(rounded(mine[i] * cosine[i]) + rounded(crossed[i] * sine[i]))


@_compiled
def _place(room: Room, tables: Tables, kept: Array, layer: int, row: int, number: int, position: int) -> None:
    """Turn a token's queries of one head of keys and its key, and write key and value where the row keeps them."""
    heads, key_heads, depth = tables.heads, tables.key_heads, tables.depth
    cosines, sines, turned = tables.cosines[position], tables.sines[position], np.empty(depth, np.uint16)
    normed, group = len(tables.head_norms) > 0, heads // key_heads
    for one in range(number * group, (number + 1) * group):
        asked = room.given[row, one * depth : (one + 1) * depth]
        if normed:
            _normed_head(asked, tables.head_norms[layer, 0], tables.head_epsilon)
        _turned(room.queries[row, one * depth : (one + 1) * depth], asked, cosines, sines)
    start = (heads + number) * depth
    key = room.given[row, start : start + depth]
    if normed:
        _normed_head(key, tables.head_norms[layer, 1], tables.head_epsilon)
    _turned(turned, key, cosines, sines)
    _write_keys(kept[0, position // TILE], turned, position % TILE)
    start += key_heads * depth
    _write_values(kept[1, position // TILE], room.given[row, start : start + depth], position % TILE)


@_compiled
def _write_keys(keys: Array, turned: Array, place: int) -> None:
    for i in range(len(turned)):
        keys[(i // 2) * 2 * TILE + place * 2 + i % 2] = turned[i]


@_compiled
def _write_values(values: Array, given: Array, place: int) -> None:
    begin = (place // 2) * 2 * LANES + place % 2
    for i in range(len(given)):
        values[begin + (i // LANES) * TILE * LANES + (i % LANES) * 2] = bits_of(given[i])


@_compiled
def _shares(found: Array, scores: Array, seen: int, scale: float) -> None:
    """Softmax of the first scores, as bits."""
    highest = scores[0]
    for i in range(seen):
        highest = max(highest, scores[i])
    total = np.float32(0)
    for i in range(seen):
        scores[i] = exponential((scores[i] - highest) * scale)
        total += scores[i]
    factor = np.float32(1) / total
    for i in range(seen):
        found[i] = bits_of(scores[i] * factor)


@_compiled
def _look(room: Room, tables: Tables, kept: Array, row: int, head: int, seen: int) -> None:
    """The query heads that share one head of keys, over all that the row has read; ``kept`` is that head's."""
    group, depth = tables.heads // tables.key_heads, tables.depth
    blocks = (seen + TILE - 1) // TILE
    scores, shares = np.zeros((group, blocks * TILE), np.float32), np.zeros((group, blocks * TILE), np.uint16)
    found = np.zeros((group, depth), np.float32)
    asked = room.queries[row].ctypes.data + head * group * depth * 2
    size = kept.shape[2] * 2
    for block in range(blocks):
        y = scores.ctypes.data + block * 4 * TILE
        add_wide(kept[0].ctypes.data + block * size, asked, 2 * depth, depth // 2, y, 4 * blocks * TILE, group)
    for one in range(group):
        _shares(shares[one], scores[one], seen, tables.scale)
    for block in range(blocks):
        x = shares.ctypes.data + block * 2 * TILE
        for part in range(depth // LANES):
            tile = kept[1].ctypes.data + block * size + part * 2 * TILE * LANES
            y = found.ctypes.data + part * 4 * LANES
            add_thin(tile, x, 2 * blocks * TILE, TILE // 2, y, 4 * depth, group)
    for one in range(group):
        start = (head * group + one) * depth
        out = room.taken[row, start : start + depth]
        for i in range(depth):
            out[i] = bits_of(found[one, i])


@_compiled
def _fetch_kept(kept: Array, seen: int) -> None:
    """The first blocks of keys and values; further ones are looked for by the processor as it reads on."""
    size = min((seen + TILE - 1) // TILE, BLOCKS) * kept.shape[2] * 2
    fetch_ahead(kept[0].ctypes.data, size)
    fetch_ahead(kept[1].ctypes.data, size)


@_in_parallel
def attend(room: Room, tables: Tables, kept: Array, layer: int, lanes: Array, positions: Array, apart: bool) -> None:
    """What the heads find is taken next. ``apart``: no two tokens of a row, so none waits for another's keys.

    Memory rests meanwhile, so the weights that follow are asked for.
    """
    heads = tables.key_heads
    tasks = len(lanes) * heads
    size = min(tables.heads * tables.depth * tables.width * 2, NEAR)
    following, share = tables.products[4 * layer + 1], size // tasks
    if not apart:
        for task in prange(tasks):
            row, head = task // heads, task % heads
            _place(room, tables, kept[layer, lanes[row], head], layer, row, head, positions[row])
    for task in prange(tasks):
        row, head = task // heads, task % heads
        mine = kept[layer, lanes[row], head]
        _fetch_kept(mine, positions[row] + 1)
        if apart:
            _place(room, tables, mine, layer, row, head, positions[row])
        _look(room, tables, mine, row, head, positions[row] + 1)
        fetch_ahead(following + task * share, share)
