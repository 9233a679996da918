"""The data bench, the journal: what was done to a persona's data, undone and done again."""

from studio.domain.acts import Act
from studio.domain.errors import StudioError
from studio.services.data_desk import DataPart
from studio.services.job import Job, Progress
from studio.services.sliced import Steps, at_once, run_sliced


class DataHistory(DataPart):
    """Acts stay in the library, so they can be undone after a restart too."""

    def history(self, persona_id: str, limit: int = 50) -> list[Act]:
        """What was done, newest first."""
        return self._library.journal.history(persona_id, limit)

    def undo(self, token: str) -> None:
        """Undo an act, or a deletion of anything."""
        self._desk.undo.undo(token)

    def undo_last(self, persona_id: str) -> Act | None:
        """Undo the newest act that stands; None when there is none."""
        act = self._library.journal.last_done(persona_id)
        return at_once(self._turning(act.token, undo=True)) if act else None

    def redo_last(self, persona_id: str) -> Act | None:
        """Do again what was undone last; None when there is nothing, or something else was done since."""
        act = self._library.journal.next_redo(persona_id)
        return at_once(self._turning(act.token, undo=False)) if act else None

    def undo_job(self, token: str) -> Job[None]:
        """As ``undo``, in slices: for acts that touched many conversations."""
        return run_sliced(self._desk.deliver, "undoing", self._undoing(token))

    def redo_job(self, token: str) -> Job[Act]:
        """Do an undone act again, in slices."""
        return run_sliced(self._desk.deliver, "redoing", self._turning(token, undo=False))

    def _undoing(self, token: str) -> Steps[None]:
        for done, total in self._desk.undo.undoing(token):
            yield Progress(what="undoing", done=done, total=total)

    def _turning(self, token: str, *, undo: bool) -> Steps[Act]:
        for done, total in self._desk.undo.turning(token, undo=undo):
            yield Progress(what="undoing" if undo else "redoing", done=done, total=total)
        found = self._library.journal.get(token)
        if found is None:
            raise StudioError("act_gone")
        return found
