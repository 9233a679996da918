"""One figure over the steps, small: its name, its newest value, its line."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from studio.gui.theme import tokens
from studio.gui.widgets.curve_maths import Point, decimate, finite, nearest
from studio.gui.widgets.plot import LEFT, Plot
from studio.texts import tr

HEIGHT = 84


class SmallChart(Plot):
    """``words`` writes a value as people read it."""

    def __init__(self, name: str, words: Callable[[float], str]) -> None:
        super().__init__(name, top=24, bottom=8)
        self._name, self._words = name, words
        self.tick_words = words
        self._points: Sequence[Point] = ()
        self._colour = ""
        self._thin: tuple[int, list[Point]] | None = None
        self.setFixedHeight(HEIGHT)

    def show_points(self, points: Sequence[Point], colour: str, last_step: float) -> None:
        """Show (step, value) points up to ``last_step``, as far as the loss curve above goes."""
        self._points, self._colour, self._thin = finite(points), colour, None
        values = [value for _, value in self._points] or [0.0]
        low, high = min(values), max(values)
        margin = (high - low) * 0.08 or max(abs(high) * 0.1, 1e-9)
        floor = 0.0 if low >= 0 and (low < high * 0.5 or low == high == 0) else max(low - margin, 0.0)
        self.range = (0, max(last_step, 1), floor, high + margin)
        newest = self._words(self._points[-1][1]) if self._points else tr("nothing measured yet")
        self.setAccessibleDescription(f"{self._name}: {newest}")
        self.update()

    def stops(self) -> Sequence[Point]:
        """Every measurement."""
        return self._points

    def readout(self, step: float) -> list[str]:
        """The value at a step."""
        found = nearest(self._points, step)
        return [tr("step {step:,.0f}", step=found[0]), self._words(found[1])] if found else []

    def paint_content(self, painter: QPainter) -> None:
        """The line, with its name and the value of the step looked at."""
        theme = tokens.current()
        if self._points:
            self.paint_axes(painter, lines_every=17, steps=False)
            painter.setPen(QPen(QColor(self._colour or theme.accent), 1.6))
            places = self.places(self._thinned())
            painter.drawPolyline(QPolygonF(places))
            if len(places) == 1:
                painter.drawPoint(places[0])
            self.paint_hover(painter, self._colour or theme.accent, words=False)
        self._paint_title(painter)

    def _paint_title(self, painter: QPainter) -> None:
        theme = tokens.current()
        box = QRectF(LEFT, 2, self.plot().width(), 18)
        painter.setPen(QColor(theme.muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._name)
        read = self.readout(self.hover) if self.hover is not None else []
        newest = [self._words(self._points[-1][1])] if self._points else [tr("nothing measured yet")]
        painter.setPen(QColor(theme.text))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, right, " · ".join(read or newest))

    def _thinned(self) -> list[Point]:
        width = max(int(self.plot().width()), 1)
        if self._thin is None or self._thin[0] != width:
            self._thin = (width, decimate(self._points, width))
        return self._thin[1]
