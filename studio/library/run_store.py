"""Runs: every training from queue to end."""

import dataclasses
from typing import Any

from studio.domain.errors import StudioError
from studio.domain.run import Run, RunState
from studio.library.connection import Database
from studio.library.records import RecordTable


class RunStore:
    """Runs by id, persona and state. Removing goes through ``Trash``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table = RecordTable(database, "runs", Run)

    def add(self, run: Run) -> None:
        """Keep a new run. Its persona, dataset version and recipe must be there."""
        self._table.add(run)

    def get(self, run_id: str) -> Run | None:
        """Return the run with this id, if there is one."""
        return self._table.get(run_id)

    def all(self, persona_id: str = "") -> list[Run]:
        """Return the runs (of one persona), newest first."""
        if not persona_id:
            return self._table.select("ORDER BY rowid DESC")
        return self._table.select("WHERE persona_id = ? ORDER BY rowid DESC", [persona_id])

    def in_state(self, *states: RunState) -> list[Run]:
        """Return the runs that stand in one of ``states``: by their place in the queue, then the oldest first."""
        marks = ", ".join("?" * len(states))
        return self._table.select(f"WHERE state IN ({marks}) ORDER BY place, rowid", [state.value for state in states])

    def update(self, run_id: str, **fields: Any) -> Run:
        """Change some fields; return the run as it is now."""
        with self._database.transaction():
            run = self.get(run_id)
            if run is None:
                raise StudioError("not_found", what="run", name=run_id)
            changed = dataclasses.replace(run, **fields)
            self._table.put(changed)
            return changed

    def last_place(self) -> float:
        """Return the place of the last queued run: one that takes the same place comes after it."""
        return float(self._database.value("SELECT max(place) FROM runs WHERE state = 'queued'") or 0.0)

    def next_number(self, persona_id: str) -> int:
        """Return the number of the persona's next run."""
        newest = self._database.value("SELECT max(number) FROM runs WHERE persona_id = ?", [persona_id])
        return (newest or 0) + 1
