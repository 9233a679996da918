"""How much of a text is recited: the share of its words in runs of 8 or more that stand in training lines as well.

All runs of 8 words of the training lines are kept as 64-bit numbers in one sorted tensor, 8 bytes a word of data: ten
million words are 80 MB, and a question costs a binary search.
"""

import re
from array import array
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from studio.protocol.dataset_file import ConversationLine, read_dataset

RUN = 8
"""Words in a row from which on they are copied, not common."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_]+(?:['’][^\W_]+)*")
"""Scripts without spaces: each sign is a word."""

_FACTOR = 0x5851F42D4C957F2D  # Knuth's multiplier: the products wrap round in 64 bit and mix well
_LINES_A_UNIT = 500


def words_of(text: str) -> list[str]:
    """The words of a text, without case and punctuation."""
    return _WORD.findall(text.casefold())


class CopyIndex:
    """Knows every run of 8 words of the lines it was made from."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        gathered = _Gathered()
        for line in lines:
            gathered.add(line)
        self._runs = gathered.runs()

    @classmethod
    def reading(cls, data: Path) -> Generator[None, None, "CopyIndex"]:
        """Make it of what a dataset file teaches; yields between units, so that others can work."""
        gathered = _Gathered()
        for number, line in enumerate(read_dataset(data)):
            for text in _taught(line):
                gathered.add(text)
            if number % _LINES_A_UNIT == _LINES_A_UNIT - 1:
                yield
        index = cls()
        index._runs = gathered.runs()
        yield
        return index

    def copied(self, text: str) -> float:
        """Return the share of the words of ``text`` that lie in copied runs, 0 to 1."""
        words = words_of(text)
        if len(words) < RUN or not len(self._runs):
            return 0.0
        known = self._known(_runs_of(_numbers(words)))
        copied = torch.zeros(len(words), dtype=torch.bool)
        for shift in range(RUN):
            copied[shift : shift + len(known)] |= known
        return float(copied.float().mean())

    def _known(self, runs: Tensor) -> Tensor:
        places = torch.searchsorted(self._runs, runs).clamp(max=len(self._runs) - 1)
        return self._runs[places] == runs


class _Gathered:
    """The words of many lines, one after the other, and where each line begins."""

    def __init__(self) -> None:
        self._numbers = array("q")
        self._line_of = array("i")
        self._lines = 0

    def add(self, line: str) -> None:
        words = words_of(line)
        if len(words) >= RUN:
            self._lines += 1
            self._numbers.extend(map(hash, words))
            self._line_of.extend([self._lines] * len(words))

    def runs(self) -> Tensor:
        if not self._numbers:
            return torch.zeros(0, dtype=torch.int64)
        lines = torch.frombuffer(self._line_of, dtype=torch.int32)
        inside = lines[: 1 - RUN] == lines[RUN - 1 :]  # a run that begins in one line and ends in the next is nobody's
        return _runs_of(torch.frombuffer(self._numbers, dtype=torch.int64))[inside].unique()


def _numbers(words: Sequence[str]) -> Tensor:
    return torch.tensor([hash(word) for word in words], dtype=torch.int64)


def _runs_of(numbers: Tensor) -> Tensor:
    """One number for the 8 words that begin at each place."""
    count = len(numbers) - RUN + 1
    mixed = torch.zeros(count, dtype=torch.int64)
    for place in range(RUN):
        mixed = mixed * _FACTOR + numbers[place : place + count]
    return mixed


def _taught(line: ConversationLine) -> Iterable[str]:
    """What the persona says in a conversation that is learned from."""
    if not line.heldout:
        yield from (turn.text for turn in line.turns if turn.role == "assistant" and turn.train)
