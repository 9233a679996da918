"""The app's thread of a program without a window: a queue of callables, a clock, and an ear for Ctrl+C."""

import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SECONDS_BETWEEN_TICKS = 0.5
_PATIENCE = 0.1


class AppLoop:
    """``deliver`` is what ``Studio.open`` wants; ``run_until`` runs what was delivered until something is true.

    ``tick`` is called about twice a second. The first Ctrl+C (or a request to end) asks politely, the second raises.
    """

    def __init__(self) -> None:
        self._acts: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._ticked_at = 0.0
        self._interrupts = 0
        self.tick: Callable[[], None] = lambda: None

    @property
    def interrupted(self) -> bool:
        """True once somebody pressed Ctrl+C while the loop ran."""
        return self._interrupts > 0

    def deliver(self, act: Callable[[], None]) -> None:
        """Have ``act`` run on the loop's thread; may be called from any thread."""
        self._acts.put(act)

    def run_until(self, done: Callable[[], bool], *, on_interrupt: Callable[[], None]) -> None:
        """Run until ``done()``. What an act raises ends the loop: it is a bug, or a trouble to tell."""
        before, asked = self._interrupts, False
        with _signals_to(self._interrupt):
            while not done():
                self._run_one()
                self._tick_if_due()
                if self._interrupts - before > 1:
                    raise KeyboardInterrupt
                if self._interrupts > before and not asked:
                    asked = True
                    on_interrupt()

    def _run_one(self) -> None:
        try:
            act = self._acts.get(timeout=_PATIENCE)
        except queue.Empty:
            return
        act()

    def _tick_if_due(self) -> None:
        if time.monotonic() - self._ticked_at >= SECONDS_BETWEEN_TICKS:
            self._ticked_at = time.monotonic()
            self.tick()

    def _interrupt(self) -> None:
        self._interrupts += 1
        self._acts.put(lambda: None)


@contextmanager
def _signals_to(act: Callable[[], None]) -> Iterator[None]:
    """Take Ctrl+C and SIGTERM as wishes, so that neither tears a transaction apart."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def heard(number: int, frame: FrameType | None) -> None:
        act()

    before: dict[int, Any] = {number: signal.signal(number, heard) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
