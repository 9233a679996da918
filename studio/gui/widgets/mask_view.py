"""What the model sees of a conversation: every token with its kind, a legend with counts, and what to know about it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from studio.domain.mask import KINDS
from studio.gui.theme import tokens
from studio.gui.widgets.basic import label, link, set_kind
from studio.gui.widgets.layouts import FlowLayout, clear, column, holder, row
from studio.gui.widgets.mask_canvas import MaskCanvas
from studio.gui.widgets.mask_layout import PADDING, Token
from studio.gui.widgets.mask_painting import mono, paint_token
from studio.gui.widgets.mask_words import kind_meaning, kind_name
from studio.texts import tr, tr_plural

_SAMPLE = "abc"
FEW = 2
"""Problems that are shown before the others are asked for."""


class Mask(Protocol):
    """What is shown (``domain.mask.MaskView``)."""

    @property
    def base_name(self) -> str: ...
    @property
    def max_length(self) -> int: ...
    @property
    def tokens(self) -> Sequence[Token]: ...
    @property
    def windows(self) -> int: ...
    @property
    def speakers(self) -> Mapping[int, str]: ...
    @property
    def problems(self) -> Sequence[str]: ...
    @property
    def refused(self) -> bool: ...
    @property
    def left_out(self) -> int: ...
    @property
    def counts(self) -> Mapping[str, int]: ...


class Swatch(QWidget):
    """A token of one kind, as a sign for it."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind
        self.setFixedSize(QSize(30, 20))
        self.setAccessibleName(kind_name(kind))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's."""
        painter, used = QPainter(self), mono(tokens.FONT_SMALL)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(used)
        metrics = QFontMetricsF(used)
        wide = metrics.horizontalAdvance(_SAMPLE) + 2 * PADDING
        baseline = (self.height() - metrics.height()) / 2 + metrics.ascent()
        paint_token(painter, QRectF(0, 0, wide, self.height()), _SAMPLE, self._kind, baseline)
        painter.end()


class MaskViewWidget(QWidget):
    """Shows a mask, that one is on its way, or why there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._problems: Sequence[str] = ()
        self.summary = label("", "small", wrap=True)
        self.said = label("", "muted", wrap=True)
        self.canvas = MaskCanvas(tr("Tokens that the model sees"))
        self._counts: dict[str, QLabel] = {}
        self._legend = self._made_legend()
        self._list = column(spacing=4)
        self._more = link("", self._show_all)
        self._troubles = holder(column(self._list, row(self._more, None), spacing=2))
        self.setLayout(column(self._legend, self.summary, self._troubles, self.said, self.canvas, spacing=8))
        self.layout().setStretchFactor(self.canvas, 1)  # type: ignore[union-attr]
        self.show_waiting("")

    def show_mask(self, view: Mask) -> None:
        """Show a mask."""
        for kind, count in view.counts.items():
            self._counts[kind].setText(tr("{kind} {count}", kind=kind_name(kind), count=f"{count:,}"))
        self.summary.setText(_summary(view))
        self._problems = view.problems
        self._show_problems(view.refused, FEW)
        self.canvas.show_tokens(view.tokens, view.speakers)
        self._show(said="", mask=True)

    def show_waiting(self, words: str) -> None:
        """Say that a mask is on its way; the one that is shown stays, but pale."""
        there = self.canvas.isVisibleTo(self) and bool(words)
        self._show(said=words, mask=there)
        self.canvas.show_pale(there)

    def show_trouble(self, sentence: str) -> None:
        """Say why there is none."""
        self._show(said=sentence, mask=False)
        set_kind(self.said, "bad")

    def _show(self, *, said: str, mask: bool) -> None:
        set_kind(self.said, "muted")
        self.said.setText(said)
        self.said.setVisible(bool(said))
        for part in (self._legend, self.summary, self.canvas):
            part.setVisible(mask)
        self._troubles.setVisible(mask and bool(self._problems))
        side = Qt.AlignmentFlag.AlignLeft if mask else Qt.AlignmentFlag.AlignHCenter
        self.said.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        self.canvas.show_pale(False)

    def _made_legend(self) -> QWidget:
        flow = FlowLayout(spacing=14)
        for kind in KINDS:
            self._counts[kind] = label(kind_name(kind), "small")
            part = holder(row(Swatch(kind), self._counts[kind], spacing=6))
            part.setToolTip(kind_meaning(kind))
            flow.addWidget(part)
        return holder(flow)

    def _show_problems(self, refused: bool, most: int) -> None:
        clear(self._list)
        for place, words in enumerate(self._problems[:most]):
            shown = label(words, "bad" if refused and not place else "warn", wrap=True, selectable=True)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._list.addWidget(shown)
        left = len(self._problems) - most
        self._refused = refused
        self._more.setVisible(left > 0)
        self._more.setText(tr_plural("Show {count} more", "Show {count} more", left) if left > 0 else "")

    def _show_all(self) -> None:
        self._show_problems(self._refused, len(self._problems))


def _summary(view: Mask) -> str:
    total = len(view.tokens) + view.left_out
    said = tr_plural(
        "{base}: {tokens} tokens in {count} window of at most {limit}.",
        "{base}: {tokens} tokens in {count} windows of at most {limit}.",
        view.windows,
        base=view.base_name,
        tokens=f"{total:,}",
        limit=f"{view.max_length:,}",
    )
    unseen = tr("The last {count} of them are not shown.", count=f"{view.left_out:,}")
    return f"{said} {unseen}" if view.left_out else said
