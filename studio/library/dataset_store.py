"""Dataset versions: what a run learned from, for good."""

from collections.abc import Iterable
from dataclasses import dataclass

from studio.domain.dataset import DatasetVersion
from studio.library.connection import Database
from studio.library.records import RecordTable


@dataclass(frozen=True, kw_only=True)
class DatasetItem:
    """One conversation of a version, as it was then."""

    conversation_id: str
    revision: int
    heldout: bool


class DatasetStore:
    """Immutable versions and the conversation revisions that they hold."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table = RecordTable(database, "dataset_versions", DatasetVersion)

    def add(self, version: DatasetVersion, items: Iterable[DatasetItem] = ()) -> None:
        """Keep a version with its items, in order."""
        with self._database.transaction():
            self._table.add(version)
            self._database.write_many(
                "INSERT INTO dataset_items (dataset_id, position, conversation_id, revision, heldout)"
                " VALUES (?, ?, ?, ?, ?)",
                (
                    (version.id, position, item.conversation_id, item.revision, int(item.heldout))
                    for position, item in enumerate(items)
                ),
            )

    def get(self, dataset_id: str) -> DatasetVersion | None:
        """Return the version with this id, if there is one."""
        return self._table.get(dataset_id)

    def all(self, persona_id: str = "") -> list[DatasetVersion]:
        """Return the versions (of one persona), newest first."""
        if not persona_id:
            return self._table.select("ORDER BY rowid DESC")
        return self._table.select("WHERE persona_id = ? ORDER BY number DESC", [persona_id])

    def newest(self, persona_id: str) -> DatasetVersion | None:
        """Return the persona's newest version, if there is one."""
        found = self._table.select("WHERE persona_id = ? ORDER BY number DESC LIMIT 1", [persona_id])
        return found[0] if found else None

    def next_number(self, persona_id: str) -> int:
        """Return the number of the persona's next version."""
        newest = self.newest(persona_id)
        return newest.number + 1 if newest else 1

    def rename(self, dataset_id: str, name: str) -> None:
        """Call a version something; nothing else of it ever changes."""
        self._database.write("UPDATE dataset_versions SET name = ? WHERE id = ?", [name, dataset_id])

    def items(self, dataset_id: str) -> list[DatasetItem]:
        """Return what a version holds, in order."""
        rows = self._database.rows(
            "SELECT conversation_id, revision, heldout FROM dataset_items WHERE dataset_id = ? ORDER BY position",
            [dataset_id],
        )
        return [
            DatasetItem(conversation_id=row["conversation_id"], revision=row["revision"], heldout=bool(row["heldout"]))
            for row in rows
        ]
