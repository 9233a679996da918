"""Exports: what was made of adapters, and where it went."""

from dataclasses import dataclass

from studio.library.connection import Database
from studio.library.records import RecordTable


@dataclass(frozen=True, kw_only=True)
class Export:
    """One export. ``content`` is the SHA-256 that its report named."""

    id: str
    adapter_id: str
    format: str
    path: str
    content: str = ""
    created_at: str = ""


class ExportStore:
    """Exports by adapter."""

    def __init__(self, database: Database) -> None:
        self._table = RecordTable(database, "exports", Export)

    def add(self, export: Export) -> None:
        """Keep a new export."""
        self._table.add(export)

    def all(self, adapter_id: str) -> list[Export]:
        """Return an adapter's exports, newest first."""
        return self._table.select("WHERE adapter_id = ? ORDER BY rowid DESC", [adapter_id])
