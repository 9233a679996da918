"""Talking with the columns of the open chat: asking, asking again, editing, swiping. Knows no Qt."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from studio.domain.errors import StudioError
from studio.gui.pages.chat.talk.open_chat import OpenChat
from studio.gui.pages.chat.talk.replies import Replies
from studio.gui.pages.chat.talk.screen import Screen
from studio.gui.pages.chat.talk.threads import Threads

if TYPE_CHECKING:
    from studio.services.replies import ReplyJob
    from studio.services.studio import Studio


class Talking:
    """``open`` is the chat spoken in, ``replies`` follow what is under way, ``failed`` tells trouble."""

    def __init__(
        self, studio: "Studio", screen: Screen, open: OpenChat, threads: Threads, replies: Replies,
        failed: Callable[[StudioError], None],
    ) -> None:  # fmt: skip
        self._studio, self._screen, self._open = studio, screen, open
        self._threads, self._replies, self._failed = threads, replies, failed

    @property
    def _chat_id(self) -> str:
        return self._open.id

    def send(self, text: str) -> bool:
        """Ask all columns; False when nothing was sent, and then the words belong back in the box."""
        if not text.strip() or self._replies.busy:
            return False
        try:
            job = self._studio.chats.ask(self._open.begin().id, text.strip())
        except StudioError as error:
            self._failed(error)
            return False
        self.follow(job, range(len(self._open.contestants())), text.strip())
        return True

    def regenerate(self, column: int) -> None:
        """Write another reply in a column; the old one stays as a swipe."""
        self._anew([column])

    def regenerate_all(self) -> None:
        """Write another reply in every column that has one to a question, together; a greeting is none."""
        said = [number for number, (_, tip) in enumerate(self._open.places()) if tip]
        self._anew([number for number in said if not self._threads.greets(self._chat_id, number)])

    def retry(self) -> bool:
        """After trouble: answer where nobody has, or where the reply was cut off, which stays a swipe.

        False when that is nowhere.
        """
        columns = range(len(self._open.contestants()))
        self._screen.show_trouble("")
        lacking = [number for number in columns if self._threads.lacks_an_answer(self._chat_id, number)]
        self._anew(lacking)
        return bool(lacking)

    def _anew(self, columns: Sequence[int]) -> None:
        if self._open.chat is not None and not self._replies.busy:
            self.write_again(columns)

    def stop(self) -> None:
        """End all replies now; what was written so far stays."""
        self._replies.stop()

    def swipe(self, column: int, message_id: str, direction: int) -> None:
        """Show the previous or next sibling of a message."""
        wanted = self._threads.sibling(self._chat_id, column, message_id, direction)
        if wanted and not self._replies.busy:
            self._open.chat = self._studio.chats.choose(self._chat_id, column, wanted)
            self._screen.show_messages(column)

    def edit(self, column: int, message_id: str, text: str) -> None:
        """Change a message as a new sibling; after one's own words the persona answers anew."""
        if self._replies.busy or not text.strip():
            return
        mine = self._threads.is_mine(self._chat_id, column, message_id)
        self._open.chat = self._studio.chats.edit(self._chat_id, column, message_id, text.strip())
        self._screen.show_messages(column)
        if mine and not self._open.by_hand:
            self.write_again([column])

    def last_own(self) -> str:
        """What the user said last, for editing it."""
        return self._threads.last_own(self._chat_id, 0)[1] if self._open.chat else ""

    def edit_last_own(self, text: str) -> bool:
        """Say it differently in every column, and have it answered anew."""
        if self._open.chat is None or self._replies.busy or not text.strip():
            return False
        changed = []
        for number in range(len(self._open.contestants())):
            message_id, _ = self._threads.last_own(self._chat_id, number)
            if message_id:
                self._open.chat = self._studio.chats.edit(self._chat_id, number, message_id, text.strip())
                changed.append(number)
        if not self._open.by_hand:
            self.write_again(changed)
        return True

    def write_again(self, columns: Sequence[int], seed: int | None = None) -> None:
        """Answer the last words of columns as one batch, whatever else is under way; ``seed``: this one for all."""
        if not columns:
            return
        try:
            job = self._studio.chats.answer_together(self._chat_id, columns, seed=seed)
        except StudioError as error:
            self._failed(error)
            return
        self.follow(job, columns, "")

    def follow(self, job: "ReplyJob", columns: Sequence[int], asked: str) -> None:
        """Show a reply that grows in ``columns``; ``asked`` are the words that it answers, if they are new."""
        self._screen.show_trouble("")
        self._replies.follow(job, columns, asked)
        self._open.read()
        for number in columns:
            self._screen.show_messages(number)
        self._screen.show_columns()
