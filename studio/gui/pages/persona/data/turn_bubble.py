"""The ground on which a turn's words stand: the persona's with a stripe of its colour, everybody else's in a bubble."""

import html

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from studio.gui.theme import tokens
from studio.gui.widgets.layouts import column
from studio.gui.widgets.roleplay_text import styled
from studio.texts import tr


class TurnBubble(QWidget):
    """Painted, not styled: a stylesheet of its own for every turn makes long conversations slow to open."""

    def __init__(self, text: str, *, stripe: str = "", faint: bool = False) -> None:
        super().__init__()
        self._stripe, self._faint = stripe, faint
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.words.setMinimumHeight(1)  # else the scroll area reserves the height of the narrowest column
        self.words.setToolTip(tr("Double-click to edit"))
        self.setLayout(column(self.words, margins=(14, 2, 4, 2) if stripe else (14, 9, 14, 9)))
        self.show_text(text)

    def show_text(self, text: str) -> None:
        """Show these words."""
        theme = tokens.current()
        said = styled(text, muted=theme.muted, code_ground=theme.raised) or f"<i>{html.escape(tr('no words'))}</i>"
        self.words.setText(f'<div style="color:{theme.muted}">{said}</div>' if self._faint else said)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = tokens.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._stripe:
            painter.setBrush(QColor(theme.faint if self._faint else self._stripe))
            painter.drawRoundedRect(QRectF(0, 1, 3, self.height() - 2), 1.5, 1.5)
        else:
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(QRectF(self.rect()), 12, 12)
        painter.end()
