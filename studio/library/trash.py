"""The trash: what is deleted moves here with everything that hangs on it, and comes back by its token."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from studio.domain.changes import Kind
from studio.domain.clock import now
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.library.check_store import CheckStore
from studio.library.connection import Database, Row
from studio.library.conversation_index import ConversationIndex

TABLES = {
    Kind.PERSONA: "personas",
    Kind.CONVERSATION: "conversations",
    Kind.BASE: "base_models",
    Kind.RUN: "runs",
    Kind.ADAPTER: "adapters",
    Kind.CHAT: "chats",
    Kind.MESSAGE: "chat_messages",
}
"""What can be removed, and where it is kept."""
_KINDS = {table: kind.value for kind, table in TABLES.items()}


@dataclass(frozen=True, kw_only=True)
class TrashEntry:
    """One removal: ``kind`` and ``item_id`` of what the user deleted."""

    token: str
    kind: Kind
    item_id: str
    removed_at: str


class Trash:
    """Rows follow foreign keys with ON DELETE CASCADE, so a new table takes part by its schema alone.

    Files and folders stay where they are until the entry is purged.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def remove(self, kind: Kind, item_id: str) -> str:
        """Move an item and all that hangs on it to the trash; return the token that brings it back."""
        table, token = TABLES[kind], new_id("trash")
        with self._database.transaction():
            rows = list(self._with_children(table, item_id))
            if not rows:
                raise StudioError("not_found", what=str(kind), name=item_id)
            self._database.write(
                "INSERT INTO trash (token, kind, item_id, removed_at) VALUES (?, ?, ?, ?)",
                [token, kind.value, item_id, now()],
            )
            self._keep(token, rows)
            self._delete_trees(rows)
            self._database.write(f"DELETE FROM {table} WHERE id = ?", [item_id])
        return token

    def undo(self, token: str) -> TrashEntry:
        """Bring back what ``token`` stands for; return what it was."""
        entry = self.get(token)
        if entry is None:
            raise StudioError("trash_gone")
        with self._database.transaction():
            self._database.write("PRAGMA defer_foreign_keys = ON")
            self._refuse_orphans(token)
            rows = self._database.rows(
                "SELECT table_name, item FROM trash_rows WHERE token = ? ORDER BY position", [token]
            )
            ids: list[str] = []
            owners = {entry.item_id}
            for table, of_table in groupby(rows, key=lambda row: row["table_name"]):
                items = [json.loads(row["item"]) for row in of_table]
                self._restore(table, items)
                if table == TABLES[Kind.CONVERSATION]:
                    ids = [item["id"] for item in items]
                    owners |= {item["persona_id"] for item in items}
            ConversationIndex(self._database).bring_back(ids)
            CheckStore(self._database).mark_again(owners)
            self.purge(token)
        return entry

    def get(self, token: str) -> TrashEntry | None:
        """Return the entry of a token, if it is still in the trash."""
        found = self._entries("WHERE token = ?", [token])
        return found[0] if found else None

    def entries(self) -> list[TrashEntry]:
        """Return what is in the trash, newest first."""
        return self._entries("ORDER BY seq DESC")

    def rows(self, table: str, token: str = "") -> list[Row]:
        """Return the removed rows of one table (of one removal): whose files are still spoken for."""
        which, values = ("AND token = ?", [table, token]) if token else ("", [table])
        found = self._database.column(f"SELECT item FROM trash_rows WHERE table_name = ? {which}", values)
        return [json.loads(item) for item in found]

    def purge(self, token: str) -> None:
        """Forget a removal for good."""
        self._database.write("DELETE FROM trash WHERE token = ?", [token])

    def _entries(self, rest: str, values: Sequence[object] = ()) -> list[TrashEntry]:
        rows = self._database.rows(f"SELECT token, kind, item_id, removed_at FROM trash {rest}", values)
        return [TrashEntry(**{**row, "kind": Kind(row["kind"])}) for row in rows]

    def _keep(self, token: str, rows: Iterable[tuple[str, Row]]) -> None:
        self._database.write_many(
            "INSERT INTO trash_rows (token, position, table_name, item) VALUES (?, ?, ?, ?)",
            (
                (token, position, table, json.dumps(row, ensure_ascii=False))
                for position, (table, row) in enumerate(rows)
            ),
        )

    def _refuse_orphans(self, token: str) -> None:
        """Raise ``trash_parent_gone`` when the item belongs to something that is deleted itself."""
        first = self._database.row("SELECT table_name, item FROM trash_rows WHERE token = ? AND position = 0", [token])
        assert first is not None, "a removal always keeps the item's own row"
        item = json.loads(first["item"])
        for row in self._database.rows(f"PRAGMA foreign_key_list({first['table_name']})"):
            sought, parent = item[row["from"]], row["table"]
            found = self._database.value(f"SELECT count(*) FROM {parent} WHERE {row['to']} = ?", [sought])
            if sought is not None and not found:
                raise StudioError("trash_parent_gone", what=_KINDS.get(parent, parent))

    def _restore(self, table: str, rows: list[Row]) -> None:
        # Columns by name: a migration may have added some since the rows were removed.
        columns, marks = ", ".join(f'"{name}"' for name in rows[0]), ", ".join("?" * len(rows[0]))
        sql = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
        self._database.write_many(sql, (list(row.values()) for row in rows))

    def _with_children(self, table: str, item_id: str) -> Iterator[tuple[str, Row]]:
        """Yield the item's row and, level by level, the rows that its removal takes along."""
        level: list[tuple[str, list[Row]]] = [
            (table, self._database.rows(f"SELECT * FROM {table} WHERE id = ?", [item_id]))
        ]
        seen: set[tuple[object, ...]] = set()
        while level:
            below: list[tuple[str, list[Row]]] = []
            for parent, rows in level:
                fresh = {mark: row for row in rows if (mark := (parent, *row.values())) not in seen}
                seen |= fresh.keys()
                yield from ((parent, row) for row in fresh.values())
                below += self._children(parent, list(fresh.values()))
            level = below

    def _delete_trees(self, rows: list[tuple[str, Row]]) -> None:
        """Delete the rows of tables that hang on themselves, the last first: SQLite follows a chain of cascades for a
        thousand levels only, and a chat is longer."""
        for table in dict.fromkeys(table for table, _ in rows):
            keys = [key for child, _, key in self._cascades(table) if child == table]
            if keys:
                doomed = [[row[keys[0]]] for name, row in reversed(rows) if name == table]
                self._database.write_many(f"DELETE FROM {table} WHERE {keys[0]} = ?", doomed)

    def _children(self, parent: str, rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
        for child, column, key in self._cascades(parent):
            keys = json.dumps([row[key] for row in rows])
            sql = f"SELECT * FROM {child} WHERE {column} IN (SELECT value FROM json_each(?)) ORDER BY 1"
            if child == parent:  # a chain of thousands would be as many levels
                sql = (
                    "WITH RECURSIVE below(k) AS (SELECT value FROM json_each(?) UNION"
                    f" SELECT c.{key} FROM {child} c JOIN below ON c.{column} = k)"
                    f" SELECT * FROM {child} WHERE {key} IN (SELECT k FROM below) ORDER BY 1"
                )
            if found := self._database.rows(sql, [keys]):
                yield child, found

    def _cascades(self, parent: str) -> list[tuple[str, str, str]]:
        """Return (table, column, parent's column) of the foreign keys that a removal in ``parent`` follows."""
        return [
            (row["child"], row["column"], row["key"])
            for row in self._database.rows(
                """SELECT m.name AS child, f."from" AS "column", f."to" AS key
                FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
                WHERE m.type = 'table' AND f."table" = ? AND f.on_delete = 'CASCADE' ORDER BY m.rowid""",
                [parent],
            )
        ]
