"""A bar of segments against what there is: what a run, or a base, takes of this machine's memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.gui import figures
from studio.gui.theme import tokens
from studio.texts import tr


@dataclass(frozen=True)
class Segment:
    """A part of the bar; ``colour`` is a theme role or ``#rrggbb``."""

    label: str
    amount: float
    colour: str


class MemoryBar(QWidget):
    """Segments side by side; everything in the warning colour when they exceed the total."""

    def __init__(self, height: int = 12) -> None:
        super().__init__()
        self._segments: tuple[Segment, ...] = ()
        self._total = 0.0
        self.setFixedHeight(height)
        self.setMinimumWidth(60)
        self.setAccessibleName(tr("Memory"))

    def show_segments(self, segments: Sequence[Segment], total: float) -> None:
        """Show what is taken of ``total`` (0: unknown, then the bar is full)."""
        self._segments, self._total = tuple(segments), total
        words = ", ".join(f"{part.label} {figures.size(part.amount)}" for part in segments)
        taken = figures.size(self.taken)
        self.setAccessibleDescription(
            tr("{parts}: {taken} of {total}", parts=words, taken=taken, total=figures.size(total)) if total else words
        )
        self.setToolTip("\n".join(f"{part.label}: {figures.size(part.amount)}" for part in segments))
        self.update()

    @property
    def taken(self) -> float:
        """The sum of the segments."""
        return sum(part.amount for part in self._segments)

    @property
    def fits(self) -> bool:
        """False when more is taken than there is."""
        return not self._total or self.taken <= self._total

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()), self.height() / 2, self.height() / 2)
        painter.setClipPath(outline)
        theme = tokens.current()
        painter.fillRect(self.rect(), QColor(theme.line))
        whole = max(self._total if self.fits else self.taken, 1.0)
        x = 0.0
        for part in self._segments:
            width = part.amount / whole * self.width()
            colour = QColor(theme.role(part.colour) if self.fits else theme.bad)
            if width > 0:
                painter.fillRect(QRectF(x, 0, max(width - 1.5, 1.0), self.height()), colour)
            x += width
        if not self.fits:  # where the memory ends
            painter.fillRect(QRectF(self._total / whole * self.width() - 1, 0, 2, self.height()), QColor(theme.text))
        painter.end()
