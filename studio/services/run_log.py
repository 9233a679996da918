"""What the queue did with a run, as lines of the run's log."""

from studio.domain.clock import now
from studio.domain.run import Run, RunNote
from studio.library.library import Library


class RunLog:
    """Codes have their sentences in ``texts``."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def tell(self, run: Run, code: str, weight: str = "info", **details: object) -> None:
        """Add a line."""
        note = RunNote(run_id=run.id, step=run.step, code=code, details=details, weight=weight, at=now())
        self._library.run_records.add_note(note)

    def told(self, run: Run, code: str) -> bool:
        """True when this was told of the run at the step where it stands."""
        return any(note.code == code and note.step == run.step for note in self._library.run_records.notes(run.id))
