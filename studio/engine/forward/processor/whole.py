"""All layers of a pass, in compiled code: one parallel region, through which a crew of threads goes together."""

import numpy as np
from numba import prange

from studio.engine.forward.processor.attention import attend
from studio.engine.forward.processor.compiling import allocating, compiled, in_parallel
from studio.engine.forward.processor.crew import WORDS, Crew, take, take_next
from studio.engine.forward.processor.dots import LANES
from studio.engine.forward.processor.products import begin, multiply
from studio.engine.forward.processor.shapes import ROWS, TILE, Array, Desk, Meets, Room, Tables

PIECES = 14
"""Of work that a layer has at most, one after the other."""


@compiled
def _layer(
    crew: Crew, room: Room, desk: Desk, tables: Tables, kept: Array, meets: Meets, lanes: Array, positions: Array,
    apart: bool, layer: int,
) -> None:  # fmt: skip
    rows, as_it_is, epsilon = len(lanes), tables.norms[0, :0], tables.epsilon
    nothing = len(as_it_is)  # a literal 0 would have everything compiled once more
    width, inner, queries = tables.width, tables.inner, tables.heads * tables.depth
    group, norms = 4 * layer, tables.norms[2 * layer : 2 * layer + 2]
    begin(crew, room, desk, norms[0], epsilon, nothing, rows, width // 2, meets, group)
    read = (queries + 2 * tables.key_heads * tables.depth) // TILE
    multiply(crew, room, tables, group, width // 2, read, rows, meets, nothing)
    attend(crew, room, desk, tables, kept, layer, lanes, positions, apart)
    if len(meets.gates) > 0 or meets.inputs.shape[1] > 0:
        begin(crew, room, desk, as_it_is, epsilon, nothing, rows, queries // 2, meets, group + 1)
    multiply(crew, room, tables, group + 1, queries // 2, width // TILE, rows, meets, width)
    begin(crew, room, desk, norms[1], epsilon, nothing, rows, width // 2, meets, group + 2)
    multiply(crew, room, tables, group + 2, width // 2, 2 * inner // TILE, rows, meets, nothing)
    begin(crew, room, desk, as_it_is, epsilon, inner, rows, inner // 2, meets, group + 3)
    multiply(crew, room, tables, group + 3, inner // 2, width // TILE, rows, meets, width)


@compiled
def _say(crew: Crew, room: Room, desk: Desk, tables: Tables, nobody: Meets, wanted: Array, head: Room) -> None:
    rows, pairs, group, nothing = len(wanted), tables.width // 2, 4 * tables.layers, len(nobody.gates)
    norm, tiles = tables.norms[2 * tables.layers], (tables.vocabulary + TILE - 1) // TILE
    first, last = take(crew, rows)
    while first < last:
        for at in range(first, last):
            for i in range(tables.width):
                head.states[at, i] = room.states[wanted[at], i]
        first, last = take_next(crew, rows, last - first)
    begin(crew, head, desk, norm, tables.epsilon, nothing, rows, pairs, nobody, group)
    multiply(crew, head, tables, group, pairs, tiles, rows, nobody, nothing)


@allocating
def _new_desk(tables: Tables, blocks: int) -> Desk:
    group, depth = tables.heads // tables.key_heads, tables.depth
    return Desk(
        np.empty((ROWS, LANES), np.float32),
        np.empty((group, blocks * TILE), np.float32),
        np.empty((group, blocks * TILE), np.uint16),
        np.empty((group, depth), np.float32),
        np.empty(depth, np.uint16),
        np.zeros((2, 2), np.int64),
    )


@in_parallel
def pass_through(
    room: Room, tables: Tables, kept: Array, meets: Meets, lanes: Array, positions: Array, apart: bool, wanted: Array,
    nobody: Meets, head: Room, threads: int,
) -> None:  # fmt: skip
    """Take a state of each lane's through all layers, and those that are wanted on to logits, in ``head.given``.

    ``kept`` [layers, lanes, key heads, 2, blocks, numbers] (bits); ``apart``: no lane stands twice in ``lanes``.
    """
    blocks = np.max(positions) // TILE + 1
    counters = np.zeros((PIECES * (tables.layers + 1), threads, WORDS), np.int64)
    for place in prange(threads):
        crew, desk = Crew(counters, np.array([0, place])), _new_desk(tables, blocks)
        for layer in range(tables.layers):
            _layer(crew, room, desk, tables, kept, meets, lanes, positions, apart, layer)
        if len(wanted) > 0:
            _say(crew, room, desk, tables, nobody, wanted, head)
