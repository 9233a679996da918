"""Where one writes: Enter sends, Shift+Enter breaks the line, Esc stops, Up in an empty box edits the last words."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

from studio.texts import tr

_LINES, _MOST_LINES = 2, 8


class Composer(QPlainTextEdit):
    """Grows with what is written, up to eight lines. It never clears itself: the page does when the words are safe."""

    send_requested = Signal(str)
    stop_requested = Signal()
    edit_last_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Message"))
        self.setPlaceholderText(tr("Say something…   (Enter sends, Shift+Enter new line)"))
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().documentLayout().documentSizeChanged.connect(lambda _: self._grow())
        self._grow()

    def sizeHint(self) -> QSize:
        """Qt's."""
        return QSize(400, self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: the keys named above; everything else is typing."""
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not shift:
            self.send_requested.emit(self.toPlainText())
        elif event.key() == Qt.Key.Key_Escape:
            self.stop_requested.emit()
        elif event.key() == Qt.Key.Key_Up and not self.toPlainText() and not event.modifiers():
            self.edit_last_requested.emit()
        else:
            super().keyPressEvent(event)

    def _grow(self) -> None:
        lines = min(max(round(self.document().size().height()), _LINES), _MOST_LINES)
        frame = 2 * 11 + 2 * round(self.document().documentMargin())
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + frame)
