"""All layers of a pass, in compiled code."""

import numpy as np
from numba import njit

from studio.engine.forward.processor.attention import attend
from studio.engine.forward.processor.products import begin, multiply
from studio.engine.forward.processor.shapes import TILE, Array, Meets, Room, Tables


@njit(nogil=True, cache=True)
def pass_through(
    room: Room, tables: Tables, kept: Array, meets: Meets, lanes: Array, positions: Array, apart: bool
) -> None:
    """Take a state of each lane's through all layers.

    ``kept`` [layers, lanes, key heads, 2, blocks, numbers] (bits); ``apart``: no lane stands twice in ``lanes``.
    """
    rows, as_it_is, epsilon = len(lanes), np.zeros(0, np.float32), tables.epsilon
    nothing = len(as_it_is)  # a literal 0 would have everything compiled once more
    width, inner, queries = tables.width, tables.inner, tables.heads * tables.depth
    for layer in range(tables.layers):
        group, norms = 4 * layer, tables.norms[2 * layer : 2 * layer + 2]
        begin(room, norms[0], epsilon, nothing, rows, width // 2, meets, group)
        read = (queries + 2 * tables.key_heads * tables.depth) // TILE
        multiply(room, tables, group, width // 2, read, rows, meets, nothing)
        attend(room, tables, kept, layer, lanes, positions, apart)
        if len(meets.gates) > 0 or meets.inputs.shape[1] > 0:
            begin(room, as_it_is, epsilon, nothing, rows, queries // 2, meets, group + 1)
        multiply(room, tables, group + 1, queries // 2, width // TILE, rows, meets, width)
        begin(room, norms[1], epsilon, nothing, rows, width // 2, meets, group + 2)
        multiply(room, tables, group + 2, width // 2, 2 * inner // TILE, rows, meets, nothing)
        begin(room, as_it_is, epsilon, inner, rows, inner // 2, meets, group + 3)
        multiply(room, tables, group + 3, inner // 2, width // TILE, rows, meets, width)


@njit(nogil=True, cache=True)
def say(room: Room, tables: Tables, nobody: Meets, wanted: Array, head: Room) -> None:
    """Logits of the rows that are wanted, into ``head.given``; ``head`` shares the states' width, not their rows."""
    rows, pairs, group = len(wanted), tables.width // 2, 4 * tables.layers
    nothing = len(nobody.gates)
    for at in range(rows):
        for i in range(tables.width):
            head.states[at, i] = room.states[wanted[at], i]
    begin(head, tables.norms[2 * tables.layers], tables.epsilon, nothing, rows, pairs, nobody, group)
    multiply(head, tables, group, pairs, (tables.vocabulary + TILE - 1) // TILE, rows, nobody, nothing)
