"""A filter in words: its chips, and what can be chosen for each of its conditions. Knows no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from studio.domain.conversation import CHOSEN, DOUBTFUL, GENERATED
from studio.domain.data_filter import Facets, Filter
from studio.gui import figures
from studio.texts import FINDINGS, tr

MOST_CHOICES = 24
"""More values than this do not make a menu: the rest is reached by typing."""
LENGTHS = ((0, 4), (5, 20), (21, 0))
"""Turns of a conversation, from and to; 0 is open."""
WORDS = ((0, 50), (51, 500), (501, 0))


@dataclass(frozen=True, kw_only=True)
class Chip:
    """One condition that holds. ``without`` is the filter when it is taken away."""

    words: str
    without: Filter


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One value of a condition; ``where`` is the filter with it."""

    words: str
    where: Filter
    chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class Choices:
    """A condition with its values; ``more`` are further values that only typing reaches. ``name`` is the field."""

    name: str
    title: str
    choices: tuple[Choice, ...]
    more: tuple[str, ...] = ()


def chips(where: Filter) -> list[Chip]:
    """The conditions beside the words."""
    found = [
        (tr("speaker: {name}", name=where.speaker), "speaker"),
        (tr("tag: {name}", name=where.tag), "tag"),
        (finding_words(where.finding) if where.finding else "", "finding"),
        (side_words(where.side), "side"),
        (mark_words(where.mark), "mark"),
        (tr("from {name}", name=where.source), "source"),
    ]
    made = [Chip(words=words, without=with_condition(where, name, "")) for words, name in found if getattr(where, name)]
    if where.least_turns or where.most_turns:
        words = turns_words(where.least_turns, where.most_turns)
        made.append(Chip(words=words, without=replace(where, least_turns=0, most_turns=0)))
    if where.least_words or where.most_words:
        words = length_words(where.least_words, where.most_words)
        made.append(Chip(words=words, without=replace(where, least_words=0, most_words=0)))
    return made


def choices(where: Filter, facets: Facets) -> list[Choices]:
    """Everything that can be filtered by, with how many conversations each value has."""
    sides = [(side, side_words(side), 0) for side in ("train", "heldout")]
    found = [
        _choices("finding", tr("Finding"), where, [(code, finding_words(code), n) for code, n in facets.findings]),
        _choices("speaker", tr("Speaker"), where, [(name, name, n) for name, n in facets.speakers]),
        _choices("tag", tr("Tag"), where, [(name, name, n) for name, n in facets.tags]),
        _choices("mark", tr("Mark"), where, [(mark, mark_words(mark), n) for mark, n in facets.marks]),
        _choices("side", tr("Side of the split"), where, sides),
        _lengths(where),
        _choices("source", tr("File it came from"), where, [(name, name, n) for name, n in facets.sources]),
    ]
    return [one for one in found if one.choices]


def _choices(name: str, title: str, where: Filter, values: Sequence[tuple[str, str, int]]) -> Choices:
    known = [(value, words, count) for value, words, count in values if value]
    made = tuple(
        Choice(
            words=f"{words}  ({figures.whole(count)})" if count else words,
            where=with_condition(where, name, value),
            chosen=getattr(where, name) == value,
        )
        for value, words, count in known[:MOST_CHOICES]
    )
    return Choices(name=name, title=title, choices=made, more=tuple(value for value, _, _ in known[MOST_CHOICES:]))


def _lengths(where: Filter) -> Choices:
    turns = [
        Choice(
            words=turns_words(least, most),
            where=replace(where, least_turns=least, most_turns=most),
            chosen=(where.least_turns, where.most_turns) == (least, most),
        )
        for least, most in LENGTHS
    ]
    words = [
        Choice(
            words=length_words(least, most),
            where=replace(where, least_words=least, most_words=most),
            chosen=(where.least_words, where.most_words) == (least, most),
        )
        for least, most in WORDS
    ]
    return Choices(name="length", title=tr("Length"), choices=(*turns, *words))


def with_condition(where: Filter, name: str, value: str) -> Filter:
    """The filter with another value of one of its conditions."""
    fields: dict[str, Any] = {name: value}
    return replace(where, **fields)


def orders() -> list[tuple[str, str]]:
    """The orders of the list and their names."""
    return [
        ("", tr("As they lie")), ("longest", tr("Longest first")), ("shortest", tr("Shortest first")),
        ("newest", tr("Newest first")),
    ]  # fmt: skip


def finding_words(code: str) -> str:
    """A finding's title; an old code of a stored check is shown as it is."""
    return tr(FINDINGS[code][0]) if code in FINDINGS else code


def side_words(side: str) -> str:
    """A side of the split."""
    return {"train": tr("to learn from"), "heldout": tr("held out")}.get(side, "")


def mark_words(mark: str) -> str:
    """A mark of a turn."""
    return {GENERATED: tr("generated"), DOUBTFUL: tr("speaker guessed"), CHOSEN: tr("chosen in a chat")}.get(mark, mark)


def turns_words(least: int, most: int) -> str:
    """A number of turns."""
    if not most:
        return tr("{least} turns and more", least=least)
    return tr("{least} to {most} turns", least=least, most=most) if least else tr("up to {most} turns", most=most)


def length_words(least: int, most: int) -> str:
    """A number of words."""
    if not most:
        return tr("{least} words and more", least=least)
    return tr("{least} to {most} words", least=least, most=most) if least else tr("up to {most} words", most=most)
