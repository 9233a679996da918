"""Attention in compiled code: rotary positions, keys and values kept in blocks, softmax over what a row has read.

Every result is rounded to 16 bit where the model's own forward rounds it.
"""

import numpy as np

from studio.engine.forward.processor.brain_floats import bits_of, exponential, rounded
from studio.engine.forward.processor.compiling import compiled
from studio.engine.forward.processor.crew import Crew, take, take_next
from studio.engine.forward.processor.dots import LANES, LINE, add_thin, add_wide, fetch_ahead
from studio.engine.forward.processor.products import inverse_rms
from studio.engine.forward.processor.shapes import TILE, Array, Desk, Room, Tables
from studio.engine.forward.processor.sums import sum_of

BLOCKS = 4
"""Of keys and of values that are asked for before they are needed."""

SOME = 24
"""Lines that are asked for between two pieces of work: about as many as a core can wait for at once. Asked for all
together, it would do nothing else until most of them have come."""


@compiled
def _normed_head(head: Array, weight: Array, epsilon: float) -> None:
    factor = inverse_rms(head, epsilon)
    for i in range(len(head)):
        head[i] = rounded(rounded(head[i] * factor) * weight[i])


@compiled
def _turned(out: Array, head: Array, cosines: Array, sines: Array) -> None:
    """A head turned to its position, as bits."""
    half = len(cosines) // 2
    for first, other in ((0, half), (half, 0)):
        end, mine, crossed = out[first : first + half], head[first : first + half], head[other : other + half]
        cosine, sine = cosines[first : first + half], sines[first : first + half]
        for i in range(half):
            end[i] = bits_of(rounded(mine[i] * cosine[i]) + rounded(crossed[i] * sine[i]))


@compiled
def _expect(task: int, desk: Desk, tables: Tables, kept: Array, layer: int, lanes: Array, positions: Array) -> None:
    """Note what a task will read: its first blocks; further ones are looked for by the processor as it reads on."""
    row, head = task // tables.key_heads, task % tables.key_heads
    mine = kept[layer, lanes[row], head]
    size = min(positions[row] // TILE + 1, BLOCKS) * mine.shape[2] * 2
    for one in range(2):
        desk.ahead[one, 0] = mine[one].ctypes.data
        desk.ahead[one, 1] = desk.ahead[one, 0] + size


@compiled
def _ask_on(desk: Desk) -> None:
    """Ask for some of what was noted, keys before values."""
    which = 0 if desk.ahead[0, 0] < desk.ahead[0, 1] else 1
    size = min(SOME * LINE, desk.ahead[which, 1] - desk.ahead[which, 0])
    fetch_ahead(desk.ahead[which, 0], size)
    desk.ahead[which, 0] += size


@compiled
def _ask_for_rest(desk: Desk) -> None:
    """Ask for all of it that is left: it is needed now."""
    for one in range(2):
        fetch_ahead(desk.ahead[one, 0], desk.ahead[one, 1] - desk.ahead[one, 0])
        desk.ahead[one, 0] = desk.ahead[one, 1]


@compiled
def _place(
    room: Room, desk: Desk, tables: Tables, kept: Array, layer: int, row: int, number: int, position: int
) -> None:
    """Turn a token's queries of one head of keys and its key, and write key and value where the row keeps them."""
    heads, key_heads, depth = tables.heads, tables.key_heads, tables.depth
    cosines, sines, turned = tables.cosines[position], tables.sines[position], desk.turned
    normed, group = len(tables.head_norms) > 0, heads // key_heads
    for one in range(number * group, (number + 1) * group):
        asked = room.given[row, one * depth : (one + 1) * depth]
        if normed:
            _normed_head(asked, tables.head_norms[layer, 0], tables.head_epsilon)
        _ask_on(desk)
        _turned(room.queries[row, one * depth : (one + 1) * depth], asked, cosines, sines)
    start = (heads + number) * depth
    key = room.given[row, start : start + depth]
    if normed:
        _normed_head(key, tables.head_norms[layer, 1], tables.head_epsilon)
    _turned(turned, key, cosines, sines)
    _write_keys(kept[0, position // TILE], turned, position % TILE)
    start += key_heads * depth
    _write_values(kept[1, position // TILE], room.given[row, start : start + depth], position % TILE)


@compiled
def _write_keys(keys: Array, turned: Array, place: int) -> None:
    for i in range(len(turned)):
        keys[(i // 2) * 2 * TILE + place * 2 + i % 2] = turned[i]


@compiled
def _write_values(values: Array, given: Array, place: int) -> None:
    begin = (place // 2) * 2 * LANES + place % 2
    for i in range(len(given)):
        values[begin + (i // LANES) * TILE * LANES + (i % LANES) * 2] = bits_of(given[i])


@compiled
def _shares(found: Array, scores: Array, seen: int, scale: float) -> None:
    """Softmax of the first scores, as bits."""
    highest = scores[0]
    for i in range(seen):
        highest = max(highest, scores[i])
    for i in range(seen):
        scores[i] = exponential((scores[i] - highest) * scale)
    factor = np.float32(1) / sum_of(scores[:seen])
    for i in range(seen):
        found[i] = bits_of(scores[i] * factor)


@compiled
def _look(room: Room, desk: Desk, tables: Tables, kept: Array, row: int, head: int, seen: int) -> None:
    """The query heads that share one head of keys, over all that the row has read; ``kept`` is that head's."""
    group, depth = tables.heads // tables.key_heads, tables.depth
    blocks = (seen + TILE - 1) // TILE
    scores, shares, found, whole = desk.scores, desk.shares, desk.found, blocks * TILE
    for one in range(group):
        scores[one, :whole], shares[one, seen:whole], found[one] = np.float32(0), np.uint16(0), np.float32(0)
    asked = room.queries[row].ctypes.data + head * group * depth * 2
    size = kept.shape[2] * 2
    for block in range(blocks):
        y = scores.ctypes.data + block * 4 * TILE
        _ask_on(desk)
        add_wide(kept[0].ctypes.data + block * size, asked, 2 * depth, depth // 2, y, 4 * scores.shape[1], group)
    for one in range(group):
        _ask_on(desk)
        _shares(shares[one], scores[one], seen, tables.scale)
    for block in range(blocks):
        x = shares.ctypes.data + block * 2 * TILE
        for part in range(depth // LANES):
            _ask_on(desk)
            tile = kept[1].ctypes.data + block * size + part * 2 * TILE * LANES
            y = found.ctypes.data + part * 4 * LANES
            add_thin(tile, x, 2 * shares.shape[1], TILE // 2, y, 4 * depth, group)
    for one in range(group):
        start = (head * group + one) * depth
        out = room.taken[row, start : start + depth]
        for i in range(depth):
            out[i] = bits_of(found[one, i])


@compiled
def _attend_task(
    task: int, room: Room, desk: Desk, tables: Tables, kept: Array, layer: int, lanes: Array, positions: Array,
    apart: bool,
) -> None:  # fmt: skip
    """One head of keys of a token."""
    row, head = task // tables.key_heads, task % tables.key_heads
    mine = kept[layer, lanes[row], head]
    if apart:
        _place(room, desk, tables, mine, layer, row, head, positions[row])
    _look(room, desk, tables, mine, row, head, positions[row] + 1)


@compiled
def _place_all(
    crew: Crew, room: Room, desk: Desk, tables: Tables, kept: Array, layer: int, lanes: Array, positions: Array
) -> None:
    tasks = len(lanes) * tables.key_heads
    first, last = take(crew, tasks)
    while first < last:
        for task in range(first, last):
            row, head = task // tables.key_heads, task % tables.key_heads
            _place(room, desk, tables, kept[layer, lanes[row], head], layer, row, head, positions[row])
        first, last = take_next(crew, tasks, last - first)


@compiled
def attend(
    crew: Crew, room: Room, desk: Desk, tables: Tables, kept: Array, layer: int, lanes: Array, positions: Array,
    apart: bool,
) -> None:  # fmt: skip
    """What the heads find is taken next. ``apart``: no two tokens of a row, so none waits for another's keys."""
    if not apart:
        _place_all(crew, room, desk, tables, kept, layer, lanes, positions)
    tasks, expected = len(lanes) * tables.key_heads, -1
    first, last = take(crew, tasks)
    while first < last:
        for task in range(first, last):
            if task != expected:
                _expect(task, desk, tables, kept, layer, lanes, positions)
            _ask_for_rest(desk)
            expected = task + 1
            if expected < tasks:
                _expect(expected, desk, tables, kept, layer, lanes, positions)
            _attend_task(task, room, desk, tables, kept, layer, lanes, positions, apart)
        first, last = take_next(crew, tasks, last - first)
