"""What the second shape keeps beside every conversation, worked out for those that are there already."""

from collections.abc import Iterator
from typing import Any

import msgspec
import sqlite_utils

from studio.domain.conversation import Conversation, Turn
from studio.library.conversation_facts import GAP, chain, facets_of, facts_of
from studio.library.search import indexed_signs, indexed_text

_BATCH = 500
_turns = msgspec.json.Decoder(tuple[Turn, ...])
_words = msgspec.json.Decoder(tuple[str, ...])
_FACTS = """INSERT INTO conversation_facts
    (persona_id, position, seq, id, revision, words, turns, persona_turns, lengths, split_key, imported)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_Row = tuple[Any, ...]


def fill(database: sqlite_utils.Database) -> None:
    """Fill the new tables; at no time more than a few hundred conversations are in memory."""
    numbers: dict[_Row, int] = {}
    for rows in _batches(database):
        read = [(row, _conversation(row)) for row in rows]
        database.conn.executemany(_FACTS, [_facts(*one) for one in read])
        database.conn.executemany(
            "INSERT INTO sign_search (rowid, signs) VALUES (?, ?)", [_signs(*one) for one in read]
        )
        facets = [((row[2], *facet), row[0]) for row, conversation in read for facet in facets_of(conversation)]
        database.conn.executemany(
            "INSERT INTO conversation_facets (facet_id, seq) VALUES (?, ?)",
            [(numbers.setdefault(facet, len(numbers) + 1), seq) for facet, seq in facets],
        )
    database.conn.executemany(
        "INSERT INTO facet_values (persona_id, kind, value, id) VALUES (?, ?, ?, ?)",
        [(*facet, number) for facet, number in numbers.items()],
    )


def _batches(database: sqlite_utils.Database) -> Iterator[list[_Row]]:
    after = 0
    while rows := database.conn.execute(
        "SELECT c.seq, c.id, c.persona_id, c.revision, c.turns, c.title, c.source, c.tags, r.turns FROM conversations c"
        " LEFT JOIN conversation_revisions r ON r.conversation_id = c.id AND r.revision = 1"
        " WHERE c.seq > ? ORDER BY c.seq LIMIT ?",
        [after, _BATCH],
    ).fetchall():
        yield rows
        after = rows[-1][0]


def _conversation(row: _Row) -> Conversation:
    return Conversation(turns=_turns.decode(row[4]), title=row[5], source=row[6], tags=_words.decode(row[7]))


def _facts(row: _Row, conversation: Conversation) -> _Row:
    seq, id, persona_id, revision, *_, first = row
    facts = facts_of(conversation)
    imported = chain(_turns.decode(first)) if first else facts.imported
    return (
        persona_id, seq * GAP, seq, id, revision, facts.words, facts.turns, facts.persona_turns, facts.lengths,
        facts.split_key, imported,
    )  # fmt: skip


def _signs(row: _Row, conversation: Conversation) -> _Row:
    text = indexed_text(conversation.title, conversation.tags, (turn.text for turn in conversation.turns))
    return row[0], indexed_signs(row[2], text)
