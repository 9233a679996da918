"""A bug, reported calmly: what happened, where the log is, a button that copies the report. Never a crash."""

import logging
import platform
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

import studio
from studio.domain.errors import StudioError
from studio.gui.theme.icons import set_icon
from studio.gui.widgets.basic import IconLabel, button, label
from studio.gui.widgets.layouts import column, row
from studio.texts import tr


class BugDialog(QDialog):
    """Shows one report; the window goes on behind it."""

    def __init__(self, report: str, log: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Something went wrong inside the studio"))
        self.setMinimumWidth(620)
        self._report = report
        text = QPlainTextEdit(report)
        text.setReadOnly(True)
        text.setObjectName("mono")
        text.setMinimumHeight(200)
        text.setAccessibleName(tr("Report"))
        self._copy = button(tr("Copy the report"), "mdi6.content-copy", on_click=self._copy_it)
        close = button(tr("Go on"), primary=True, on_click=self.accept)
        words = tr("This is a bug, not something you did. Your library is as it was; you can go on working.")
        where = tr("Log: {path}", path=log) if log else ""
        self.setLayout(
            column(
                row(IconLabel("mdi6.bug-outline", "warn", 28), label(self.windowTitle(), "h1"), None, spacing=12),
                label(words, wrap=True), text, label(where, "small", wrap=True, selectable=True),
                row(None, self._copy, close), spacing=12, margins=(24, 20, 24, 20),
            )
        )  # fmt: skip
        close.setFocus()

    def _copy_it(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
        self._copy.setText(tr("Copied"))
        set_icon(self._copy, "mdi6.check", "good")


def report_of(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> str:
    """Return the text of a report: versions and the traceback, no words from chats."""
    head = f"Persona Studio {studio.__version__}, Python {sys.version.split()[0]}, {platform.platform()}"
    return head + "\n\n" + "".join(traceback.format_exception(kind, error, trace))


class BugCatcher:
    """``sys.excepthook`` of the window: logs, then shows one dialog at a time."""

    def __init__(
        self,
        log: Callable[[], Path | None],
        parent: Callable[[], QWidget | None],
        tell_trouble: Callable[[StudioError], None],
    ) -> None:
        self._log = log
        self._parent = parent
        self._tell_trouble = tell_trouble
        self.dialog: BugDialog | None = None
        self.reports: list[str] = []

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Called by Python for whatever nobody caught. A user's trouble is no bug, wherever it comes from."""
        if isinstance(error, StudioError):
            self._tell_trouble(error)
            return
        report = report_of(kind, error, trace)
        self.reports.append(report)
        logging.getLogger("studio.gui").error("bug\n%s", report)
        if issubclass(kind, KeyboardInterrupt):
            from PySide6.QtWidgets import QApplication

            QApplication.quit()
        elif self.dialog is None:
            self._show(report)

    def _show(self, report: str) -> None:
        self.dialog = BugDialog(report, self._log(), self._parent())
        self.dialog.finished.connect(self._closed)
        self.dialog.open()

    def _closed(self) -> None:
        self.dialog = None
