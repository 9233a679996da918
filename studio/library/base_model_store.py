"""Base models that the library knows."""

from studio.domain.base_model import BaseModel
from studio.library.connection import Database
from studio.library.records import RecordTable
from studio.library.search import folded


class BaseModelStore:
    """Bases by id, name and fingerprint. Removing goes through ``Trash``."""

    def __init__(self, database: Database) -> None:
        self._table = RecordTable(database, "base_models", BaseModel)

    def add(self, base: BaseModel) -> None:
        """Keep a new base."""
        self._table.add(base)

    def get(self, base_id: str) -> BaseModel | None:
        """Return the base with this id, if there is one."""
        return self._table.get(base_id)

    def all(self) -> list[BaseModel]:
        """Return all bases, newest first."""
        return self._table.select("ORDER BY rowid DESC")

    def find(self, name: str) -> list[BaseModel]:
        """Return the bases of this name, whatever its case, newest first."""
        return [base for base in self.all() if folded(base.name) == folded(name)]

    def by_fingerprint(self, fingerprint: str) -> BaseModel | None:
        """Return the newest base with this fingerprint, if there is one."""
        found = self._table.select("WHERE fingerprint = ? ORDER BY rowid DESC LIMIT 1", [fingerprint])
        return found[0] if found else None

    def update(self, base: BaseModel) -> bool:
        """Write all fields of a base that is there already; False when it is not."""
        return self._table.put(base)
