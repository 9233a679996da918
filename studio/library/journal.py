"""The journal of acts: what each did to which conversations, so that it can be undone and done again."""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from studio.domain.acts import Act
from studio.domain.clock import now
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.library.connection import Database
from studio.library.conversation_order import MOVED
from studio.library.conversation_rows import as_json
from studio.library.conversation_writing import ConversationWriting

_ACT = "token, persona_id, label, conversations, done_at, undone"
_SLICE = 10
"""Conversations whose words are put back at a time; everything else of an act is one statement."""


class Step(StrEnum):
    """What happened to a conversation. ``before`` and ``after`` are revisions, positions or what came in."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = MOVED
    GROWN = "grown"


class Journal:
    """Acts are undone newest first, or one that nothing later has built upon."""

    def __init__(self, database: Database, conversations: ConversationWriting) -> None:
        self._database = database
        self._conversations = conversations

    def begin(self, persona_id: str, label: str) -> str:
        """Open an act; return its token. Its steps follow, in this transaction or in later ones."""
        token = new_id("act")
        self._database.write(
            "INSERT INTO acts (token, persona_id, label, done_at) VALUES (?, ?, ?, ?)",
            [token, persona_id, label, now()],
        )
        return token

    def note(self, token: str, step: Step, rows: Iterable[tuple[str, int, int]]) -> None:
        """Write down steps of an act: (conversation, before, after)."""
        number, noted = self._number(token), list(rows)
        self._database.write_many(
            "INSERT INTO act_steps (act, conversation, kind, before, after)"
            " SELECT ?, seq, ?, ?, ? FROM conversations WHERE id = ?"
            " ON CONFLICT (act, conversation, kind) DO UPDATE SET after = excluded.after",
            ((number, step.value, before, after, id) for id, before, after in noted),
        )
        self._count(number, step, len(noted))

    def note_all(self, token: str, step: Step, ids: Sequence[str]) -> None:
        """Write down steps that have no figures, in one statement."""
        number = self._number(token)
        noted = self._database.write(
            "INSERT INTO act_steps (act, conversation, kind)"
            " SELECT ?, seq, ? FROM conversations WHERE id IN (SELECT value FROM json_each(?))",
            [number, step.value, as_json(list(ids))],
        )
        self._count(number, step, noted)

    def get(self, token: str) -> Act | None:
        """Return the act of a token, if there is one."""
        found = self._acts("WHERE token = ?", [token])
        return found[0] if found else None

    def history(self, persona_id: str, limit: int) -> list[Act]:
        """Return what was done, newest first."""
        return self._acts("WHERE persona_id = ? ORDER BY seq DESC LIMIT ?", [persona_id, limit])

    def last_done(self, persona_id: str) -> Act | None:
        """Return the newest act that stands."""
        found = self._acts("WHERE persona_id = ? AND undone = 0 ORDER BY seq DESC LIMIT 1", [persona_id])
        return found[0] if found else None

    def next_redo(self, persona_id: str) -> Act | None:
        """Return the act that was undone last, unless something was done since."""
        standing = "(SELECT ifnull(max(seq), 0) FROM acts WHERE persona_id = ?1 AND undone = 0)"
        found = self._acts(
            f"WHERE persona_id = ?1 AND undone = 1 AND seq > {standing} ORDER BY seq LIMIT 1", [persona_id]
        )
        return found[0] if found else None

    def forget(self, token: str) -> None:
        """Drop an act that came to nothing."""
        self._database.write("DELETE FROM acts WHERE token = ?", [token])

    def discard(self, token: str) -> Iterator[tuple[int, int]]:
        """Undo an act that was given up, and delete for good what it added, in small transactions."""
        number = self._number(token)
        yield from self.turn(token, undo=True, given_up=True)
        added = self._database.column(
            "SELECT conversation FROM act_steps WHERE act = ? AND kind = ?", [number, Step.ADDED.value]
        )
        for at in range(0, len(added), _SLICE):
            self._database.write(
                "DELETE FROM conversations WHERE seq IN (SELECT value FROM json_each(?))",
                [as_json(added[at : at + _SLICE])],
            )
            yield at, len(added)
        self.forget(token)

    def touched(self, token: str) -> list[str]:
        """Return the conversations of an act."""
        return self._database.column(
            "SELECT DISTINCT f.id FROM act_steps s JOIN conversation_facts f ON f.seq = s.conversation WHERE s.act = ?",
            [self._number(token)],
        )

    def turn(self, token: str, *, undo: bool, given_up: bool = False) -> Iterator[tuple[int, int]]:
        """Undo an act, or do it again, in small transactions; yield (done, of how many) between them.

        Broken off anywhere, it can be begun once more and comes to the same end. An act that is ``given_up`` half way
        is undone whatever came later; what was edited meanwhile is left as it is.
        """
        number = self._number(token)
        if not given_up:
            self._refuse(number, undo)
        changed = self._database.rows(
            "SELECT f.id, s.before, s.after FROM act_steps s JOIN conversation_facts f ON f.seq = s.conversation"
            " WHERE s.act = ? AND s.kind = ? AND (NOT ? OR f.revision = s.after)",
            [number, Step.CHANGED.value, given_up],
        )
        for at in range(0, len(changed), _SLICE):
            with self._database.transaction():
                side = "before" if undo else "after"
                self._conversations.restore_many([(row["id"], row[side]) for row in changed[at : at + _SLICE]])
            yield at, len(changed)
        with self._database.transaction():
            self._turn_figures(number, "before" if undo else "after")
            self._turn_presence(number, undo)
            self._database.write("UPDATE acts SET undone = ? WHERE seq = ?", [int(undo), number])

    def _turn_figures(self, number: int, side: str) -> None:
        for step, column in ((Step.MOVED, "position"), (Step.GROWN, "imported")):
            self._database.write(
                f"UPDATE conversation_facts SET {column} = s.{side} FROM act_steps s"
                " WHERE s.act = ? AND s.kind = ? AND s.conversation = conversation_facts.seq",
                [number, step.value],
            )

    def _turn_presence(self, number: int, undo: bool) -> None:
        for step, removed in ((Step.ADDED, undo), (Step.REMOVED, not undo)):
            self._database.write(
                "UPDATE conversation_facts SET removed = ? WHERE seq IN"
                " (SELECT conversation FROM act_steps WHERE act = ? AND kind = ?)",
                [int(removed), number, step.value],
            )

    def _refuse(self, number: int, undo: bool) -> None:
        """Raise when there is nothing to do, or when a later act that stands touched the same conversations."""
        row = self._database.row("SELECT undone FROM acts WHERE seq = ?", [number])
        if row is None or bool(row["undone"]) is undo:
            raise StudioError("act_turned")
        later = self._database.value(
            "SELECT label FROM acts WHERE undone = 0 AND seq = (SELECT max(l.act) FROM act_steps s"
            " JOIN act_steps l ON l.conversation = s.conversation JOIN acts a ON a.seq = l.act AND a.undone = 0"
            " WHERE s.act = ?1 AND l.act > ?1)",
            [number],
        )
        if later is not None:
            raise StudioError("act_overtaken", label=later)

    def _number(self, token: str) -> int:
        found = self._database.value("SELECT seq FROM acts WHERE token = ?", [token])
        if found is None:
            raise StudioError("act_gone")
        return int(found)

    def _count(self, number: int, step: Step, noted: int) -> None:
        if step is not Step.GROWN:  # what has grown was changed as well
            self._database.write("UPDATE acts SET conversations = conversations + ? WHERE seq = ?", [noted, number])

    def _acts(self, rest: str, values: Sequence[object]) -> list[Act]:
        rows = self._database.rows(f"SELECT {_ACT} FROM acts {rest}", values)
        return [Act(**{**row, "undone": bool(row["undone"])}) for row in rows]
