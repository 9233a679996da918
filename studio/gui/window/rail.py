"""The rail at the left: one large button a page, Settings at the bottom."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QToolButton

from studio.gui.actions import Action
from studio.gui.theme import tokens
from studio.gui.theme.icons import set_icon
from studio.gui.widgets.layouts import column
from studio.texts import tr


class Rail(QFrame):
    """Buttons for pages; ``show_current`` marks one."""

    page_requested = Signal(str)

    def __init__(self, pages: Sequence[Action]) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setFixedWidth(tokens.RAIL_WIDTH)
        self.setAccessibleName(tr("Pages"))
        self._pages = {page.name: page for page in pages}
        self._buttons = {page.name: self._button(page) for page in pages}
        *upper, last = self._buttons.values()
        self.setLayout(column(*upper, None, last, spacing=4, margins=(6, 14, 6, 10)))

    def show_current(self, name: str) -> None:
        """Mark the button of the page that is shown."""
        for key, made in self._buttons.items():
            made.setChecked(key == name)
            set_icon(made, self._pages[key].icon, "accent" if key == name else "muted")

    def _button(self, page: Action) -> QToolButton:
        made = QToolButton()
        made.setText(page.text)
        made.setAccessibleName(page.text)
        made.setToolTip(f"{page.text}  {page.shortcut}")
        made.setCheckable(True)
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        made.setIconSize(QSize(tokens.ICON_RAIL, tokens.ICON_RAIL))
        made.setFixedSize(70, 58)
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        set_icon(made, page.icon)
        made.clicked.connect(lambda: self.page_requested.emit(page.name))
        return made
