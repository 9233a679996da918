"""Finding words, put to work: the bar, the marks in the columns, the jumps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.gui.pages.chat.find.bar import FindBar
from studio.gui.pages.chat.find.presenter import FindPresenter
from studio.gui.widgets.message_selection import Sought

if TYPE_CHECKING:
    from studio.gui.pages.chat.columns.board import Board
    from studio.gui.pages.chat.presenter import Presenter


class FindPart:
    """Looks through what the columns show."""

    def __init__(self, presenter: Presenter, board: Board) -> None:
        self._board = board
        self.bar = FindBar()
        self.presenter = FindPresenter(lambda: [one.view.messages.messages for one in board.shown()])
        self.bar.sought.connect(self._search)
        self.bar.step_requested.connect(self.step)
        self.bar.closed.connect(self.close)

    def begin(self) -> None:
        """Open the bar, or go back into it."""
        self.bar.begin()
        self._search(self.bar.field.text())

    def close(self) -> None:
        """Away with bar and marks."""
        self.bar.leave()
        for one in self._board.columns:
            one.view.show_sought(Sought())

    def step(self, way: int) -> None:
        """To the next place or the one before, of what stands in the field now."""
        self.bar.hurry()
        self.presenter.step(way)
        self._mark(jump=True)

    def again(self) -> None:
        """What is said has changed."""
        if self.bar.isVisible():
            self.presenter.again()
            self._mark(jump=False)

    def _search(self, words: str) -> None:
        self.presenter.search(words)
        self._mark(jump=True)

    def _mark(self, *, jump: bool) -> None:
        found = self.presenter
        self.bar.show_place(found.place, len(found.hits), found.words)
        now = found.current
        for number, one in enumerate(self._board.shown()):
            here = now is not None and now.column == number
            sought = Sought(found.words, now.message_id, now.occurrence) if here and now else Sought(found.words)
            one.view.show_sought(sought, jump=jump)
