"""Many places and a figure for each, in little memory: what checks over all data remember of the turns they saw."""

from array import array
from collections.abc import Iterator


class Places:
    """Turns by their number, each with one figure; the conversation's key is kept once."""

    def __init__(self) -> None:
        self.figures = array("q")
        self._conversations = array("I")
        self._turns = array("i")
        self._keys: list[str] = []

    def __len__(self) -> int:
        return len(self.figures)

    def add(self, key: str, turn: int, figure: int) -> None:
        """Remember a turn (-1: the whole conversation). Turns of one conversation come one after another."""
        if not self._keys or self._keys[-1] != key:
            self._keys.append(key)
        self.figures.append(figure)
        self._conversations.append(len(self._keys) - 1)
        self._turns.append(turn)

    def place(self, number: int) -> tuple[str, int]:
        """The key and the turn of one of them."""
        return self._keys[self._conversations[number]], self._turns[number]

    def __iter__(self) -> Iterator[tuple[str, int, int]]:
        for number, figure in enumerate(self.figures):
            key, turn = self.place(number)
            yield key, turn, figure
