"""An amount on a scale with marks: where it stands, and what the next mark is. The scale is logarithmic."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.theme import tokens
from studio.gui.widgets.text_painting import font, text_width

_BAR, _POINTER = 6, 5


def position(value: float, marks: Sequence[float]) -> float:
    """Where a value stands between 0 and 1: the marks divide the scale, larger amounts are closer together."""
    if value <= 0 or not marks:
        return 0.0
    low, high = math.log(max(marks[0] / 8, 1)), math.log(marks[-1] * 4)
    return min(max((math.log(value) - low) / (high - low), 0.0), 1.0)


class ScaleMeter(QWidget):
    """A bar of zones, the marks under it, and a pointer."""

    def __init__(self) -> None:
        super().__init__()
        self._value, self._marks, self._roles = 0.0, tuple[float, ...](), tuple[str, ...]()
        self.setFixedHeight(_POINTER + _BAR + 16)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_amount(self, value: float, marks: Sequence[float], roles: Sequence[str], words: str) -> None:
        """Show an amount; ``roles`` colour the zones (one more than marks); ``words`` say it all."""
        self._value, self._marks, self._roles = value, tuple(marks), tuple(roles)
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(180, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._marks:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._zones(painter)
        self._numbers(painter)
        self._pointer(painter)
        painter.end()

    def _zones(self, painter: QPainter) -> None:
        theme, clip = tokens.current(), QPainterPath()
        box = QRectF(0, _POINTER, self.width(), _BAR)
        clip.addRoundedRect(box, _BAR / 2, _BAR / 2)
        painter.save()
        painter.setClipPath(clip)
        reached = position(self._value, self._marks) * self.width()
        edges = [0.0, *(position(mark, self._marks) * self.width() for mark in self._marks), float(self.width())]
        painter.fillRect(box, QColor(theme.line))
        for start, end, role in zip(edges, edges[1:], self._roles, strict=False):
            if start < reached:
                painter.fillRect(QRectF(start, _POINTER, min(end, reached) - start, _BAR), QColor(theme.role(role)))
        painter.setPen(QColor(theme.surface))
        for edge in edges[1:-1]:
            painter.fillRect(QRectF(edge - 1, _POINTER, 2, _BAR), QColor(theme.surface))
        painter.restore()

    def _numbers(self, painter: QPainter) -> None:
        painter.setFont(font(tokens.FONT_SMALL - 1))
        painter.setPen(QColor(tokens.current().muted))
        free_from = 0.0
        for mark in self._marks:
            words = f"{mark:,.0f}"
            wide = text_width(words, tokens.FONT_SMALL - 1)
            left = min(max(position(mark, self._marks) * self.width() - wide / 2, 0), self.width() - wide)
            if left >= free_from:
                painter.drawText(QPointF(left, self.height() - 3), words)
                free_from = left + wide + 6

    def _pointer(self, painter: QPainter) -> None:
        x = min(max(position(self._value, self._marks) * self.width(), 4), self.width() - 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.current().text))
        tip = _POINTER + 1
        painter.drawPolygon(QPolygonF([QPointF(x - 4, 0), QPointF(x + 4, 0), QPointF(x, tip)]))
