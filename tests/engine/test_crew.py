"""Threads going through pieces of work together: every task once, pieces in order, nobody waits for ever."""

from collections.abc import Sequence
from threading import Thread
from typing import Any

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray

from studio.engine.forward.processor.crew import WORDS, Crew, take, take_next

THREADS, PIECES = 3, 40
SOON = 20.0
"""Seconds after which a thread counts as one that waits for ever."""


@njit(nogil=True)
def _go(crew: Crew, tasks: NDArray[np.int64], times: NDArray[np.int64], early: NDArray[np.int64]) -> int:
    """Count each task; ``early``: pieces that began before the one before was done. How many tasks were its own."""
    own = 0
    for piece in range(len(tasks)):
        first, last = take(crew, tasks[piece])
        while first < last:
            if piece > 0 and times[piece - 1].sum() < tasks[piece - 1]:
                early[crew.at[1]] += 1
            for task in range(first, last):
                times[piece, task] += 1
            own += last - first
            first, last = take_next(crew, tasks[piece], last - first)
    return own


@njit(nogil=True)
def _first(crew: Crew, tasks: int) -> Any:
    return take(crew, tasks)


@njit(nogil=True)
def _next(crew: Crew, tasks: int, done: int) -> Any:
    return take_next(crew, tasks, done)


class _Work:
    """Pieces of so many tasks, and threads that come to them."""

    def __init__(self, tasks: Sequence[int]) -> None:
        self.tasks = np.array(tasks, dtype=np.int64)
        self.times = np.zeros((len(tasks), max(tasks)), dtype=np.int64)
        self.early = np.zeros(THREADS, dtype=np.int64)
        self.own = [-1] * THREADS
        self._counters = np.zeros((len(tasks), THREADS, WORDS), dtype=np.int64)

    def crew(self, place: int) -> Crew:
        return Crew(self._counters, np.array([0, place]))

    def come(self, place: int) -> Thread:
        def go() -> None:
            self.own[place] = _go(self.crew(place), self.tasks, self.times, self.early)

        thread = Thread(target=go, daemon=True)
        thread.start()
        return thread

    def check(self) -> None:
        expected = np.arange(self.times.shape[1]) < self.tasks[:, None]
        assert (self.times == expected).all()  # what belongs to a piece once, nothing beyond it
        assert not self.early.any()


def _ended(thread: Thread) -> bool:
    thread.join(SOON)
    return not thread.is_alive()


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """Compiling is not what is waited for below."""
    _Work([0]).come(0).join()
    crew = _Work([1]).crew(0)
    first, last = _first(crew, 1)
    _next(crew, 1, last - first)


def test_every_task_is_done_once_and_each_piece_after_the_one_before() -> None:
    work = _Work([(7 * piece) % 23 + 5 * (piece % 3) for piece in range(PIECES)])
    assert 0 in work.tasks  # a piece may have nothing to do
    assert all([_ended(thread) for thread in [work.come(place) for place in range(THREADS)]])
    work.check()
    assert sum(work.own) == work.tasks.sum()


@pytest.mark.parametrize("place", range(THREADS))
def test_one_thread_does_it_all_where_no_other_comes(place: int) -> None:
    work = _Work([9, 1, 30])
    assert _ended(work.come(place))
    work.check()
    assert work.own[place] == 40


def test_who_comes_late_finds_nothing_left_and_does_not_wait() -> None:
    work = _Work([9, 1, 30])
    assert all([_ended(work.come(place)) for place in (1, 0, 2)])
    work.check()
    assert work.own == [0, 40, 0]


def test_only_what_has_been_begun_is_waited_for() -> None:
    work, held_up = _Work([48]), 2
    crew = work.crew(held_up)
    first, last = _first(crew, 48)
    assert (first, last) == (32, 33)  # of its own third
    other = work.come(0)
    other.join(0.3)
    assert other.is_alive()  # the next piece may need what the first thread has begun
    work.times[0, first:last] += 1
    assert _next(crew, 48, last - first) == (0, 0)
    assert _ended(other)
    work.check()
    assert work.own[0] == 47
