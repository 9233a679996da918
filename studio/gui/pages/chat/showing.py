"""Showing threads: short ones at once, many or long ones a column at a time, so that the window never stands still."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from studio.gui.garbage import Garbage
from studio.gui.pages.chat.columns.board import Board
from studio.gui.pages.chat.presenter import Presenter
from studio.gui.pages.chat.talk.streaming import FLUSH_MILLISECONDS

if TYPE_CHECKING:
    from studio.services.studio import Studio

PATIENCE = 0.012
"""Seconds of work after which the window gets its turn before the next column does."""


class Showing(QObject):
    """A timer runs while replies grow or threads wait to be shown; each tick does as much as there is patience for."""

    def __init__(self, studio: "Studio", presenter: Presenter, board: Board, shown: Callable[[], object]) -> None:
        super().__init__(board)
        self._studio = studio
        self._presenter, self._board, self._shown = presenter, board, shown
        self._waiting: dict[int, None] = {}
        self._headers = False
        self._garbage = Garbage(self, lambda: presenter.replies.busy or not self.idle)
        self._timer = QTimer(self)
        self._timer.setInterval(FLUSH_MILLISECONDS)
        self._timer.timeout.connect(self.tick)

    @property
    def idle(self) -> bool:
        """True when all is shown that there is."""
        return not self._waiting and not self._headers

    def messages(self, number: int) -> None:
        """The thread of a column changed."""
        if self._presenter.light:
            self._show(number)
        else:
            self._waiting[number] = None
            self._timer.start()

    def tail(self, number: int, text: str) -> None:
        """More of a growing reply came."""
        if number in self._waiting:  # what is on the screen is older: the reply has no place there yet
            self._show(number)
        elif number < len(self._board.columns):
            self._board.columns[number].view.show_tail(text)

    def headers(self) -> None:
        """The columns' headers changed while replies come in: they can wait for the next tick."""
        self._headers = True
        self._timer.start()

    def busy(self, busy: bool) -> None:
        """Replies began, or all of them ended; what waits is shown nevertheless."""
        self._garbage.settled()
        if busy:
            self._timer.start()

    def tick(self) -> None:
        """Show some of what waits, then let the window live."""
        if not self._studio.is_open:
            self._timer.stop()
            return
        until = time.perf_counter() + PATIENCE
        while self._one() and time.perf_counter() < until:
            pass
        if self.idle and not self._presenter.replies.busy:
            self._timer.stop()
            self._garbage.settled()

    def _one(self) -> bool:
        """Show one thing; False when nothing waits."""
        if self._presenter.replies.flush_one():
            return True
        if self._waiting:
            self._show(self._waiting.popitem()[0])
            return True
        if self._headers:
            self._headers = False
            self._shown()
        return False

    def _show(self, number: int) -> None:
        self._waiting.pop(number, None)
        if number < len(self._board.columns) and number < len(self._presenter.contestants()):
            self._board.columns[number].view.show_messages(self._presenter.messages(number))
