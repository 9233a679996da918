"""Shares of a whole as one bar, with their names and percentages under it."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.theme import tokens
from studio.gui.widgets.text_painting import font, text_width
from studio.texts import tr

_BAR = 8


@dataclass(frozen=True)
class Share:
    """One part: its name, how much (any unit) and its colour (a role or ``#rrggbb``)."""

    label: str
    amount: float
    colour: str


class ShareBar(QWidget):
    """The legend says each share in words, so that no colour must be told apart."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._shares: tuple[Share, ...] = ()
        self.setFixedHeight(_BAR + 20)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_shares(self, shares: Sequence[Share]) -> None:
        """Show the parts in this order; empty ones are left out."""
        self._shares = tuple(share for share in shares if share.amount > 0)
        words = ", ".join(self._said(share) for share in self._shares) or tr("nothing yet")
        self.setAccessibleName(f"{self._name}: {words}")
        self.setToolTip(words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, self.height())

    def _said(self, share: Share) -> str:
        whole = sum(one.amount for one in self._shares)
        return tr("{name} {percent}%", name=share.label, percent=round(100 * share.amount / whole))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, clip = QPainter(self), tokens.current(), QPainterPath()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        clip.addRoundedRect(QRectF(0, 0, self.width(), _BAR), _BAR / 2, _BAR / 2)
        painter.setClipPath(clip)
        painter.fillRect(QRectF(0, 0, self.width(), _BAR), QColor(theme.line))
        whole, x = sum(one.amount for one in self._shares), 0.0
        for share in self._shares:
            wide = self.width() * share.amount / whole
            painter.fillRect(QRectF(x, 0, wide - 2, _BAR), QColor(theme.role(share.colour)))
            x += wide
        painter.restore()
        self._legend(painter)
        painter.end()

    def _legend(self, painter: QPainter) -> None:
        theme, x, size = tokens.current(), 0.0, tokens.FONT_SMALL - 1
        painter.setFont(font(size))
        for share in self._shares:
            words = self._said(share)
            wide = text_width(words, size)
            if x + 11 + wide > self.width():
                return
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.role(share.colour)))
            painter.drawRoundedRect(QRectF(x, self.height() - 11, 7, 7), 2, 2)
            painter.setPen(QColor(theme.muted))
            painter.drawText(QPointF(x + 11, self.height() - 4), words)
            x += 11 + wide + 12
