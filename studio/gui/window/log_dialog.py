"""The end of a log, for the curious and for reports."""

from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from studio.gui.widgets.basic import button, label
from studio.gui.widgets.layouts import column, row
from studio.log_setup import tail
from studio.texts import tr


class LogDialog(QDialog):
    """Title, what happened in a sentence, the last lines, the path."""

    def __init__(self, title: str, words: str, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumSize(720, 440)
        shown = tail(path, 200) or tr("The log is empty.")
        text = QPlainTextEdit(shown)
        text.setReadOnly(True)
        text.setObjectName("mono")
        text.setAccessibleName(tr("Log"))
        copy = button(
            tr("Copy"), "mdi6.content-copy", on_click=lambda: QGuiApplication.clipboard().setText(f"{words}\n\n{shown}")
        )
        close = button(tr("Close"), primary=True, on_click=self.accept)
        parts = [label(title, "h1"), label(words, wrap=True, selectable=True)] if words else [label(title, "h1")]
        self.setLayout(
            column(
                *parts, text, row(label(str(path), "small", selectable=True), None, copy, close),
                spacing=12, margins=(24, 20, 24, 20),
            )
        )  # fmt: skip
