"""Several threads going through one pass together, without a region of its own for every small step.

A step of eight columns is some 270 pieces of work, one after the other. Opening a parallel region for each costs 2 to 3
microseconds, and where another program wants the cores, whole milliseconds. Here one region holds the pass, and a piece
is divided by counters that the threads share. Whoever comes takes part, and what one has not begun another takes over:
nobody waits for a thread that never comes, only for work that has been begun.
"""

import platform
from typing import Any, NamedTuple

import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from studio.engine.forward.processor.compiling import compiled

WORDS = 16
"""Of a thread's place in a piece of work: 128 bytes, so that no two threads write to lines that come together."""

SHARES = 16
"""A thread's part of a piece is taken in so many shares, so that another can help where one is held up."""

PATIENCE = 2000
"""Looks at the others' counters, some tens of microseconds, before the core is offered to another program's thread."""

_LONG = ir.IntType(64)
_WAYS = ("sched_yield", "SwitchToThread")  # of POSIX and Windows; both take nothing
_WAY = next((name for name in _WAYS if binding.address_of_symbol(name)), "")
_PAUSE = "llvm.x86.sse2.pause" if platform.machine().lower() in ("x86_64", "amd64") else ""


class Crew(NamedTuple):
    """``counters`` [pieces, threads, WORDS]: tasks of a thread's part that are taken, and tasks that it has done."""

    counters: NDArray[np.int64]
    at: NDArray[np.int64]  # [2]: the piece that this thread is at, and which of the threads it is


@intrinsic
def _added(_context: Any, _place: Any, _number: Any) -> Any:
    """Add to a counter; what it was."""

    def write(_: Any, builder: Any, __: Any, args: Any) -> Any:
        return builder.atomic_rmw("add", builder.inttoptr(args[0], _LONG.as_pointer()), args[1], "acq_rel")

    return types.int64(types.int64, types.int64), write


@intrinsic
def _read(_context: Any, _place: Any) -> Any:
    """A counter, and all that was written before it was set."""

    def write(_: Any, builder: Any, __: Any, args: Any) -> Any:
        return builder.load_atomic(builder.inttoptr(args[0], _LONG.as_pointer()), "acquire", 8)

    return types.int64(types.int64), write


@intrinsic
def _rest(_context: Any) -> Any:
    """Leave the core's units to the other thread that may share it, for a moment."""

    def write(context: Any, builder: Any, _: Any, __: Any) -> Any:
        if _PAUSE:
            kind = ir.FunctionType(ir.VoidType(), [])
            builder.call(builder.module.globals.get(_PAUSE) or ir.Function(builder.module, kind, _PAUSE), [])
        return context.get_dummy_value()

    return types.void(), write


@intrinsic
def _give_way(_context: Any) -> Any:
    """Let another thread have the core, where the system has a word for that."""

    def write(context: Any, builder: Any, _: Any, __: Any) -> Any:
        if _WAY:
            kind = ir.FunctionType(ir.IntType(32), [])
            builder.call(builder.module.globals.get(_WAY) or ir.Function(builder.module, kind, _WAY), [])
        return context.get_dummy_value()

    return types.void(), write


@compiled
def take(crew: Crew, tasks: int) -> tuple[int, int]:
    """The next tasks of a piece, first and after the last, of the thread's own part as long as there are any.

    None are left where both are the same: all of the piece is done then, by whomever, and the next one follows.
    """
    threads, piece, place = crew.counters.shape[1], crew.at[0], crew.at[1]
    share = max(1, tasks // (threads * SHARES))
    for step in range(threads):
        whose = (place + step) % threads
        begin, end = tasks * whose // threads, tasks * (whose + 1) // threads
        first = begin + _added(crew.counters[piece, whose].ctypes.data, share)
        if first < end:
            return first, min(first + share, end)
    _wait_for_all(crew, tasks)
    return 0, 0


@compiled
def take_next(crew: Crew, tasks: int, done: int) -> tuple[int, int]:
    """The same, when so many are done."""
    _added(crew.counters[crew.at[0], crew.at[1], 1:].ctypes.data, done)
    return take(crew, tasks)  # type: ignore[no-any-return]


@compiled
def _wait_for_all(crew: Crew, tasks: int) -> None:
    looked = 0
    while _done(crew) < tasks:
        looked += 1
        if looked < PATIENCE:
            _rest()
        else:
            _give_way()
    crew.at[0] += 1


@compiled
def _done(crew: Crew) -> int:
    total = 0
    for thread in range(crew.counters.shape[1]):
        total += _read(crew.counters[crew.at[0], thread, 1:].ctypes.data)
    return total
