"""The grid of a sweep as a picture: one cell a run."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.pages.train.sweep import Axis, shown
from studio.gui.theme import tokens
from studio.gui.widgets.text_painting import draw_text, text_width
from studio.texts import tr

_CELL_HEIGHT, _GAP, _LABELS, _HEAD, _MOST = 30, 6, 64, 44, 8


class SweepGrid(QWidget):
    """Rows are the first option's values, columns the second's; beyond eight by eight the rest is only counted."""

    def __init__(self, colour: str) -> None:
        super().__init__()
        self._colour = colour or "accent"
        self._axes: tuple[Axis, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_axes(self, axes: Sequence[Axis]) -> None:
        """Show these values."""
        self._axes = tuple(axes)
        self.setFixedHeight(self.sizeHint().height())
        said = (f"{tr(axis.option.label)}: {', '.join(map(shown, axis.values))}" for axis in axes)
        self.setAccessibleName("; ".join(said))
        self.update()

    def sizeHint(self) -> QSize:
        rows = len(self._values(0))
        return QSize(400, _HEAD + max(rows, 1) * (_CELL_HEIGHT + _GAP))

    def _values(self, place: int) -> tuple[object, ...]:
        return self._axes[place].values[:_MOST] if place < len(self._axes) else ("",)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rows, columns = self._values(0), self._values(1)
        if rows and columns:
            wide = min((self.width() - _LABELS) / len(columns), 120.0)
            self._labels(painter, rows, columns, wide)
            for line in range(len(rows)):
                for place in range(len(columns)):
                    self._cell(painter, line, place, wide, line * len(columns) + place + 1)
        painter.end()

    def _labels(self, painter: QPainter, rows: tuple[object, ...], columns: tuple[object, ...], wide: float) -> None:
        theme, small = tokens.current(), tokens.FONT_SMALL
        if len(self._axes) > 1:
            draw_text(painter, QPointF(_LABELS, 2), tr(self._axes[1].option.label), theme.muted, small, 300)
        draw_text(painter, QPointF(0, 24), tr(self._axes[0].option.label), theme.muted, small, _LABELS - 8)
        for place, value in enumerate(columns):
            words = shown(value)
            left = _LABELS + place * wide + (wide - _GAP - text_width(words, small)) / 2
            draw_text(painter, QPointF(left, 24), words, theme.text, small, int(wide))
        for line, value in enumerate(rows):
            top = _HEAD + line * (_CELL_HEIGHT + _GAP) + 7
            draw_text(painter, QPointF(4, top), shown(value), theme.text, small, _LABELS - 10)

    def _cell(self, painter: QPainter, line: int, place: int, wide: float, number: int) -> None:
        theme = tokens.current()
        box = QRectF(_LABELS + place * wide, _HEAD + line * (_CELL_HEIGHT + _GAP), wide - _GAP, _CELL_HEIGHT)
        colour = QColor(theme.role(self._colour))
        painter.setPen(QPen(colour, 1))
        colour.setAlpha(45)
        painter.setBrush(colour)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
        painter.setPen(QColor(theme.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number))
