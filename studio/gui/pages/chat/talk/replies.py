"""Replies under way: their jobs, what has come of them so far, and their speed; other work too. Knows no Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from studio.domain.errors import StudioError
from studio.gui.pages.chat.talk.streaming import StreamBuffer
from studio.gui.pages.chat.talk.working import words_for
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.gui.pages.chat.talk.screen import Screen
    from studio.services.job import Job, Progress
    from studio.services.replies import ReplyJob, ReplyRow


@dataclass(frozen=True)
class Pending:
    """A reply that still grows. ``asked`` is what it answers, when that may not be in the thread yet.

    ``speaker``: whose turn it is, by the key in a scene.
    """

    number: int
    asked: str
    text: str
    speaker: str = ""


class Replies:
    """Follows reply jobs. Each column has at most one; a column's number is the row's in its job.

    Other work that must end before anything can be said (``wait_for``) counts as busy, too.
    """

    def __init__(
        self, screen: "Screen", on_reply: Callable[[int], None], on_failure: Callable[[StudioError], None]
    ) -> None:
        self._screen = screen
        self._on_reply = on_reply
        self._on_failure = on_failure
        self._jobs: list[Job[Any]] = []
        self._working = ""
        self._asked: dict[int, tuple[int, str, str]] = {}
        self._writers: dict[int, ReplyJob] = {}  # in a scene the next line may begin before the last one's end is heard
        self._rows: dict[int, ReplyRow] = {}
        self._numbers = count(1)
        self.buffer = StreamBuffer()

    @property
    def busy(self) -> bool:
        """True while any reply or other work is under way."""
        return bool(self._jobs)

    def pending(self, column: int) -> Pending | None:
        """The growing reply of a column."""
        if column not in self._asked:
            return None
        number, asked, speaker = self._asked[column]
        return Pending(number, asked, self.buffer.text(column), speaker)

    def figure(self, column: int) -> str:
        """How fast the last reply of a column was, such as ``31 tok/s``."""
        row = self._rows.get(column)
        return tr("{rate:.0f} tok/s", rate=row.tokens / row.seconds) if row and row.seconds > 0 and row.tokens else ""

    def details(self, column: int) -> list[str]:
        """More about the last reply of a column, a line each."""
        row = self._rows.get(column)
        return [] if row is None else _details(row)

    def left_out(self, column: int) -> int:
        """How many of the oldest messages no longer fitted when a column's last reply was written."""
        return self._rows[column].left_out if column in self._rows else 0

    def follow(self, job: "ReplyJob", columns: Sequence[int], asked: str) -> None:
        """Hear a ``ReplyJob`` that writes in ``columns``."""
        for column in columns:
            self._asked[column] = (next(self._numbers), asked, job.speakers.get(column, ""))
            self._writers[column] = job
            self._rows.pop(column, None)
            self.buffer.begin(column)
        was_busy = self._add(job)
        job.on_delta(lambda column, piece: self._delta(job, column, piece))
        job.on_row(lambda row: self._row(job, row))
        job.on_end(lambda _: self._ended(job, columns))
        if self.busy and not was_busy:
            self._screen.show_busy(True)
        self._advanced(job, job.progress)

    def wait_for(self, job: "Job[Any]") -> None:
        """Work of another kind; ``stop`` gives it up like a reply. Who listens to its end later finds nothing busy."""
        if job.ended:
            return
        was_busy = self._add(job)
        job.on_end(lambda _: self._let_go(job))
        if not was_busy:
            self._screen.show_busy(True)
        self._advanced(job, job.progress)

    def flush(self) -> None:
        """Hand what came since the last time to the screen."""
        while self.flush_one():
            pass

    def flush_one(self) -> bool:
        """Hand one column's growing reply to the screen; False when nothing new came in any."""
        found = self.buffer.take_one()
        if found is not None:
            self._screen.show_tail(*found)
        return found is not None

    def stop(self) -> None:
        """Give all of them up."""
        for job in list(self._jobs):
            job.cancel()

    def forget(self) -> None:
        """Another chat is shown: nothing of the old one comes here any more."""
        self._rows.clear()
        for column in list(self._asked):
            self._close(column)
        if self._jobs:
            self._jobs.clear()
            self._show_working("")
            self._screen.show_busy(False)

    def _add(self, job: "Job[Any]") -> bool:
        """One more under way; returns whether there was any before."""
        was_busy = self.busy
        self._jobs.append(job)
        job.on_progress(lambda progress: self._advanced(job, progress))
        return was_busy

    def _advanced(self, job: "Job[Any]", progress: "Progress") -> None:
        if job in self._jobs:
            self._show_working(words_for(progress))

    def _show_working(self, words: str) -> None:
        if words != self._working:
            self._working = words
            self._screen.show_working(words)

    def _let_go(self, job: "Job[Any]") -> None:
        if job in self._jobs:
            self._jobs.remove(job)
            self._show_working("")
            if not self.busy:
                self._screen.show_busy(False)

    def _delta(self, job: "ReplyJob", column: int, piece: str) -> None:
        if job in self._jobs:  # a chat that was left must not write into the one that is shown
            self._show_working("")
            self.buffer.add(column, piece)

    def _row(self, job: "ReplyJob", row: "ReplyRow") -> None:
        if job not in self._jobs or self._writers.get(row.column) is not job:
            return
        self._close(row.column)
        self._rows[row.column] = row
        self._on_reply(row.column)

    def _ended(self, job: "ReplyJob", columns: Sequence[int]) -> None:
        if job not in self._jobs:
            return
        self._jobs.remove(job)
        self._show_working("")
        left = [column for column in columns if self._writers.get(column) is job]
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
        self._writers.pop(column, None)
        self.buffer.end(column)


def _details(row: "ReplyRow") -> list[str]:
    found = []
    if row.first_token_seconds > 0:
        found.append(tr("First word after {seconds:.2f} s", seconds=row.first_token_seconds))
    if row.tokens and row.seconds > 0:
        rate = row.tokens / row.seconds
        found.append(tr("{tokens} tokens in {seconds:.1f} s: {rate:.1f} tokens/s", tokens=row.tokens,
                        seconds=row.seconds, rate=rate))  # fmt: skip
    if row.prompt_tokens:
        known = tr(", {count} of them known from the turn before", count=row.reused_tokens) if row.reused_tokens else ""
        found.append(tr("Prompt of {count} tokens{known}", count=row.prompt_tokens, known=known))
    if row.left_out:
        found.append(tr_plural("{count} earlier message no longer fitted into the context",
                               "{count} earlier messages no longer fitted into the context", row.left_out))  # fmt: skip
    return found
