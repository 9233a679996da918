"""A curve as a thumbnail: no axes, the shape only."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from studio.gui.theme import tokens
from studio.gui.widgets.curve_maths import Point, decimate, smoothed, smoothing_weight


class Sparkline(QWidget):
    """Training loss smoothed, held-out loss as dots with the best one marked."""

    def __init__(self, colour: str, train: Sequence[Point], heldout: Sequence[Point], name: str) -> None:
        super().__init__()
        self._colour = colour
        self._line = decimate(smoothed(train, smoothing_weight(len(train))), 60)
        self._dots = list(heldout)
        self.setFixedSize(150, 64)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:
        return QSize(150, 64)

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = [*self._line, *self._dots]
        if len(shown) < 2:
            return
        painter, theme = QPainter(self), tokens.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = self._placing(shown)
        painter.setPen(QPen(QColor(self._colour), 2))
        painter.drawPolyline(QPolygonF([place(point) for point in self._line]))
        best = min(self._dots, key=lambda point: point[1], default=None)
        for dot in self._dots:
            painter.setPen(QPen(QColor(theme.surface), 1.5))
            painter.setBrush(QColor(theme.good if dot is best else theme.text))
            painter.drawEllipse(place(dot), 3.5, 3.5)
        painter.end()

    def _placing(self, shown: Sequence[Point]) -> Callable[[Point], QPointF]:
        left, right = min(x for x, _ in shown), max(x for x, _ in shown)
        low, high = min(y for _, y in shown), max(y for _, y in shown)
        wide, tall = (right - left) or 1.0, (high - low) or 1.0

        def place(point: Point) -> QPointF:
            x = 5 + (point[0] - left) / wide * (self.width() - 10)
            return QPointF(x, 5 + (high - point[1]) / tall * (self.height() - 10))

        return place
