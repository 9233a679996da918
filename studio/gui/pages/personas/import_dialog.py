"""The import dialog: choose, read in the background, look at what was understood, then store what is ticked."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QFileDialog, QStackedWidget

from studio.domain.errors import StudioError
from studio.gui.background import run_in_background
from studio.gui.navigator import Navigator
from studio.gui.pages.personas.import_presenter import ImportPresenter
from studio.gui.pages.personas.import_review import ImportReview
from studio.gui.pages.personas.import_row import ImportRowCard
from studio.gui.pages.personas.import_views import WaitingView, choose_view
from studio.gui.pages.personas.presenter import imported
from studio.gui.widgets.layouts import column
from studio.gui.window.drop_zone import local_paths
from studio.texts import tr

if TYPE_CHECKING:
    from PySide6.QtGui import QDragEnterEvent, QDropEvent

    from studio.services.imports import ImportPlan, ImportReport
    from studio.services.job import Job
    from studio.services.studio import Studio


class ImportDialog(QDialog):
    """Nothing is written before Import is pressed."""

    def __init__(self, studio: Studio, navigator: Navigator, persona: str = "") -> None:
        super().__init__(navigator.window_widget())
        self._studio, self._navigator, self._persona = studio, navigator, persona
        self._paths: list[Path] = []
        self._cancelled = threading.Event()
        self.presenter = ImportPresenter()
        self.setWindowTitle(tr("Import"))
        self.setAcceptDrops(True)
        self.resize(900, 680)
        self._stack = QStackedWidget()
        self._stack.setObjectName("clear")
        choose = choose_view(studio.imports.formats(), self._choose_files, self._choose_folder, self.reject)
        self._waiting = WaitingView(tr("Reading, nothing is written yet"), self.cancel_waiting)
        self.review = self._review_view()
        for view in (choose, self._waiting, self.review):
            self._stack.addWidget(view)
        self.setLayout(column(self._stack, margins=(24, 20, 24, 18)))
        self._progress = (0.0, 0.0, "")  # written by the reading thread, shown by the timer
        self._ticking = QTimer(self)
        self._storing: Job[ImportReport] | None = None
        self._ticking.setInterval(80)
        self._ticking.timeout.connect(lambda: self._show_progress(*self._progress))

    def _review_view(self) -> ImportReview:
        view = ImportReview(self._studio, self.presenter)
        view.store_requested.connect(self.store)
        view.other_files_requested.connect(lambda: self._stack.setCurrentIndex(0))
        view.cancel_requested.connect(self.reject)
        return view

    def cards(self) -> list[ImportRowCard]:
        """The cards of single files on the screen."""
        return self.review.cards()

    def _show_review(self) -> None:
        self._stack.setCurrentIndex(2)
        self.review.show_rows()

    # -- reading ------------------------------------------------------------------------------------------------

    def read(self, paths: Sequence[Path]) -> None:
        """Read files and folders in the background, then show what was understood."""
        self._paths = list(paths)
        self._cancelled = threading.Event()
        self._waiting.start(tr("Reading, nothing is written yet"))
        self._progress = (0.0, 0.0, "")
        self._ticking.start()
        self._stack.setCurrentIndex(1)
        run_in_background(
            partial(self._read, self._paths, self._cancelled),
            owner=self,
            on_result=self._show_plan,
            on_error=self._show_error,
        )

    def _read(self, paths: Sequence[Path], cancelled: threading.Event) -> ImportPlan:
        """On the thread."""
        return self._studio.imports.read(
            paths, persona=self._persona, progress=self._keep_progress, cancelled=cancelled.is_set
        )

    def _keep_progress(self, done: float, total: float, what: str) -> None:
        self._progress = (done, total, what)  # no signal: the dialog may be gone while the thread still reads

    def cancel_waiting(self) -> None:
        """Give up reading (nothing was written) or storing (what was written is taken back)."""
        self._cancelled.set()
        self._waiting.show_cancelling()
        if self._storing is not None:
            self._storing.cancel()

    def _show_progress(self, done: float, total: float, what: str) -> None:
        if not self._cancelled.is_set():
            self._waiting.show_progress(done, total, Path(what).name)

    def _show_plan(self, plan: ImportPlan) -> None:
        self._ticking.stop()
        self.presenter.show_plan(plan)
        self._show_review()

    def _show_error(self, error: StudioError) -> None:
        self._ticking.stop()
        if error.code == "cancelled":
            self._stack.setCurrentIndex(0)
            return
        self.presenter.show_error(self._paths, error)
        self._show_review()

    # -- storing ------------------------------------------------------------------------------------------------

    def store(self) -> None:
        """Store what is ticked and say what happened."""
        from studio.services.imports import ImportPlan

        self._cancelled = threading.Event()
        self._waiting.start(tr("Putting it into the library"))
        self._stack.setCurrentIndex(1)
        self._storing = self._studio.imports.commit_job(ImportPlan(items=self.presenter.chosen()))
        self._storing.on_progress(lambda told: self._show_progress(told.done, told.total, ""))
        self._storing.on_end(self._stored)

    def _stored(self, job: Job[ImportReport]) -> None:
        self._storing = None
        if not shiboken6.isValid(self):
            return
        if job.error or job.result is None:
            self._stack.setCurrentIndex(2)
            if job.error and job.error.code != "cancelled":
                self._navigator.show_error(job.error)
            return
        self.accept()
        self._tell(job.result)

    def _tell(self, report: ImportReport) -> None:
        undo = (lambda: self._studio.data.undo(report.act)) if report.act else None
        self._navigator.toast(imported(report), undo)
        if len(report.personas) == 1:
            self._navigator.open_persona(report.personas[0].persona_id, "data")
        else:
            self._navigator.open_page("personas")

    # -- files --------------------------------------------------------------------------------------------------

    def _choose_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, tr("Choose files"))
        if names:
            self.read([Path(name) for name in names])

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Choose a folder"))
        if name:
            self.read([Path(name)])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_paths(event.mimeData()) and self._stack.currentIndex() != 1:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.read(local_paths(event.mimeData()))

    def done(self, result: int) -> None:
        self._cancelled.set()
        if self._storing is not None:
            self._storing.cancel()
        super().done(result)


def import_into(studio: Studio, navigator: Navigator, paths: Sequence[Path], persona: str = "") -> ImportDialog:
    """Open the dialog on files, or on the question which files."""
    dialog = ImportDialog(studio, navigator, persona)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if paths:
        dialog.read(paths)
    dialog.open()
    return dialog
