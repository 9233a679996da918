"""How the data is split: what is learned from, and what is held out to measure with."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.gui.theme import tokens


class SplitBar(QWidget):
    """Two shares of one bar."""

    def __init__(self) -> None:
        super().__init__()
        self._train, self._heldout, self._colour = 0, 0, "accent"
        self.setFixedHeight(8)

    def show_split(self, train: int, heldout: int, colour: str, words: str) -> None:
        """Show the shares; ``words`` say them."""
        self._train, self._heldout, self._colour = train, heldout, colour
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, clip = tokens.current(), QPainter(self), QPainterPath()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        clip.addRoundedRect(QRectF(self.rect()), 4, 4)
        painter.setClipPath(clip)
        painter.fillRect(self.rect(), QColor(theme.line))
        total = self._train + self._heldout
        if total:
            wide = self.width() * self._train / total
            painter.fillRect(QRectF(0, 0, wide - 1, self.height()), QColor(theme.role(self._colour)))
            painter.fillRect(QRectF(wide + 1, 0, self.width() - wide, self.height()), QColor(theme.faint))
        painter.end()
