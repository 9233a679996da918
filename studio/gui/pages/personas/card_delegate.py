"""Paints one persona's card; a thousand of them scroll smoothly because only the visible ones are painted."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.gui.item_models.persona_list import CARD_ROLE
from studio.gui.pages.personas.presenter import PersonaCard
from studio.gui.theme import icons, tokens
from studio.gui.widgets.portrait import portrait_pixmap
from studio.gui.widgets.text_painting import draw_chips, draw_text, text_width

CARD_HEIGHT, GAP, PADDING = 178, 16, 16


class PersonaCardDelegate(QStyledItemDelegate):
    """Portrait, name, line, conversations, tags, state, and a stripe in the persona's colour."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        grid = self.parent()
        return grid.gridSize() if isinstance(grid, QListView) else QSize(300, CARD_HEIGHT + GAP)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        card: PersonaCard = index.data(CARD_ROLE)
        box = QRectF(option.rect).adjusted(0, 0, -GAP, -GAP)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, box, option)
        inner = box.adjusted(PADDING, PADDING, -PADDING, -PADDING)
        self._head(painter, inner, card)
        self._foot(painter, inner, card)
        painter.restore()

    def _ground(self, painter: QPainter, box: QRectF, option: QStyleOptionViewItem) -> None:
        theme, state = tokens.current(), option.state  # type: ignore[attr-defined]
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.setPen(
            QPen(QColor(theme.accent if focused else theme.faint if hovered else theme.line), 2 if focused else 1)
        )
        painter.setBrush(QColor(theme.surface))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), tokens.RADIUS_CARD, tokens.RADIUS_CARD)

    def _head(self, painter: QPainter, inner: QRectF, card: PersonaCard) -> None:
        theme, size = tokens.current(), tokens.PORTRAIT_CARD
        ratio = painter.device().devicePixelRatioF()
        face = portrait_pixmap(card.name, card.colour, card.portrait, size, ratio)
        painter.drawPixmap(inner.topLeft(), face)
        left, width = inner.left() + size + 14, int(inner.width() - size - 14)
        top = inner.top() + (4 if card.tagline else 20)
        used = draw_text(painter, QPointF(left, top), card.name, theme.text, tokens.FONT_HEADING, width, bold=True)
        draw_text(painter, QPointF(left, top + used + 4), card.tagline, theme.muted, tokens.FONT_BODY, width, lines=2)

    def _foot(self, painter: QPainter, inner: QRectF, card: PersonaCard) -> None:
        theme, bottom = tokens.current(), inner.bottom()
        painter.drawPixmap(QPointF(inner.left(), bottom - 60), icons.pixmap("mdi6.message-text-outline", "muted", 15))
        draw_text(
            painter, QPointF(inner.left() + 22, bottom - 61), card.conversations, theme.muted, tokens.FONT_SMALL,
            int(inner.width()) - 22,
        )  # fmt: skip
        wide = text_width(card.state, tokens.FONT_SMALL)
        draw_text(
            painter, QPointF(inner.right() - wide, bottom - 30), card.state, theme.role(card.state_role),
            tokens.FONT_SMALL, int(wide) + 2,
        )  # fmt: skip
        draw_chips(painter, QPointF(inner.left(), bottom - 33), card.tags, inner.width() - wide - 12)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(card.colour))
        painter.drawRoundedRect(QRectF(inner.left(), bottom - 1, inner.width(), 3), 1.5, 1.5)
