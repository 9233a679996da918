"""What compiled code is given: the base's tables, the room it works in, and who meets which adapter."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

TILE = 32
"""Outputs of a wide tile; also positions of a block of keys and values."""

ROWS = 64
"""Tokens that one pass through the weights takes along: enough for a prompt, a batch of replies fills up to 8."""


class Tables(NamedTuple):
    """The base. Addresses are of tiles (``dots.py``); ``ends``: tiles up to the end of each layer, for four groups."""

    products: NDArray[np.int64]  # [layers * 4 + 1], the head last
    biases: NDArray[np.float32]  # [layers * 4, widest], or no rows
    ends: NDArray[np.int64]  # [4, 3]
    norms: NDArray[np.float32]  # [layers * 2 + 1, width], the last one last
    head_norms: NDArray[np.float32]  # [layers, 2, depth] of queries and keys, or no layers
    cosines: NDArray[np.float32]  # [positions, depth]
    sines: NDArray[np.float32]  # those of first halves negated
    epsilon: float  # of norms
    head_epsilon: float
    scale: float  # of scores
    layers: int
    width: int
    heads: int
    key_heads: int
    depth: int
    inner: int  # width of the MLP
    vocabulary: int


class Room(NamedTuple):
    """Where a pass works: states, what the next product reads (bits), what it gives, queries (bits)."""

    states: NDArray[np.float32]  # [ROWS, width]
    taken: NDArray[np.uint16]  # [ROWS, widest input]
    given: NDArray[np.float32]  # [ROWS, widest output]
    queries: NDArray[np.uint16]  # [ROWS, heads * depth]


class Desk(NamedTuple):
    """Where one thread keeps what it needs only for a moment."""

    small: NDArray[np.float32]  # [ROWS, LANES]: A·x
    scores: NDArray[np.float32]  # [query heads of a head of keys, positions in whole blocks]
    shares: NDArray[np.uint16]  # the same (bits), after the softmax
    found: NDArray[np.float32]  # [query heads of a head of keys, depth]
    turned: NDArray[np.uint16]  # [depth]: a key (bits)
    ahead: NDArray[np.int64]  # [2, 2]: of the next keys and values, where those begin and end that are not asked for


class Meets(NamedTuple):
    """Which rows meet which adapter. Addresses are 0 where an adapter leaves a group alone. A row is a token here."""

    spans: NDArray[np.int64]  # [meets, 4]: first row, rows, first line in ``small``, pairs of ranks
    gates: NDArray[np.float32]  # [meets]
    downs: NDArray[np.int64]  # [layers * 4, meets]: A, thin tiles
    ups: NDArray[np.int64]  # [layers * 4, meets]: B, wide tiles
    small: NDArray[np.uint16]  # [lines, all ranks of a group]: A·x, times the gate
    scales: NDArray[np.float32]  # factors on what layers take in and give out, and what is added after
    inputs: NDArray[np.int64]  # [layers * 4, rows]: where a row's begin in ``scales``, -1 for none; or no columns
    outputs: NDArray[np.int64]
    shifts: NDArray[np.int64]


Array = Any
"""A numpy array inside compiled code."""
