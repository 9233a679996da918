"""Adapters: what runs made."""

from studio.domain.adapter import Adapter
from studio.library.connection import Database
from studio.library.records import RecordTable
from studio.library.search import folded


class AdapterStore:
    """Adapters by id, name and persona. Removing goes through ``Trash``."""

    def __init__(self, database: Database) -> None:
        self._table = RecordTable(
            database,
            "adapters",
            Adapter,
            references=["persona_id"],
            derived={"folded_name": lambda adapter: folded(adapter.name)},
        )

    def add(self, adapter: Adapter) -> None:
        """Keep a new adapter (the row comes after its folder)."""
        self._table.add(adapter)

    def get(self, adapter_id: str) -> Adapter | None:
        """Return the adapter with this id, if there is one."""
        return self._table.get(adapter_id)

    def all(self, persona_id: str = "") -> list[Adapter]:
        """Return the adapters (of one persona), newest first."""
        if not persona_id:
            return self._table.select("ORDER BY rowid DESC")
        return self._table.select("WHERE persona_id = ? ORDER BY rowid DESC", [persona_id])

    def find(self, name: str) -> list[Adapter]:
        """Return the adapters of this name, whatever its case, newest first."""
        return self._table.select("WHERE folded_name = ? ORDER BY rowid DESC", [folded(name)])

    def newest_of_each(self) -> dict[str, Adapter]:
        """Return each persona's newest adapter, by persona id, in one query."""
        found = self._table.select("WHERE rowid IN (SELECT max(rowid) FROM adapters GROUP BY persona_id)")
        return {adapter.persona_id: adapter for adapter in found if adapter.persona_id}

    def update(self, adapter: Adapter) -> bool:
        """Write all fields of an adapter that is there already; False when it is not."""
        return self._table.put(adapter)
