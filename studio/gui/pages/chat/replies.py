"""Replies under way: their jobs, what has come of them so far, and their speed. Knows no Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from studio.domain.errors import StudioError
from studio.gui.pages.chat.streaming import StreamBuffer
from studio.texts import tr

if TYPE_CHECKING:
    from studio.gui.pages.chat.screen import Screen
    from studio.services.replies import ReplyJob, ReplyRow


@dataclass(frozen=True)
class Pending:
    """A reply that still grows. ``asked`` is what it answers, when that may not be in the thread yet."""

    number: int
    asked: str
    text: str


class Replies:
    """Follows reply jobs. Each column has at most one; a column's number is the row's in its job."""

    def __init__(
        self, screen: "Screen", on_reply: Callable[[int], None], on_failure: Callable[[StudioError], None]
    ) -> None:
        self._screen = screen
        self._on_reply = on_reply
        self._on_failure = on_failure
        self._jobs: list[ReplyJob] = []
        self._asked: dict[int, tuple[int, str]] = {}
        self._figures: dict[int, str] = {}
        self._numbers = count(1)
        self.buffer = StreamBuffer()

    @property
    def busy(self) -> bool:
        """True while any reply is under way."""
        return bool(self._jobs)

    def pending(self, column: int) -> Pending | None:
        """The growing reply of a column."""
        if column not in self._asked:
            return None
        number, asked = self._asked[column]
        return Pending(number, asked, self.buffer.text(column))

    def figure(self, column: int) -> str:
        """How fast the last reply of a column was, such as ``31 tok/s``."""
        return self._figures.get(column, "")

    def follow(self, job: "ReplyJob", columns: Sequence[int], asked: str) -> None:
        """Hear a ``ReplyJob`` that writes in ``columns``."""
        was_busy = self.busy
        self._jobs.append(job)
        for column in columns:
            self._asked[column] = (next(self._numbers), asked)
            self._figures.pop(column, None)
            self.buffer.begin(column)
        job.on_delta(lambda column, piece: self._delta(job, column, piece))
        job.on_row(lambda row: self._row(job, row))
        job.on_end(lambda _: self._ended(job, columns))
        if self.busy and not was_busy:
            self._screen.show_busy(True)

    def flush(self) -> None:
        """Hand what came since the last time to the screen."""
        for column, text in self.buffer.take().items():
            self._screen.show_tail(column, text)

    def stop(self) -> None:
        """Give all of them up."""
        for job in list(self._jobs):
            job.cancel()

    def forget(self) -> None:
        """Another chat is shown: nothing of the old one comes here any more."""
        self._figures.clear()
        for column in list(self._asked):
            self._close(column)
        if self._jobs:
            self._jobs.clear()
            self._screen.show_busy(False)

    def _delta(self, job: "ReplyJob", column: int, piece: str) -> None:
        if job in self._jobs:  # a chat that was left must not write into the one that is shown
            self.buffer.add(column, piece)

    def _row(self, job: "ReplyJob", row: "ReplyRow") -> None:
        if job not in self._jobs or row.column not in self._asked:
            return
        self._close(row.column)
        if row.seconds > 0 and row.tokens:
            self._figures[row.column] = tr("{rate:.0f} tok/s", rate=row.tokens / row.seconds)
        self._on_reply(row.column)

    def _ended(self, job: "ReplyJob", columns: Sequence[int]) -> None:
        if job not in self._jobs:
            return
        self._jobs.remove(job)
        left = [column for column in columns if column in self._asked]
        for column in left:
            self._close(column)
        if job.error is not None:
            self._on_failure(job.error)
        for column in left:
            self._on_reply(column)
        if not self.busy:
            self._screen.show_busy(False)

    def _close(self, column: int) -> None:
        self._asked.pop(column, None)
        self.buffer.end(column)
