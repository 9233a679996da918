"""The products of a layer in compiled code: norm, frozen weights with adapters, the gated MLP.

Every result is rounded to 16 bit where the model's own forward rounds it. ``rows`` tokens at a time, in ``Room``; a
token's numbers are the same whichever others stand beside it.
"""

import numpy as np

from studio.engine.forward.processor.brain_floats import bits_of, exponential, number_of, rounded
from studio.engine.forward.processor.compiling import compiled
from studio.engine.forward.processor.crew import Crew, take, take_next
from studio.engine.forward.processor.dots import LANES, add_rounded, add_thin, fetch_ahead
from studio.engine.forward.processor.shapes import TILE, Array, Desk, Meets, Room, Tables
from studio.engine.forward.processor.sums import sum_of_squares

FEW = 8
"""Up to so many rows all of a row's small work is one task."""


@compiled
def inverse_rms(x: Array, epsilon: float) -> float:
    """One over the root of the mean square."""
    return np.float32(1) / np.sqrt(sum_of_squares(x) / np.float32(len(x)) + np.float32(epsilon))  # type: ignore[no-any-return]


@compiled
def _norm_into(out: Array, x: Array, weight: Array, epsilon: float) -> None:
    """``x / rms(x)``, rounded, times the weight."""
    factor = inverse_rms(x, epsilon)
    for i in range(len(x)):
        out[i] = bits_of(rounded(x[i] * factor) * weight[i])


@compiled
def _gate_into(out: Array, gates: Array, ups: Array) -> None:
    for i in range(len(gates)):
        opened = rounded(gates[i] / (np.float32(1) + exponential(-gates[i])))
        out[i] = bits_of(opened * ups[i])


@compiled
def _small_tile(
    room: Room, desk: Desk, pairs: int, meets: Meets, group: int, meet: int, tile: int, first: int, rows: int
) -> None:
    """16 numbers of A·x of some rows of a meeting, times its gate; ``first`` counts from the meeting's own."""
    begin, _, line, _ = meets.spans[meet]
    found, gate = desk.small[:rows], meets.gates[meet]
    found[:] = np.float32(0)
    step = 2 * room.taken.shape[1]
    x = room.taken.ctypes.data + (begin + first) * step
    add_thin(meets.downs[group, meet] + tile * pairs * 4 * LANES, x, step, pairs, found.ctypes.data, 4 * LANES, rows)
    for row in range(rows):
        out = meets.small[line + first + row, tile * LANES : (tile + 1) * LANES]
        for i in range(LANES):
            out[i] = bits_of(found[row, i] * gate)


@compiled
def _tiles_down(meets: Meets, group: int, meet: int) -> int:
    """How many tiles A of a group has; its layers stand under each other."""
    if meets.downs[group, meet] == 0:
        return 0
    layers = 3 if group % 4 == 0 else (2 if group % 4 == 2 else 1)
    return int((layers * 2 * meets.spans[meet, 3] + LANES - 1) // LANES)


@compiled
def _row_down(room: Room, desk: Desk, pairs: int, meets: Meets, group: int, row: int) -> None:
    """What the adapters' A make of one row."""
    for meet in range(len(meets.gates)):
        first = row - meets.spans[meet, 0]
        if 0 <= first < meets.spans[meet, 1]:
            for tile in range(_tiles_down(meets, group, meet)):
                _small_tile(room, desk, pairs, meets, group, meet, tile, first, 1)


@compiled
def _task_down(task: int, room: Room, desk: Desk, pairs: int, meets: Meets, group: int) -> None:
    """What one adapter's A makes of all its rows, a tile of it."""
    most = meets.small.shape[1] // LANES
    meet, tile = task // most, task % most
    if tile < _tiles_down(meets, group, meet):
        _small_tile(room, desk, pairs, meets, group, meet, tile, 0, meets.spans[meet, 1])


@compiled
def _begin_row(
    row: int, room: Room, weight: Array, epsilon: float, inner: int, pairs: int, meets: Meets, group: int
) -> None:
    """What the next group takes: the state, normed, or (``inner`` numbers of it) ``silu(gate) * up``, or as it is."""
    if len(weight) > 0:
        _norm_into(room.taken[row, : len(weight)], room.states[row], weight, epsilon)
    elif inner > 0:
        _gate_into(room.taken[row], room.given[row, :inner], room.given[row, inner : 2 * inner])
    if meets.inputs.shape[1] > 0 and meets.inputs[group, row] >= 0:
        _scale_taken(room.taken[row, : 2 * pairs], meets.scales[meets.inputs[group, row] :])


@compiled
def _scale_taken(taken: Array, scales: Array) -> None:
    for i in range(len(taken)):
        taken[i] = bits_of(number_of(taken[i]) * scales[i])


@compiled
def begin(
    crew: Crew, room: Room, desk: Desk, weight: Array, epsilon: float, inner: int, rows: int, pairs: int, meets: Meets,
    group: int,
) -> None:  # fmt: skip
    """Make ready what a group takes, and what the adapters' A make of it."""
    first, last = take(crew, rows)
    while first < last:
        for row in range(first, last):
            _begin_row(row, room, weight, epsilon, inner, pairs, meets, group)
            if rows <= FEW:
                _row_down(room, desk, pairs, meets, group, row)
        first, last = take_next(crew, rows, last - first)
    if rows > FEW:
        _begin_adapters(crew, room, desk, pairs, meets, group)


@compiled
def _begin_adapters(crew: Crew, room: Room, desk: Desk, pairs: int, meets: Meets, group: int) -> None:
    tasks = len(meets.gates) * (meets.small.shape[1] // LANES)
    first, last = take(crew, tasks)
    while first < last:
        for task in range(first, last):
            _task_down(task, room, desk, pairs, meets, group)
        first, last = take_next(crew, tasks, last - first)


@compiled
def _add_adapters(given: Array, meets: Meets, group: int, layer: int, tile: int) -> None:
    """B of one tile of outputs, for all meetings; rounded after each, as PEFT does."""
    step, line_step = 4 * given.shape[1], 2 * meets.small.shape[1]
    for meet in range(len(meets.gates)):
        if meets.ups[group, meet] != 0:
            first, rows, line, pairs = meets.spans[meet]
            x = meets.small.ctypes.data + line * line_step + layer * pairs * 4
            y = given.ctypes.data + first * step + tile * 4 * TILE
            add_rounded(meets.ups[group, meet] + tile * pairs * 4 * TILE, x, line_step, pairs, y, step, rows)


@compiled
def _fetch_adapters(meets: Meets, group: int, tile: int) -> None:
    """B lies in another place for each adapter: asked for now, it is there when the frozen product is done."""
    for meet in range(len(meets.gates)):
        if meets.ups[group, meet] != 0:
            size = meets.spans[meet, 3] * 4 * TILE
            fetch_ahead(meets.ups[group, meet] + tile * size, size)


@compiled
def _begin_tile(given: Array, biases: Array, group: int, tile: int, rows: int) -> None:
    for row in range(rows):
        line = given[row, tile * TILE : (tile + 1) * TILE]
        for i in range(TILE):
            line[i] = biases[group, tile * TILE + i] if group < len(biases) else np.float32(0)


@compiled
def _into_states(room: Room, tile: int, rows: int) -> None:
    for row in range(rows):
        state, line = room.states[row, tile * TILE : (tile + 1) * TILE], room.given[row, tile * TILE :]
        for i in range(len(state)):
            state[i] = rounded(state[i] + line[i])


@compiled
def _scale_given(given: Array, meets: Meets, group: int, tile: int, rows: int) -> None:
    """What a tile of the frozen layers gave the rows, times their scales, and what is added after."""
    for row in range(rows):
        place, added = meets.outputs[group, row], meets.shifts[group, row]
        if place >= 0:
            line, scales = given[row, tile * TILE : (tile + 1) * TILE], meets.scales[place + tile * TILE :]
            for i in range(TILE):
                shift = meets.scales[added + tile * TILE + i] if added >= 0 else np.float32(0)
                line[i] = rounded(line[i] * scales[i] + shift)


@compiled
def _multiply_tile(
    tile: int, room: Room, tables: Tables, group: int, pairs: int, rows: int, meets: Meets, added: int
) -> None:
    step, y_step = 2 * room.taken.shape[1], 4 * room.given.shape[1]
    weight, y = tables.products[group] + tile * pairs * 4 * TILE, room.given.ctypes.data + tile * 4 * TILE
    _fetch_adapters(meets, group, tile)
    _begin_tile(room.given, tables.biases, group, tile, rows)
    add_rounded(weight, room.taken.ctypes.data, step, pairs, y, y_step, rows)
    if meets.outputs.shape[1] > 0:
        _scale_given(room.given, meets, group, tile, rows)
    if len(meets.gates) > 0:
        ends = tables.ends[group % 4]
        layer = (1 if tile >= ends[0] else 0) + (1 if tile >= ends[1] else 0)
        _add_adapters(room.given, meets, group, layer, tile)
    if added > 0:
        _into_states(room, tile, rows)


@compiled
def multiply(
    crew: Crew, room: Room, tables: Tables, group: int, pairs: int, tiles: int, rows: int, meets: Meets, added: int
) -> None:
    """The frozen layers' product with what is taken, and the adapters' part; ``added`` numbers go to the states."""
    first, last = take(crew, tiles)
    while first < last:
        for tile in range(first, last):
            _multiply_tile(tile, room, tables, group, pairs, rows, meets, added)
        first, last = take_next(crew, tiles, last - first)
