"""The results of a comparison or a sweep as a table with bars, which fills while its runs go on."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QGridLayout, QLabel, QWidget

from studio.gui.pages.train.comparison import COLUMNS, TableRow, as_markdown
from studio.gui.widgets.bar_cell import BarCell
from studio.gui.widgets.basic import button, label, line, scrolling
from studio.gui.widgets.layouts import clear, column, holder, row
from studio.texts import tr


class ResultsDialog(QDialog):
    """``rows`` is asked again whenever something changed."""

    def __init__(
        self, title: str, words: str, rows: Callable[[], Sequence[TableRow]], toast: Callable[[str], None],
        parent: QWidget | None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._rows, self._toast = rows, toast
        self._shown: list[TableRow] = []
        self.setWindowTitle(title)
        self.setMinimumSize(900, 420)
        self._words = label(words, "muted", wrap=True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(4)
        self.copy = button(tr("Copy as table"), "mdi6.content-copy", on_click=self._copy)
        body = column(self._grid, None, margins=(0, 0, 8, 0))
        foot = row(self.copy, None, button(tr("Close"), on_click=self.accept))
        whole = column(
            label(title, "h1"), self._words, 6, scrolling(holder(body)), foot, spacing=8, margins=(24, 20, 24, 18)
        )
        whole.setStretch(3, 1)
        self.setLayout(whole)
        self.refresh(words)

    def refresh(self, words: str) -> None:
        """Show what is known by now."""
        self._words.setText(words)
        rows = list(self._rows())
        if rows != self._shown or not self._grid.count():
            self._shown = rows
            self._fill()

    def _fill(self) -> None:
        clear(self._grid)
        for place, words in enumerate(("", *COLUMNS)):
            self._grid.addWidget(label(tr(words) if words else "", "small"), 0, place)
            self._grid.setColumnStretch(place, 1 if place else 0)
        for number, one in enumerate(self._shown):
            at = 1 + 2 * number
            self._grid.addWidget(line(), at, 0, 1, len(COLUMNS) + 1)
            self._grid.addWidget(_name(one.label), at + 1, 0)
            self._fill_row(at + 1, one)

    def _fill_row(self, at: int, one: TableRow) -> None:
        if one.trouble:
            said = label(one.trouble, "muted", wrap=True)
            said.setContentsMargins(0, 4, 0, 4)
            self._grid.addWidget(said, at, 1, 1, len(COLUMNS))
            return
        for place, cell in enumerate(one.cells):
            self._grid.addWidget(BarCell(cell.words, cell.share, best=cell.best), at, place + 1)

    def _copy(self) -> None:
        QApplication.clipboard().setText(as_markdown(self._shown))
        self._toast(tr("The table is on the clipboard, as Markdown."))


def _name(words: str) -> QLabel:
    """At the height of the figures beside it, which have bars under them."""
    made = label(words)
    made.setAlignment(Qt.AlignmentFlag.AlignTop)
    made.setContentsMargins(0, 4, 8, 4)
    return made
