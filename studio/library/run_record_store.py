"""What belongs to runs beside their curves: groups, samples, the log, and measured memory."""

from collections.abc import Mapping
from dataclasses import dataclass

from studio.domain.clock import now
from studio.domain.run import RunGroup, RunNote, RunSample
from studio.library.connection import Database
from studio.library.records import RecordTable


@dataclass(frozen=True, kw_only=True)
class MemoryMeasurement:
    """Bytes estimated for a training, and those that its dry steps needed; ``details`` say under which conditions."""

    key: str
    estimated: int
    measured: int
    details: Mapping[str, object]
    created_at: str = ""


class RunRecordStore:
    """By run; a sample of the same step and prompt takes the place of the one before."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._groups = RecordTable(database, "run_groups", RunGroup)
        self._samples = RecordTable(database, "run_samples", RunSample)
        self._notes = RecordTable(database, "run_notes", RunNote)
        self._measured = RecordTable(database, "memory_measurements", MemoryMeasurement)

    def add_group(self, group: RunGroup) -> None:
        """Keep a new group."""
        self._groups.add(group)

    def group(self, group_id: str) -> RunGroup | None:
        """Return the group with this id, if there is one."""
        return self._groups.get(group_id)

    def groups(self, kind: str = "") -> list[RunGroup]:
        """Return the groups (of one kind), newest first."""
        if kind:
            return self._groups.select("WHERE kind = ? ORDER BY rowid DESC", [kind])
        return self._groups.select("ORDER BY rowid DESC")

    def add_sample(self, sample: RunSample) -> None:
        """Keep a sample."""
        self._samples.add_many([sample], replace=True)

    def samples(self, run_id: str) -> list[RunSample]:
        """Return a run's samples by step, then by prompt."""
        return self._samples.select("WHERE run_id = ? ORDER BY step, key", [run_id])

    def add_note(self, note: RunNote) -> None:
        """Add a line to a run's log."""
        self._notes.add(note)

    def notes(self, run_id: str) -> list[RunNote]:
        """Return a run's log, oldest line first."""
        return self._notes.select("WHERE run_id = ? ORDER BY seq", [run_id])

    def forget_after(self, run_id: str, step: int) -> None:
        """Drop the samples after ``step``: a run goes on from a checkpoint made there. The log stays as it was told."""
        self._database.write("DELETE FROM run_samples WHERE run_id = ? AND step > ?", [run_id, step])

    def remember_memory(self, key: str, estimated: int, measured: int, details: Mapping[str, object]) -> None:
        """Keep what dry steps needed, in the place of an older measurement under the same key."""
        row = MemoryMeasurement(key=key, estimated=estimated, measured=measured, details=details, created_at=now())
        self._measured.add_many([row], replace=True)

    def memory(self, key: str) -> MemoryMeasurement | None:
        """Return what is remembered under ``key``."""
        found = self._measured.select("WHERE key = ?", [key])
        return found[0] if found else None
