"""Which turns of the open conversation are chosen: one, a stretch, or several. Knows no Qt."""


class TurnSelection:
    """Like the rows of a list: plain steps choose one, Shift a stretch from the anchor, Ctrl adds and takes away."""

    def __init__(self) -> None:
        self.current = -1
        self._anchor = -1
        self._chosen: set[int] = set()

    @property
    def chosen(self) -> tuple[int, ...]:
        """The chosen turns in order; the current one at least."""
        return tuple(sorted(self._chosen or ({self.current} if self.current >= 0 else set())))

    @property
    def several(self) -> bool:
        """True when more than one turn is chosen."""
        return len(self._chosen) > 1

    @property
    def stretch(self) -> tuple[int, int] | None:
        """First and last of the chosen turns when nothing is left out between them."""
        chosen = self.chosen
        whole = len(chosen) > 1 and chosen[-1] - chosen[0] == len(chosen) - 1
        return (chosen[0], chosen[-1]) if whole else None

    def clear(self) -> None:
        """Choose nothing."""
        self.current = self._anchor = -1
        self._chosen = set()

    def choose(self, index: int) -> None:
        """Choose this one alone."""
        self.current = self._anchor = index
        self._chosen = {index}

    def extend(self, index: int) -> None:
        """Choose everything from the anchor to here."""
        if self._anchor < 0:
            self._anchor = max(self.current, 0)
        first, last = sorted((self._anchor, index))
        self.current = index
        self._chosen = set(range(first, last + 1))

    def toggle(self, index: int) -> None:
        """Add this one, or take it away again."""
        self._chosen = set(self.chosen) ^ {index}
        self.current = self._anchor = index

    def fit(self, count: int) -> None:
        """The conversation has ``count`` turns now."""
        self._chosen = {index for index in self._chosen if index < count}
        self.current = min(self.current, count - 1)
        self._anchor = min(self._anchor, count - 1)
