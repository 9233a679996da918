"""Replies that arrive in pieces: collected here, handed to the screen 30 times a second. Knows no Qt."""

FLUSH_MILLISECONDS = 33


class StreamBuffer:
    """The text of each column's growing reply. ``take`` returns only what changed since it was last asked."""

    def __init__(self) -> None:
        self._texts: dict[int, list[str]] = {}
        self._changed: dict[int, None] = {}  # in the order in which they changed

    def begin(self, column: int) -> None:
        """An empty reply starts in ``column``."""
        self._texts[column] = []
        self._changed[column] = None

    def add(self, column: int, piece: str) -> None:
        """A piece came; unknown columns (removed meanwhile) are dropped."""
        if column in self._texts:
            self._texts[column].append(piece)
            self._changed[column] = None

    def take(self) -> dict[int, str]:
        """Columns that changed, each with its whole text so far."""
        changed = {column: self.text(column) for column in sorted(self._changed) if column in self._texts}
        self._changed.clear()
        return changed

    def take_one(self) -> tuple[int, str] | None:
        """One column that changed, the one that waits longest, with its whole text so far."""
        while self._changed:
            column = next(iter(self._changed))
            del self._changed[column]
            if column in self._texts:
                return column, self.text(column)
        return None

    def text(self, column: int) -> str:
        """What came so far in ``column``."""
        pieces = self._texts.get(column, [])
        if len(pieces) > 1:  # joined once, so that a long reply is not joined anew 30 times a second
            pieces[:] = ["".join(pieces)]
        return pieces[0] if pieces else ""

    def end(self, column: int) -> None:
        """The reply of ``column`` is whole, or was given up."""
        self._texts.pop(column, None)
        self._changed.pop(column, None)

    @property
    def columns(self) -> set[int]:
        """The columns in which a reply grows."""
        return set(self._texts)
