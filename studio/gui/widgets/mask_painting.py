"""How a token looks: its kind is told by ground, colour and a form of its own, so that colours are not needed."""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from studio.domain.mask import CONTEXT, CUT, SPECIAL, TRAINED
from studio.gui.theme import tokens
from studio.gui.widgets.mask_layout import PADDING

MONO = ("DejaVu Sans Mono", "Menlo", "Consolas", "monospace")
RADIUS = 4


@dataclass(frozen=True, kw_only=True)
class KindStyle:
    """Roles of the theme. ``ground`` is empty where only an outline is drawn."""

    words: str
    ground: str = ""
    outline: str = ""
    underline: str = ""
    struck: bool = False


STYLES = {
    TRAINED: KindStyle(words="text", ground="good_ground", underline="good"),
    CONTEXT: KindStyle(words="text", ground="hover"),
    SPECIAL: KindStyle(words="muted", outline="faint"),
    CUT: KindStyle(words="bad", ground="bad_ground", struck=True),
}


@lru_cache(maxsize=4)
def mono(pixels: int) -> QFont:
    """A font whose letters are all of one width, where there is one."""
    made = QFont()
    made.setFamilies(list(MONO))
    made.setStyleHint(QFont.StyleHint.Monospace)
    made.setPixelSize(pixels)
    return made


def paint_token(painter: QPainter, box: QRectF, words: str, kind: str, baseline: float) -> None:
    """Paint a token into ``box``; the painter has the font already."""
    theme, style = tokens.current(), STYLES[kind]
    if style.ground or style.outline:
        painter.setPen(QPen(QColor(theme.role(style.outline)), 1) if style.outline else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.role(style.ground)) if style.ground else Qt.BrushStyle.NoBrush)
        edge = 0.5 if style.outline else 0.0
        painter.drawRoundedRect(box.adjusted(edge, edge, -edge, -edge), RADIUS, RADIUS)
    colour = QColor(theme.role(style.words))
    painter.setPen(colour)
    painter.drawText(QPointF(box.left() + PADDING, baseline), words)
    if style.underline:
        painter.fillRect(QRectF(box.left(), box.bottom() - 2, box.width(), 2), QColor(theme.role(style.underline)))
    if style.struck:
        painter.fillRect(QRectF(box.left() + 1, box.center().y(), box.width() - 2, 1), colour)


def paint_focus(painter: QPainter, box: QRectF) -> None:
    """The ring around the token that has the keyboard."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(tokens.current().accent), 2))
    painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1), RADIUS + 1, RADIUS + 1)
