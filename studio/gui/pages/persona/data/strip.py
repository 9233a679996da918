"""The strip above the data: what the amount is good for, lengths, manner of writing, and the gravest finding."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from studio.gui.pages.persona.data.figures import ROLES, Figures, Gauge, place_words
from studio.gui.pages.persona.data.findings import Remark
from studio.gui.theme.icons import set_icon
from studio.gui.widgets.basic import IconLabel, button, card, label, set_kind
from studio.gui.widgets.elided import ElidedLabel
from studio.gui.widgets.histogram import Histogram
from studio.gui.widgets.layouts import Part, clear, column, holder, row
from studio.gui.widgets.scale_meter import ScaleMeter
from studio.gui.widgets.share_bar import Share, ShareBar
from studio.texts import tr

HEIGHT = 96
WIDE = 1500
"""From this width on there is room for two findings."""


class DataStrip(QWidget):
    """Tells when a finding is to be shown in the data, or mended, or all of them looked at."""

    remark_requested = Signal(object)
    mending_requested = Signal(object, object)
    all_requested = Signal()
    checking_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._figures: Figures | None = None
        self._remarks: Sequence[Remark] = ()
        self._state, self._checking = "", False
        self._filled_for = 0
        self._links: dict[str, QPushButton] = {}
        self._states: list[QLabel] = []
        self._found = row(spacing=10)
        parts = [self._amount_card(), self._lengths_card(), self._style_card(), holder(self._found)]
        for part in parts:
            part.setFixedHeight(HEIGHT)
        whole = row(*parts, spacing=10)
        for place, share in enumerate((5, 3, 4, 6)):
            whole.setStretch(place, share)
            parts[place].setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setLayout(whole)
        self.setFixedHeight(HEIGHT)

    def _amount_card(self) -> QFrame:
        self._sign = IconLabel("mdi6.gauge", "muted", 18)
        self._verdict, self._amount = ElidedLabel(tr("Not checked yet")), ElidedLabel("", "small")
        self._split = label("", "small")
        self._meter = ScaleMeter()
        line = row(self._sign, self._verdict, spacing=8)
        line.setStretch(1, 1)
        amount = row(self._amount, self._split, spacing=10)
        amount.setStretch(0, 1)
        return card(column(line, self._meter, amount, spacing=3, margins=(14, 9, 14, 9)))

    def _lengths_card(self) -> QFrame:
        self._histogram = Histogram()
        self._histogram.setFixedHeight(58)
        return card(
            column(
                label(tr("Length of their lines"), "small"), None, self._histogram, spacing=3, margins=(14, 8, 14, 8)
            )
        )

    def _style_card(self) -> QFrame:
        self._shares = ShareBar(tr("Manner of writing"))
        self._telling = ElidedLabel("", "small")
        return card(
            column(label(tr("Manner of writing"), "small"), self._shares, None, self._telling, spacing=6,
                   margins=(14, 8, 14, 10))
        )  # fmt: skip

    # -- showing ------------------------------------------------------------------------------------------------

    def show_figures(self, shown: Figures, colour: str) -> None:
        """Show how much there is."""
        self._figures = shown
        self._amount.setText(f"{shown.words} · {shown.tokens}")
        self._split.setText(shown.held_out)
        self._split.setToolTip(shown.split)
        self._histogram.show_lengths(shown.lengths, colour)

    def show_gauge(self, gauge: Gauge | None) -> None:
        """Show what it is good for, and how it is written."""
        self._meter.setVisible(gauge is not None)
        if gauge is None:
            self._verdict.setText(tr("Not checked yet"))
            set_icon(self._sign, "mdi6.gauge", "muted")
            self._shares.show_shares(())
            self._telling.setText("")
            return
        self._verdict.setText(gauge.verdict)
        self._verdict.setToolTip(gauge.sentence)
        self._verdict.setAccessibleDescription(gauge.sentence)
        set_icon(self._sign, gauge.icon, gauge.role)
        self._meter.show_amount(gauge.amount, gauge.marks, ROLES, gauge.sentence)
        self._shares.show_shares([Share(one.label, one.turns, one.colour) for one in gauge.manners])
        self._telling.setText(gauge.telling)

    def show_remarks(self, remarks: Sequence[Remark], state: str, *, checking: bool) -> None:
        """Show the gravest findings; ``state`` says whether they still hold."""
        same = (tuple(remarks), checking, bool(state)) == (self._remarks, self._checking, bool(self._state))
        self._remarks, self._state, self._checking = tuple(remarks), state, checking
        if same and self._found.count():
            for shown in self._states:
                shown.setText(state)
        else:
            self._fill()

    def _fill(self) -> None:
        clear(self._found)
        self._links, self._states = {}, []
        most = self._filled_for = self._room()
        for remark in self._remarks[:most]:
            self._found.addWidget(self._card(remark), 1)
        if not self._remarks:
            self._found.addWidget(self._nothing_found(), 1)
        if self._remarks and (len(self._remarks) > most or self._state):
            self._found.addWidget(self._rest(len(self._remarks) - most))

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        if self._room() != self._filled_for:
            self._fill()

    def _room(self) -> int:
        """For how many findings there is room."""
        return 2 if self.width() >= WIDE else 1

    def show_place(self, remark: Remark, number: int) -> None:
        """Say on the finding's card which of its places is open."""
        link = self._links.get(remark.code)
        if link is not None:
            link.setText(tr("Next · {place}", place=place_words(number, len(remark.places))))

    def _card(self, remark: Remark) -> QFrame:
        title = label(remark.title, wrap=True)
        title.setMaximumHeight(36)
        words = column(title, label(remark.severity, "small"), self._links_row(remark), spacing=1)
        whole = row(IconLabel(remark.icon, remark.role, 20), words, spacing=10, margins=(12, 7, 10, 6))
        whole.setStretch(1, 1)
        made = card(whole)
        made.setToolTip(remark.why)
        made.setAccessibleName(remark.spoken)
        return made

    def _links_row(self, remark: Remark) -> QHBoxLayout:
        parts: list[Part] = []
        if remark.places:
            show = self._link(tr("Show"), tr("Show: {what}", what=remark.title))
            show.clicked.connect(lambda: self.remark_requested.emit(remark))
            self._links[remark.code] = show
            parts.append(show)
        if remark.mendings:
            mend = self._link(tr("Mend…"), tr("Mend: {what}", what=remark.title))
            mend.clicked.connect(lambda: self.mending_requested.emit(remark, mend))
            parts.append(mend)
        return row(*parts, None, spacing=4, margins=(-4, 0, 0, 0))  # a link has room around it for its focus ring

    def _link(self, words: str, name: str) -> QPushButton:
        made = button(words, name=name)
        set_kind(made, "link")
        return made

    def _rest(self, count: int) -> QWidget:
        """What else was found, and whether it still holds."""
        parts: list[Part] = []
        if count > 0:
            more = self._link(tr("{count} more", count=count), tr("Show all findings"))
            more.clicked.connect(self.all_requested)
            parts.append(more)
        if self._state:
            parts.append(self._state_label())
        if self._state and not self._checking:
            again = self._link(tr("Check again"), tr("Check again"))
            again.clicked.connect(self.checking_requested)
            parts.append(again)
        made = holder(column(None, *parts, None, spacing=2))
        made.setFixedWidth(96)
        return made

    def _state_label(self) -> QLabel:
        made = label(self._state, "small", wrap=True)
        self._states.append(made)
        return made

    def _nothing_found(self) -> QFrame:
        """No finding, or no check yet: never the one for the other."""
        if self._state:
            title, words, sign = tr("The checks"), self._state_label(), IconLabel("mdi6.magnify-scan", "muted", 20)
        else:
            title, sign = tr("Nothing to mend"), IconLabel("mdi6.check", "good", 20)
            words = label(tr("The checks found no problem in this data."), "small", wrap=True)
        parts: list[Part] = [None, label(title), words]
        if self._state and not self._checking:
            now = self._link(tr("Check now"), tr("Check now"))
            now.clicked.connect(self.checking_requested)
            parts.append(row(now, None))
        lines = column(*parts, None, spacing=2)
        whole = row(sign, lines, spacing=10, margins=(14, 8, 14, 8))
        whole.setStretch(1, 1)
        return card(whole)
