"""The comparison as a picture: the columns as the window paints them, as long as their words are, in one row."""

from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyleOptionViewItem

from studio.domain.errors import StudioError
from studio.gui.pages.chat.columns.board import Board
from studio.gui.pages.chat.columns.column import ChatColumn
from studio.gui.pages.chat.talk.screen import ColumnView
from studio.gui.theme import tokens
from studio.gui.theme.icons import pixmap
from studio.gui.widgets.message_delegate import MessageDelegate
from studio.gui.widgets.message_model import MessageModel
from studio.gui.widgets.portrait import portrait_pixmap
from studio.gui.widgets.text_painting import draw_text, font
from studio.texts import tr

LONGEST = 12_000
"""Pixels; of a longer conversation only the end is painted, and the picture says so."""
_WIDTH, _GAP, _EDGE, _HEAD = 380, 16, 24, 48
_PAD, _FACE, _TOP, _NOTE = 16, 34, 70, 28


def write_picture(board: Board, title: str, out: Path) -> None:
    """Write what the columns show now; hidden names stay hidden."""
    image = picture(board, title)
    if not image.save(str(out), "PNG"):  # type: ignore[call-overload]
        raise StudioError("picture_not_written", path=str(out))


def picture(board: Board, title: str) -> QImage:
    """Paint all columns beside each other."""
    theme = tokens.current()
    parts = [_Part(column) for column in board.shown()]
    height = max(part.height for part in parts)
    width = 2 * _EDGE + len(parts) * (_WIDTH + _GAP) - _GAP
    image = QImage(width, height + _HEAD + 2 * _EDGE, QImage.Format.Format_ARGB32)
    image.fill(QColor(theme.ground))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw_text(painter, QPointF(_EDGE, _EDGE), title, theme.text, tokens.FONT_TITLE, width - 2 * _EDGE, bold=True)
    for place, part in enumerate(parts):
        part.paint(painter, QRect(_EDGE + place * (_WIDTH + _GAP), _EDGE + _HEAD, _WIDTH, height))
    painter.end()
    return image


class _Part:
    """One column. Its rows are laid out by a delegate of its own, so that the one on the screen is left as it is."""

    def __init__(self, column: ChatColumn) -> None:
        self._shown = column.shown
        self._model = MessageModel()
        self._model.show(column.view.messages.messages)
        self._delegate = MessageDelegate(self._model, lambda *_: None, self._model)
        self._delegate.set_font(font(tokens.FONT_BODY + 1))
        self._delegate.width = _WIDTH - 2 * _PAD
        self._rows = self._fitting()
        self._cut = self._model.rowCount() - len(self._rows)
        self.height = _TOP + sum(height for _, height in self._rows) + (_NOTE if self._cut else 0) + _PAD

    def _fitting(self) -> list[tuple[int, int]]:
        """Rows from the end on, with their heights, as long as they fit."""
        found: list[tuple[int, int]] = []
        left = LONGEST
        for number in reversed(range(self._model.rowCount())):
            self._delegate.measure(range(number, number + 1))
            height = self._delegate.sizeHint(QStyleOptionViewItem(), self._model.index(number)).height()
            if height > left and found:
                break
            found.insert(0, (number, height))
            left -= height
        return found

    def paint(self, painter: QPainter, box: QRect) -> None:
        """Paint the column into a box."""
        theme = tokens.current()
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(QColor(theme.surface))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), tokens.RADIUS_CARD, tokens.RADIUS_CARD)
        self._paint_header(painter, box)
        painter.translate(box.left() + _PAD, box.top() + _TOP)
        top = 0
        if self._cut:
            words = tr("{count} earlier messages are not in this picture", count=self._cut)
            draw_text(painter, QPointF(0, 0), words, theme.muted, tokens.FONT_SMALL, box.width() - 2 * _PAD)
            top = _NOTE
        for number, height in self._rows:
            option = QStyleOptionViewItem()
            option.rect = QRect(0, top, box.width() - 2 * _PAD, height)  # type: ignore[attr-defined]
            self._delegate.paint(painter, option, self._model.index(number))
            top += height
        painter.translate(-box.left() - _PAD, -box.top() - _TOP)

    def _paint_header(self, painter: QPainter, box: QRect) -> None:
        theme, shown = tokens.current(), self._shown
        corner = QPoint(box.left() + _PAD, box.top() + _PAD)
        painter.drawPixmap(corner, _face(shown))
        wide = box.width() - 2 * _PAD - _FACE - 10
        names = QPointF(corner + QPoint(_FACE + 10, -2))
        draw_text(painter, names, shown.title, theme.text, tokens.FONT_HEADING, wide, bold=True)
        under = shown.subtitle if shown.is_base or shown.hidden else f"{shown.subtitle} · × {shown.strength:g}"
        draw_text(painter, names + QPointF(0, 20), under, theme.muted, tokens.FONT_SMALL, wide)


def _face(shown: ColumnView) -> QPixmap:
    if shown.hidden or shown.is_base:
        return pixmap("mdi6.help-circle-outline" if shown.hidden else "mdi6.cube-outline", size=_FACE)
    return portrait_pixmap(shown.title, shown.colour, shown.portrait, _FACE)
