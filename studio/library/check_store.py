"""The newest check of each persona, and what it found as something to filter by."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.library.connection import Database
from studio.library.conversation_facts import FacetKind
from studio.library.conversation_index import ConversationIndex
from studio.library.conversation_rows import as_json

if TYPE_CHECKING:
    from studio.checks import CheckReport

_AT_ONCE = 4000
"""Marks in one statement: about as many as fit between two frames of a window."""


@dataclass(frozen=True, kw_only=True)
class KeptCheck:
    """A report and the state of the data (``ConversationStore.stamp`` and more) that it speaks of."""

    report: "CheckReport"
    stamp: str
    checked_at: str


class CheckStore:
    """Reports by persona."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._index = ConversationIndex(database)

    def put(self, persona_id: str, check: KeptCheck) -> None:
        """Keep a report in place of the one before."""
        self._database.write(
            "INSERT OR REPLACE INTO stored_checks (persona_id, stamp, checked_at, report) VALUES (?, ?, ?, ?)",
            [persona_id, check.stamp, check.checked_at, as_json(check.report)],
        )

    def get(self, persona_id: str) -> KeptCheck | None:
        """Return the report that was kept; None when there is none, or one of another version of the checks."""
        import msgspec

        from studio.checks import CheckReport

        row = self._database.row(
            "SELECT stamp, checked_at, report FROM stored_checks WHERE persona_id = ?", [persona_id]
        )
        if row is None:
            return None
        try:
            report = msgspec.json.decode(row["report"], type=CheckReport)
        except msgspec.ValidationError:
            return None
        return KeptCheck(report=report, stamp=row["stamp"], checked_at=row["checked_at"])

    def mark(self, persona_id: str, flagged: Mapping[str, Sequence[str]]) -> None:
        """Make conversations findable by what was found in them, and by nothing that was found before."""
        with self._database.transaction():
            for _ in self.marking(persona_id, flagged):
                pass

    def marking(self, persona_id: str, flagged: Mapping[str, Sequence[str]]) -> Iterator[None]:
        """The same a few thousand at a time."""
        while self._database.write(
            "DELETE FROM conversation_facets WHERE (facet_id, seq) IN (SELECT facet_id, seq FROM conversation_facets"
            " WHERE facet_id IN (SELECT id FROM facet_values WHERE persona_id = ? AND kind = ?) LIMIT ?)",
            [persona_id, FacetKind.FINDING.value, _AT_ONCE],
        ):
            yield
        for code, ids in flagged.items():
            facet_id = self._index.facet_id(persona_id, FacetKind.FINDING.value, code)
            for at in range(0, len(ids), _AT_ONCE):
                self._mark(facet_id, ids[at : at + _AT_ONCE])
                yield

    def mark_again(self, persona_ids: Iterable[str]) -> None:
        """Mark what kept reports found: their conversations came back from the trash."""
        for persona_id in persona_ids:
            text = self._database.value("SELECT report FROM stored_checks WHERE persona_id = ?", [persona_id])
            if text:
                self.mark(persona_id, json.loads(text).get("flagged", {}))

    def _mark(self, facet_id: int, ids: Sequence[str]) -> None:
        self._database.write(
            "INSERT OR IGNORE INTO conversation_facets (facet_id, seq)"
            " SELECT ?, seq FROM conversations WHERE id IN (SELECT value FROM json_each(?))",
            [facet_id, as_json(list(ids))],
        )
