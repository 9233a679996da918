"""What is painted around a message: speaker above, version, thumb and lesson below, and lines between messages."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from studio.gui.theme import tokens
from studio.gui.theme.icons import pixmap
from studio.gui.widgets.message import Message
from studio.gui.widgets.portrait import portrait_pixmap
from studio.gui.widgets.text_painting import draw_text, text_width
from studio.texts import tr

NAME_HEIGHT = 28
_FACE, _ICON, _SPACE = 20, 14, 10


def draw_name(painter: QPainter, message: Message, at: QPointF, width: float) -> None:
    """Face and name of who speaks."""
    theme, left = tokens.current(), at.x()
    device = painter.device()
    ratio = device.devicePixelRatioF() if device else 1.0
    if not message.mine:
        face = portrait_pixmap(message.speaker, message.colour, message.portrait, _FACE, ratio)
        painter.drawPixmap(QPointF(left, at.y() + 3), face)
        left += _FACE + 8
    name = tr("You") if message.mine else message.speaker
    colour = theme.text if message.mine else tokens.readable(message.colour or theme.text, theme.surface)
    room = int(width - (left - at.x()))
    draw_text(painter, QPointF(left, at.y() + 4), name, colour, tokens.FONT_BODY, room, bold=True)


def draw_footer(painter: QPainter, message: Message, at: QPointF, height: int) -> None:
    """``2 / 3``, the user's thumb, and whether it was taught."""
    theme, left, middle = tokens.current(), at.x(), at.y() + height / 2
    if message.count > 1:
        words = tr("‹ {place} / {count} ›", place=message.place, count=message.count)
        draw_text(painter, QPointF(left, middle - 9), words, theme.muted, tokens.FONT_SMALL, 200)
        left += text_width(words, tokens.FONT_SMALL) + _SPACE
    icons = {"mdi6.thumb-up": message.rating > 0, "mdi6.thumb-down": message.rating < 0, "mdi6.school": message.taught}
    for name, wanted in icons.items():
        if wanted:
            painter.drawPixmap(QPointF(left, middle - _ICON / 2), pixmap(name, "accent", _ICON))
            left += _ICON + _SPACE
    if message.taught:
        draw_text(painter, QPointF(left - 4, middle - 9), tr("taught"), theme.muted, tokens.FONT_SMALL, 120)


def draw_note(painter: QPainter, box: QRectF, words: float) -> None:
    """Fine lines on both sides of words in the middle."""
    room = (box.width() - words) / 2 - 10
    if room < 12:
        return
    painter.setPen(QPen(QColor(tokens.current().line), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    middle = box.center().y()
    painter.drawLine(QPointF(box.left(), middle), QPointF(box.left() + room, middle))
    painter.drawLine(QPointF(box.right() - room, middle), QPointF(box.right(), middle))
