"""The field in which a turn is edited in place."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from studio.gui.widgets.basic import button, label
from studio.gui.widgets.layouts import column, row
from studio.texts import tr

LEAST, MOST = 84, 360


class TurnEditor(QWidget):
    """Tells the words when they are to be kept, that they are not, or where they are to be split."""

    kept = Signal(str)
    cancelled = Signal()
    split_requested = Signal(str, int)

    def __init__(self, text: str, height: int = LEAST, *, can_split: bool = True) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._can_split = can_split
        self.field = QPlainTextEdit(text)
        self.field.setAccessibleName(tr("Words of this turn"))
        self.field.setAcceptDrops(False)
        self.field.setFixedHeight(min(max(height, LEAST), MOST))
        self.field.installEventFilter(self)
        keep = button(tr("Keep"), primary=True, on_click=self.keep, tip=tr("Ctrl+Enter"))
        cancel = button(tr("Cancel"), on_click=self.cancelled.emit, tip=tr("Esc"))
        parts = [keep, cancel]
        if can_split:
            tip = tr("What follows the cursor becomes a turn of its own (Ctrl+Shift+S)")
            parts.append(button(tr("Split here"), "mdi6.call-split", quiet=True, on_click=self.split, tip=tip))
        hint = label(tr("Ctrl+Enter keeps, Esc cancels"), "small")
        self.setLayout(column(self.field, row(*reversed(parts[2:]), hint, None, cancel, keep), spacing=6))

    def begin(self, *, at_end: bool = False) -> None:
        """Take the keyboard; all words are chosen, or the cursor stands behind them."""
        self.field.setFocus()
        if at_end:
            self.field.moveCursor(self.field.textCursor().MoveOperation.End)
        else:
            self.field.selectAll()

    def text(self) -> str:
        """The words as they are now."""
        return self.field.toPlainText()

    def keep(self) -> None:
        """Ask for these words."""
        self.kept.emit(self.text())

    def split(self) -> None:
        """Ask for two turns, divided at the cursor."""
        cursor = self.field.textCursor()
        self.split_requested.emit(self.text(), cursor.selectionStart())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        elif control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.keep()
        elif control and shift and event.key() == Qt.Key.Key_S and self._can_split:
            self.split()
        else:
            return False
        return True
