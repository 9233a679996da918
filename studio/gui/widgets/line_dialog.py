"""Asking for one line of text, with suggestions if there are any; nothing waits meanwhile."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QWidget

from studio.gui.widgets.basic import button, label
from studio.gui.widgets.layouts import column, row
from studio.texts import tr


class LineDialog(QDialog):
    """Enter or the button tells ``then``; Esc does not. With ``choices`` the line is a box that can be typed into."""

    def __init__(
        self, parent: QWidget | None, title: str, words: str, text: str, then: Callable[[str], object],
        choices: Sequence[str] = (),
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._then = then
        self.setWindowTitle(title)
        self.setMinimumWidth(380)
        self.line = QLineEdit(text)
        field = self._choices(choices) if choices else self.line
        field.setAccessibleName(words)
        self.line.selectAll()
        self.line.returnPressed.connect(self.accept)
        said = label(words, "small") if words != title else label("", "small")
        said.setVisible(words != title)
        buttons = row(
            None, button(tr("Cancel"), on_click=self.reject), button(tr("OK"), primary=True, on_click=self.accept)
        )
        self.setLayout(column(label(title, "h2"), said, field, 4, buttons, margins=(20, 18, 20, 16)))
        self.accepted.connect(self._tell)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def _choices(self, choices: Sequence[str]) -> QComboBox:
        box = QComboBox()
        box.setLineEdit(self.line)
        box.addItems(list(choices))
        return box

    def text_value(self) -> str:
        """What is written."""
        return self.line.text()

    def set_text_value(self, text: str) -> None:
        """Write something."""
        self.line.setText(text)

    def _tell(self) -> None:
        self._then(self.text_value())


def ask_line(
    parent: QWidget | None, title: str, words: str, text: str, then: Callable[[str], object],
    choices: Sequence[str] = (),
) -> LineDialog:  # fmt: skip
    """Ask; ``then`` hears what was written."""
    dialog = LineDialog(parent, title, words, text, then, choices)
    dialog.open()
    return dialog
