"""Long work in one line: what goes on, how far it is, and a way to give it up. Shown only when it takes a moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QProgressBar, QWidget

from studio.domain.errors import StudioError
from studio.gui.widgets.basic import icon_button
from studio.gui.widgets.elided import ElidedLabel
from studio.gui.widgets.layouts import row
from studio.services.job import Job, JobState, Progress
from studio.texts import tr

SHOWN_AFTER_MS = 100
T = TypeVar("T")


class WorkLine(QWidget):
    """One job at a time; a further one takes the line over, and the earlier one goes on unseen."""

    def __init__(self, failed: Callable[[StudioError], None]) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._failed = failed
        self._job: Job[object] | None = None
        self._words, self._bar = ElidedLabel("", "small"), QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(110)
        self._bar.setAccessibleName(tr("Progress"))
        self.cancel = icon_button("mdi6.close", tr("Cancel"), self._cancel, size=24)
        self.setLayout(row(self._words, self._bar, self.cancel, spacing=8))
        self._soon = QTimer(self, singleShot=True, interval=SHOWN_AFTER_MS)
        self._soon.timeout.connect(self._appear)
        self.hide()

    @property
    def busy(self) -> bool:
        """True while a job is under way."""
        return self._job is not None and not self._job.ended

    def follow(self, job: Job[T], words: str, done: Callable[[T], None]) -> None:
        """Show a job until it ends; ``done`` gets its result."""
        self._job = job  # type: ignore[assignment]
        self._words.setText(words)
        self._bar.setAccessibleDescription(words)
        self._bar.setRange(0, 0)
        job.on_progress(self._advance)
        self._soon.start()
        job.on_end(lambda ended: self._ended(ended, done))

    def _appear(self) -> None:
        self.setVisible(self.busy)

    def _advance(self, progress: Progress) -> None:
        if progress.total > 0:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(1000 * min(progress.done / progress.total, 1)))

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _ended(self, job: Job[T], done: Callable[[T], None]) -> None:
        if self._job is job:
            self._soon.stop()
            self.hide()
        if job.state is JobState.DONE:
            done(job.result)  # type: ignore[arg-type]
        elif job.error is not None:
            self._failed(job.error)
