"""What is worked out from a conversation when it is written, so that nobody has to read it again to filter."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from studio.domain.conversation import Conversation, Role, Turn, opening_key
from studio.domain.dataset import split_draw

GAP = 2**32
"""Between the positions of neighbours, so that others fit in."""


class FacetKind(StrEnum):
    """What conversations are told apart by."""

    SPEAKER = "speaker"
    TAG = "tag"
    SOURCE = "source"
    MARK = "mark"
    FINDING = "finding"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The figures of a conversation. ``lengths`` are the words of each turn of the persona, with blanks between."""

    words: int
    turns: int
    persona_turns: int
    lengths: str
    split_key: int
    imported: int


def facts_of(conversation: Conversation, imported: int | None = None) -> Facts:
    """Work out the figures. ``imported`` names the words as they came in; an edit leaves it as it was."""
    words, lengths = 0, []
    for turn in conversation.turns:
        count = len(turn.text.split())
        words += count
        if turn.role is Role.PERSONA:
            lengths.append(str(count))
    return Facts(
        words=words,
        turns=len(conversation.turns),
        persona_turns=len(lengths),
        lengths=" ".join(lengths),
        split_key=split_key(conversation),
        imported=chain(conversation.turns) if imported is None else imported,
    )


def split_key(conversation: Conversation) -> int:
    """Where the split draws the line, in 63 bits: what SQLite's integers hold."""
    return split_draw(opening_key(conversation)) >> 1


def chain(turns: Iterable[Turn]) -> int:
    """A hash over roles and texts in order; see ``chains``."""
    return max(enumerate(chains(turns)), default=(0, 0))[1]


def chains(turns: Iterable[Turn]) -> Iterator[int]:
    """Yield the hash of the first turn, of the first two, and so on: a longer log has a shorter one's among its own."""
    before = b""
    for turn in turns:
        before = hashlib.sha256(before + "\0".join((turn.role, turn.text)).encode("utf-8", "surrogatepass")).digest()[
            :8
        ]
        yield int.from_bytes(before, "big") >> 1


def facets_of(conversation: Conversation) -> set[tuple[str, str]]:
    """Return (kind, value) of everything that the conversation can be found by, but for its words."""
    found = {(FacetKind.TAG.value, tag) for tag in conversation.tags if tag}
    if conversation.source:
        found.add((FacetKind.SOURCE.value, conversation.source))
    for turn in conversation.turns:
        if turn.speaker:
            found.add((FacetKind.SPEAKER.value, turn.speaker))
        for mark in turn.marks:
            found.add((FacetKind.MARK.value, mark))
    return found
