"""The box in which a message is edited in its place."""

from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from studio.gui.widgets.basic import button
from studio.gui.widgets.layouts import column, row
from studio.texts import tr

EDITOR_HEIGHT = 170


class MessageEditor(QFrame):
    """Save and Cancel; ``filled`` once the words are in it, so that what is typed is never overwritten."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.filled = False
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(tr("Edit message"))
        self.saved = button(tr("Save"), primary=True, tip=tr("Save (Ctrl+Enter)"))
        self.left = button(tr("Cancel"), quiet=True, tip=tr("Cancel (Esc)"))
        self.setLayout(column(self.text, row(None, self.left, self.saved), margins=(8, 8, 8, 8)))
        self.setFocusProxy(self.text)
