"""A small sheet that opens under a control and goes away when one clicks elsewhere or presses Esc."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QWidget

from studio.gui.widgets.layouts import column


class Popover(QFrame):
    """Opens under ``under``, and inside the screen; deletes itself when it is closed."""

    def __init__(self, parent: QWidget, under: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("popover")
        self._under = under

    def show_widget(self, inner: QWidget, margins: tuple[int, int, int, int] = (14, 12, 14, 12)) -> None:
        """Open with this inside."""
        self.setLayout(column(inner, margins=margins))
        self.adjustSize()
        self.move(self._corner())
        self.show()

    def _corner(self) -> QPoint:
        at = self._under.mapToGlobal(QPoint(0, self._under.height() + 4))
        room = self._under.screen().availableGeometry()
        across = max(min(at.x(), room.right() - self.width() - 8), room.left() + 8)
        above = at.y() - self._under.height() - 8 - self.height()
        fits = at.y() + self.height() <= room.bottom() - 8 or above < room.top()
        return QPoint(across, at.y() if fits else above)
