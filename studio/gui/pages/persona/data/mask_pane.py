"""What the model sees of the open conversation: asked of the engine when it is looked at, and again when it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from studio.domain.errors import StudioError
from studio.gui.widgets.layouts import column
from studio.gui.widgets.mask_view import MaskViewWidget
from studio.services.job import Job, JobState
from studio.texts import sentence, tr

if TYPE_CHECKING:
    from studio.domain.mask import MaskView
    from studio.services.studio import Studio

DELAY_MS = 350


class MaskPane(QWidget):
    """Asks only while it is shown."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._studio = studio
        self._conversation_id, self._stale = "", True
        self._job: Job[MaskView] | None = None
        self.widget = MaskViewWidget()
        self.setLayout(column(self.widget))
        self._later = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._later.timeout.connect(self._ask)

    def show_conversation(self, conversation_id: str, *, at_once: bool = True) -> None:
        """Show another conversation, or this one as it is now."""
        self._conversation_id, self._stale = conversation_id, True
        if self.isVisible():
            if at_once:
                self._ask()
            else:
                self._later.start()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        if self._stale:
            self._ask()

    def _ask(self) -> None:
        if not self._conversation_id or not self.isVisible():
            return
        self._stale = False
        before, self._job = self._job, None
        if before is not None:
            before.cancel()
        self.widget.show_waiting(tr("The engine works out what the model sees."))
        try:
            job = self._studio.masks.show(self._conversation_id)
        except StudioError as error:
            self.widget.show_trouble(sentence(error))
            return
        self._job = job
        job.on_end(self._ended)

    def _ended(self, job: Job[MaskView]) -> None:
        if job is not self._job:
            return
        self._job = None
        if job.state is JobState.DONE and job.result is not None:
            self.widget.show_mask(job.result)
        elif job.error is not None and job.error.code != "cancelled":
            self.widget.show_trouble(sentence(job.error))
