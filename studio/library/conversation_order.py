"""The order in which a persona's conversations lie: numbers with room between them."""

from collections.abc import Callable, Iterable, Sequence

from studio.library.connection import Database
from studio.library.conversation_facts import GAP
from studio.library.conversation_rows import as_json

MOVED = "moved"
"""The kind of step in the journal whose figures are positions."""


class ConversationOrder:
    """Removed conversations keep their place, so that they come back to it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def positions(self, ids: Sequence[str]) -> dict[str, int]:
        """Return where conversations lie."""
        rows = self._database.rows(
            "SELECT id, position FROM conversation_facts WHERE seq IN"
            " (SELECT seq FROM conversations WHERE id IN (SELECT value FROM json_each(?)))",
            [as_json(list(ids))],
        )
        return {row["id"]: row["position"] for row in rows}

    def put(self, positions: Iterable[tuple[str, int]]) -> None:
        """Put conversations to positions."""
        self._database.write_many(
            "UPDATE conversation_facts SET position = ? WHERE seq = (SELECT seq FROM conversations WHERE id = ?)",
            ((position, id) for id, position in positions),
        )

    def room_at_the_end(self, persona_id: str, count: int) -> list[int]:
        """Return free positions behind all conversations of a persona."""
        last = self._edge(persona_id, "max", "")
        return [(last or 0) + GAP * (at + 1) for at in range(count)]

    def room_before(self, persona_id: str, conversation_id: str, count: int) -> list[int]:
        """Return free positions right before a conversation."""

        def found() -> list[int]:
            upper = self.positions([conversation_id])[conversation_id]
            lower = self._edge(persona_id, "max", "AND position < ?", upper)
            return _between(upper - GAP * (count + 1) if lower is None else lower, upper, count)

        return self._room(persona_id, found)

    def room_behind(self, persona_id: str, conversation_id: str, count: int) -> list[int]:
        """Return free positions right behind a conversation."""

        def found() -> list[int]:
            lower = self.positions([conversation_id])[conversation_id]
            upper = self._edge(persona_id, "min", "AND position > ?", lower)
            return _between(lower, lower + GAP * (count + 1) if upper is None else upper, count)

        return self._room(persona_id, found)

    def _room(self, persona_id: str, find: Callable[[], list[int]]) -> list[int]:
        room = find()
        while not room:
            self._spread(persona_id)
            room = find()
        return room

    def _edge(self, persona_id: str, which: str, condition: str, *values: int) -> int | None:
        found = self._database.value(
            f"SELECT {which}(position) FROM conversation_facts WHERE persona_id = ? {condition}", [persona_id, *values]
        )
        return None if found is None else int(found)

    def _spread(self, persona_id: str) -> None:
        """Make room everywhere. Positions that the journal would go back to are spread along, so order is kept."""
        with self._database.transaction():
            self._database.write("CREATE TEMP TABLE spread (old INTEGER PRIMARY KEY, new INTEGER)")
            steps = "FROM act_steps JOIN acts ON acts.seq = act WHERE kind = ?1 AND acts.persona_id = ?2"
            self._database.write(
                f"INSERT INTO spread SELECT old, row_number() OVER (ORDER BY old) * {GAP} FROM"
                " (SELECT position AS old FROM conversation_facts WHERE persona_id = ?2"
                f" UNION SELECT before {steps} UNION SELECT after {steps})",
                [MOVED, persona_id],
            )
            self._database.write(
                "UPDATE act_steps SET before = (SELECT new FROM spread WHERE old = before),"
                " after = (SELECT new FROM spread WHERE old = after)"
                " WHERE kind = ?1 AND act IN (SELECT seq FROM acts WHERE persona_id = ?2)",
                [MOVED, persona_id],
            )
            self._database.write(
                "UPDATE conversation_facts SET position = (SELECT new FROM spread WHERE old = position)"
                " WHERE persona_id = ?",
                [persona_id],
            )
            self._database.write("DROP TABLE spread")


def _between(lower: int, upper: int, count: int) -> list[int]:
    """Return positions at equal distances; empty when there is no room."""
    step = (upper - lower) // (count + 1)
    return [lower + step * (at + 1) for at in range(count)] if step else []
