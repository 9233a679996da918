"""What the app wants of a running training, and work that ends when a wish comes."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass
class Wish:
    """Empty, ``pause`` or ``stop``."""

    word: str = ""

    def unless(self, work: Generator[None, None, T]) -> Generator[None, None, T | None]:
        """Do ``work`` unit by unit and return its result; None when a wish to pause or stop broke it off."""
        while not self.word:
            try:
                next(work)
            except StopIteration as end:
                return end.value
            yield
        work.close()
        return None
