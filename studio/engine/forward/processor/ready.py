"""Have the compiled forward ready before somebody speaks.

Compiling takes about half a minute, once for an installation and a kind of processor; later it is read from disk in a
second. So it begins beside the loading of a base, while the creator is still about to write.
"""

import logging
from functools import cache
from threading import Thread

import numba
import numpy as np
from numba.core.errors import NumbaError

from studio.engine.forward.processor.row_tiles import nobody
from studio.engine.forward.processor.shapes import Room, Tables
from studio.engine.forward.processor.whole import pass_through

_log = logging.getLogger(__name__)


@cache
def begin_beside() -> None:
    """Do it in a thread; who needs it sooner waits for that."""
    Thread(target=_quietly, name="compiling", daemon=True).start()


def get_ready() -> None:
    """Compile what is called, or read it from disk; ``RuntimeError`` where that does not work."""
    room, tables, meets = _room(), _tables(), nobody(0)
    kept, places = np.zeros((0, 0, 0, 2, 0, 0), np.uint16), np.zeros(0, np.int64)
    given = (room, tables, kept, meets, places, places, True, places, meets, room, 1)
    try:
        pass_through.compile(tuple(numba.typeof(one) for one in given))
    except NumbaError as error:
        raise RuntimeError("the forward cannot be compiled for this processor") from error


def _quietly() -> None:
    try:
        get_ready()
    except RuntimeError as error:  # whoever speaks meets it again, and is answered by the plain decoder
        _log.warning("the forward for processors cannot be compiled", exc_info=error)


def _room() -> Room:
    numbers, bits = np.zeros((0, 0), np.float32), np.zeros((0, 0), np.uint16)
    return Room(states=numbers, taken=bits, given=numbers, queries=bits)


def _tables() -> Tables:
    lines = np.zeros((0, 0), np.float32)
    return Tables(
        products=np.zeros(0, np.int64), biases=lines, ends=np.zeros((4, 3), np.int64), norms=lines,
        head_norms=np.zeros((0, 2, 0), np.float32), cosines=lines, sines=lines, epsilon=0.0, head_epsilon=0.0,
        scale=0.0, layers=0, width=0, heads=0, key_heads=0, depth=0, inner=0, vocabulary=0,
    )  # fmt: skip
