"""Long work that writes to the library: on the app's thread, where the library lives, but a slice at a time.

Between two slices the thread is free for a few milliseconds, so that a window paints and takes keys. A timer calls for
the next slice: posting events to oneself without a pause would starve everything else.
"""

import threading
import time
from collections.abc import Callable, Generator
from typing import TypeVar

from studio.domain.errors import StudioError
from studio.services.background import Deliver, as_bug
from studio.services.job import Job, Progress

SLICE_SECONDS = 0.010
PAUSE_SECONDS = 0.002
_IMPATIENCE = 0.2
T = TypeVar("T")
Steps = Generator[Progress | None, None, T]
"""Yields between two small pieces of work (with progress, if it likes) and returns the result.

A cancelled one has ``StudioError("cancelled")`` raised where it stands; it may tidy up, yielding, before it lets it go.
"""


def run_sliced(deliver: Deliver, label: str, steps: Steps[T], *, begun: bool = False) -> Job[T]:
    """Run the steps to their end; the job ends with what they return or raise.

    ``begun``: the first slice is done now, so that what takes no time has ended when this returns.
    """
    job: Job[T] = Job(label)
    cancelled = threading.Event()
    job.when_cancelled(cancelled.set)

    def run_slice() -> None:
        try:
            until = time.monotonic() + SLICE_SECONDS
            while True:
                _tell(job, _next(steps, cancelled))
                if time.monotonic() >= until:
                    break
        except StopIteration as end:
            job.finish(end.value)
        except StudioError as error:
            job.fail(error)
        except Exception as error:
            job.fail(as_bug(error))
        else:
            _after_a_pause(deliver, run_slice)

    if begun:
        run_slice()
    else:
        _after_a_pause(deliver, run_slice)
    return job


def at_once(steps: Steps[T]) -> T:
    """Run the steps in one go, for callers that have nothing else to do."""
    try:
        while True:
            next(steps)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


class AppThread:
    """Lets work on another thread do small things on the app's thread, one after another."""

    def __init__(self, deliver: Deliver, given_up: threading.Event, closed: threading.Event) -> None:
        self._deliver = deliver
        self._given_up = given_up
        self._closed = closed

    def run(self, act: Callable[[], T], *, to_the_end: bool = False) -> T:
        """Run ``act`` there and return what it returns; raise ``cancelled`` when nobody wants it any more.

        ``to_the_end`` is for tidying up: it waits although the work was given up, but not for a studio that was closed,
        which hears nothing any more.
        """
        done = threading.Event()
        told: list[T] = []
        troubles: list[BaseException] = []

        def there() -> None:
            try:
                told.append(act())
            except BaseException as error:
                troubles.append(error)
            finally:
                done.set()

        self._go_on(to_the_end)
        self._deliver(there)
        while not done.wait(_IMPATIENCE):
            self._go_on(to_the_end)
        if troubles:
            raise troubles[0]
        time.sleep(PAUSE_SECONDS)
        return told[0]

    def _go_on(self, to_the_end: bool) -> None:
        if self._closed.is_set() or (self._given_up.is_set() and not to_the_end):
            raise StudioError("cancelled")


def _next(steps: Steps[T], cancelled: threading.Event) -> Progress | None:
    if cancelled.is_set():
        cancelled.clear()
        return steps.throw(StudioError("cancelled"))
    return next(steps)


def _tell(job: Job[T], progress: Progress | None) -> None:
    if progress is not None:
        job.advance(progress)


def _after_a_pause(deliver: Deliver, act: Callable[[], None]) -> None:
    timer = threading.Timer(PAUSE_SECONDS, deliver, [act])
    timer.daemon = True
    timer.start()
