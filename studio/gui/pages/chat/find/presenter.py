"""Finding words in all columns of the open chat. Knows no Qt."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from studio.gui.widgets.message import Message
from studio.gui.widgets.roleplay_text import plain


class Hit(NamedTuple):
    """A place: the column, the message, and the how-manieth occurrence in it (from 0)."""

    column: int
    message_id: str
    occurrence: int


class FindPresenter:
    """``threads`` returns what is said in each column now. Hits are in the order of reading: line by line, across."""

    def __init__(self, threads: Callable[[], Sequence[Sequence[Message]]]) -> None:
        self._threads = threads
        self.words = ""
        self.hits: list[Hit] = []
        self._at = -1

    @property
    def place(self) -> int:
        """The hit that is shown, from 1; 0 for none."""
        return self._at + 1

    @property
    def current(self) -> Hit | None:
        """The hit that is shown."""
        return self.hits[self._at] if 0 <= self._at < len(self.hits) else None

    def search(self, words: str) -> None:
        """Look for words; the newest place is shown first."""
        self.words = words.strip()
        self.hits = _found(self._threads(), self.words)
        self._at = len(self.hits) - 1

    def again(self) -> None:
        """The threads changed: look again, and stay where it was, if that is still there."""
        before = self.current
        self.hits = _found(self._threads(), self.words)
        self._at = self.hits.index(before) if before in self.hits else len(self.hits) - 1

    def step(self, way: int) -> None:
        """To the next place (1) or the one before (-1), and round."""
        if self.hits:
            self._at = (self._at + way) % len(self.hits)


def _found(threads: Sequence[Sequence[Message]], words: str) -> list[Hit]:
    if not words:
        return []
    found = re.compile(re.escape(words), re.IGNORECASE).findall
    said = [[one for one in thread if one.said] for thread in threads]
    return [
        Hit(column, line[column].id, number)
        for line in (_line(said, row) for row in range(max(map(len, said), default=0)))
        for column in line
        for number in range(len(found(plain(line[column].text))))
    ]


def _line(said: Sequence[Sequence[Message]], row: int) -> dict[int, Message]:
    """What stands in a row, by column: columns need not be equally long."""
    return {column: thread[row] for column, thread in enumerate(said) if row < len(thread)}
