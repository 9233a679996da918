"""A row of colours to choose from, and a way to any other."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QColorDialog, QWidget

from studio.gui.theme import tokens
from studio.gui.widgets.basic import icon_button
from studio.gui.widgets.layouts import row
from studio.texts import tr


class Swatch(QAbstractButton):
    """One colour."""

    def __init__(self, colour: str) -> None:
        super().__init__()
        self.colour = colour
        self.setCheckable(True)
        self.setFixedSize(26, 26)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Colour {colour}", colour=colour))

    def sizeHint(self) -> QSize:
        return QSize(26, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), tokens.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked() or self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent if self.hasFocus() else theme.text), 2))
            painter.drawEllipse(self.rect().adjusted(1, 1, -1, -1))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colour))
        painter.drawEllipse(self.rect().adjusted(5, 5, -5, -5))
        painter.end()


class ColourPicker(QWidget):
    """Tells the colour that was chosen."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._swatches = [Swatch(colour) for colour in tokens.PERSONA_COLOURS]
        self._own = Swatch("#888888")
        for one in (*self._swatches, self._own):
            one.clicked.connect(lambda _=False, swatch=one: self._choose(swatch.colour))
        other = icon_button("mdi6.eyedropper", tr("Another colour"), self._ask)
        self.setLayout(row(*self._swatches, self._own, other, None, spacing=0))

    def show_colour(self, colour: str) -> None:
        """Mark a colour; one that is not in the row gets a place of its own."""
        known = colour in tokens.PERSONA_COLOURS
        self._own.setVisible(not known)
        if not known:
            self._own.colour = colour
        for one in (*self._swatches, self._own):
            one.setChecked(one.colour == colour)
            one.update()

    def _choose(self, colour: str) -> None:
        self.show_colour(colour)
        self.chosen.emit(colour)

    def _ask(self) -> None:
        dialog = QColorDialog(QColor(self._own.colour), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(lambda colour: self._choose(colour.name()))
        dialog.open()
