"""Keeps what the checks say up to date: by itself where the data is small, on request where it is large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from studio.domain.errors import StudioError
from studio.domain.mask import LongRows
from studio.gui.pages.persona.data.presenter import DataPresenter
from studio.services.engine import EngineState
from studio.services.job import Job, Progress
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio

DELAY_MS = 1200
AWAKE = (EngineState.READY, EngineState.WORKING)


class DataChecker(QObject):
    """``changed`` tells that there is a new report, or another state of checking."""

    changed = Signal()
    failed = Signal(object)

    def __init__(self, studio: Studio, presenter: DataPresenter, parent: QObject) -> None:
        super().__init__(parent)
        self._studio, self._presenter = studio, presenter
        self._job: Job[Any] | None = None
        self._again = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._again.timeout.connect(self._check_if_due)
        self._share = 0.0

    @property
    def checking(self) -> bool:
        """True while the checks run."""
        return self._job is not None

    def begin(self) -> None:
        """Another persona, or the tab was opened: take the kept report, and check when that is due."""
        self._give_up()
        self._presenter.take_stored_check()
        self.changed.emit()
        if not self._presenter.fresh and self._presenter.is_small():
            self.check()

    def data_changed(self) -> None:
        """What was found may no longer be so."""
        self._presenter.fresh = False
        self.changed.emit()
        if self._presenter.is_small():
            self._again.start()

    def look_again(self) -> None:
        """Something happened elsewhere: is what was found still so?"""
        if self.checking:
            self._again.start()
            return
        self._presenter.take_stored_check()
        if self._presenter.fresh:
            self.changed.emit()
        else:
            self.data_changed()

    def _check_if_due(self) -> None:
        self._presenter.take_stored_check()
        if not self._presenter.fresh:
            self.check()

    def check(self) -> None:
        """Look through everything now."""
        if not self._presenter.persona_id:
            return
        self._give_up()
        if self._studio.engine.state in AWAKE:
            self._measure_rows(self._presenter.persona_id)
        else:
            self._look(self._presenter.persona_id, LongRows(base_name="", max_length=0))
        self.changed.emit()

    def _measure_rows(self, persona_id: str) -> None:
        """Which conversations are longer than the window: the engine knows; it is never started for that."""
        job = self._studio.masks.long_rows(persona_id)
        self._job, self._share = job, 0.0

        def ended(measured: Job[LongRows]) -> None:
            if measured is self._job:  # without a base, or a template that refuses, the other checks still count
                self._look(persona_id, measured.result or LongRows(base_name="", max_length=0))

        job.on_end(ended)

    def _look(self, persona_id: str, rows: LongRows) -> None:
        job = self._studio.data.check_now(persona_id, long_rows=rows.conversations, window=rows.max_length)
        self._job, self._share = job, 0.0
        job.on_progress(self._advance)
        job.on_end(lambda ended: self._ended(ended, persona_id))

    def cancel(self) -> None:
        """The user does not want to wait."""
        self._give_up()
        self.changed.emit()

    def _give_up(self) -> None:
        self._again.stop()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _advance(self, progress: Progress) -> None:
        share = progress.done / progress.total if progress.total else 0.0
        if abs(share - self._share) >= 0.05:
            self._share = share
            self.changed.emit()

    def _ended(self, job: Job[Any], persona_id: str) -> None:
        if job is not self._job or persona_id != self._presenter.persona_id:
            return
        self._job = None
        if isinstance(job.error, StudioError):
            self.failed.emit(job.error)
        else:
            self._presenter.take_stored_check()
        self.changed.emit()

    def state_words(self) -> str:
        """Whether what is shown holds, honestly."""
        if self.checking:
            return tr("checking… {percent}%", percent=round(100 * self._share)) if self._share else tr("checking…")
        if self._presenter.report is None:
            return tr("not checked yet")
        return "" if self._presenter.fresh else tr("changed since the check")
