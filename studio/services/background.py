"""Work that is not the engine's and too long for the app's thread: copying, downloading, unpacking."""

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from studio.domain.errors import StudioError
from studio.services.job import Job, Progress

_log = logging.getLogger(__name__)
T = TypeVar("T")
Deliver = Callable[[Callable[[], None]], None]
"""Runs a callable on the app's thread; may be called from any thread."""


class Background:
    """Handed to the work: how to tell progress, and whether to give up."""

    def __init__(self, deliver: Deliver, advance: Callable[[Progress], None]) -> None:
        self.deliver = deliver
        self.cancelled = threading.Event()
        self._advance = advance

    def tell(self, what: str, done: float = 0.0, total: float = 0.0) -> None:
        """Tell progress; also the point at which a cancelled job ends."""
        self.check()
        progress = Progress(what=what, done=done, total=total)
        self.deliver(lambda: self._advance(progress))

    def check(self) -> None:
        """Raise when the user cancelled."""
        if self.cancelled.is_set():
            raise StudioError("cancelled")


def run_in_background(
    deliver: Deliver,
    work: Callable[[Background], T],
    *,
    done: Callable[[T], None],
    failed: Callable[[StudioError], None],
    advance: Callable[[Progress], None] = lambda progress: None,
) -> Background:
    """Run ``work`` on a thread of its own; ``done`` or ``failed`` comes on the app's thread."""
    background = Background(deliver, advance)

    def body() -> None:
        try:
            result = work(background)
        except StudioError as error:
            told = error
            deliver(lambda: failed(told))
        except Exception as error:
            bug = as_bug(error)
            deliver(lambda: failed(bug))
        else:
            deliver(lambda: done(result))

    threading.Thread(target=body, name="background", daemon=True).start()
    return background


def finishing(job: Job[T], act: Callable[[], None]) -> None:
    """Do the last act of a job on the app's thread; what it raises is the job's failure."""
    try:
        act()
    except StudioError as error:
        job.fail(error)
    except Exception as error:
        job.fail(as_bug(error))


def as_bug(error: Exception) -> StudioError:
    """Everything that is no ``StudioError``: disk full has a sentence, the rest is a bug and goes to the log whole."""
    if is_disk_full(error):
        return StudioError("disk_full", path=str(getattr(error, "filename", "") or ""))
    _log.error("a bug in background work", exc_info=error)
    return StudioError("bug", summary=f"{type(error).__name__}: {error}", log="app.log")


def is_disk_full(error: BaseException) -> bool:
    """True for "no space left" on every platform (Windows has two codes of its own)."""
    return isinstance(error, OSError) and (error.errno == 28 or getattr(error, "winerror", 0) in (39, 112))
