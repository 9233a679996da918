"""Drafts: examples that wait for a yes or a no."""

from collections.abc import Iterable

from studio.domain.drafts import Draft, DraftState
from studio.library.connection import Database
from studio.library.conversation_rows import as_json
from studio.library.records import RecordTable


class DraftStore:
    """Drafts by persona, in the order in which they were made."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table = RecordTable(database, "drafts", Draft)

    def add_many(self, drafts: Iterable[Draft]) -> None:
        """Keep new drafts, all or none."""
        self._table.add_many(drafts)

    def get(self, draft_id: str) -> Draft | None:
        """Return the draft with this id, if there is one."""
        return self._table.get(draft_id)

    def page(self, persona_id: str, state: DraftState | None = None, offset: int = 0, limit: int = 200) -> list[Draft]:
        """Return drafts of a persona (in one state), oldest first."""
        which, values = ("", []) if state is None else ("AND state = ?", [state.value])
        return self._table.select(
            f"WHERE persona_id = ? {which} ORDER BY rowid LIMIT ? OFFSET ?", [persona_id, *values, limit, offset]
        )

    def update(self, draft: Draft) -> bool:
        """Write all fields of a draft that is there already; False when it is not."""
        return self._table.put(draft)

    def count(self, persona_id: str) -> dict[DraftState, int]:
        """Return how many drafts of a persona are in each state."""
        rows = self._database.rows(
            "SELECT state, count(*) AS found FROM drafts WHERE persona_id = ? GROUP BY state", [persona_id]
        )
        return dict.fromkeys(DraftState, 0) | {DraftState(row["state"]): row["found"] for row in rows}

    def remove(self, ids: Iterable[str]) -> int:
        """Forget drafts; return how many were there."""
        return self._database.write(
            "DELETE FROM drafts WHERE id IN (SELECT value FROM json_each(?))", [as_json(list(ids))]
        )
