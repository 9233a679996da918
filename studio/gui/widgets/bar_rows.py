"""A small chart of named amounts, one bar a row, with a tick where the amount is expected to be."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.gui.theme import tokens
from studio.gui.widgets.text_painting import draw_text, text_width

_ROW, _BAR, _NAMES, _COUNTS = 24, 8, 0.34, 52


@dataclass(frozen=True, kw_only=True)
class BarRow:
    """One amount. ``expected`` 0: nothing is expected. ``words`` say the row to a screen reader."""

    label: str
    count: int
    expected: float = 0
    words: str = ""

    @property
    def short(self) -> bool:
        """True when there is less than is expected."""
        return self.count < self.expected


class BarRows(QWidget):
    """Rows that are short of what is expected are marked by an open bar and a sign, not by colour alone."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._rows: tuple[BarRow, ...] = ()
        self._colour = "accent"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, rows: Sequence[BarRow], colour: str) -> None:
        """Show amounts in this order."""
        self._rows, self._colour = tuple(rows), colour
        self.setFixedHeight(max(_ROW * len(self._rows), 1))
        self.setAccessibleName(f"{self._name}: " + ", ".join(row.words or f"{row.label} {row.count}" for row in rows))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, max(_ROW * len(self._rows), 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        most = max((max(row.count, row.expected) for row in self._rows), default=0) or 1
        for place, shown in enumerate(self._rows):
            self._paint_row(painter, shown, place * _ROW, most)
        painter.end()

    def _paint_row(self, painter: QPainter, shown: BarRow, top: float, most: float) -> None:
        theme, names = tokens.current(), self.width() * _NAMES
        role = theme.warn if shown.short else theme.muted
        draw_text(painter, QPointF(0, top + 4), shown.label, theme.text, tokens.FONT_SMALL, int(names) - 8)
        wide = max(self.width() - names - _COUNTS, 10)
        self._bar(painter, QRectF(names, top + (_ROW - _BAR) / 2, wide, _BAR), shown, most)
        words = f"{shown.count:,} !" if shown.short else f"{shown.count:,}"
        left = self.width() - text_width(words, tokens.FONT_SMALL)
        draw_text(painter, QPointF(left, top + 4), words, role, tokens.FONT_SMALL, _COUNTS + 20)

    def _bar(self, painter: QPainter, box: QRectF, shown: BarRow, most: float) -> None:
        theme = tokens.current()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.line))
        painter.drawRoundedRect(box, _BAR / 2, _BAR / 2)
        filled = QRectF(box.left(), box.top(), box.width() * shown.count / most, box.height())
        if shown.count:
            painter.setBrush(QColor(theme.warn if shown.short else theme.role(self._colour)))
            painter.drawRoundedRect(filled.adjusted(0, 0, max(_BAR - filled.width(), 0), 0), _BAR / 2, _BAR / 2)
        if shown.expected:
            x = box.left() + box.width() * min(shown.expected / most, 1)
            painter.setPen(QPen(QColor(theme.text), 2))
            painter.drawLine(QPointF(x, box.top() - 3), QPointF(x, box.bottom() + 3))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            place = int(event.pos().y() // _ROW)
            if 0 <= place < len(self._rows):
                QToolTip.showText(event.globalPos(), self._rows[place].words or self._rows[place].label)
            return True
        return super().event(event)
