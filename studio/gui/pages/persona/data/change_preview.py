"""What a change would do: worked out while one waits, then its count and the words before and after."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from studio.domain.data_changes import ChangePreview
from studio.domain.errors import StudioError
from studio.gui.pages.persona.data.change_words import count_words, place_of, shown_changes
from studio.gui.widgets.basic import label, set_kind
from studio.gui.widgets.diff_view import DiffView
from studio.gui.widgets.layouts import column, row
from studio.services.job import Job, JobState, Progress
from studio.texts import sentence, tr

if TYPE_CHECKING:
    from studio.services.studio import Studio

SHOWN_AFTER_MS = 100


class ChangePreviewPane(QWidget):
    """``place_opened`` tells conversation and turn. ``ready`` tells whether there is anything to apply."""

    place_opened = Signal(str, int)
    ready = Signal(bool)

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._studio = studio
        self._job: Job[ChangePreview] | None = None
        self.words = label("", "small", wrap=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(140)
        self._bar.setAccessibleName(tr("Progress"))
        self.view = DiffView(tr("Words before and after"))
        self.view.opened.connect(lambda key: self.place_opened.emit(*place_of(key)))
        line = row(self.words, self._bar, spacing=10)
        line.setStretch(0, 1)
        whole = column(line, self.view, spacing=8)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        self._bar.hide()
        self._soon = QTimer(self, singleShot=True, interval=SHOWN_AFTER_MS)
        self._soon.timeout.connect(lambda: self._bar.setVisible(self._job is not None))

    def ask(self, start: Callable[[], Job[ChangePreview]]) -> None:
        """Work out another preview; the one under way is given up."""
        self.give_up()
        self.ready.emit(False)
        try:
            job = start()
        except StudioError as error:
            self._trouble(error)
            return
        self._job = job
        self._bar.setRange(0, 0)
        self._soon.start()
        job.on_progress(self._advance)
        job.on_end(self._ended)

    def clear(self, words: str) -> None:
        """Show no preview, and say why."""
        self.give_up()
        self._say(words)
        self.view.show_changes(())
        self.ready.emit(False)

    def give_up(self) -> None:
        """Stop working."""
        job, self._job = self._job, None
        self._soon.stop()
        self._bar.hide()
        if job is not None:
            job.cancel()

    def _advance(self, progress: Progress) -> None:
        if progress.total > 0:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(1000 * min(progress.done / progress.total, 1)))

    def _ended(self, job: Job[ChangePreview]) -> None:
        if job is not self._job:
            return
        self._job = None
        self._soon.stop()
        self._bar.hide()
        if job.state is JobState.DONE and job.result is not None:
            self._show(job.result)
        elif job.error is not None:
            self._trouble(job.error)

    def _show(self, preview: ChangePreview) -> None:
        self._say(count_words(preview))
        self.view.show_changes(shown_changes(self._studio, preview))
        self.view.verticalScrollBar().setValue(0)
        self.ready.emit(preview.places > 0)

    def _trouble(self, error: StudioError) -> None:
        self.view.show_changes(())
        self.ready.emit(False)
        if error.code != "cancelled":
            self._say(sentence(error), "bad")

    def _say(self, words: str, kind: str = "small") -> None:
        self.words.setText(words)
        if self.words.objectName() != kind:
            set_kind(self.words, kind)
