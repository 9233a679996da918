"""The import dialog: choose, read in the background, look at what was understood, then store what is ticked."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QProgressBar, QStackedWidget, QWidget

from studio.domain.errors import StudioError
from studio.gui.background import run_in_background
from studio.gui.navigator import Navigator
from studio.gui.pages.personas.import_presenter import ImportPresenter, read_each
from studio.gui.pages.personas.import_row import ImportRowCard
from studio.gui.pages.personas.presenter import imported
from studio.gui.widgets.basic import IconLabel, button, card, label, scrolling
from studio.gui.widgets.layouts import clear, column, holder, row
from studio.gui.window.drop_zone import local_paths
from studio.texts import tr

if TYPE_CHECKING:
    from PySide6.QtGui import QDragEnterEvent, QDropEvent

    from studio.services.imports import ImportPlan
    from studio.services.studio import Studio

MOST_CARDS, CARDS_AT_ONCE = 100, 5


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
        self.resize(820, 640)
        self._stack = QStackedWidget()
        self._stack.setObjectName("clear")
        self._rows = column(spacing=10)
        for view in (self._choose_view(), self._reading_view(), self._review_view()):
            self._stack.addWidget(view)
        self.setLayout(column(self._stack, margins=(24, 20, 24, 18)))
        self._progress = (0.0, 0.0, "")  # written by the reading thread, shown by the timer
        self._adding, self._ticking = QTimer(self), QTimer(self)
        self._adding.timeout.connect(self._add_cards)
        self._ticking.setInterval(80)
        self._ticking.timeout.connect(lambda: self._show_progress(*self._progress))

    # -- the three views ----------------------------------------------------------------------------------------

    def _choose_view(self) -> QWidget:
        files = button(tr("Choose files"), "mdi6.file-multiple-outline", primary=True, on_click=self._choose_files)
        folder = button(tr("Choose a folder"), "mdi6.folder-outline", on_click=self._choose_folder)
        words = column(
            None,
            row(None, IconLabel("mdi6.tray-arrow-down", "accent", 48), None),
            row(None, label(tr("Drop files or folders here"), "h1"), None),
            4,
            row(None, files, folder, None),
            None,
            spacing=10,
        )
        known = [label(tr("What can be read"), "h2")]
        for one in self._studio.imports.formats():
            known.append(label(f"{one.label}  ·  {'  '.join(one.suffixes)}", wrap=True))
            known.append(label(one.summary, "small", wrap=True))
        cancel = button(tr("Cancel"), on_click=self.reject)
        whole = column(
            card(words, "drop"), card(column(*known, spacing=4, margins=(16, 12, 16, 12))), row(None, cancel)
        )
        whole.setSpacing(12)
        whole.setStretch(0, 1)
        return holder(whole)

    def _reading_view(self) -> QWidget:
        self._bar = QProgressBar()
        self._bar.setAccessibleName(tr("Reading"))
        self._bar.setFixedWidth(420)
        self._file = label("", "small")
        cancel = button(tr("Cancel"), on_click=self.cancel_reading)
        title = label(tr("Reading, nothing is written yet"), "h1")
        return holder(
            column(
                None,
                row(None, title, None),
                row(None, self._bar, None),
                row(None, self._file, None),
                8,
                row(None, cancel, None),
                None,
                spacing=12,
            )
        )

    def _review_view(self) -> QWidget:
        self._headline = label("", "muted")
        self._import = button(tr("Import"), "mdi6.import", primary=True, on_click=self.store)
        more = button(tr("Other files"), quiet=True, on_click=lambda: self._stack.setCurrentIndex(0))
        cancel = button(tr("Cancel"), on_click=self.reject)
        self._rows.setContentsMargins(0, 0, 8, 0)
        area = scrolling(holder(column(self._rows, None)))
        whole = column(label(tr("This is what was understood"), "h1"), self._headline, 2, area, 4)
        whole.addLayout(row(more, None, cancel, self._import))
        whole.setStretch(3, 1)
        return holder(whole)

    # -- reading ------------------------------------------------------------------------------------------------

    def read(self, paths: Sequence[Path]) -> None:
        """Read files and folders in the background, then show what was understood."""
        self._paths = list(paths)
        self._cancelled = threading.Event()
        self._bar.setRange(0, 0)
        self._file.setText("")
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
        """On the thread. When nothing could be read, each path is asked alone, so that each tells its own trouble."""
        read = partial(
            self._studio.imports.read, persona=self._persona, progress=self._keep_progress, cancelled=cancelled.is_set
        )
        try:
            return read(paths)
        except StudioError as error:
            if error.code == "cancelled" or len(paths) == 1:
                raise
            return read_each(read, paths)

    def _keep_progress(self, done: float, total: float, what: str) -> None:
        self._progress = (done, total, what)  # no signal: the dialog may be gone while the thread still reads

    def cancel_reading(self) -> None:
        """Give up reading; nothing was written."""
        self._cancelled.set()
        self._file.setText(tr("Cancelling…"))

    def _show_progress(self, done: float, total: float, what: str) -> None:
        if self._cancelled.is_set():
            return
        self._bar.setRange(0, 1000 if total else 0)
        self._bar.setValue(round(1000 * done / total) if total else 0)
        self._file.setText(Path(what).name)

    def _show_plan(self, plan: ImportPlan) -> None:
        self._ticking.stop()
        self.presenter.show_plan(plan)
        self._show_rows()

    def _show_error(self, error: StudioError) -> None:
        self._ticking.stop()
        if error.code == "cancelled":
            self._stack.setCurrentIndex(0)
            return
        self.presenter.show_error(self._paths, error)
        self._show_rows()

    # -- looking at it ------------------------------------------------------------------------------------------

    def _show_rows(self) -> None:
        clear(self._rows)
        self._adding.start(0)
        self._add_cards()
        self._stack.setCurrentIndex(2)
        self._show_summary()
        self._import.setFocus()

    def _add_cards(self) -> None:
        """Some at a time, so that a folder of a hundred chats does not make the window wait."""
        there = len(self.cards())
        wanted = min(len(self.presenter.rows), MOST_CARDS)
        for index in range(there, min(there + CARDS_AT_ONCE, wanted)):
            self._rows.addWidget(self._card(index))
        if there + CARDS_AT_ONCE < wanted:
            return
        self._adding.stop()
        if len(self.presenter.rows) > wanted:
            words = tr("and {count} more files", count=len(self.presenter.rows) - wanted)
            self._rows.addWidget(label(words, "muted"))

    def _card(self, index: int) -> ImportRowCard:
        return ImportRowCard(self.presenter.rows[index], partial(self._take, index), partial(self._answer, index))

    def cards(self) -> list[ImportRowCard]:
        """The cards on the screen."""
        widgets = [self._rows.itemAt(place).widget() for place in range(self._rows.count())]  # type: ignore[union-attr]
        return [widget for widget in widgets if isinstance(widget, ImportRowCard)]

    def _show_summary(self) -> None:
        self._headline.setText(self.presenter.headline())
        self._import.setText(self.presenter.button_words())
        self._import.setAccessibleName(self.presenter.button_words())
        self._import.setEnabled(self.presenter.can_import())

    def _take(self, index: int, taken: bool) -> None:
        self.presenter.take(index, taken)
        self._show_summary()

    def _answer(self, index: int, name: str, speaker: str) -> None:
        """Read one file again, now that something is known about it."""
        if self.presenter.rows[index].reading:
            return
        path = self.presenter.rows[index].path
        self.presenter.reading_again(index)
        self._show_row(index)
        run_in_background(
            lambda: self._studio.imports.read([path], persona=name, speaker=speaker),
            owner=self,
            on_result=partial(self._read_again, index),
            on_error=partial(self._failed_again, index),
        )

    def _read_again(self, index: int, plan: ImportPlan) -> None:
        self.presenter.read_again(index, plan)
        self._show_row(index)

    def _failed_again(self, index: int, error: StudioError) -> None:
        self.presenter.failed_again(index, error)
        self._show_row(index)

    def _show_row(self, index: int) -> None:
        old = self.cards()[index]
        self._rows.replaceWidget(old, self._card(index))
        old.hide()
        old.deleteLater()
        self._show_summary()

    # -- storing ------------------------------------------------------------------------------------------------

    def store(self) -> None:
        """Store what is ticked and say what happened."""
        from studio.services.imports import ImportPlan

        QGuiApplication.setOverrideCursor(QCursor(Qt.CursorShape.WaitCursor))
        try:
            report = self._studio.imports.commit(ImportPlan(items=self.presenter.chosen()))
        except StudioError as error:
            self._navigator.show_error(error)
            return
        finally:
            QGuiApplication.restoreOverrideCursor()
        self.accept()
        self._navigator.toast(imported(report))
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
        super().done(result)


def import_into(studio: Studio, navigator: Navigator, paths: Sequence[Path], persona: str = "") -> ImportDialog:
    """Open the dialog on files, or on the question which files."""
    dialog = ImportDialog(studio, navigator, persona)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if paths:
        dialog.read(paths)
    dialog.open()
    return dialog
