"""A ranking as a picture: a dot for each contestant's score, with the interval in which it lies."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.gui.theme import tokens
from studio.gui.widgets.curve_maths import nice_ticks
from studio.gui.widgets.ranking_line import RankingLine
from studio.gui.widgets.text_painting import draw_text, text_width
from studio.texts import tr

_ROW, _AXIS, _DOT, _NAMES, _COUNTS = 44, 30, 5, 0.3, 150
_LEAST = 100.0


class RankingChart(QWidget):
    """Unsure ones are open circles with a faint interval: not by colour alone."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: tuple[RankingLine, ...] = ()
        self._range = (-_LEAST, _LEAST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(self, lines: Sequence[RankingLine]) -> None:
        """Show contestants, the best first."""
        self._lines = tuple(lines)
        reach = max((max(abs(one.low), abs(one.high)) for one in lines), default=_LEAST)
        reach = max(min(reach, 3 * max((abs(one.score) for one in lines), default=0) + 300), _LEAST)
        self._range = (-reach * 1.05, reach * 1.05)
        self.setFixedHeight(_ROW * len(lines) + _AXIS)
        spoken = "; ".join(one.words for one in lines)
        self.setAccessibleName(tr("Ranking: {rows}", rows=spoken))
        self.update()

    def sizeHint(self) -> QSize:
        """Qt's."""
        return QSize(560, _ROW * len(self._lines) + _AXIS)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axis(painter)
        for place, one in enumerate(self._lines):
            self._paint_line(painter, place, one)
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Qt's: the row in words."""
        if isinstance(event, QHelpEvent):
            place = event.pos().y() // _ROW
            if 0 <= place < len(self._lines):
                QToolTip.showText(event.globalPos(), self._lines[place].words)
            return True
        return super().event(event)

    def _plot(self) -> QRectF:
        left = self.width() * _NAMES
        return QRectF(left, 0, max(self.width() - left - _COUNTS, 40), _ROW * len(self._lines))

    def _x(self, score: float) -> float:
        low, high = self._range
        box = self._plot()
        return box.left() + (min(max(score, low), high) - low) / (high - low) * box.width()

    def _paint_axis(self, painter: QPainter) -> None:
        theme, box = tokens.current(), self._plot()
        for score in nice_ticks(*self._range, about=max(int(box.width() // 90), 3)):
            x = self._x(score)
            painter.setPen(QPen(QColor(theme.muted if score == 0 else theme.line), 1))
            painter.drawLine(QPointF(x, box.top() + 4), QPointF(x, box.bottom() + 4))
            words = f"{score:+.0f}" if score else "0"
            at = QPointF(x - text_width(words, tokens.FONT_SMALL) / 2, box.bottom() + 8)
            draw_text(painter, at, words, theme.muted, tokens.FONT_SMALL, 80)

    def _paint_line(self, painter: QPainter, place: int, one: RankingLine) -> None:
        theme, top, names = tokens.current(), place * _ROW, self.width() * _NAMES
        colour = QColor(tokens.readable(one.colour or theme.muted, theme.surface, 3.0))
        draw_text(painter, QPointF(0, top + 4), one.name, theme.text, tokens.FONT_BODY, int(names) - 16)
        draw_text(painter, QPointF(0, top + 22), one.detail, theme.muted, tokens.FONT_SMALL, int(names) - 16)
        middle = top + _ROW / 2
        if not one.is_reference:
            self._paint_interval(painter, one, middle, colour)
        painter.setPen(QPen(colour, 2))
        painter.setBrush(colour if one.sure or one.is_reference else QColor(theme.surface))
        painter.drawEllipse(QPointF(self._x(one.score), middle), _DOT, _DOT)
        left = self.width() - text_width(one.counts, tokens.FONT_SMALL)
        draw_text(painter, QPointF(left, middle - 8), one.counts, theme.muted, tokens.FONT_SMALL, _COUNTS)

    def _paint_interval(self, painter: QPainter, one: RankingLine, y: float, colour: QColor) -> None:
        left, right = self._x(one.low), self._x(one.high)
        pen = QPen(colour, 2 if one.sure else 1.5)
        pen.setStyle(Qt.PenStyle.SolidLine if one.sure else Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        painter.setPen(QPen(colour, 2))
        for x, score in ((left, one.low), (right, one.high)):
            if self._range[0] <= score <= self._range[1]:
                painter.drawLine(QPointF(x, y - 5), QPointF(x, y + 5))
