"""The bar for finding words in the chat."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit

from studio.gui.widgets.basic import icon_button, label
from studio.gui.widgets.layouts import row
from studio.texts import tr

_REST = 120
"""Milliseconds without a key after which is looked: in long chats a look takes longer than the next key."""


class FindBar(QFrame):
    """Enter goes to the place before (replies are read from the end), Shift+Enter to the next, Esc closes.

    ``sought`` comes when the typing rests, or with ``hurry``.
    """

    sought = Signal(str)
    step_requested = Signal(int)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Find in this chat"))
        self.field.setAccessibleName(tr("Find in this chat"))
        self.field.setMaximumWidth(420)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(lambda: self.sought.emit(self.field.text()))
        self.field.textChanged.connect(lambda: self._rest.start())
        self.count = label("", "small")
        self.count.setMinimumWidth(90)
        self.before = icon_button("mdi6.chevron-up", tr("Place before (Enter)"), lambda: self.step_requested.emit(-1))
        self.after = icon_button("mdi6.chevron-down", tr("Place after (Shift+Enter)"),
                                 lambda: self.step_requested.emit(1))  # fmt: skip
        close = icon_button("mdi6.close", tr("Close (Esc)"), self.closed.emit)
        line = row(self.field, self.count, self.before, self.after, None, close, spacing=6, margins=(10, 6, 8, 6))
        line.setStretch(0, 1)
        self.setLayout(line)
        self.hide()

    def show_place(self, place: int, count: int, words: str) -> None:
        """Show ``3 of 17``."""
        said = tr("{place} of {count}", place=place, count=count) if count else tr("not found")
        self.count.setText(said if words.strip() else "")
        for one in (self.before, self.after):
            one.setEnabled(count > 0)

    def hurry(self) -> None:
        """What was typed last is looked for now, if it was not yet."""
        if self._rest.isActive():
            self._rest.stop()
            self.sought.emit(self.field.text())

    def leave(self) -> None:
        """Hide the bar; nothing is looked for any more."""
        self._rest.stop()
        self.hide()

    def begin(self) -> None:
        """Show the bar, ready for writing."""
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.step_requested.emit(1 if shift else -1)
        elif event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
