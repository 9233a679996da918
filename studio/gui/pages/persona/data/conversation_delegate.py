"""Paints one conversation in the list: what was asked, what was answered, turns, side of the split, badges."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.gui.item_models.conversation_list import ENTRY_ROLE
from studio.gui.pages.persona.data.presenter import Entry
from studio.gui.theme import icons, tokens
from studio.gui.widgets.text_painting import draw_chips, draw_text

HEIGHT, GAP = 88, 7


class ConversationDelegate(QStyledItemDelegate):
    """A card; the one that is open has the accent's border, several that are chosen have its ground too."""

    several = False

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, HEIGHT + GAP)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry = index.data(ENTRY_ROLE)
        if not isinstance(entry, Entry):
            return
        box = QRectF(option.rect).adjusted(0, 0, -2, -GAP)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, box, option, index)
        theme = tokens.current()
        left, width = box.left() + 13, int(box.width() - 26)
        mark = 20 if entry.findings else 0
        draw_text(painter, QPointF(left, box.top() + 9), entry.asked, theme.muted, tokens.FONT_SMALL, width - mark)
        draw_text(painter, QPointF(left, box.top() + 30), entry.answered, theme.text, tokens.FONT_BODY, width)
        draw_chips(painter, QPointF(left, box.top() + 56), (entry.turns, entry.side, *entry.badges), width)
        if entry.findings:
            at = QPointF(box.right() - 28, box.top() + 9)
            painter.drawPixmap(at, icons.pixmap("mdi6.alert-circle-outline", "warn", 16))
        painter.restore()

    def _ground(
        self, painter: QPainter, box: QRectF, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme, state = tokens.current(), option.state  # type: ignore[attr-defined]
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        view = self.parent()
        current = isinstance(view, QAbstractItemView) and view.currentIndex() == index
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        border = theme.accent if current or chosen else theme.faint if hovered else theme.line
        painter.setPen(QPen(QColor(border), 2 if current else 1))
        painter.setBrush(QColor(theme.accent_ground if chosen and (not current or self.several) else theme.surface))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), tokens.RADIUS_CARD, tokens.RADIUS_CARD)
