"""What is said about a run: each finding with its lever and its buttons, the weightiest first."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout

from studio.gui.pages.train.run.findings import FindingRow
from studio.gui.widgets.basic import IconLabel, button, card, label
from studio.gui.widgets.layouts import clear, column, row
from studio.texts import tr

_SHOWN = 1
_NARROW = 560


class FindingsView(QFrame):
    """The others are one click away: a curve is looked at more often than it is read about."""

    act_wished = Signal(object)
    """A ``FindingAct``."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._rows: Sequence[FindingRow] = ()
        self._all, self._narrow = False, False
        self._place = QVBoxLayout()
        self._place.setContentsMargins(0, 0, 0, 0)
        self._place.setSpacing(6)
        self.setLayout(self._place)
        self.hide()

    def fold(self) -> None:
        """Show the first one only: another run is looked at."""
        self._all = False

    def show_rows(self, rows: Sequence[FindingRow]) -> None:
        """Show findings; nothing is rebuilt when nothing changed, so that no button goes from under the pointer."""
        if rows != self._rows:
            self._rows = tuple(rows)
            self._write()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's: where it is narrow, the buttons stand under the words."""
        super().resizeEvent(event)
        if (self.width() < _NARROW) != self._narrow:
            self._narrow = self.width() < _NARROW
            self._write()

    def _write(self) -> None:
        clear(self._place)
        hidden = len(self._rows) - _SHOWN
        for number, one in enumerate(self._rows if self._all else self._rows[:_SHOWN]):
            last = number == (len(self._rows) if self._all else _SHOWN) - 1
            self._place.addWidget(self._card(one, self._more(hidden) if last and hidden > 0 else None))
        self.setVisible(bool(self._rows))

    def _more(self, hidden: int) -> QPushButton:
        words = tr("Show less") if self._all else tr("{count} more", count=hidden)
        return _small(button(words, quiet=True, on_click=self._toggle, name=tr("Findings: {words}", words=words)))

    def _toggle(self) -> None:
        self._all = not self._all
        self._write()

    def _card(self, one: FindingRow, more: QPushButton | None) -> QFrame:
        mark = IconLabel("mdi6.alert-outline" if one.warning else "mdi6.information-outline",
                         "warn" if one.warning else "accent", 18)  # fmt: skip
        words = column(
            label(one.sentence, wrap=True, selectable=True), label(one.lever, "small", wrap=True, selectable=True),
            spacing=2,
        )  # fmt: skip
        acts = [_small(button(act.label, on_click=partial(self.act_wished.emit, act))) for act in one.acts]
        buttons = [*acts, *([more] if more else [])]
        if self._narrow:
            words.addLayout(column(*(row(one, None) for one in buttons), spacing=4))
        beside = column(None, *([] if self._narrow else buttons), None, spacing=4)
        whole = row(column(mark, None, spacing=0), words, beside, spacing=10, margins=(12, 8, 12, 8))
        whole.setStretch(1, 1)
        made = card(whole, "raised")
        made.setAccessibleName(". ".join((tr("Warning") if one.warning else tr("Note"), one.sentence, one.lever)))
        return made


def _small(made: QPushButton) -> QPushButton:
    made.setStyleSheet("padding: 3px 10px; font-size: 12px;")
    return made
