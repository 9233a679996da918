"""Conversations: added once, edited in revisions, found by their words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from studio.domain.clock import now
from studio.domain.conversation import Conversation, Turn, content_hash
from studio.domain.dataset import StoredConversation
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.library import search
from studio.library.connection import Database, Row
from studio.library.search_index import add_to_index

_encode = msgspec.json.Encoder().encode
_turns = msgspec.json.Decoder(tuple[Turn, ...])
_words = msgspec.json.Decoder(tuple[str, ...])
_CONTENT = "turns, title, source, tags, content_hash, persona_turns"
_STORED = "id, persona_id, turns, title, source, tags, revision, created_at"


@dataclass(frozen=True, kw_only=True)
class TurnCounts:
    """How much a persona has to learn from."""

    conversations: int = 0
    persona_turns: int = 0


class ConversationStore:
    """The conversations of all personas, in the order in which they came. Removing goes through ``Trash``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_many(self, persona_id: str, conversations: Iterable[Conversation]) -> tuple[list[str], int]:
        """Add those whose words the persona does not have yet; return (ids added, duplicates skipped)."""
        given = [(content_hash(conversation), conversation) for conversation in conversations]
        known = self._known(persona_id, [content for content, _ in given])
        fresh: dict[str, Conversation] = {}
        for content, conversation in given:
            if content not in known:
                fresh.setdefault(content, conversation)
        return self._insert(persona_id, list(fresh.values())), len(given) - len(fresh)

    def get(self, conversation_id: str) -> StoredConversation | None:
        """Return the conversation with this id, if there is one."""
        row = self._database.row(f"SELECT {_STORED} FROM conversations WHERE id = ?", [conversation_id])
        return _stored(row) if row else None

    def page(self, persona_id: str, search: str = "", offset: int = 0, limit: int = 200) -> list[StoredConversation]:
        """Return one page, oldest first, of those that hold every word of ``search``."""
        where, values = self._where(persona_id, search)
        rows = self._database.rows(
            f"SELECT {_STORED} FROM conversations WHERE seq IN "
            f"(SELECT seq FROM {where} ORDER BY seq LIMIT ? OFFSET ?) ORDER BY seq",
            [*values, limit, offset],
        )
        return [_stored(row) for row in rows]

    def each(self, persona_id: str, batch: int = 1000) -> Iterator[StoredConversation]:
        """Yield all conversations of a persona, oldest first, without holding all of them in memory."""
        after = 0
        while rows := self._database.rows(
            f"SELECT seq, {_STORED} FROM conversations WHERE persona_id = ? AND seq > ? ORDER BY seq LIMIT ?",
            [persona_id, after, batch],
        ):
            yield from map(_stored, rows)
            after = rows[-1]["seq"]

    def count(self, persona_id: str, search: str = "") -> int:
        """Return how many conversations of the persona hold every word of ``search``."""
        where, values = self._where(persona_id, search)
        return int(self._database.value(f"SELECT count(*) FROM {where}", values))

    def turn_counts(self, persona_ids: Sequence[str] | None = None) -> dict[str, TurnCounts]:
        """Return the counts of these personas (all when None) in one query; those without data are left out."""
        which = "" if persona_ids is None else "WHERE persona_id IN (SELECT value FROM json_each(?)) "
        rows = self._database.rows(
            "SELECT persona_id, count(*) AS conversations, sum(persona_turns) AS persona_turns "
            f"FROM conversations {which}GROUP BY persona_id",
            [] if persona_ids is None else [_encode(list(persona_ids)).decode()],
        )
        return {
            row["persona_id"]: TurnCounts(conversations=row["conversations"], persona_turns=row["persona_turns"])
            for row in rows
        }

    def update(self, conversation_id: str, conversation: Conversation) -> StoredConversation:
        """Give a conversation new content as its next revision; the old one is kept."""
        with self._database.transaction():
            kept = self._database.write(
                "INSERT INTO conversation_revisions"
                " (conversation_id, revision, turns, title, source, tags, replaced_at)"
                " SELECT id, revision, turns, title, source, tags, ? FROM conversations WHERE id = ?",
                [now(), conversation_id],
            )
            if not kept:
                raise StudioError("not_found", what="conversation", name=conversation_id)
            self._database.write(
                f"UPDATE conversations SET ({_CONTENT}) = (?, ?, ?, ?, ?, ?), revision = revision + 1 WHERE id = ?",
                [*_content(conversation), conversation_id],
            )
            return self._there(conversation_id)

    def revert(self, conversation_id: str, revision: int | None = None) -> StoredConversation:
        """Make an earlier revision (the one before the present one) the content again, as a new revision."""
        wanted = self._there(conversation_id).revision - 1 if revision is None else revision
        earlier = [stored for stored in self.revisions(conversation_id) if stored.revision == wanted]
        if not earlier:
            raise StudioError("not_found", what="revision", name=f"{conversation_id}/{wanted}")
        return self.update(conversation_id, earlier[0].conversation)

    def revisions(self, conversation_id: str) -> list[StoredConversation]:
        """Return all revisions, oldest first; the last one is the present content."""
        rows = self._database.rows(
            "SELECT c.id, c.persona_id, r.turns, r.title, r.source, r.tags, r.revision, c.created_at"
            " FROM conversation_revisions r JOIN conversations c ON c.id = r.conversation_id"
            " WHERE r.conversation_id = ? ORDER BY r.revision",
            [conversation_id],
        )
        return [*map(_stored, rows), self._there(conversation_id)]

    def search_personas(self, text: str) -> set[str]:
        """Return the personas whose name and tags, or one conversation of theirs, hold every word of ``text``."""
        said = self._personas_saying(text)
        wanted = search.folded(text).split()
        rows = self._database.rows("SELECT id, name, tags FROM personas")
        return said | {row["id"] for row in rows if _all_in(wanted, search.folded(_called(row)))}

    def _personas_saying(self, text: str) -> set[str]:
        if not text.strip():
            return set()
        query = search.match_query(text)
        if query:
            found = self._database.column(
                "SELECT DISTINCT persona_id FROM conversation_search"
                " JOIN conversations INDEXED BY conversations_owner ON seq = conversation_search.rowid"
                " WHERE conversation_search MATCH ?",
                [query],
            )
        else:
            found = self._database.column(
                "SELECT DISTINCT persona_id FROM conversations WHERE instr(spoken(turns), ?)", [text.strip()]
            )
        return set(found)

    def _where(self, persona_id: str, text: str) -> tuple[str, list[object]]:
        """Return what comes after FROM (something with a column ``seq``), and its values."""
        query = search.match_query(text, persona_id)
        if query:
            return "(SELECT rowid AS seq FROM conversation_search WHERE conversation_search MATCH ?)", [query]
        if text.strip():  # nothing but punctuation: no index knows it, so the texts themselves are read
            return "conversations WHERE persona_id = ? AND instr(spoken(turns), ?)", [persona_id, text.strip()]
        return "conversations WHERE persona_id = ?", [persona_id]

    def _known(self, persona_id: str, contents: list[str]) -> set[str]:
        """Return which of these hashes the persona has already."""
        found = self._database.column(
            "SELECT content_hash FROM conversations"
            " WHERE content_hash IN (SELECT value FROM json_each(?)) AND persona_id = ?",
            [_encode(contents).decode(), persona_id],
        )
        return set(found)

    def _insert(self, persona_id: str, conversations: list[Conversation]) -> list[str]:
        added, moment = self._fresh_ids(len(conversations)), now()
        with self._database.transaction():
            self._database.write_many(
                f"INSERT INTO conversations (id, persona_id, created_at, {_CONTENT})"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (id, persona_id, moment, *_content(conversation))
                    for id, conversation in zip(added, conversations, strict=True)
                ),
            )
            add_to_index(self._database, added)
        return added

    def _fresh_ids(self, count: int) -> list[str]:
        # 32 random bits meet themselves in a library of 100,000 conversations, so taken ids are drawn again.
        found: dict[str, None] = {}
        while len(found) < count:
            drawn = [new_id("talk") for _ in range(count - len(found))]
            taken = self._database.column(
                "SELECT id FROM conversations WHERE id IN (SELECT value FROM json_each(?))", [_encode(drawn).decode()]
            )
            found.update(dict.fromkeys(set(drawn).difference(taken)))
        return list(found)

    def _there(self, conversation_id: str) -> StoredConversation:
        found = self.get(conversation_id)
        if found is None:
            raise StudioError("not_found", what="conversation", name=conversation_id)
        return found


def _content(conversation: Conversation) -> tuple[object, ...]:
    return (
        _encode(conversation.turns).decode(),
        conversation.title,
        conversation.source,
        _encode(conversation.tags).decode(),
        content_hash(conversation),
        len(conversation.persona_turns),
    )


def _stored(row: Row) -> StoredConversation:
    return StoredConversation(
        id=row["id"],
        persona_id=row["persona_id"],
        conversation=Conversation(
            turns=_turns.decode(row["turns"]),
            title=row["title"],
            source=row["source"],
            tags=_words.decode(row["tags"]),
        ),
        revision=row["revision"],
        created_at=row["created_at"],
    )


def _called(row: Row) -> str:
    return " ".join([row["name"], *_words.decode(row["tags"])])


def _all_in(words: list[str], text: str) -> bool:
    return all(word in text for word in words)
