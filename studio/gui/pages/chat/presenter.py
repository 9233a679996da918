"""What the chat page shows and does: columns, threads, replies that stream, drafts. Knows no Qt.

It tells its ``Screen`` what to show again; the page asks ``columns`` and ``messages`` for it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from studio.domain.chat import Chat, Contestant, Sampler
from studio.domain.errors import StudioError
from studio.gui.pages.chat.contestants import next_contestant, subtitle
from studio.gui.pages.chat.replies import Replies
from studio.gui.pages.chat.screen import ColumnView, Screen
from studio.gui.pages.chat.threads import Threads
from studio.gui.widgets.message import Message
from studio.texts import sentence, tr, tr_plural

if TYPE_CHECKING:
    from studio.services.replies import ReplyJob
    from studio.services.studio import Studio

MOST_COLUMNS = 4


class Presenter:
    """Holds the open chat; a chat that nobody has written in yet is only planned, not stored."""

    def __init__(self, studio: "Studio", screen: Screen) -> None:
        self._studio = studio
        self._screen = screen
        self.chat: Chat | None = None
        self._planned: list[Contestant] = []
        self.sampler = Sampler()
        self.seed: int | None = None
        self.same_seed = True
        self.system_prompt = ""
        self.drafts: dict[str, str] = {}
        self._threads = Threads(studio)
        self.replies = Replies(screen, self._reply_came, self._failed)

    # -- what is shown -------------------------------------------------------------------------------------------

    @property
    def chat_id(self) -> str:
        """The open chat's id; empty while it is only planned."""
        return self.chat.id if self.chat else ""

    @property
    def title(self) -> str:
        """The page's title."""
        return (self.chat.title if self.chat else "") or tr("New chat")

    @property
    def note(self) -> str:
        """How many columns share how many bases."""
        return tr_plural(
            "{count} column · one base in memory", "{count} columns · one base in memory", len(self.contestants())
        )

    def contestants(self) -> list[Contestant]:
        """Who answers, column by column."""
        return [one for one, _ in self.chat.columns] if self.chat else list(self._planned)

    def columns(self) -> list[ColumnView]:
        """The headers of all columns."""
        return [self._column(number, one) for number, one in enumerate(self.contestants())]

    def messages(self, column: int) -> list[Message]:
        """The thread of a column, with the reply that still grows at its end."""
        view = self._column(column, self.contestants()[column])
        pending = self.replies.pending(column)
        return self._threads.messages(self.chat_id, column, view.title, view.colour, pending)

    def empty_reason(self) -> str:
        """``base``: none is there; ``adapter``: no adapter yet; ``new``: nothing said yet; or nothing."""
        if not self._studio.models.list():
            return "base"
        if self.chat and any(tip for _, tip in self.chat.columns):
            return ""
        return "new" if self._studio.adapters.list() else "adapter"

    def openers(self) -> list[str]:
        """Something to say first."""
        return [tr("Who are you, in one breath?"), tr("A stranger knocks at your door. What do you do?"),
                tr("Tell me something you would never tell a friend.")]  # fmt: skip

    # -- chats ---------------------------------------------------------------------------------------------------

    def chats(self) -> list[Chat]:
        """Earlier chats, the newest first."""
        return sorted(self._studio.chats.list(), key=lambda one: one.created_at, reverse=True)

    def open(self, chat_id: str = "", contestants: Sequence[Contestant] = ()) -> None:
        """Open a stored chat, or plan one with these contestants (or the suggested ones)."""
        if chat_id != self.chat_id or contestants or not self.contestants():
            self.replies.stop()
            self.replies.forget()
            self.chat = self._studio.chats.get(chat_id) if chat_id else None
            self._planned = list(contestants)[:MOST_COLUMNS] or self._studio.chats.suggested_contestants()
        self._refresh()

    def delete(self, chat_id: str) -> str:
        """Move a chat to the trash; returns the undo token."""
        token = self._studio.chats.delete(chat_id)
        if chat_id == self.chat_id:
            self.open()
        return token

    def reload(self) -> None:
        """Something changed elsewhere: read the open chat again (it may be gone)."""
        if self.chat and not self.replies.busy:
            try:
                self.chat = self._studio.chats.get(self.chat.id)
            except StudioError:
                self.chat = None
        if self.chat is None:
            self._forget_lost_adapters()
        self._refresh()

    # -- columns -------------------------------------------------------------------------------------------------

    def add_column(self) -> None:
        """Put one more contestant beside the others."""
        present = self.contestants()
        if len(present) < MOST_COLUMNS:
            self._set_columns([*present, self._prompted(next_contestant(self._studio, present))])

    def remove_column(self, column: int) -> None:
        """Take a column away; the last one stays."""
        present = self.contestants()
        if len(present) > 1:
            self._set_columns(present[:column] + present[column + 1 :])

    def set_contestant(self, column: int, contestant: Contestant) -> None:
        """Let someone else answer in a column; what was said there stays."""
        self._change(column, self._prompted(contestant))
        self._refresh()

    def set_strength(self, column: int, strength: float) -> None:
        """Change how strongly a column's adapter speaks, from the next reply on."""
        self._change(column, replace(self.contestants()[column], strength=strength))

    def set_system_prompt(self, words: str) -> None:
        """Put words before every column's conversation; empty: each persona's own."""
        self.system_prompt = words
        for number, one in enumerate(self.contestants()):
            self._change(number, replace(one, system_prompt=words))
        self._refresh()

    def copy_all(self, column: int) -> str:
        """A column's conversation as plain text."""
        said = self.messages(column)
        return "\n\n".join(f"{tr('You') if one.mine else one.speaker}: {one.text}" for one in said)

    # -- talking -------------------------------------------------------------------------------------------------

    def send(self, text: str) -> bool:
        """Ask all columns; False when nothing was sent, and then the words belong back in the box."""
        if not text.strip() or self.replies.busy:
            return False
        self._screen.show_trouble("")
        try:
            if self.chat is None:
                self.chat = self._studio.chats.create("", self._planned)  # its first words become its title
            job = self._studio.chats.ask(
                self.chat.id, text.strip(), sampler=self.sampler, seed=self.seed, same_seed=self.same_seed
            )
        except StudioError as error:
            self._failed(error)
            return False
        self.drafts.pop("", None)
        self._follow(job, range(len(self.contestants())), text.strip())
        return True

    def regenerate(self, column: int) -> None:
        """Write another reply in a column; the old one stays as a swipe."""
        if self.chat is None or self.replies.busy:
            return
        self._screen.show_trouble("")
        self._write_again(column)

    def retry(self) -> None:
        """After trouble: answer in every column whose last word is the user's."""
        if self.chat is None or self.replies.busy:
            return
        self._screen.show_trouble("")
        for number in range(len(self.contestants())):
            if self._threads.ends_with_user(self.chat_id, number):
                self._write_again(number)

    def stop(self) -> None:
        """End all replies now; what was written so far stays."""
        self.replies.stop()

    def swipe(self, column: int, message_id: str, direction: int) -> None:
        """Show the previous or next sibling of a message."""
        wanted = self._threads.sibling(self.chat_id, column, message_id, direction)
        if wanted and not self.replies.busy:
            self.chat = self._studio.chats.choose(self.chat_id, column, wanted)
            self._screen.show_messages(column)

    def edit(self, column: int, message_id: str, text: str) -> None:
        """Change a message as a new sibling; after one's own words the persona answers anew."""
        if self.replies.busy or not text.strip():
            return
        mine = self._threads.is_mine(self.chat_id, column, message_id)
        self.chat = self._studio.chats.edit(self.chat_id, column, message_id, text.strip())
        self._screen.show_messages(column)
        if mine:
            self._write_again(column)

    def last_own(self) -> str:
        """What the user said last, for editing it."""
        return self._threads.last_own(self.chat_id, 0)[1] if self.chat else ""

    def edit_last_own(self, text: str) -> bool:
        """Say it differently in every column, and have it answered anew."""
        if self.chat is None or self.replies.busy or not text.strip():
            return False
        for number in range(len(self.contestants())):
            message_id, _ = self._threads.last_own(self.chat_id, number)
            if message_id:
                self.edit(number, message_id, text) if not number else self._edit_too(number, message_id, text)
        return True

    # -- inside --------------------------------------------------------------------------------------------------

    def _edit_too(self, column: int, message_id: str, text: str) -> None:
        self.chat = self._studio.chats.edit(self.chat_id, column, message_id, text.strip())
        self._write_again(column)

    def _write_again(self, column: int) -> None:
        try:
            job = self._studio.chats.regenerate(self.chat_id, column, sampler=self.sampler, seed=self.seed)
        except StudioError as error:
            self._failed(error)
            return
        self._follow(job, [column], "")

    def _follow(self, job: "ReplyJob", columns: Sequence[int], asked: str) -> None:
        self.replies.follow(job, columns, asked)
        self._read_chat()
        for number in columns:
            self._screen.show_messages(number)
        self._screen.show_columns()

    def _reply_came(self, column: int) -> None:
        self._read_chat()
        if column < len(self.contestants()):
            self._screen.show_messages(column)
            self._screen.show_columns()

    def _failed(self, error: StudioError) -> None:
        if error.code != "cancelled":
            self._screen.show_trouble(sentence(error))
        self._read_chat()
        for number in range(len(self.contestants())):
            self._screen.show_messages(number)

    def _read_chat(self) -> None:
        if self.chat:
            self.chat = self._studio.chats.get(self.chat.id)

    def _column(self, number: int, contestant: Contestant) -> ColumnView:
        words = self._studio.chats.label(contestant)
        return ColumnView(
            title=words.title, subtitle=subtitle(self._studio, contestant, words.title, words.subtitle),
            colour=words.colour, portrait=words.portrait,
            is_base=contestant.is_base, strength=contestant.strength, figure=self.replies.figure(number),
        )  # fmt: skip

    def _prompted(self, contestant: Contestant) -> Contestant:
        return replace(contestant, system_prompt=self.system_prompt) if self.system_prompt else contestant

    def _change(self, column: int, contestant: Contestant) -> None:
        if self.chat:
            self.chat = self._studio.chats.set_contestant(self.chat.id, column, contestant)
        else:
            self._planned[column] = contestant

    def _set_columns(self, contestants: list[Contestant]) -> None:
        self.replies.stop()
        self.replies.forget()
        if self.chat:
            self.chat = self._studio.chats.set_columns(self.chat.id, contestants)
        else:
            self._planned = contestants
        self._refresh()

    def _forget_lost_adapters(self) -> None:
        known = {one.id for one in self._studio.adapters.list()} | {run.id for run in self._studio.training.runs()}
        kept = [one for one in self._planned if one.is_base or one.adapter_id in known]
        untouched = not self.chat and all(one.is_base and not one.system_prompt for one in kept)
        self._planned = self._studio.chats.suggested_contestants() if untouched else kept

    def _refresh(self) -> None:
        self._screen.show_columns()
        for number in range(len(self.contestants())):
            self._screen.show_messages(number)
