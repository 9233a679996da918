"""Long work as the window and the command line see it: progress, an end, and a way to give up."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from studio.domain.errors import StudioError
from studio.domain.ids import new_id

T = TypeVar("T")


class JobState(StrEnum):
    """A job ends exactly once, in one of the last three."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """``done`` of ``total`` (0: unknown); ``what`` is a key of ``texts.py``."""

    what: str
    done: float = 0.0
    total: float = 0.0


class Job(Generic[T]):
    """Belongs to the app's thread: every callback comes there. Late listeners hear the end at once."""

    def __init__(self, label: str, *, on_cancel: Callable[[], None] = lambda: None) -> None:
        self.id = new_id("job")
        self.label = label
        self.state = JobState.RUNNING
        self.progress = Progress(what=label)
        self.result: T | None = None
        self.error: StudioError | None = None
        self._on_cancel = on_cancel
        self._progress_listeners: list[Callable[[Progress], None]] = []
        self._end_listeners: list[Callable[[Job[T]], None]] = []

    @property
    def ended(self) -> bool:
        """True once the job is done, failed or cancelled."""
        return self.state is not JobState.RUNNING

    def on_progress(self, listener: Callable[[Progress], None]) -> "Job[T]":
        """Hear every step of progress."""
        self._progress_listeners.append(listener)
        return self

    def on_end(self, listener: "Callable[[Job[T]], None]") -> "Job[T]":
        """Hear the end, once; look at ``state``, ``result`` and ``error``."""
        if self.ended:
            listener(self)
        else:
            self._end_listeners.append(listener)
        return self

    def cancel(self) -> None:
        """Ask for the end; the job ends as cancelled within one unit of its work."""
        if not self.ended:
            self._on_cancel()

    def when_cancelled(self, act: Callable[[], None]) -> None:
        """For the service: what asking for the end does from now on."""
        self._on_cancel = act

    def advance(self, progress: Progress) -> None:
        """For the service: tell how far it is."""
        self.progress = progress
        for listener in self._progress_listeners:
            listener(progress)

    def finish(self, result: T) -> None:
        """For the service: it ended well."""
        if not self.ended:
            self.result = result
            self._end(JobState.DONE)

    def fail(self, error: StudioError) -> None:
        """For the service: it ended badly, or was cancelled (code ``cancelled``)."""
        if not self.ended:
            self.error = error
            self._end(JobState.CANCELLED if error.code == "cancelled" else JobState.FAILED)

    def _end(self, state: JobState) -> None:
        self.state = state
        for listener in self._end_listeners:
            listener(self)
