"""The loss curve: raw faint, smoothed strong, held-out dots with the best one marked, the base as a dashed line."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.theme import tokens
from studio.gui.widgets.curve_maths import (
    Point,
    bucket_means,
    decimate,
    nearest,
    nice_ticks,
    smoothed,
    smoothing_weight,
)
from studio.texts import tr

_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 14, 14, 26
_MOST_SMOOTHED = 4000


class LossCurve(QWidget):
    """Painted from points; 100,000 of them cost what a few hundred do, because they are thinned once per size."""

    def __init__(self, empty_text: str = "") -> None:
        super().__init__()
        self._empty_text = empty_text
        self._colour = ""
        self._raw: Sequence[Point] = ()
        self._coarse: list[Point] = []
        self._smooth: list[Point] = []
        self._heldout: Sequence[Point] = ()
        self._base: float | None = None
        self._total = 0
        self._hover: float | None = None
        self._thin: tuple[int, list[Point], list[Point]] | None = None
        self._range: tuple[float, float, float, float] = (0, 1, 0, 1)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(160)
        self.setAccessibleName(tr("Loss curve"))

    def sizeHint(self) -> QSize:
        """Qt's."""
        return QSize(560, 260)

    def show_points(
        self,
        train: Sequence[Point],
        heldout: Sequence[Point] = (),
        *,
        base: float | None = None,
        total_steps: int = 0,
        colour: str = "",
    ) -> None:
        """Show (step, loss) points; ``base`` is the base's held-out loss."""
        self._raw, self._heldout, self._base = train, heldout, base
        self._coarse = bucket_means(train, _MOST_SMOOTHED)
        self._smooth = smoothed(self._coarse, smoothing_weight(len(self._coarse)))
        self._total, self._colour = total_steps, colour
        self._thin = None
        self._range = self._wanted_range()
        self.setAccessibleDescription(self.summary())
        self.update()

    @property
    def best(self) -> Point | None:
        """The lowest held-out point, if there is a choice."""
        return min(self._heldout, key=lambda point: point[1]) if len(self._heldout) > 1 else None

    def summary(self) -> str:
        """The curve in one sentence, for those who cannot see it."""
        if not self._raw:
            return self._empty_text
        words = tr("Loss {loss:.2f} at step {step:.0f}.", loss=self._smooth[-1][1], step=self._smooth[-1][0])
        best = self.best
        if best:
            words += " " + tr("Best held-out loss {loss:.2f} at step {step:.0f}.", loss=best[1], step=best[0])
        return words

    def readout(self, step: float) -> list[str]:
        """What the pointer at ``step`` reads."""
        lines = []
        raw, smooth = nearest(self._raw, step), nearest(self._smooth, step)
        if raw and smooth:
            lines = [tr("step {step:,.0f}", step=raw[0])]
            lines.append(tr("loss {smooth:.3f} (this step {raw:.3f})", smooth=smooth[1], raw=raw[1]))
        held = nearest(self._heldout, step)
        if held:
            lines.append(tr("held-out {loss:.3f} at step {step:,.0f}", loss=held[1], step=held[0]))
        return lines

    def thinned(self) -> tuple[list[Point], list[Point]]:
        """What is really painted: raw and smoothed, at most about two points a pixel."""
        width = max(int(self._plot().width()), 1)
        if self._thin is None or self._thin[0] != width:
            self._thin = (width, decimate(self._raw, width), decimate(self._smooth, width))
        return self._thin[1], self._thin[2]

    def _wanted_range(self) -> tuple[float, float, float, float]:
        losses = sorted(loss for _, loss in self._coarse)
        edge = len(losses) // 100  # a few spikes must not flatten everything
        values = losses[edge : len(losses) - edge] + [loss for _, loss in self._heldout]
        if self._base is not None:
            values.append(self._base)
        last = max([self._total, 1, *(int(points[-1][0]) for points in (self._raw, self._heldout) if points)])
        if not values:
            return (0, last, 0, 1)
        low, high = min(values), max(values)
        margin = max((high - low) * 0.08, 0.02)
        return (0, last, max(low - margin, 0), high + margin)

    def _plot(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)

    def _at(self, point: Point) -> QPointF:
        plot, (x0, x1, y0, y1) = self._plot(), self._range
        share = min(max((point[1] - y0) / (y1 - y0), -0.02), 1.02)
        return QPointF(plot.left() + (point[0] - x0) / (x1 - x0) * plot.width(), plot.bottom() - share * plot.height())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt's: the readout follows the pointer."""
        plot, (x0, x1, _, _) = self._plot(), self._range
        self._hover = x0 + (event.position().x() - plot.left()) / max(plot.width(), 1) * (x1 - x0)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Qt's."""
        self._hover = None
        self.update()

    def event(self, event: QEvent) -> bool:
        """Qt's: the readout replaces the tooltip."""
        return True if isinstance(event, QHelpEvent) else super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPixelSize(tokens.FONT_SMALL)
        painter.setFont(font)
        if self._raw or self._heldout:
            self._paint_axes(painter)
            self._paint_base(painter)
            self._paint_lines(painter)
            self._paint_heldout(painter)
            self._paint_hover(painter)
        else:
            painter.setPen(QColor(tokens.current().muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty_text)
        painter.end()

    def _paint_axes(self, painter: QPainter) -> None:
        theme, plot, (x0, x1, y0, y1) = tokens.current(), self._plot(), self._range
        for value in nice_ticks(y0, y1, max(int(plot.height() // 44), 2)):
            y = round(self._at((0, value)).y())
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(theme.muted))
            box = QRectF(0, y - 10, plot.left() - 8, 20)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{value:g}")
        for value in nice_ticks(x0, x1, max(int(plot.width() // 110), 2)):
            if value != int(value):
                continue
            x = self._at((value, 0)).x()
            box = QRectF(min(x - 40, self.width() - 82), plot.bottom() + 6, 80, 18)
            at_edge = x + 40 > self.width() - 2
            align = Qt.AlignmentFlag.AlignRight if at_edge else Qt.AlignmentFlag.AlignHCenter
            painter.drawText(box, align | Qt.AlignmentFlag.AlignVCenter, f"{value:,.0f}")

    def _paint_base(self, painter: QPainter) -> None:
        if self._base is None:
            return
        theme, plot = tokens.current(), self._plot()
        y = self._at((0, self._base)).y()
        painter.setPen(QPen(QColor(theme.muted), 1.4, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        words = tr("base on held-out lines {loss:.2f}", loss=self._base)
        painter.drawText(QRectF(plot.right() - 260, y + 2, 256, 18), Qt.AlignmentFlag.AlignRight, words)

    def _paint_lines(self, painter: QPainter) -> None:
        raw, smooth = self.thinned()
        painter.save()
        painter.setClipRect(self._plot().adjusted(-2, -8, 2, 2))
        strong = QColor(self._colour or tokens.current().accent)
        if not tokens.current().dark:
            strong = strong.darker(118)
        faint = QColor(strong)
        faint.setAlpha(85)
        painter.setPen(QPen(faint, 1))
        painter.drawPolyline(QPolygonF([self._at(point) for point in raw]))
        painter.setPen(QPen(strong, 2.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawPolyline(QPolygonF([self._at(point) for point in smooth]))
        if len(smooth) == 1:
            painter.drawPoint(self._at(smooth[0]))
        painter.restore()

    def _paint_heldout(self, painter: QPainter) -> None:
        theme, best = tokens.current(), self.best
        for point in self._heldout:
            at = self._at(point)
            painter.setPen(QPen(QColor(theme.surface), 2))
            painter.setBrush(QColor(theme.text))
            painter.drawEllipse(at, 5, 5)
            if point is best:
                painter.setPen(QPen(QColor(theme.good), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(at, 9, 9)
                above = at.y() > self._plot().top() + 26
                box = QRectF(at.x() - 40, at.y() - 29 if above else at.y() + 11, 80, 18)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, tr("best"))

    def _paint_hover(self, painter: QPainter) -> None:
        point = nearest(self._smooth, self._hover) if self._hover is not None else None
        if point is None or self._hover is None:
            return
        theme, plot, at = tokens.current(), self._plot(), self._at(point)
        painter.setPen(QPen(QColor(theme.faint), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(at.x(), plot.top()), QPointF(at.x(), plot.bottom()))
        painter.setPen(QPen(QColor(theme.surface), 2))
        painter.setBrush(QColor(self._colour or theme.accent))
        painter.drawEllipse(at, 5, 5)
        self._paint_readout(painter, at, self.readout(self._hover))

    def _paint_readout(self, painter: QPainter, at: QPointF, lines: list[str]) -> None:
        theme, metrics = tokens.current(), painter.fontMetrics()
        width = max(metrics.horizontalAdvance(words) for words in lines) + 20
        height = metrics.height() * len(lines) + 14
        left = at.x() + 12 if at.x() + 12 + width < self.width() else at.x() - 12 - width
        box = QRectF(max(left, 2), self._plot().top() + 2, width, height)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(box, 8, 8)
        painter.setPen(QColor(theme.text))
        painter.drawText(box.adjusted(10, 7, -10, -7), Qt.AlignmentFlag.AlignLeft, "\n".join(lines))
