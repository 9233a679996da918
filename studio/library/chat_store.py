"""Chats: trees of messages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from studio.domain.chat import Chat, ChatMessage, Sampler, ThreadMessage
from studio.domain.conversation import Role
from studio.library.connection import Database, Row
from studio.library.records import RecordTable

_LANE = "ifnull(json_extract({}.made_by, '$.column'), 0)"
_BESIDE = f"s.chat_id = m.chat_id AND s.parent_id IS m.parent_id AND {_LANE.format('s')} = {_LANE.format('m')}"
_UP = (
    "WITH RECURSIVE up(id, height) AS (SELECT ?, 0 UNION ALL SELECT parent_id, height + 1"
    " FROM up JOIN chat_messages USING (id) WHERE parent_id IS NOT NULL) SELECT id AS above, height FROM up"
)
_BELOW = (
    "WITH RECURSIVE below(id) AS (SELECT ? UNION SELECT m.id FROM chat_messages m JOIN below ON m.parent_id = below.id)"
)

_STRIDE = 64
_FEW = 4
"""Messages above one that are looked at singly: a turn later, one of them has been counted."""


@dataclass(frozen=True, kw_only=True)
class SamplerPreset:
    """A sampler that the user has kept under a name."""

    name: str
    sampler: Sampler
    created_at: str = ""


class ChatStore:
    """Chats and their messages, in the order in which they were said. Removing a chat goes through ``Trash``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._chats = RecordTable(database, "chats", Chat)
        self._messages = RecordTable(database, "chat_messages", ChatMessage, references=["parent_id"])
        self._presets = RecordTable(database, "sampler_presets", SamplerPreset)
        self._heights: dict[str, int] = {"": 0}

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
        return self._messages.select(f"JOIN ({_UP}) ON chat_messages.id = above ORDER BY height DESC", [tip])

    def recent(self, tip: str, characters: int) -> tuple[list[ChatMessage], int]:
        """Return the end of a thread that has so many characters at least, and how many messages stand before it.

        It begins at every 64th message only, so that what the engine keeps of a prompt is of use for the next turn,
        too. Of ``made_by`` only the speaker is read: it is for prompts, and thrice as fast.
        """
        height = self.height(tip)
        rows = self._database.rows(
            "WITH RECURSIVE up(place, above, height, behind, size) AS (SELECT rowid, parent_id, 0, 0, length(text)"
            " FROM chat_messages WHERE id = ? UNION ALL SELECT m.rowid, m.parent_id, height + 1, behind + size,"
            " length(m.text) FROM up JOIN chat_messages m ON m.id = up.above"
            " WHERE behind + size < ? OR (? - height) % ?)"
            " SELECT m.id, chat_id, ifnull(parent_id, '') AS parent_id, role, text,"
            " json_extract(made_by, '$.speaker') AS speaker, json_extract(made_by, '$.name') AS name"
            " FROM up JOIN chat_messages m ON m.rowid = up.place ORDER BY height DESC",
            [tip, characters, height - 1, _STRIDE],
        )
        return [_for_a_prompt(row) for row in rows], height - len(rows)

    def height(self, tip: str) -> int:
        """How many messages a thread has. No message ever gets another parent, so what was counted holds."""
        walked = [tip]
        while walked[-1] not in self._heights and len(walked) <= _FEW:
            above = self._database.value("SELECT ifnull(parent_id, '') FROM chat_messages WHERE id = ?", walked[-1:])
            if above is None:
                return 0  # not remembered: a message that was deleted may come back
            walked.append(str(above))
        if walked[-1] not in self._heights:
            self._heights[tip] = int(self._database.value(f"SELECT count(*) FROM ({_UP})", [tip]))
        else:
            self._heights[tip] = self._heights[walked[-1]] + len(walked) - 1
        return self._heights[tip]

    def thread_view(self, tip: str) -> list[ThreadMessage]:
        """The same, each message with its place among those that were said instead of it: one query for all."""
        columns = ", ".join(f'm."{name}"' for name in self._messages.names)
        rows = self._database.rows(
            f"SELECT {columns}, (SELECT count(*) FROM chat_messages s WHERE {_BESIDE}) AS siblings,"
            f" (SELECT count(*) FROM chat_messages s WHERE {_BESIDE} AND s.seq <= m.seq) AS place"
            f" FROM chat_messages m JOIN ({_UP}) ON m.id = above ORDER BY height DESC",
            [tip],
        )
        if rows:
            self._heights[tip] = len(rows)
        return [
            ThreadMessage(message=self._messages.record(row), place=row["place"], count=row["siblings"]) for row in rows
        ]

    def siblings(self, message_id: str) -> list[ChatMessage]:
        """Return the messages with the same parent that were said in the same lane, itself included, oldest first."""
        return self._messages.select(
            "WHERE id IN (SELECT s.id FROM chat_messages m JOIN chat_messages s"
            f" ON {_BESIDE} WHERE m.id = ?) ORDER BY seq",
            [message_id],
        )

    def children(self, message_id: str) -> list[ChatMessage]:
        """Return the messages that answer this one, oldest first."""
        return self._messages.select("WHERE parent_id = ? ORDER BY seq", [message_id])

    def count_below(self, message_id: str) -> int:
        """Return how many messages answer this one."""
        return int(self._database.value("SELECT count(*) FROM chat_messages WHERE parent_id = ?", [message_id]))

    def openings(self, chat_id: str) -> list[ChatMessage]:
        """Return the first messages of a chat: those that answer nothing."""
        return self._messages.select("WHERE chat_id = ? AND parent_id IS NULL ORDER BY seq", [chat_id])

    def last_lane(self, chat_id: str) -> int:
        """Return the highest lane in which something was said; -1 where nothing was."""
        lane = _LANE.format("chat_messages")
        found = self._database.value(f"SELECT max({lane}) FROM chat_messages WHERE chat_id = ?", [chat_id])
        return -1 if found is None else int(found)

    def below(self, message_id: str) -> set[str]:
        """Return the ids of a message and of everything that follows it, on whatever branch."""
        return set(self._database.column(f"{_BELOW} SELECT id FROM below", [message_id]))

    def drop_messages(self, ids: Sequence[str]) -> None:
        """Take messages away for good: copies that nobody has seen yet, some hundreds at most at a time."""
        marks = ", ".join("?" * len(ids))
        self._database.write(f"DELETE FROM chat_messages WHERE id IN ({marks})", list(ids))

    def rate(self, message_id: str, rating: int) -> bool:
        """Keep the user's thumb; False when there is no such message."""
        return self._database.write("UPDATE chat_messages SET rating = ? WHERE id = ?", [rating, message_id]) > 0

    def presets(self) -> list[SamplerPreset]:
        """Return the user's samplers by name."""
        return self._presets.select("ORDER BY name COLLATE NOCASE")

    def keep_preset(self, preset: SamplerPreset) -> None:
        """Keep a sampler under its name, in the place of the one that had it."""
        self._presets.add_many([preset], replace=True)

    def drop_preset(self, name: str) -> bool:
        """Forget a sampler; False when there is none of that name."""
        return self._database.write("DELETE FROM sampler_presets WHERE name = ?", [name]) > 0

    def newest_leaf(self, message_id: str) -> str:
        """Return the id of the newest message below this one that nothing follows (itself, when nothing does)."""
        found = self._database.value(
            f"{_BELOW} SELECT m.id FROM chat_messages m JOIN below USING (id)"
            " WHERE NOT EXISTS (SELECT 1 FROM chat_messages c WHERE c.parent_id = m.id) ORDER BY seq DESC LIMIT 1",
            [message_id],
        )
        return str(found) if found else message_id


def _for_a_prompt(row: Row) -> ChatMessage:
    spoken = {name: row[name] for name in ("speaker", "name") if row[name]}
    return ChatMessage(
        id=row["id"], chat_id=row["chat_id"], parent_id=row["parent_id"], role=Role(row["role"]), text=row["text"],
        made_by=spoken,
    )  # fmt: skip
