"""What every curve stands on: axes with round ticks, places for points, and a line that follows pointer and keys."""

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.gui.theme import tokens
from studio.gui.widgets.curve_maths import Point, nearest, neighbour, nice_ticks

LEFT, RIGHT = 56, 14
"""The same for all plots, so that steps stand under each other."""
Range = tuple[float, float, float, float]


class Plot(QWidget):
    """Subclasses paint in ``paint_content`` and say which steps the readout stops at with ``stops``."""

    hovered = Signal(object)
    """The step under the pointer (a float), or None."""

    def __init__(self, name: str, top: int, bottom: int) -> None:
        super().__init__()
        self._top, self._bottom = top, bottom
        self.range: Range = (0, 1, 0, 1)
        self.hover: float | None = None
        self.tick_words: Callable[[float], str] = "{:g}".format
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)

    # -- what subclasses say --------------------------------------------------------------------------------------

    def stops(self) -> Sequence[Point]:
        """The points that the readout can stand on, in order of x."""
        return ()

    def readout(self, step: float) -> list[str]:
        """What is known at ``step``."""
        return []

    def paint_content(self, painter: QPainter) -> None:
        """Paint between the axes."""

    # -- places ---------------------------------------------------------------------------------------------------

    def plot(self) -> QRectF:
        """Where the curves are."""
        return QRectF(self.rect()).adjusted(LEFT, self._top, -RIGHT, -self._bottom)

    def at(self, point: Point) -> QPointF:
        """Where a point is painted; what is out of range stays at the edge."""
        plot, (x0, x1, y0, y1) = self.plot(), self.range
        share = min(max((point[1] - y0) / (y1 - y0), -0.02), 1.02)
        return QPointF(plot.left() + (point[0] - x0) / (x1 - x0) * plot.width(), plot.bottom() - share * plot.height())

    def places(self, points: Sequence[Point]) -> list[QPointF]:
        """Where points are painted: ``at`` for many of them."""
        plot, (x0, x1, y0, y1) = self.plot(), self.range
        left, bottom, wide, tall = plot.left(), plot.bottom(), plot.width() / (x1 - x0), plot.height()
        return [
            QPointF(left + (x - x0) * wide, bottom - min(max((y - y0) / (y1 - y0), -0.02), 1.02) * tall)
            for x, y in points
        ]

    # -- the readout ----------------------------------------------------------------------------------------------

    def show_hover(self, step: float | None) -> None:
        """Stand at a step (another plot's pointer is there), without telling."""
        if step != self.hover:
            self.hover = step
            self.update()

    def _move(self, step: float | None) -> None:
        self.show_hover(step)
        self.hovered.emit(step)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt's: the readout follows the pointer."""
        plot, (x0, x1, _, _) = self.plot(), self.range
        self._move(x0 + (event.position().x() - plot.left()) / max(plot.width(), 1) * (x1 - x0))

    def leaveEvent(self, event: QEvent) -> None:
        """Qt's."""
        self._move(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Qt's."""
        super().focusOutEvent(event)
        self._move(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: arrows, Home and End move the readout from point to point."""
        ways = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Home: -math.inf, Qt.Key.Key_End: math.inf}
        way = ways.get(Qt.Key(event.key()))
        found = neighbour(self.stops(), self.hover, way) if way is not None else None
        if found is None:
            super().keyPressEvent(event)
            return
        self._move(found[0])
        self.setAccessibleDescription(" · ".join(self.readout(found[0])))

    def event(self, event: QEvent) -> bool:
        """Qt's: the readout replaces the tooltip."""
        return True if isinstance(event, QHelpEvent) else super().event(event)

    # -- painting -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPixelSize(tokens.FONT_SMALL)
        painter.setFont(font)
        self.paint_content(painter)
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.current().accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        painter.end()

    def paint_axes(self, painter: QPainter, *, lines_every: int = 44, steps: bool = True) -> None:
        """Lines at round values; under them the steps."""
        theme, plot, (x0, x1, y0, y1) = tokens.current(), self.plot(), self.range
        for value in nice_ticks(y0, y1, max(int(plot.height() // lines_every), 2)):
            y = round(self.at((0, value)).y())
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(theme.muted))
            box = QRectF(0, y - 10, plot.left() - 8, 20)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, right, self.tick_words(value))
        painter.setPen(QColor(theme.muted))
        for value in nice_ticks(x0, x1, max(int(plot.width() // 110), 2)) if steps else ():
            if value == int(value):
                self._paint_step(painter, value)

    def _paint_step(self, painter: QPainter, value: float) -> None:
        x, below = self.at((value, 0)).x(), self.plot().bottom() + 6
        at_edge = x + 40 > self.width() - 2
        box = QRectF(min(x - 40, self.width() - 82), below, 80, 18)
        align = Qt.AlignmentFlag.AlignRight if at_edge else Qt.AlignmentFlag.AlignHCenter
        painter.drawText(box, align | Qt.AlignmentFlag.AlignVCenter, f"{value:,.0f}")

    def paint_hover(self, painter: QPainter, colour: str, *, words: bool = True) -> None:
        """The line at the pointer, the nearest stop on it, and what is read there."""
        point = nearest(self.stops(), self.hover) if self.hover is not None else None
        if point is None:
            return
        theme, plot, at = tokens.current(), self.plot(), self.at(point)
        painter.setPen(QPen(QColor(theme.faint), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(at.x(), plot.top()), QPointF(at.x(), plot.bottom()))
        painter.setPen(QPen(QColor(theme.surface), 2))
        painter.setBrush(QColor(colour))
        painter.drawEllipse(at, 4.5, 4.5)
        if words:
            self._paint_readout(painter, at, self.readout(point[0]))

    def _paint_readout(self, painter: QPainter, at: QPointF, lines: list[str]) -> None:
        theme, metrics = tokens.current(), painter.fontMetrics()
        width = max(metrics.horizontalAdvance(words) for words in lines) + 20
        height = metrics.lineSpacing() * len(lines) + 14
        left = at.x() + 12 if at.x() + 12 + width < self.width() else at.x() - 12 - width
        box = QRectF(max(left, 2), self.plot().top() + 2, width, height)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(box, 8, 8)
        painter.setPen(QColor(theme.text))
        painter.drawText(box.adjusted(10, 7, -10, -7), Qt.AlignmentFlag.AlignLeft, "\n".join(lines))
