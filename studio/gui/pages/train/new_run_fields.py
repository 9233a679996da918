"""The small fields of the form: pickers that keep what was chosen, a name beside a field, a part that unfolds."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QWidget

from studio.gui.pages.train.new_run_words import Choice
from studio.gui.theme.icons import set_icon
from studio.gui.widgets.basic import button, label
from studio.gui.widgets.layouts import row

NAME_WIDTH = 66


def picker(name: str, icon_size: int = 16) -> QComboBox:
    """A combo box that does not grow with what it holds."""
    made = QComboBox()
    made.setAccessibleName(name)
    made.setIconSize(QSize(icon_size, icon_size))
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(8)
    return made


def fill(combo: QComboBox, choices: Sequence[Choice], chosen: str, icons: Sequence[QIcon] = ()) -> None:
    """Show what can be chosen, without telling."""
    combo.blockSignals(True)
    combo.clear()
    for place, one in enumerate(choices):
        combo.addItem(icons[place] if icons else QIcon(), one.label, one.id)
        combo.setItemData(place, one.help, Qt.ItemDataRole.ToolTipRole)
    combo.setCurrentIndex(combo.findData(chosen))
    combo.setToolTip(next((one.help for one in choices if one.id == chosen), ""))
    combo.blockSignals(False)


def named(words: str, field: QWidget) -> QHBoxLayout:
    """A field with its name at the left."""
    name = label(words, "small")
    name.setFixedWidth(NAME_WIDTH)
    name.setBuddy(field)
    made = row(name, field)
    made.setStretch(1, 1)
    return made


class Unfold(QPushButton):
    """A quiet button with a chevron that shows and hides a part of the form."""

    def __init__(self, words: str, part: QWidget, description: str) -> None:
        super().__init__(words)
        made = button(words, quiet=True)
        self.setObjectName(made.objectName())
        self.setCursor(made.cursor())
        made.deleteLater()
        self._part = part
        self.setStyleSheet("padding-left: 2px; text-align: left;")
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setAccessibleName(words)
        self.setAccessibleDescription(description)
        self.toggled.connect(self._turn)
        part.hide()
        self._turn(False)

    def _turn(self, open_: bool) -> None:
        self._part.setVisible(open_)
        set_icon(self, "mdi6.chevron-down" if open_ else "mdi6.chevron-right", "muted")
