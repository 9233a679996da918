"""What is up next, in one line under the run: faces and what they differ in; it leads to the queue."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from studio.gui.pages.train.queue_rows import GROUP, QueueRow
from studio.gui.widgets.basic import button, label
from studio.gui.widgets.elided import ElidedLabel
from studio.gui.widgets.layouts import clear, column, holder, row
from studio.gui.widgets.portrait import Portrait
from studio.texts import tr

_SHOWN = 3


class QueueStrip(QFrame):
    """``queue_requested``: show all of it."""

    queue_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self._shown: tuple[QueueRow, ...] = ()
        self._faces = QHBoxLayout()
        self._faces.setSpacing(18)
        self.all = button(tr("Queue"), "mdi6.playlist-play", quiet=True, on_click=self.queue_requested.emit)
        whole = row(label(tr("Up next"), "h2"), 6, self._faces, self.all, margins=(16, 6, 8, 6))
        whole.setStretch(2, 1)
        self.setLayout(whole)
        self.setFixedHeight(54)

    @property
    def holds_something(self) -> bool:
        """False when nothing waits."""
        return bool(self._shown)

    def show_rows(self, rows: Sequence[QueueRow]) -> None:
        """Show the first of them; nothing is rebuilt when nothing changed."""
        if tuple(rows) == self._shown:
            return
        self._shown = tuple(rows)
        clear(self._faces)
        for one in self._shown[:_SHOWN]:
            words = column(ElidedLabel(one.title if one.kind == GROUP else one.name), ElidedLabel(one.differs, "small"),
                           spacing=0)  # fmt: skip
            pair = row(Portrait(26, one.name, one.colour, one.portrait), words, spacing=8)
            pair.setStretch(1, 1)
            self._faces.addWidget(holder(pair), 1)
        if len(rows) > _SHOWN:
            self._faces.addWidget(label(tr("and {count} more", count=len(rows) - _SHOWN), "small"))
