"""What a Kobold save holds: its text piece by piece, with other tries, and how its settings say it is to be read."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from studio.importers._json_fields import Fields, items, part, parts, words
from studio.importers._kobold_script import Script, Span
from studio.importers._roleplay_log import Message
from studio.importers._wording import clean

_PICTURE = re.compile(r"\[<\|([a-z])\|[^|]*\|\1\|>\]")
"""Pictures stand between the words, or a mark where they were."""
_LONG = 8000
"""Characters of a turn; in a longer one no other tries are looked for."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """What was added to the text in one go. ``others`` are the tries that were passed over."""

    text: str
    others: tuple[str, ...] = ()


def pieces_of(save: Fields) -> list[Piece]:
    """Return the whole text in its pieces."""
    return [Piece(text=without_pictures(words(save, "prompt"))), *_actions(save)]


def branches_of(save: Fields) -> Iterator[list[Piece]]:
    """Yield the other courses of the text; the one that is current has no copy of itself among them."""
    for branch in items(save, "altbranches"):
        if isinstance(branch, list):
            yield [Piece(text=without_pictures(said)) for said in branch if isinstance(said, str)]


def without_pictures(text: str) -> str:
    """The words alone, fit to be stored."""
    return _PICTURE.sub("", clean(text))


def _actions(save: Fields) -> Iterator[Piece]:
    """A list of texts with their tries beside it, or, in newer KoboldAI, an object of both by number."""
    numbered = part(part(save, "actions"), "actions")
    for action in numbered.values():
        if isinstance(action, dict):
            yield _piece(words(action, "Selected Text"), action, "Options")
    metadata = part(save, "actions_metadata")
    for number, action in enumerate(items(save, "actions")):
        if isinstance(action, str):
            yield _piece(action, part(metadata, str(number)), "Alternative Text")


def _piece(text: str, details: Fields, key: str) -> Piece:
    others = (words(other, "Text") or words(other, "text") for other in parts(details, key))
    return Piece(text=without_pictures(text), others=tuple(without_pictures(other) for other in others if other))


def messages_of(script: Script, pieces: list[Piece]) -> list[Message]:
    """Return who says what; other tries of a piece are alternatives of the turn that it belongs to."""
    text = "".join(piece.text for piece in pieces)
    spans = script.cut(text)
    others: dict[int, list[str]] = {}
    for index, said in _other_tries(script, pieces, text, spans):
        others.setdefault(index, []).append(said)
    return [
        Message(
            text=span.text,
            by_user=span.by_user,
            name=span.name,
            told=span.told,
            alternatives=tuple(others.get(index, ())),
        )
        for index, span in enumerate(spans)
    ]


def _other_tries(script: Script, pieces: list[Piece], text: str, spans: list[Span]) -> Iterator[tuple[int, str]]:
    """Yield (index of the turn, what it would say): the turn up to the piece, and then the other try."""
    starts = [span.start for span in spans]
    position = 0
    for piece in pieces:
        at = position + len(piece.text) - len(piece.text.lstrip())
        index = bisect_right(starts, at) - 1
        if piece.others and index >= 0 and not spans[index].by_user and position - starts[index] < _LONG:
            before = text[starts[index] : position] if starts[index] < position else ""
            for other in piece.others:
                tried = script.cut(before + other)
                if tried and not tried[0].by_user:
                    yield index, tried[0].text
        position += len(piece.text)
