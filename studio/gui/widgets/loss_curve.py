"""The loss curve: raw faint, smoothed strong, held-out dots with the best one marked, base and neutral text quiet."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy

from studio.gui.theme import tokens
from studio.gui.widgets.curve_maths import Point, finite, nearest
from studio.gui.widgets.loss_lines import LossLines, wanted_range
from studio.gui.widgets.plot import Plot
from studio.texts import tr


class LossCurve(Plot):
    """Painted from points; 100,000 of them cost what a few hundred do, because they are thinned once per size."""

    def __init__(self, empty_text: str = "") -> None:
        super().__init__(tr("Loss curve"), top=14, bottom=26)
        self._empty_text = empty_text
        self._lines = LossLines()
        self._beside: LossLines | None = None
        self._names = ("", "")
        self._base: float | None = None
        self._neutral: Sequence[Point] = ()
        self._best_step = 0
        self.more_to_read: Callable[[float], list[str]] = lambda step: []
        """Further lines of the readout at a step, where others know more."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(150)

    def sizeHint(self) -> QSize:
        """Qt's."""
        return QSize(560, 150)

    def show_points(
        self,
        train: Sequence[Point],
        heldout: Sequence[Point] = (),
        *,
        base: float | None = None,
        neutral: Sequence[Point] = (),
        total_steps: int = 0,
        colour: str = "",
        best_step: int = 0,
    ) -> None:
        """Show (step, loss) points; ``base``: its held-out loss; ``best_step`` 0: the lowest held-out point."""
        self._lines = LossLines(train, heldout, colour)
        self._base, self._neutral, self._best_step = base, finite(neutral), best_step
        self._update(total_steps)

    def show_beside(
        self, train: Sequence[Point], heldout: Sequence[Point], colour: str, names: tuple[str, str]
    ) -> None:
        """Show another run's curves in the same picture; ``names`` of this run and that one."""
        self._beside, self._names = LossLines(train, heldout, colour), names
        self._update(int(self.range[1]))

    def show_alone(self) -> None:
        """Take the other run away."""
        self._beside = None

    def _update(self, total_steps: int) -> None:
        both = [self._lines, *([self._beside] if self._beside else [])]
        self.range = wanted_range(both, self._base, self._neutral, total_steps)
        self.setAccessibleDescription(self.summary())
        self.update()

    @property
    def shows_neutral(self) -> bool:
        """True while the neutral text's line is in the picture."""
        return bool(self._neutral) and self._neutral[-1][1] <= self.range[3]

    @property
    def best(self) -> Point | None:
        """The held-out point of the best step; the lowest one where none was suggested, if there is a choice."""
        heldout = self._lines.heldout
        if len(heldout) < 2:
            return None
        suggested = next((point for point in heldout if point[0] == self._best_step), None)
        return suggested or min(heldout, key=lambda point: point[1])

    def summary(self) -> str:
        """The curve in one sentence, for those who cannot see it."""
        smooth = self._lines.smooth
        if not smooth:
            return self._empty_text
        words = tr("Loss {loss:.2f} at step {step:.0f}.", loss=smooth[-1][1], step=smooth[-1][0])
        best = self.best
        if best:
            words += " " + tr("Best held-out loss {loss:.2f} at step {step:.0f}.", loss=best[1], step=best[0])
        return words

    def stops(self) -> Sequence[Point]:
        """The smoothed line."""
        return self._lines.smooth

    def readout(self, step: float) -> list[str]:
        """What the pointer at ``step`` reads."""
        lines = []
        raw, smooth = nearest(self._lines.raw, step), nearest(self._lines.smooth, step)
        if raw and smooth:
            lines = [tr("step {step:,.0f}", step=raw[0])]
            lines.append(tr("loss {smooth:.3f} (this step {raw:.3f})", smooth=smooth[1], raw=raw[1]))
        held, neutral = nearest(self._lines.heldout, step), nearest(self._neutral, step)
        if held:
            lines.append(tr("held-out {loss:.3f} at step {step:,.0f}", loss=held[1], step=held[0]))
        if neutral:
            lines.append(tr("neutral text {loss:.3f} at step {step:,.0f}", loss=neutral[1], step=neutral[0]))
        lines += self.more_to_read(step)
        return lines + self._read_beside(step)

    def _read_beside(self, step: float) -> list[str]:
        if self._beside is None:
            return []
        lines, held = [self._names[1]], nearest(self._beside.heldout, step)
        if smooth := nearest(self._beside.smooth, step):
            lines.append(tr("loss {smooth:.3f} at step {step:,.0f}", smooth=smooth[1], step=smooth[0]))
        if held:
            lines.append(tr("held-out {loss:.3f} at step {step:,.0f}", loss=held[1], step=held[0]))
        return lines

    def thinned(self) -> tuple[list[Point], list[Point]]:
        """What is really painted: raw and smoothed, at most about a point a pixel."""
        return self._lines.thinned(max(int(self.plot().width()), 1))

    # -- painting -------------------------------------------------------------------------------------------------

    def paint_content(self, painter: QPainter) -> None:
        """Axes, quiet lines, curves, dots, and what the pointer reads."""
        if not (self._lines.raw or self._lines.heldout or self._beside):
            painter.setPen(QColor(tokens.current().muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty_text)
            return
        self.paint_axes(painter)
        self._paint_base(painter)
        self._paint_neutral(painter)
        if self._beside is not None:
            self._paint_lines(painter, self._beside, dashed=True)
            self._paint_dots(painter, self._beside)
        self._paint_lines(painter, self._lines)
        self._paint_dots(painter, self._lines)
        self._paint_best(painter)
        self.paint_hover(painter, self._strong(self._lines).name())

    def _strong(self, lines: LossLines) -> QColor:
        strong = QColor(lines.colour or tokens.current().accent)
        return strong if tokens.current().dark else strong.darker(118)

    def _paint_base(self, painter: QPainter) -> None:
        if self._base is None:
            return
        theme, plot = tokens.current(), self.plot()
        y = self.at((0, self._base)).y()
        painter.setPen(QPen(QColor(theme.muted), 1.4, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        words = tr("base on held-out lines {loss:.2f}", loss=self._base)
        over = y - 20 if y - 20 > plot.top() - 4 else y + 3  # what learns is below the base, as a rule
        painter.drawText(QRectF(plot.right() - 260, over, 256, 18), Qt.AlignmentFlag.AlignRight, words)

    def _paint_neutral(self, painter: QPainter) -> None:
        if not self.shows_neutral:
            return
        theme = tokens.current()
        painter.save()
        painter.setClipRect(self.plot().adjusted(-2, -8, 2, 2))
        painter.setPen(QPen(QColor(theme.muted), 1.2, Qt.PenStyle.DotLine))
        places = self.places(self._neutral)
        painter.drawPolyline(QPolygonF(places))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.muted))
        for place in places:
            painter.drawRect(QRectF(place.x() - 2, place.y() - 2, 4, 4))
        painter.restore()

    def _paint_lines(self, painter: QPainter, lines: LossLines, *, dashed: bool = False) -> None:
        raw, smooth = lines.thinned(max(int(self.plot().width()), 1))
        painter.save()
        painter.setClipRect(self.plot().adjusted(-2, -8, 2, 2))
        strong = self._strong(lines)
        faint = QColor(strong)
        faint.setAlpha(40 if dashed else 85)
        painter.setPen(QPen(faint, 1))
        painter.drawPolyline(QPolygonF(self.places(raw)))
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        painter.setPen(QPen(strong, 2.4, style, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawPolyline(QPolygonF(self.places(smooth)))
        if len(smooth) == 1:
            painter.drawPoint(self.at(smooth[0]))
        painter.restore()

    def _paint_dots(self, painter: QPainter, lines: LossLines) -> None:
        theme, other = tokens.current(), lines is self._beside
        for point in lines.heldout:
            painter.setPen(QPen(self._strong(lines) if other else QColor(theme.surface), 2))
            painter.setBrush(QColor(theme.surface if other else theme.text))
            painter.drawEllipse(self.at(point), 4.5, 4.5)

    def _paint_best(self, painter: QPainter) -> None:
        theme, best = tokens.current(), self.best
        if best is None:
            return
        at = self.at(best)
        painter.setPen(QPen(QColor(theme.good), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(at, 9, 9)
        above = at.y() > self.plot().top() + 26
        words = tr("best")
        wide = painter.fontMetrics().horizontalAdvance(words) + 8
        left = min(at.x() - wide / 2, self.width() - wide - 2)
        box = QRectF(left, at.y() - 28 if above else at.y() + 11, wide, 16)
        painter.fillRect(box, QColor(theme.surface))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
