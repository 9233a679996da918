"""The strip above the data: how much there is, how it is split, how long the lines are, and what the checks found."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QWidget

from studio.gui.pages.persona.data_presenter import Figures, Remark
from studio.gui.theme.icons import icon
from studio.gui.widgets.basic import IconLabel, button, card, label
from studio.gui.widgets.histogram import Histogram
from studio.gui.widgets.layouts import clear, column, holder, row
from studio.gui.widgets.split_bar import SplitBar
from studio.texts import tr

MOST = 2
HEIGHT = 78


class DataStrip(QWidget):
    """Tells when a remark is to be shown in the data."""

    remark_requested = Signal(object)
    measuring_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._bar, self._histogram = SplitBar(), Histogram()
        self._amount, self._split = label(""), label("", "small")
        amount = card(column(self._amount, None, self._bar, self._split, spacing=5, margins=(14, 10, 14, 10)))
        lengths = card(
            column(label(tr("Length of their lines"), "small"), self._histogram, spacing=2, margins=(14, 8, 14, 6))
        )
        lengths.setFixedWidth(220)
        self._remarks = row(spacing=10)
        self._links: dict[str, QPushButton] = {}
        found = holder(self._remarks)
        whole = row(amount, lengths, found, spacing=10)
        whole.setStretch(0, 3)
        whole.setStretch(2, 4)
        for part in (amount, lengths):
            part.setFixedHeight(HEIGHT)
        self.setLayout(whole)
        self.setFixedHeight(HEIGHT)

    def show_figures(self, shown: Figures, colour: str) -> None:
        """Show how much there is."""
        self._amount.setText(shown.words)
        self._split.setText(shown.split)
        self._bar.show_split(shown.train, shown.heldout, colour, shown.split)
        self._histogram.show_lengths(shown.lengths, colour)

    def show_unmeasured(self, words: str) -> None:
        """Offer to measure what is too much to be measured unasked."""
        self._amount.setText(words)
        self._split.setText("")
        self._fill([button(tr("Measure and check"), "mdi6.magnify-scan", on_click=self.measuring_requested.emit)])

    def show_remarks(self, remarks: Sequence[Remark]) -> None:
        """Show what the checks found, the worst first."""
        self._links = {}
        cards: list[QWidget] = [self._card(remark) for remark in remarks[:MOST]]
        if not remarks:
            cards = [_all_is_well()]
        if len(remarks) > MOST:
            cards.append(self._more(remarks[MOST:]))
        self._fill(cards)

    def show_place(self, remark: Remark, number: int) -> bool:
        """Say on the remark's card which of its places is open; False when it has no card."""
        link = self._links.get(remark.code)
        if link is not None:
            link.setText(tr("Show the next · {number} of {count}", number=number, count=len(remark.places)))
        return link is not None

    def _fill(self, cards: Sequence[QWidget]) -> None:
        clear(self._remarks)
        for one in cards:
            self._remarks.addWidget(one, 0 if isinstance(one, QPushButton) else 1)

    def _card(self, remark: Remark) -> QFrame:
        title = label(remark.title, wrap=True)
        title.setMaximumHeight(36)
        places = len(remark.places)
        show = button(tr("Show"), quiet=True, on_click=lambda: self.remark_requested.emit(remark))
        show.setObjectName("link")
        show.setAccessibleName(tr("Show: {what}", what=remark.title))
        show.setVisible(bool(places))
        self._links[remark.code] = show
        words = column(title, row(show, None), spacing=0)
        line = row(IconLabel(remark.icon, remark.role, 20), words, spacing=10, margins=(12, 6, 10, 6))
        line.setStretch(1, 1)
        made = card(line)
        made.setToolTip(remark.why)
        made.setAccessibleName(f"{remark.title}. {remark.why}")
        made.setFixedHeight(HEIGHT)
        return made

    def _more(self, remarks: Sequence[Remark]) -> QPushButton:
        made = button(tr("{count} more", count=len(remarks)), "mdi6.chevron-down")
        menu = QMenu(made)
        menu.setToolTipsVisible(True)
        for remark in remarks:
            action = menu.addAction(icon(remark.icon, remark.role), remark.title)
            action.setToolTip(remark.why)
            action.triggered.connect(lambda _=False, one=remark: self.remark_requested.emit(one))
        made.setMenu(menu)
        made.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        return made


def _all_is_well() -> QFrame:
    words = column(
        None,
        label(tr("Nothing to mend")),
        label(tr("The checks found no problem in this data."), "small"),
        None,
        spacing=2,
    )
    made = card(row(IconLabel("mdi6.check", "good", 20), words, None, spacing=10, margins=(14, 8, 14, 8)))
    made.setFixedHeight(HEIGHT)
    return made
