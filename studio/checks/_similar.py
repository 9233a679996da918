"""Texts that are nearly the same, found by MinHash over three words at a time; kept are signatures, never texts."""

import sys
from array import array
from collections.abc import Iterator, Sequence
from operator import eq

PERMUTATIONS = 64
_BANDS = 12
_ROWS = 5
"""Two texts are compared when they agree in one band: at a similarity of 0.75 in 96 of 100 cases, at 0.3 in 3."""
ALIKE = 0.75
_SEED = 20
_LEADERS = 4
"""With how many earlier texts of one band a text is compared."""
_LOW_HALF = 0 if sys.byteorder == "little" else 1


def signature(words: Sequence[str]) -> bytes:
    """Two bytes for each of ``PERMUTATIONS`` hashes over the text's shingles."""
    from rensa import RMinHash

    sketch = RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
    sketch.update(list(map(" ".join, zip(words, words[1:], words[2:], strict=False))) or [" ".join(words)])
    halves = memoryview(array("I", sketch.digest())).cast("B").cast("H")
    return halves[_LOW_HALF::2].tobytes()


class Signatures:
    """Signatures by number."""

    def __init__(self) -> None:
        self._all = bytearray()

    def __len__(self) -> int:
        return len(self._all) // (2 * PERMUTATIONS)

    def add(self, new: bytes) -> None:
        """Keep one more."""
        self._all += new

    def groups(self) -> list[list[int]]:
        """The numbers of texts that are alike, in groups of two and more, in order."""
        root = _Roots(len(self))
        with memoryview(self._all) as view, view.cast("H") as slots:
            for first, second in self._close_pairs(view):
                if not root.same(first, second) and _likeness(slots, first, second) >= ALIKE:
                    root.join(first, second)
        return root.groups()

    def _close_pairs(self, view: memoryview) -> Iterator[tuple[int, int]]:
        """Pairs that agree in a band; one band after the other, so that only one table is in memory."""
        size = 2 * PERMUTATIONS
        for band in range(_BANDS):
            leaders: dict[bytes, list[int]] = {}
            start = 2 * _ROWS * band
            for number in range(len(self)):
                known = leaders.setdefault(bytes(view[number * size + start : number * size + start + 2 * _ROWS]), [])
                for leader in known:
                    yield leader, number
                if len(known) < _LEADERS:
                    known.append(number)


def _likeness(slots: Sequence[int], first: int, second: int) -> float:
    """The estimated Jaccard similarity."""
    one = slots[first * PERMUTATIONS : (first + 1) * PERMUTATIONS]
    other = slots[second * PERMUTATIONS : (second + 1) * PERMUTATIONS]
    same: int = sum(map(eq, one, other))
    return same / PERMUTATIONS


class _Roots:
    """Which numbers belong together."""

    def __init__(self, count: int) -> None:
        self._parent = array("I", range(count))

    def root(self, number: int) -> int:
        while self._parent[number] != number:
            self._parent[number] = self._parent[self._parent[number]]
            number = self._parent[number]
        return number

    def same(self, first: int, second: int) -> bool:
        return self.root(first) == self.root(second)

    def join(self, first: int, second: int) -> None:
        low, high = sorted((self.root(first), self.root(second)))
        self._parent[high] = low

    def groups(self) -> list[list[int]]:
        """Of each group of two and more, its numbers."""
        found: dict[int, list[int]] = {}
        for number, parent in enumerate(self._parent):
            if parent != number:
                root = self.root(number)
                found.setdefault(root, [root]).append(number)
        return list(found.values())
