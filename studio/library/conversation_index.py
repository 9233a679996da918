"""Everything that is worked out from conversations and kept beside them: words, punctuation, figures, facets.

Written in bulk and in the order of rowids: FTS5 writes to the disk at every savepoint and whenever a rowid is not above
the last one, which takes several times as long.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec

from studio.domain.conversation import Conversation, Turn
from studio.domain.dataset import StoredConversation
from studio.library.connection import Database
from studio.library.conversation_facts import GAP, Facts, facets_of, facts_of
from studio.library.search import indexed_signs, indexed_text, persona_key

_FACTS = "words, turns, persona_turns, lengths, split_key, imported"
_turns = msgspec.json.Decoder(tuple[Turn, ...])
_words = msgspec.json.Decoder(tuple[str, ...])


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A conversation that was just written, with its rowid and place."""

    seq: int
    id: str
    persona_id: str
    conversation: Conversation
    revision: int = 1
    position: int = 0
    imported: int | None = None


@dataclass(frozen=True, kw_only=True)
class Present:
    """A conversation as it is now, with its rowid."""

    seq: int
    stored: StoredConversation


@dataclass(frozen=True, kw_only=True)
class Change:
    """A conversation that gets other content."""

    before: Present
    conversation: Conversation
    revision: int

    @property
    def after(self) -> StoredConversation:
        """What it is then."""
        return replace(self.before.stored, conversation=self.conversation, revision=self.revision)


class ConversationIndex:
    """Written along with the conversations, in the same transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._facet_ids: dict[tuple[str, str, str], int] = {}
        self._rollbacks = database.rollbacks

    def add(self, placed: Sequence[Placed]) -> None:
        """Index conversations that were just inserted, in the order of their rowids."""
        self.add_facts([(one, facts_of(one.conversation, one.imported)) for one in placed])
        self.add_words(placed)
        self.add_facets(placed)

    def add_facts(self, placed: Iterable[tuple[Placed, Facts]]) -> None:
        """Keep the figures."""
        self._database.write_many(
            f"INSERT INTO conversation_facts (persona_id, position, seq, id, revision, {_FACTS})"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (one.persona_id, one.position, one.seq, one.id, one.revision, *_figures(facts), facts.imported)
                for one, facts in placed
            ),
        )

    def add_words(self, placed: Sequence[Placed]) -> None:
        """Make the words and the punctuation findable."""
        texts = [_text(one.conversation) for one in placed]
        self._database.write_many(
            "INSERT INTO conversation_search (rowid, persona, words) VALUES (?, ?, ?)",
            ((one.seq, persona_key(one.persona_id), text) for one, text in zip(placed, texts, strict=True)),
        )
        self._database.write_many(
            "INSERT INTO sign_search (rowid, signs) VALUES (?, ?)",
            ((one.seq, indexed_signs(one.persona_id, text)) for one, text in zip(placed, texts, strict=True)),
        )

    def add_facets(self, placed: Iterable[Placed]) -> None:
        """Make speakers, tags, sources and marks findable."""
        rows = [
            (self.facet_id(one.persona_id, kind, value), one.seq)
            for one in placed
            for kind, value in facets_of(one.conversation)
        ]
        self._database.write_many("INSERT OR IGNORE INTO conversation_facets (facet_id, seq) VALUES (?, ?)", rows)

    def change(self, changes: Sequence[Change]) -> None:
        """Take up new contents."""
        self._database.write_many(
            "UPDATE conversation_facts SET (revision, words, turns, persona_turns, lengths, split_key)"
            " = (?, ?, ?, ?, ?, ?) WHERE seq = ?",
            ((change.revision, *_figures(facts_of(change.conversation, 0)), change.before.seq) for change in changes),
        )
        self._change_facets(changes)
        self._change_words(changes)

    def _change_facets(self, changes: Sequence[Change]) -> None:
        gone: list[tuple[int, int]] = []
        come: list[tuple[int, int]] = []
        for change in changes:
            before, after = facets_of(change.before.stored.conversation), facets_of(change.conversation)
            owner, seq = change.before.stored.persona_id, change.before.seq
            gone += [(self.facet_id(owner, *facet), seq) for facet in before - after]
            come += [(self.facet_id(owner, *facet), seq) for facet in after - before]
        self._database.write_many("DELETE FROM conversation_facets WHERE facet_id = ? AND seq = ?", gone)
        self._database.write_many("INSERT OR IGNORE INTO conversation_facets (facet_id, seq) VALUES (?, ?)", come)

    def _change_words(self, changes: Sequence[Change]) -> None:
        texts = {
            change.before.seq: (change.before.stored.persona_id, _text(change.conversation))
            for change in changes
            if _text(change.conversation) != _text(change.before.stored.conversation)
        }
        self._database.write_many(
            "UPDATE conversation_search SET words = ? WHERE rowid = ?",
            ((text, seq) for seq, (_, text) in sorted(texts.items())),
        )
        self._database.write_many(
            "UPDATE sign_search SET signs = ? WHERE rowid = ?",
            ((indexed_signs(owner, text), seq) for seq, (owner, text) in sorted(texts.items())),
        )

    def facet_id(self, persona_id: str, kind: str, value: str) -> int:
        """Return the number of a facet, which it is given when it is first met."""
        if self._rollbacks != self._database.rollbacks:  # numbers that were given then are void
            self._facet_ids.clear()
            self._rollbacks = self._database.rollbacks
        named = persona_id, kind, value
        if named not in self._facet_ids:
            self._database.write("INSERT OR IGNORE INTO facet_values (persona_id, kind, value) VALUES (?, ?, ?)", named)
            self._facet_ids[named] = self._database.value(
                "SELECT id FROM facet_values WHERE persona_id = ? AND kind = ? AND value = ?", named
            )
        return self._facet_ids[named]

    def bring_back(self, ids: Sequence[str], batch: int = 1000) -> None:
        """Index conversations that came back from the trash, figures included where they have none."""
        for at in range(0, len(ids), batch):
            self._bring_back(ids[at : at + batch])

    def _bring_back(self, ids: Sequence[str]) -> None:
        placed = self._placed(ids)
        known = set(
            self._database.column(
                "SELECT seq FROM conversation_facts WHERE seq IN (SELECT value FROM json_each(?))",
                [json.dumps([one.seq for one in placed])],
            )
        )
        self.add_words(placed)
        self.add_facets(placed)
        self.add_facts([(one, facts_of(one.conversation)) for one in placed if one.seq not in known])

    def _placed(self, ids: Sequence[str]) -> list[Placed]:
        rows = self._database.rows(
            "SELECT seq, id, persona_id, turns, title, source, tags, revision FROM conversations"
            " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY seq",
            [json.dumps(list(ids))],
        )
        return [
            Placed(
                seq=row["seq"],
                id=row["id"],
                persona_id=row["persona_id"],
                conversation=Conversation(
                    turns=_turns.decode(row["turns"]),
                    title=row["title"],
                    source=row["source"],
                    tags=_words.decode(row["tags"]),
                ),
                revision=row["revision"],
                position=row["seq"] * GAP,
            )
            for row in rows
        ]


def _text(conversation: Conversation) -> str:
    return indexed_text(conversation.title, conversation.tags, (turn.text for turn in conversation.turns))


def _figures(facts: Facts) -> tuple[object, ...]:
    return facts.words, facts.turns, facts.persona_turns, facts.lengths, facts.split_key
