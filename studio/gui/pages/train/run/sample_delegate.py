"""One answer in the strip: its step, its words as far as there is room, and how much of them is copied."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.gui.pages.train.run.samples import SampleCell
from studio.gui.theme import tokens
from studio.gui.widgets.text_painting import draw_text, font, text_width

CELL = Qt.ItemDataRole.UserRole + 1
GAP = 8
_PAD, _FOOT = 13, 30
Index = QModelIndex | QPersistentModelIndex


class SampleDelegate(QStyledItemDelegate):
    """Paints; knows no widget of its own, so that a hundred checkpoints cost no more than the four in sight."""

    def __init__(self) -> None:
        super().__init__()
        self.size = QSize(200, 150)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Qt's: all alike."""
        return self.size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt's."""
        cell: SampleCell = index.data(CELL)
        state = option.state  # type: ignore[attr-defined]
        box = QRectF(option.rect).adjusted(1, 1, 1 - GAP, -1)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, box, state)
        inner = box.adjusted(_PAD, 10, -_PAD, -8)
        self._title(painter, inner, cell)
        self._words(painter, inner, cell)
        self._copied(painter, inner, cell)
        painter.restore()

    def _ground(self, painter: QPainter, box: QRectF, state: QStyle.StateFlag) -> None:
        theme = tokens.current()
        focused = bool(state & QStyle.StateFlag.State_HasFocus) and bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.setPen(QPen(QColor(theme.accent if focused else theme.line), 2 if focused else 1))
        painter.setBrush(QColor(theme.hover if hovered else theme.raised))
        painter.drawRoundedRect(box, tokens.RADIUS_CONTROL, tokens.RADIUS_CONTROL)

    def _title(self, painter: QPainter, box: QRectF, cell: SampleCell) -> None:
        theme = tokens.current()
        colour = theme.good if cell.best else theme.muted
        draw_text(painter, box.topLeft(), cell.title, colour, tokens.FONT_SMALL, int(box.width()), bold=cell.best)

    def _words(self, painter: QPainter, box: QRectF, cell: SampleCell) -> None:
        height = QFontMetricsF(font(tokens.FONT_BODY)).height()
        lines = max(int((box.height() - 22 - _FOOT) // height), 1)
        at = QPointF(box.left(), box.top() + 22)
        draw_text(painter, at, cell.text or "–", tokens.current().text, tokens.FONT_BODY, int(box.width()), lines=lines)

    def _copied(self, painter: QPainter, box: QRectF, cell: SampleCell) -> None:
        """A bar in the base's card too would say nothing: it has never seen the training lines."""
        if not cell.step:
            return
        theme = tokens.current()
        colour = theme.warn if cell.recited else theme.muted
        at = QPointF(box.left(), box.bottom() - 20)
        draw_text(painter, at, cell.copied_words, colour, tokens.FONT_SMALL, int(box.width()), bold=cell.recited)
        wide = text_width(cell.copied_words, tokens.FONT_SMALL) + 14
        bar = QRectF(box.left() + wide, box.bottom() - 14, max(box.width() - wide, 0), 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.line))
        painter.drawRoundedRect(bar, 2.5, 2.5)
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(QRectF(bar.left(), bar.top(), bar.width() * min(cell.copied, 1.0), 5), 2.5, 2.5)
