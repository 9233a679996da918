"""Paints one conversation in the list: what was asked, what was answered, turns, side of the split."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.gui.item_models.conversation_list import ENTRY_ROLE
from studio.gui.pages.persona.data_presenter import Entry
from studio.gui.theme import tokens
from studio.gui.widgets.text_painting import draw_chips, draw_text

HEIGHT, GAP = 92, 8


class ConversationDelegate(QStyledItemDelegate):
    """A card; the chosen one has the accent's border."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, HEIGHT + GAP)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry: Entry = index.data(ENTRY_ROLE)
        theme, state = tokens.current(), option.state  # type: ignore[attr-defined]
        box = QRectF(option.rect).adjusted(0, 0, 0, -GAP)  # type: ignore[attr-defined]
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        border = theme.accent if chosen else theme.faint if hovered else theme.line
        painter.setPen(QPen(QColor(border), 2 if chosen else 1))
        painter.setBrush(QColor(theme.surface))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), tokens.RADIUS_CARD, tokens.RADIUS_CARD)
        left, width = box.left() + 13, int(box.width() - 26)
        draw_text(painter, QPointF(left, box.top() + 10), entry.asked, theme.muted, tokens.FONT_SMALL, width)
        draw_text(painter, QPointF(left, box.top() + 32), entry.answered, theme.text, tokens.FONT_BODY, width)
        draw_chips(painter, QPointF(left, box.top() + 58), (entry.turns, entry.side), width)
        painter.restore()
