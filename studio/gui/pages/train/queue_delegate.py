"""Paints a line of the queue: face, name, what it differs in, where it stands, how far it is, and why it rests."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.gui.pages.train.queue_model import ROW_ROLE
from studio.gui.pages.train.queue_rows import GROUP, HEADING, MORE, QueueRow
from studio.gui.theme import icons, tokens
from studio.gui.widgets.portrait import portrait_pixmap
from studio.gui.widgets.text_painting import draw_text, wrapped

HEADING_HEIGHT, ROW_HEIGHT, GAP, LINE = 32, 72, 6, 16
_NOTE_ROOM = 6
NOTE_LINES = 4
_FACE, _INDENT, _PAD = 30, 20, 11
Index = QModelIndex | QPersistentModelIndex


class QueueDelegate(QStyledItemDelegate):
    """Only what is seen is painted; a note makes its row as tall as it needs."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = index.data(ROW_ROLE)
        if not isinstance(row, QueueRow) or row.kind in (HEADING, MORE):
            return QSize(100, HEADING_HEIGHT)
        lines = len(self._note(row))
        return QSize(100, ROW_HEIGHT + GAP + LINE * lines + (_NOTE_ROOM if lines else 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        if not isinstance(row, QueueRow):
            return
        box = QRectF(option.rect)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.kind in (HEADING, MORE):
            self._heading(painter, box, row)
        else:
            box = box.adjusted(_INDENT if row.inner else 0, 0, -2, -GAP)
            self._ground(painter, box, option, index)
            self._row(painter, box, row)
        painter.restore()

    def _note(self, row: QueueRow) -> tuple[str, ...]:
        if not row.note:
            return ()
        view = self.parent()
        wide = view.viewport().width() if isinstance(view, QAbstractItemView) else 300
        room = wide - 2 * _PAD - 2 - (_INDENT if row.inner else 0)
        return wrapped(" ".join(row.note.split()), tokens.FONT_SMALL, False, max(room, 40), NOTE_LINES)

    def _heading(self, painter: QPainter, box: QRectF, row: QueueRow) -> None:
        words = f"{row.title} · {row.count}" if row.count > 1 else row.title
        role = "accent" if row.kind == MORE else "muted"
        draw_text(
            painter, QPointF(box.left() + 2, box.top() + 10), words, tokens.current().role(role), tokens.FONT_SMALL,
            int(box.width()) - 4, bold=True,
        )  # fmt: skip

    def _ground(self, painter: QPainter, box: QRectF, option: QStyleOptionViewItem, index: Index) -> None:
        theme, state = tokens.current(), option.state  # type: ignore[attr-defined]
        view = self.parent()
        current = isinstance(view, QAbstractItemView) and view.currentIndex() == index
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        border = theme.accent if current else theme.faint if hovered else theme.line
        painter.setPen(QPen(QColor(border), 2 if current else 1))
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 10, 10)

    def _row(self, painter: QPainter, box: QRectF, row: QueueRow) -> None:
        theme = tokens.current()
        left, top = box.left() + _PAD, box.top() + 9
        face = portrait_pixmap(row.name, row.colour, row.portrait, _FACE, painter.device().devicePixelRatioF())
        painter.drawPixmap(QPointF(left, top + 9), face)
        words = left + _FACE + 11
        wide = int(box.right() - _PAD - words)
        draw_text(painter, QPointF(words, top), row.title, theme.text, tokens.FONT_BODY, wide - 22, bold=True)
        draw_text(painter, QPointF(words, top + 19), row.differs, theme.muted, tokens.FONT_SMALL, wide)
        draw_text(painter, QPointF(words, top + 36), row.state, theme.role(row.role), tokens.FONT_SMALL, wide)
        self._mark(painter, QPointF(box.right() - _PAD - 16, top), row)
        for place, line in enumerate(self._note(row)):
            at = QPointF(left, box.top() + ROW_HEIGHT - 2 + place * LINE)
            draw_text(painter, at, line, theme.text, tokens.FONT_SMALL, int(box.width()) - 2 * _PAD + 4)
        if row.progress > 0:
            self._progress(painter, QRectF(words, top + 56, wide, 3), row)

    def _mark(self, painter: QPainter, at: QPointF, row: QueueRow) -> None:
        if row.kind == GROUP:
            name, colour = ("mdi6.chevron-right" if row.folded else "mdi6.chevron-down"), "muted"
        elif "pause" in row.acts and not row.movable:
            name, colour = "mdi6.fire", tokens.readable(row.colour, tokens.current().raised, 3.0) if row.colour else ""
        else:
            name, colour = _MARKS.get(row.role, "mdi6.drag" if row.movable else ""), row.role
        if name:
            painter.drawPixmap(at, icons.pixmap(name, colour or "accent", 16))

    def _progress(self, painter: QPainter, bar: QRectF, row: QueueRow) -> None:
        theme = tokens.current()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.line))
        painter.drawRoundedRect(bar, 1.5, 1.5)
        painter.setBrush(QColor(tokens.readable(row.colour, theme.raised, 3.0) if row.colour else theme.accent))
        painter.drawRoundedRect(QRectF(bar.left(), bar.top(), max(bar.width() * row.progress, 3), 3), 1.5, 1.5)


_MARKS = {
    "warn": "mdi6.pause-circle-outline", "good": "mdi6.check-circle-outline", "bad": "mdi6.alert-circle-outline",
}  # fmt: skip
