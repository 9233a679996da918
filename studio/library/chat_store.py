"""Chats: trees of messages."""

from collections.abc import Iterable

from studio.domain.chat import Chat, ChatMessage
from studio.library.connection import Database
from studio.library.records import RecordTable


class ChatStore:
    """Chats and their messages, in the order in which they were said. Removing a chat goes through ``Trash``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._chats = RecordTable(database, "chats", Chat)
        self._messages = RecordTable(database, "chat_messages", ChatMessage, references=["parent_id"])

    def add(self, chat: Chat) -> None:
        """Keep a new chat."""
        self._chats.add(chat)

    def get(self, chat_id: str) -> Chat | None:
        """Return the chat with this id, if there is one."""
        return self._chats.get(chat_id)

    def all(self) -> list[Chat]:
        """Return all chats, the one last spoken in first."""
        newest = "(SELECT max(seq) FROM chat_messages WHERE chat_id = chats.id)"
        return self._chats.select(f"ORDER BY {newest} DESC, created_at DESC, rowid DESC")

    def update(self, chat: Chat) -> bool:
        """Write title and columns of a chat that is there already; False when it is not."""
        return self._chats.put(chat)

    def add_message(self, message: ChatMessage) -> None:
        """Keep a new message; its parent (if any) must be there."""
        self._messages.add(message)

    def add_messages(self, messages: Iterable[ChatMessage]) -> None:
        """Keep new messages, parents before children, all or none."""
        self._messages.add_many(messages)

    def message(self, message_id: str) -> ChatMessage | None:
        """Return the message with this id, if there is one."""
        return self._messages.get(message_id)

    def messages(self, chat_id: str) -> list[ChatMessage]:
        """Return all messages of the tree, oldest first."""
        return self._messages.select("WHERE chat_id = ? ORDER BY seq", [chat_id])

    def thread(self, tip: str) -> list[ChatMessage]:
        """Return the messages from the root to ``tip``; empty for an unknown or empty tip."""
        return self._messages.select(
            "JOIN (WITH RECURSIVE up(id, height) AS (SELECT ?, 0 UNION ALL SELECT parent_id, height + 1"
            " FROM up JOIN chat_messages USING (id) WHERE parent_id IS NOT NULL) SELECT id AS above, height FROM up)"
            " ON chat_messages.id = above ORDER BY height DESC",
            [tip],
        )

    def siblings(self, message_id: str) -> list[ChatMessage]:
        """Return the messages with the same parent, the given one included, oldest first."""
        return self._messages.select(
            "WHERE (chat_id, ifnull(parent_id, '')) = (SELECT chat_id, ifnull(parent_id, '') FROM chat_messages"
            " WHERE id = ?) ORDER BY seq",
            [message_id],
        )

    def children(self, message_id: str) -> list[ChatMessage]:
        """Return the messages that answer this one, oldest first."""
        return self._messages.select("WHERE parent_id = ? ORDER BY seq", [message_id])

    def newest_leaf(self, message_id: str) -> str:
        """Return the id of the newest message below this one that nothing follows (itself, when nothing does)."""
        found = self._database.value(
            "WITH RECURSIVE below(id) AS"
            " (SELECT ? UNION SELECT m.id FROM chat_messages m JOIN below ON m.parent_id = below.id)"
            " SELECT id FROM chat_messages WHERE id IN (SELECT id FROM below)"
            " AND id NOT IN (SELECT parent_id FROM chat_messages WHERE parent_id IS NOT NULL)"
            " ORDER BY seq DESC LIMIT 1",
            [message_id],
        )
        return str(found) if found else message_id
