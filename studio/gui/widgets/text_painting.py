"""Text for delegates: wrapped to a number of lines, the last one cut with an ellipsis; chips."""

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QTextLayout
from PySide6.QtWidgets import QApplication

from studio.gui.theme import tokens


@lru_cache(maxsize=64)
def font(pixels: int, bold: bool = False) -> QFont:
    """Return the system font at a size of the type scale."""
    made = QFont(QApplication.font())
    made.setPixelSize(pixels)
    if bold:
        made.setWeight(QFont.Weight.DemiBold)
    return made


@lru_cache(maxsize=8192)
def wrapped(text: str, pixels: int, bold: bool, width: int, lines: int) -> tuple[str, ...]:
    """Return the lines of ``text`` at ``width``; what does not fit ends in an ellipsis."""
    layout = QTextLayout(text, font(pixels, bold))
    layout.beginLayout()
    found: list[str] = []
    start = 0
    while len(found) < lines:
        made = layout.createLine()
        if not made.isValid():
            break
        made.setLineWidth(width)
        start, length = made.textStart(), made.textLength()
        found.append(text[start : start + length].strip())
    layout.endLayout()
    if found and start + len(found[-1]) < len(text.rstrip()):
        metrics = QFontMetricsF(font(pixels, bold))
        found[-1] = metrics.elidedText(text[start:].strip(), Qt.TextElideMode.ElideRight, width)
    return tuple(found)


def draw_text(
    painter: QPainter,
    at: QPointF,
    text: str,
    colour: str,
    pixels: int,
    width: int,
    *,
    bold: bool = False,
    lines: int = 1,
) -> float:
    """Draw text whose top left is ``at`` and return the height that it took."""
    shown = wrapped(" ".join(text.split()), pixels, bold, max(width, 1), lines)
    used = font(pixels, bold)
    metrics = QFontMetricsF(used)
    height = metrics.height()
    painter.setFont(used)
    painter.setPen(QColor(colour))
    for place, one in enumerate(shown):
        painter.drawText(QPointF(at.x(), at.y() + place * height + metrics.ascent()), one)
    return height * len(shown)


def text_width(text: str, pixels: int) -> float:
    """Return the width of one line."""
    return QFontMetricsF(font(pixels)).horizontalAdvance(text)


def draw_chips(painter: QPainter, at: QPointF, words: tuple[str, ...], width: float) -> None:
    """Draw as many chips as fit into ``width``, and ``+n`` for the others."""
    theme, x = tokens.current(), at.x()
    for place, word in enumerate(words):
        rest = len(words) - place
        wide = text_width(word, tokens.FONT_SMALL) + 18
        reserved = 0 if rest == 1 else 34
        if x + wide > at.x() + width - reserved:
            if x + 30 <= at.x() + width:
                _chip(painter, QRectF(x, at.y(), 30, 22), f"+{rest}", theme)
            return
        _chip(painter, QRectF(x, at.y(), wide, 22), word, theme)
        x += wide + 8


def _chip(painter: QPainter, box: QRectF, word: str, theme: tokens.Theme) -> None:
    painter.setPen(QPen(QColor(theme.line), 1))
    painter.setBrush(QColor(theme.raised))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), tokens.RADIUS_CHIP, tokens.RADIUS_CHIP)
    painter.setFont(font(tokens.FONT_SMALL))
    painter.setPen(QColor(theme.muted))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)
