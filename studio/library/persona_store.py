"""Personas as the library keeps them."""

from studio.domain.persona import Persona
from studio.library.connection import Database
from studio.library.records import RecordTable
from studio.library.search import folded


class PersonaStore:
    """Personas by id and name. Removing goes through ``Trash``."""

    def __init__(self, database: Database) -> None:
        self._table = RecordTable(
            database, "personas", Persona, derived={"folded_name": lambda persona: folded(persona.name)}
        )

    def add(self, persona: Persona) -> None:
        """Keep a new persona."""
        self._table.add(persona)

    def get(self, persona_id: str) -> Persona | None:
        """Return the persona with this id, if there is one."""
        return self._table.get(persona_id)

    def all(self) -> list[Persona]:
        """Return all personas by name."""
        return self._table.select("ORDER BY folded_name, id")

    def find(self, name: str) -> list[Persona]:
        """Return the personas of this name, whatever its case."""
        return self._table.select("WHERE folded_name = ? ORDER BY created_at, id", [folded(name)])

    def update(self, persona: Persona) -> bool:
        """Write all fields of a persona that is there already; False when it is not."""
        return self._table.put(persona)
