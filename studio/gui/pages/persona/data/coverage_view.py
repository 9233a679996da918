"""The coverage map: what the data has of moods, topics, lengths and turns, and in words what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from studio.gui.pages.persona.data.figures import Chart, Figures, Gauge, item_words
from studio.gui.theme.icons import set_icon
from studio.gui.widgets.bar_rows import BarRow, BarRows
from studio.gui.widgets.basic import IconLabel, card, label, scrolling, set_kind
from studio.gui.widgets.layouts import clear, column, holder, row
from studio.gui.widgets.split_bar import SplitBar
from studio.texts import tr


class CoverageView(QWidget):
    """Four charts, two in a row."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._verdict, split = self._verdict_card(), self._split_card()
        self._head = row(self._verdict, split, spacing=12)
        self._head.setStretch(0, 3)
        self._head.setStretch(1, 2)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(12)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self._words = label("", "muted", wrap=True)
        inner = holder(column(self._head, self._words, self._grid, None, spacing=12, margins=(0, 0, 10, 8)))
        self.setLayout(column(scrolling(inner)))

    def _verdict_card(self) -> QFrame:
        self._sign = IconLabel("mdi6.gauge", "muted", 26)
        self._title, self._sentence = label("", "h2"), label("", "muted", wrap=True)
        words = column(self._title, self._sentence, None, spacing=2)
        whole = row(self._sign, words, spacing=14, margins=(16, 12, 16, 12))
        whole.setStretch(1, 1)
        return card(whole)

    def _split_card(self) -> QFrame:
        self._bar, self._split = SplitBar(), label("", "small", wrap=True)
        why = label(tr("Held-out conversations are never learned: they measure what a run has really understood."))
        set_kind(why, "small")
        why.setWordWrap(True)
        return card(column(self._split, self._bar, why, None, spacing=7, margins=(16, 12, 16, 12)))

    def show_figures(self, shown: Figures, colour: str) -> None:
        """Show how the data is split."""
        self._split.setText(f"{shown.split} · {shown.tokens}")
        self._bar.show_split(shown.train, shown.heldout, colour, shown.split)

    def show_charts(self, charts: Sequence[Chart], gauge: Gauge | None, colour: str, *, readable: bool) -> None:
        """Show the map; ``readable`` is off for a language whose moods and topics cannot be told."""
        clear(self._grid)
        self._words.setText(_words(bool(charts), readable))
        self._words.setVisible(bool(self._words.text()))
        self._verdict.setVisible(gauge is not None)
        if gauge is not None:
            set_icon(self._sign, gauge.icon, gauge.role)
            self._title.setText(gauge.verdict)
            self._sentence.setText(gauge.sentence)
        for place, chart in enumerate(charts):
            self._grid.addWidget(_card(chart, colour), place // 2, place % 2)


def _words(some: bool, readable: bool) -> str:
    if not some:
        return tr("The map is drawn when the data has been checked.")
    if not readable:
        return tr("Moods and topics are told by English words, so they are left out for this data.")
    return tr("The mark on a bar is about what a balanced persona has. It is a hint where to write more, not a rule.")


def _card(chart: Chart, colour: str) -> QFrame:
    bars = BarRows(chart.title)
    bars.show_rows(
        [BarRow(label=one.label, count=one.count, expected=one.expected, words=item_words(one)) for one in chart.items],
        colour,
    )
    return card(
        column(label(chart.title, "h2"), label(chart.help, "small", wrap=True), 2, bars, None,
               label(chart.missing, "small", wrap=True), spacing=5, margins=(16, 12, 16, 12))
    )  # fmt: skip
