"""Which conversations of a persona are meant, and what there is to choose from."""

from dataclasses import dataclass

ORDERS = ("", "longest", "shortest", "newest")
"""As they lie in the data, by their words, or the last added first."""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """All conditions hold together; what is empty asks for nothing.

    ``text`` is searched for in words, title and tags. ``speaker``, ``tag``, ``source``, ``mark`` (of a turn) and
    ``finding`` (a code of the stored check) are meant exactly. ``side`` is ``train`` or ``heldout``. Words are those of
    all turns. ``ids`` keeps to conversations that were chosen one by one.
    """

    text: str = ""
    speaker: str = ""
    tag: str = ""
    finding: str = ""
    source: str = ""
    mark: str = ""
    side: str = ""
    least_words: int = 0
    most_words: int = 0
    least_turns: int = 0
    most_turns: int = 0
    order: str = ""
    ids: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when every conversation is meant, in whatever order."""
        return self == Filter(order=self.order)


@dataclass(frozen=True, kw_only=True)
class Facets:
    """What the conversations of a persona can be told apart by: values with how many have them, most first."""

    speakers: tuple[tuple[str, int], ...] = ()
    tags: tuple[tuple[str, int], ...] = ()
    findings: tuple[tuple[str, int], ...] = ()
    sources: tuple[tuple[str, int], ...] = ()
    marks: tuple[tuple[str, int], ...] = ()
    longest_words: int = 0
    most_turns: int = 0
