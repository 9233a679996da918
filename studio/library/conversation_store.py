"""Conversations: added once, edited in revisions, found by what they hold."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import msgspec

from studio.domain.conversation import Conversation, content_hash
from studio.domain.data_filter import Filter
from studio.domain.dataset import StoredConversation
from studio.domain.errors import StudioError
from studio.library.connection import Database
from studio.library.conversation_query import Query, query
from studio.library.conversation_rows import STORED, as_json, stored
from studio.library.conversation_writing import ConversationWriting
from studio.library.persona_search import personas_with

ALL = Filter()


@dataclass(frozen=True, kw_only=True)
class TurnCounts:
    """How much a persona has to learn from."""

    conversations: int = 0
    persona_turns: int = 0


@dataclass(frozen=True, kw_only=True)
class DataFigures:
    """How much there is; ``lengths`` are words per turn of the persona."""

    conversations: int
    persona_turns: int
    turns: int
    words: int
    heldout: int
    lengths: list[int]


class ConversationStore(ConversationWriting):
    """The conversations of all personas, each persona's in an order of its own. Those removed by an act do not show."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)

    def add_many(self, persona_id: str, conversations: Iterable[Conversation]) -> tuple[list[str], int]:
        """Add those whose words the persona does not have yet; return (ids added, duplicates skipped)."""
        given = [(content_hash(conversation), conversation) for conversation in conversations]
        known = self.known(persona_id, [content for content, _ in given])
        fresh: dict[str, Conversation] = {}
        for content, conversation in given:
            if content not in known:
                fresh.setdefault(content, conversation)
        return self.insert(persona_id, fresh.values(), hashes=list(fresh)), len(given) - len(fresh)

    def get(self, conversation_id: str) -> StoredConversation | None:
        """Return the conversation with this id, if there is one."""
        row = self._database.row(
            f"SELECT {STORED} FROM conversations c WHERE id = ?"
            " AND EXISTS (SELECT 1 FROM conversation_facts f WHERE f.seq = c.seq AND f.removed = 0)",
            [conversation_id],
        )
        return stored(row) if row else None

    def many(self, ids: Sequence[str]) -> list[StoredConversation]:
        """Return the conversations with these ids, in the order of the ids; those that are not there are left out."""
        rows = self._database.rows(
            f"SELECT {STORED} FROM conversations c JOIN conversation_facts f ON f.seq = c.seq AND f.removed = 0"
            " WHERE c.id IN (SELECT value FROM json_each(?))",
            [as_json(list(ids))],
        )
        found = {row["id"]: stored(row) for row in rows}
        return [found[id] for id in ids if id in found]

    def page(
        self, persona_id: str, where: Filter | str = ALL, offset: int = 0, limit: int = 200
    ) -> list[StoredConversation]:
        """Return one page of what the filter (or a search for these words) lets through."""
        return self.many(self.ids(persona_id, where, offset, limit))

    def ids(self, persona_id: str, where: Filter | str = ALL, offset: int = 0, limit: int = -1) -> list[str]:
        """Return the ids of what the filter lets through, in order."""
        asked = self._query(persona_id, where)
        return self._database.column(
            f"SELECT f.id FROM {asked.source} ORDER BY {asked.order} LIMIT ? OFFSET ?", [*asked.values, limit, offset]
        )

    def count(self, persona_id: str, where: Filter | str = ALL) -> int:
        """Return how many the filter lets through."""
        asked = self._query(persona_id, where)
        return int(self._database.value(f"SELECT count(*) FROM {asked.source}", asked.values))

    def row_of(self, persona_id: str, where: Filter, conversation_id: str) -> int:
        """Return the place of a conversation among what the filter lets through, from 0; -1 when it is not there."""
        asked = self._query(persona_id, where)
        if not self._database.value(
            f"SELECT count(*) FROM {asked.source} AND f.id = ?", [*asked.values, conversation_id]
        ):
            return -1
        return int(
            self._database.value(
                f"WITH x AS MATERIALIZED (SELECT position, words, seq FROM conversation_facts"
                " WHERE seq = (SELECT seq FROM conversations WHERE id = ?))"
                f" SELECT count(*) FROM x, {asked.source} AND {asked.before}",
                [conversation_id, *asked.values],
            )
        )

    def each(self, persona_id: str, batch: int = 500, where: Filter = ALL) -> Iterator[StoredConversation]:
        """Yield all that the filter lets through, without holding all of them in memory."""
        ids = self.ids(persona_id, where)
        for at in range(0, len(ids), batch):
            yield from self.many(ids[at : at + batch])

    def owners(self, ids: Sequence[str]) -> dict[str, int]:
        """Return whose these conversations are, with how many of them are there."""
        rows = self._database.rows(
            "SELECT persona_id, count(*) AS found FROM conversation_facts WHERE removed = 0 AND seq IN"
            " (SELECT seq FROM conversations WHERE id IN (SELECT value FROM json_each(?))) GROUP BY persona_id",
            [as_json(list(ids))],
        )
        return {row["persona_id"]: row["found"] for row in rows}

    def turn_counts(self, persona_ids: Sequence[str] | None = None) -> dict[str, TurnCounts]:
        """Return the counts of these personas (all when None) in one query; those without data are left out."""
        which = "" if persona_ids is None else "AND persona_id IN (SELECT value FROM json_each(?)) "
        rows = self._database.rows(
            "SELECT persona_id, count(*) AS conversations, sum(persona_turns) AS persona_turns "
            f"FROM conversation_facts WHERE removed = 0 {which}GROUP BY persona_id",
            [] if persona_ids is None else [as_json(list(persona_ids))],
        )
        return {
            row["persona_id"]: TurnCounts(conversations=row["conversations"], persona_turns=row["persona_turns"])
            for row in rows
        }

    def figures(self, persona_id: str, heldout_fraction: float) -> DataFigures:
        """Return how much a persona's data is."""
        row = self._database.row(
            "SELECT count(*) AS conversations, ifnull(sum(persona_turns), 0) AS persona_turns,"
            " ifnull(sum(turns), 0) AS turns, ifnull(sum(words), 0) AS words,"
            " ifnull(sum(split_key < ?), 0) AS heldout, ifnull(group_concat(nullif(lengths, ''), ' '), '') AS lengths"
            " FROM conversation_facts WHERE persona_id = ? AND removed = 0",
            [heldout_fraction * 2.0**63, persona_id],
        )
        assert row is not None, "an aggregate always has its row"
        lengths = msgspec.json.decode(f"[{row['lengths'].replace(' ', ',')}]", type=list[int])  # the quickest way
        return DataFigures(**{**row, "lengths": lengths})

    def stamp(self, persona_id: str) -> str:
        """Return a word for the state of a persona's data: the same again when an edit was undone."""
        row = self._database.row(
            "SELECT count(*) AS found, ifnull(sum(mixed * mixed % 2147483647), 0) AS mixed FROM"
            " (SELECT (seq * 1103515245 + revision * 12345 + position % 65537) % 2147483647 AS mixed"
            " FROM conversation_facts WHERE persona_id = ? AND removed = 0)",
            [persona_id],
        )
        assert row is not None, "an aggregate always has its row"
        return f"{row['found']}:{row['mixed']}"

    def revisions(self, conversation_id: str) -> list[StoredConversation]:
        """Return all revisions that were kept, oldest first, the present content last."""
        present = self._there(conversation_id)
        rows = self._database.rows(
            "SELECT c.id, c.persona_id, r.turns, r.title, r.source, r.tags, r.revision, c.created_at"
            " FROM conversation_revisions r JOIN conversations c ON c.id = r.conversation_id"
            " WHERE r.conversation_id = ? AND r.revision <> c.revision ORDER BY r.revision",
            [conversation_id],
        )
        return [*map(stored, rows), present]

    def search_personas(self, text: str) -> set[str]:
        """Return the personas whose name and tags, or one conversation of theirs, hold every word of ``text``."""
        return personas_with(self._database, text)

    def known(self, persona_id: str, contents: Sequence[str]) -> set[str]:
        """Return which of these hashes the persona has already."""
        found = self._database.column(
            "SELECT content_hash FROM conversations c"
            " WHERE content_hash IN (SELECT value FROM json_each(?)) AND persona_id = ?"
            " AND EXISTS (SELECT 1 FROM conversation_facts f WHERE f.seq = c.seq AND f.removed = 0)",
            [as_json(list(contents)), persona_id],
        )
        return set(found)

    def with_content(self, persona_id: str, content: str) -> str:
        """Return the id of the persona's conversation with these words (see ``content_hash``); empty for none."""
        found = self._database.value(
            "SELECT id FROM conversations c WHERE content_hash = ? AND persona_id = ?"
            " AND EXISTS (SELECT 1 FROM conversation_facts f WHERE f.seq = c.seq AND f.removed = 0) LIMIT 1",
            [content, persona_id],
        )
        return str(found) if found else ""

    def unchanging(self) -> AbstractContextManager[None]:
        """Within: everything is read as it was at the beginning (libraries that were opened for reading)."""
        return self._database.unchanging()

    def _query(self, persona_id: str, where: Filter | str) -> Query:
        return query(self._database, persona_id, Filter(text=where) if isinstance(where, str) else where)

    def _there(self, conversation_id: str) -> StoredConversation:
        found = self.get(conversation_id)
        if found is None:
            raise StudioError("not_found", what="conversation", name=conversation_id)
        return found
