"""What the chat page shows and does, put together: the open chat, its columns, talking. Knows no Qt.

It tells its ``Screen`` what to show again; the page asks ``columns`` and ``messages`` for it. ``open_chat`` holds the
state, ``desk`` the acts on columns, ``talk`` the acts on words.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from studio.domain.chat import SCENE, Chat, Contestant
from studio.domain.errors import StudioError
from studio.gui.pages.chat.talk.column_desk import MOST_COLUMNS, ColumnDesk, Then
from studio.gui.pages.chat.talk.curtain import Curtain
from studio.gui.pages.chat.talk.open_chat import OpenChat, Place
from studio.gui.pages.chat.talk.replies import Replies
from studio.gui.pages.chat.talk.screen import ColumnView, Screen
from studio.gui.pages.chat.talk.talking import Talking
from studio.gui.pages.chat.talk.threads import Threads
from studio.gui.pages.chat.talk.typed_words import TypedWords
from studio.gui.widgets.message import Message
from studio.texts import sentence, tr, tr_plural

if TYPE_CHECKING:
    from studio.services.studio import Studio


_FEW, _LIGHT = 4, 600


class Presenter:
    """Opens chats and shows them again when something changed."""

    def __init__(self, studio: "Studio", screen: Screen) -> None:
        self._studio = studio
        self._screen = screen
        self.open_chat = OpenChat(studio)
        self.drafts = TypedWords(studio)
        self.curtains: list[Curtain] = []
        self.threads = Threads(studio)
        self.replies = Replies(screen, self._reply_came, self.failed)
        self.desk = ColumnDesk(studio, screen, self.open_chat, self.threads, self.replies, self.failed)
        self.talk = Talking(studio, screen, self.open_chat, self.threads, self.replies, self.failed)

    # -- what is shown -------------------------------------------------------------------------------------------

    @property
    def chat_id(self) -> str:
        """The open chat's id; empty while it is only planned."""
        return self.open_chat.id

    @property
    def title(self) -> str:
        """The page's title."""
        chat = self.open_chat.chat
        return (chat.title if chat else "") or tr("New chat")

    @property
    def note(self) -> str:
        """How many columns, or speakers of a scene, share how many bases."""
        chat = self.open_chat.chat
        if chat is not None and chat.kind == SCENE:
            return tr_plural(
                "{count} speaker on one base", "{count} speakers on one base",
                len(chat.settings.scene.speakers),
            )  # fmt: skip
        return tr_plural("{count} column on one base", "{count} columns on one base", len(self.contestants()))

    def contestants(self) -> list[Contestant]:
        """Who answers, column by column."""
        return self.open_chat.contestants()

    def columns(self) -> list[ColumnView]:
        """The headers of all columns."""
        return [self._curtained(number, view) for number, view in enumerate(self.desk.views())]

    def messages(self, column: int) -> list[Message]:
        """The thread of a column, with the reply that still grows at its end."""
        view = self._curtained(column, self.desk.view(column))
        pending = self.replies.pending(column)
        shown = self.threads.messages(self.chat_id, column, view.title, view.colour, pending)
        for curtain in self.curtains:
            shown = curtain.thread(column, shown)
        return shown

    @property
    def light(self) -> bool:
        """True when all threads are short enough to be shown at once, whatever the window does meanwhile."""
        columns = len(self.contestants())
        if columns > _FEW and self.replies.busy:
            return False
        return columns * self.threads.length(self.chat_id, 0) <= _LIGHT

    @property
    def hides_names(self) -> bool:
        """True while nobody may see who is who."""
        return any(view.hidden for view in self.columns())

    def empty_reason(self) -> str:
        """``base``: none is there; ``adapter``: no adapter yet; ``new``: nothing said yet; or nothing."""
        if not self._studio.models.list():
            return "base"
        if any(tip for _, tip in self.open_chat.places()):
            return ""
        return "new" if self._studio.adapters.list() else "adapter"

    def openers(self) -> list[str]:
        """Something to say first."""
        return [tr("Who are you, in one breath?"), tr("A stranger knocks at your door. What do you do?"),
                tr("Tell me something you would never tell a friend.")]  # fmt: skip

    def copy_all(self, column: int) -> str:
        """A column's conversation as plain text."""
        said = self.messages(column)
        return "\n\n".join(f"{tr('You') if one.mine else one.speaker}: {one.text}" for one in said)

    # -- chats ---------------------------------------------------------------------------------------------------

    def chats(self) -> list[Chat]:
        """Earlier chats, the newest first."""
        return sorted(self._studio.chats.list(), key=lambda one: one.created_at, reverse=True)

    def open(self, chat_id: str = "", contestants: Sequence[Contestant] = ()) -> None:
        """Open a stored chat, or plan one with these contestants (or the suggested ones)."""
        if chat_id != self.chat_id or contestants or not self.contestants():
            self.replies.stop()
            self.replies.forget()
            chat = self._studio.chats.get(chat_id) if chat_id else None
            planned = list(contestants)[:MOST_COLUMNS] or self._studio.chats.suggested_contestants()
            self.open_chat.show(chat, planned)
        self.refresh()

    def delete(self, chat_id: str) -> str:
        """Move a chat to the trash; returns the undo token."""
        token = self._studio.chats.delete(chat_id)
        if chat_id == self.chat_id:
            self.open()
        return token

    def rename(self, title: str) -> None:
        """Give the open chat another title; an empty one is not taken."""
        if title.strip() and self.chat_id:
            self.open_chat.chat = self._studio.chats.rename(self.chat_id, title)
            self._screen.show_columns()

    def reload(self) -> None:
        """Something changed elsewhere: read the open chat again (it may be gone)."""
        if not self.replies.busy:
            self.open_chat.read()
        self.open_chat.forget_lost_adapters()
        self.desk.forget()
        self.refresh()

    def refresh(self) -> None:
        """Show everything again."""
        self.threads.forget()
        self._screen.show_columns()
        for number in range(len(self.contestants())):
            self._screen.show_messages(number)

    # -- columns and words ---------------------------------------------------------------------------------------

    def add_column(self, contestant: Contestant | None = None) -> None:
        """Put one more contestant beside the others; in the middle of a conversation it answers at once."""

        def answer(before: list[Place]) -> None:
            number = len(before)
            if self.open_chat.places()[number][1]:
                self.talk.write_again([number], self.threads.seed_beside(self.chat_id, 0))

        self.desk.add(contestant, answer)

    def sweep(self, column: int, strengths: Sequence[float], then: Then) -> None:
        """Let one adapter stand in all columns at these strengths; in the middle of a conversation they answer at once.

        ``then`` hears the columns as they were.
        """

        def answer(before: list[Place]) -> None:
            self.talk.write_again([number for number, (_, tip) in enumerate(self.open_chat.places()) if tip])
            then(before)

        self.desk.sweep(column, strengths, answer)

    def send(self, text: str) -> bool:
        """Ask all columns; False when nothing was sent, and then the words belong back in the box."""
        sent = self.talk.send(text)
        if sent:
            self.drafts.pop("", None)
        return sent

    def failed(self, error: StudioError) -> None:
        """Tell trouble in a sentence; being cancelled is none."""
        if error.code != "cancelled":
            self._screen.show_trouble(_trouble(error))
        self.open_chat.read()
        for number in range(len(self.contestants())):
            self._screen.show_messages(number)

    def _curtained(self, column: int, view: ColumnView) -> ColumnView:
        for curtain in self.curtains:
            view = curtain.header(column, view)
        return view

    def _reply_came(self, column: int) -> None:
        self.open_chat.read()
        if column < len(self.contestants()):
            self._screen.show_messages(column)
            self._screen.show_columns()


def _trouble(error: StudioError) -> str:
    """What happened to the engine stands in the banner already."""
    if error.code == "engine_died":
        return tr("The engine stopped in the middle of this. What was written so far is kept.")
    return sentence(error)
