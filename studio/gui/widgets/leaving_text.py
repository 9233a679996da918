"""A text field of several lines that tells when it is left, as line edits do."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QPlainTextEdit


class LeavingText(QPlainTextEdit):
    """``left`` is told when the focus goes; Tab goes to the next field instead of into the text."""

    left = Signal()

    def __init__(self, lines: int) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setAcceptDrops(False)  # files that are dropped belong to the window
        self.setFixedHeight(self.fontMetrics().lineSpacing() * lines + 24)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()
