"""A few choices side by side, of which one is taken."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QWidget

from studio.gui.widgets.basic import button
from studio.gui.widgets.layouts import row


class Segmented(QWidget):
    """``choices`` are (name, label, tooltip). ``chosen`` tells the name that the user took."""

    chosen = Signal(str)

    def __init__(self, choices: Sequence[tuple[str, str, str]], name: str = "") -> None:
        super().__init__()
        self.setObjectName("clear")
        self.setAccessibleName(name)
        self._buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        for key, words, tip in choices:
            made = button(words, tip=tip, name=f"{name}: {words}" if name else words)
            made.setObjectName("tab")
            made.setCheckable(True)
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            made.setStyleSheet("padding-left: 6px; padding-right: 6px;")
            made.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            self._group.addButton(made)
            self._buttons[key] = made
        self.setLayout(row(*self._buttons.values(), spacing=6))

    def show_choice(self, name: str) -> None:
        """Mark a choice without telling; one that is not among these: none."""
        if name in self._buttons:
            self._buttons[name].setChecked(True)
            return
        self._group.setExclusive(False)
        for made in self._buttons.values():
            made.setChecked(False)
        self._group.setExclusive(True)

    def part(self, name: str) -> QPushButton:
        """The button of a choice."""
        return self._buttons[name]
