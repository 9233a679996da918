"""What all parts of the chat share: the library, telling changes, finding a chat, a column, a message."""

from collections.abc import Sequence, Sized
from dataclasses import replace

from studio.domain.changes import Kind
from studio.domain.chat import Chat, ChatMessage, Contestant
from studio.domain.errors import StudioError
from studio.library.library import Library
from studio.services.background import Deliver
from studio.services.change_feed import ChangeFeed
from studio.services.contestants import Contestants
from studio.services.replies import Replies
from studio.services.settings import Settings
from studio.services.sliced import at_once
from studio.services.thread_copies import ThreadCopies
from studio.services.undo import Undo

COLUMN_LIMIT = 8


class ChatDesk:
    """Handed to each part of the chat."""

    def __init__(
        self,
        library: Library,
        changes: ChangeFeed,
        undo: Undo,
        settings: Settings,
        contestants: Contestants,
        replies: Replies,
        deliver: Deliver,
    ) -> None:
        self.library = library
        self.changes = changes
        self.undo = undo
        self.settings = settings
        self.contestants = contestants
        self.replies = replies
        self.deliver = deliver

    def chat(self, chat_id: str) -> Chat:
        """One chat."""
        chat = self.library.chats.get(chat_id)
        if chat is None:
            raise StudioError("not_found", what="chat", name=chat_id)
        return chat

    def column(self, chat: Chat, column: int) -> tuple[Contestant, str]:
        """Who answers in a column, and its tip."""
        if not 0 <= column < len(chat.columns):
            raise StudioError("not_found", what="column", name=str(column))
        return chat.columns[column]

    def message(self, chat_id: str, message_id: str) -> ChatMessage:
        """One message of this chat."""
        found = self.library.chats.message(message_id)
        if found is None or found.chat_id != chat_id:
            raise StudioError("not_found", what="message", name=message_id)
        return found

    def with_column(self, chat: Chat, column: int, contestant: Contestant, tip: str) -> Chat:
        """The chat with another contestant or tip in a column."""
        changed = (*chat.columns[:column], (contestant, tip), *chat.columns[column + 1 :])
        return self.keep(chat.id, columns=changed)

    def at(self, chat: Chat, column: int, tip: str) -> Chat:
        """The chat with a column that stands at another message."""
        return self.with_column(chat, column, self.column(chat, column)[0], tip)

    def keep(self, chat_id: str, **fields: object) -> Chat:
        """Write some fields of a chat, and tell."""
        chat = replace(self.chat(chat_id), **fields)  # type: ignore[arg-type]
        self.library.chats.update(chat)
        self.changes.tell(Kind.CHAT, ids=(chat_id,))
        return chat

    def copied(self, thread: Sequence[ChatMessage], chat_id: str, lane: int) -> str:
        """Say the same once more in a lane of a chat, with everything that is known of it; return the new tip."""
        return at_once(ThreadCopies(self.library, chat_id).copying(thread, lane))


class ChatPart:
    """A part of the chat."""

    def __init__(self, desk: ChatDesk) -> None:
        self._desk = desk

    @property
    def desk(self) -> ChatDesk:
        """What this part works on, for those that build on it."""
        return self._desk


def refuse_too_many(contestants: Sized) -> None:
    """A batch has so many rows at most."""
    if len(contestants) > COLUMN_LIMIT:
        raise StudioError("too_many_rows", limit=COLUMN_LIMIT)
