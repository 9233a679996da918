"""How long things are, as small bars."""

from collections import Counter
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.gui.theme import tokens
from studio.gui.widgets.text_painting import font
from studio.texts import tr


def even_bins(lengths: Sequence[int], most: int = 18) -> list[tuple[int, int, int]]:
    """Return (from, to, count) of bins of one width; the last one also takes the longest fiftieth of all."""
    counts = Counter(lengths)  # a few hundred different lengths, however many lines
    counts.pop(0, None)
    if not counts:
        return []
    ordered = sorted(counts)
    first, usual = ordered[0], share_below(counts, 0.98)
    width = max(1, -(-(usual - first + 1) // most))
    count = (usual - first) // width + 1
    found = [0] * count
    for length, often in counts.items():
        found[min((length - first) // width, count - 1)] += often
    starts = [first + place * width for place in range(count)]
    ends = [start + width - 1 for start in starts[:-1]] + [ordered[-1]]
    return list(zip(starts, ends, found, strict=True))


def share_below(counts: Mapping[int, int], share: float) -> int:
    """The length that so large a share of all does not exceed; 0 when there are none."""
    left, length = share * sum(counts.values()), 0
    for length in sorted(counts):
        left -= counts[length]
        if left <= 0:
            return length
    return length


class Histogram(QWidget):
    """Bars with the shortest and the longest length under them."""

    def __init__(self) -> None:
        super().__init__()
        self._bins: list[tuple[int, int, int]] = []
        self._colour = "accent"
        self.setFixedHeight(44)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lengths(self, lengths: Sequence[int], colour: str) -> None:
        """Show lengths in words."""
        self._bins, self._colour = even_bins(lengths), colour
        middle = share_below(Counter(lengths), 0.5)
        self.setAccessibleName(tr("Length of their lines in words; half of them have {middle} or fewer", middle=middle))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, 44)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._bins:
            return
        painter, theme = QPainter(self), tokens.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        highest = max(count for _, _, count in self._bins)
        tall = self.height() - 15
        for place, (_, _, count) in enumerate(self._bins):
            box = self._box(place)
            height = max(2.0, tall * count / highest) if count else 1.0
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.role(self._colour) if count else theme.line))
            painter.drawRoundedRect(QRectF(box.left(), tall - height, box.width(), height), 2, 2)
        painter.setFont(font(tokens.FONT_SMALL - 1))
        painter.setPen(QColor(theme.muted))
        words = self.rect().adjusted(0, tall, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, str(self._bins[0][0]))
        longest = tr("{count} words", count=self._bins[-1][1])
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, longest)
        painter.end()

    def _box(self, place: int) -> QRectF:
        step = self.width() / len(self._bins)
        return QRectF(place * step + 1, 0, min(step - 2, 24), self.height())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self._bins:
            place = min(int(event.pos().x() / self.width() * len(self._bins)), len(self._bins) - 1)
            first, last, count = self._bins[place]
            QToolTip.showText(
                event.globalPos(), tr("{first} to {last} words: {count}", first=first, last=last, count=count)
            )
            return True
        return super().event(event)
