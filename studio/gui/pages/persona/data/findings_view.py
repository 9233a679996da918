"""All findings: how grave, how many, why they matter, their first places, and what mends them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from studio.gui.pages.persona.data.figures import place_words
from studio.gui.pages.persona.data.findings import Remark
from studio.gui.widgets.basic import IconLabel, button, card, chip, empty_state, label, scrolling
from studio.gui.widgets.elided import ElidedLabel
from studio.gui.widgets.layouts import Part, clear, column, holder, row
from studio.texts import tr

EXCERPTS = 3
WIDEST = 1320


class FindingsView(QWidget):
    """Wishes are signals with the remark; ``place_requested`` opens one place of it."""

    remark_requested = Signal(object)
    mending_requested = Signal(object, object)
    place_requested = Signal(object, int)
    checking_requested = Signal()
    cancel_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._links: dict[str, QPushButton] = {}
        self._shown: tuple[tuple[Remark, ...], bool] | None = None
        self._state = label("", "small")
        self._again = button(tr("Check now"), "mdi6.magnify-scan", on_click=self.checking_requested.emit)
        self._cancel = button(tr("Cancel"), "mdi6.close", quiet=True, on_click=self.cancel_requested.emit)
        self._cards = column(spacing=10)
        inner = holder(column(self._cards, None, margins=(0, 0, 10, 8)))
        inner.setMaximumWidth(WIDEST)
        top = row(self._state, None, self._cancel, self._again, spacing=8)
        whole = column(top, scrolling(inner), spacing=8)
        whole.setStretch(1, 1)
        self.setLayout(whole)

    def show_remarks(self, remarks: Sequence[Remark], state: str, *, checking: bool, checked: bool) -> None:
        """Show everything; ``checked`` is False before the first check."""
        self._state.setText(state or tr("Checked; this is how the data is now."))
        self._cancel.setVisible(checking)
        self._again.setVisible(not checking)
        now = (tuple(remarks), bool(remarks) or (checked and not checking))
        if now == self._shown:
            return
        self._links, self._shown = {}, now
        clear(self._cards)
        for remark in remarks:
            self._cards.addWidget(self._card(remark))
        if not remarks:
            self._cards.addWidget(_nothing(checked and not checking))

    def show_place(self, remark: Remark, number: int) -> None:
        """Say which place of a finding is open."""
        if remark.code in self._links:
            self._links[remark.code].setText(tr("Next · {place}", place=place_words(number, len(remark.places))))

    def _card(self, remark: Remark) -> QFrame:
        severity = chip(remark.severity)
        head = row(label(remark.title, "h2"), severity, None, *self._buttons(remark), spacing=8)
        words: list[Part] = [head, label(remark.why, "muted", wrap=True)]
        words += [self._excerpt(remark, number) for number in range(min(EXCERPTS, len(remark.places)))]
        body = column(*words, spacing=5)
        sign = column(IconLabel(remark.icon, remark.role, 22), None)
        whole = row(sign, body, spacing=14, margins=(16, 12, 14, 12))
        whole.setStretch(1, 1)
        made = card(whole)
        made.setAccessibleName(remark.spoken)
        return made

    def _buttons(self, remark: Remark) -> list[Part]:
        found: list[Part] = []
        if remark.places:
            show = button(tr("Show"), name=tr("Show: {what}", what=remark.title))
            show.clicked.connect(lambda: self.remark_requested.emit(remark))
            show.setToolTip(tr("The list shows these conversations only; each click goes to the next place"))
            self._links[remark.code] = show
            found.append(show)
        if remark.mendings:
            mend = button(tr("Mend…"), "mdi6.auto-fix", name=tr("Mend: {what}", what=remark.title))
            mend.clicked.connect(lambda: self.mending_requested.emit(remark, mend))
            found.append(mend)
        return found

    def _excerpt(self, remark: Remark, number: int) -> QWidget:
        place = remark.places[number]
        words = place.excerpt or tr("turn {number}", number=place.turn + 1)
        made = button("", name=tr("Open: {words}", words=words))
        made.setObjectName("excerpt")
        line = row(ElidedLabel(words, "small"), margins=(10, 3, 10, 3))
        made.setLayout(line)
        made.setFixedHeight(26)
        made.clicked.connect(lambda: self.place_requested.emit(remark, number))
        return made


def _nothing(checked: bool) -> QWidget:
    if not checked:
        return label(tr("The checks look for what would be learned wrongly, and say why it matters."), "muted")
    words = tr("The checks found no problem in this data. They look again whenever it changes.")
    made = empty_state("mdi6.check-circle-outline", tr("Nothing to mend"), words)
    made.setMinimumHeight(260)
    return made
