"""Where each turn stands in what the model reads, found by rendering the same turns once more with marks for words.

What lies between two marks is the template's own, so a turn's words are known exactly, also where a template trims
them, folds one turn into another or leaves one out.
"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from studio.domain.errors import StudioError
from studio.engine.text.chat_template import ChatTemplate
from studio.engine.text.windowing import messages_of
from studio.protocol.commands import Message
from studio.protocol.dataset_file import TurnLine

_MARK = "\ue0f0{}\ue0f1"  # private use: nobody's words
_MARKS = re.compile("\ue0f0(\\d+)\ue0f1")


@dataclass(frozen=True, kw_only=True)
class Region:
    """Characters of the text that belong to a turn (-1: to none): its ``words``, or the template's own around them."""

    start: int
    end: int
    turn: int
    words: bool


@dataclass(kw_only=True)
class TurnPlaces:
    """Regions in order, without gaps. ``hidden`` turns are not in the text, ``rewritten`` ones in other words."""

    regions: list[Region] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    rewritten: list[int] = field(default_factory=list)


def find_turns(turns: Sequence[TurnLine], chosen: Sequence[int], text: str, template: ChatTemplate) -> TurnPlaces:
    """Find the ``chosen`` turns in ``text``, which is their rendering."""
    marked = _marked(turns, chosen)
    literals, order = _taken_apart(template.render(marked))
    places = TurnPlaces(hidden=[index for index in chosen if index not in order])
    borders = _Borders([*zip(chosen, marked, strict=True)], literals, order, template)
    at = _add_marks(places, text, 0, borders.parts(0))
    for place, turn in enumerate(order):
        end, kept = _words_end(turns[turn].text, text, at, literals[place + 1])
        if not kept:
            places.rewritten.append(turn)
        places.regions.append(Region(start=at, end=end, turn=turn, words=True))
        at = _add_marks(places, text, end, borders.parts(place + 1))
    if at < len(text) or not places.regions:
        places.regions.append(Region(start=at, end=len(text), turn=-1, words=False))
    return places


def _marked(turns: Sequence[TurnLine], chosen: Sequence[int]) -> list[Message]:
    return [
        Message(role=message.role, text=_MARK.format(index))
        for index, message in zip(chosen, messages_of(turns, chosen), strict=True)
    ]


def _taken_apart(rendered: str) -> tuple[list[str], list[int]]:
    """Return the template's own pieces, and between them the turns in the order in which they stand."""
    parts = _MARKS.split(rendered)
    return parts[::2], [int(number) for number in parts[1::2]]


def _words_end(words: str, text: str, at: int, following: str) -> tuple[int, bool]:
    """Return where a turn's words end, and whether they are the words that were written (trimmed, perhaps).

    What follows them may depend on words that are marks here, so the words alone will do where it begins alike.
    """
    spellings = [*dict.fromkeys((words, words.strip(), words.lstrip(), words.rstrip()))]
    for spelling in spellings:
        if text.startswith(spelling + following, at):
            return at + len(spelling), True
    for spelling in spellings:
        if spelling and following and text.startswith(spelling + following[0], at):
            return at + len(spelling), True
    found = text.find(following, at) if following else -1
    return (found if found >= 0 else len(text)), False


def _add_marks(places: TurnPlaces, text: str, at: int, parts: Sequence[tuple[str, int]]) -> int:
    """Add the template's own, as far as it is in the text; return where it ends."""
    for mark, turn in parts:
        there = len(os.path.commonprefix([mark, text[at : at + len(mark)]]))
        if there:
            places.regions.append(Region(start=at, end=at + there, turn=turn, words=False))
        at += there
        if there < len(mark):
            break
    return at


class _Borders:
    """Where one turn ends and the next begins, within what a template puts between their words."""

    def __init__(
        self, marked: list[tuple[int, Message]], literals: list[str], order: list[int], template: ChatTemplate
    ) -> None:
        self._messages = [message for _, message in marked]
        self._place = {index: place for place, (index, _) in enumerate(marked)}
        self._literals = literals
        self._order = order
        self._template = template
        self._closings: dict[str, str] = {}

    def parts(self, place: int) -> list[tuple[str, int]]:
        """Divide the literal at ``place``: what closes the turn before, what is nobody's, what opens the next turn."""
        literal = self._literals[place]
        if place == len(self._order):
            return [(literal, self._order[-1] if self._order else -1)]
        after = self._order[place]
        if place:
            closing = self._closing_in(literal, self._order[place - 1])
            return [(closing, self._order[place - 1]), (literal[len(closing) :], after)]
        opening = self._opening_in(literal, after)
        return [(literal.removesuffix(opening), -1), (opening, after)]

    def _closing_in(self, literal: str, turn: int) -> str:
        role = self._messages[self._place[turn]].role
        if role not in self._closings:
            self._closings[role] = self._closing(turn)
        whole = self._closings[role]
        for closing in (whole, self._template.without_closing(whole)):
            if literal.startswith(closing):
                return closing
        return ""

    def _closing(self, turn: int) -> str:
        """What stands after the words when nothing follows."""
        try:
            alone = self._template.render(self._messages[: self._place[turn] + 1])
        except StudioError:  # a template that does not let a conversation end here; then there is no telling
            return ""
        return _taken_apart(alone)[0][-1]

    def _opening_in(self, literal: str, turn: int) -> str:
        """The end of the first literal that opens a turn, as it does before later turns of the same role."""
        role = self._messages[self._place[turn]].role
        for opening in self._openings(role):
            if opening and literal.endswith(opening):
                return opening
        return literal

    def _openings(self, role: str) -> Iterator[str]:
        for place in range(1, len(self._order)):
            if self._messages[self._place[self._order[place]]].role == role:
                literal = self._literals[place]
                yield literal[len(self._closing_in(literal, self._order[place - 1])) :]
