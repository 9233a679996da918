"""A figure in a table with a thin bar under it, so that figures of a column are compared at a glance."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.theme import tokens
from studio.gui.widgets.text_painting import draw_text
from studio.texts import tr


class BarCell(QWidget):
    """``share`` is of the longest bar of its column (0: no bar); the best of a column is bold, in its colour."""

    def __init__(self, words: str, share: float = 0.0, colour: str = "accent", *, best: bool = False) -> None:
        super().__init__()
        self._words, self._share, self._colour, self._best = words, min(max(share, 0.0), 1.0), colour, best
        self.setAccessibleName(tr("{figure}, the best", figure=words) if best else words)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(36)
        self.setMinimumWidth(84)

    def sizeHint(self) -> QSize:
        return QSize(110, 36)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), tokens.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wide = self.width() - 8
        colour = theme.good if self._best else theme.text
        draw_text(painter, QPointF(0, 5), self._words, colour, tokens.FONT_BODY, wide, bold=self._best)
        if self._share:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.line))
            painter.drawRoundedRect(QRectF(0, 27, wide, 4), 2, 2)
            painter.setBrush(QColor(theme.good if self._best else theme.role(self._colour)))
            painter.drawRoundedRect(QRectF(0, 27, max(wide * self._share, 4), 4), 2, 2)
        painter.end()
