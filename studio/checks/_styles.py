"""How a turn is written: actions between asterisks or speech in quotes, and the narration's person and tense."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from studio.checks._style_mix import StyleMix
from studio.checks._verbs import BASES, PASTS, PRESENTS, THIRDS

ACTION, SPEECH, BARE = "action", "speech", "bare"
QUOTES = {'"': '"', "\u201c": "\u201d", "\u201e": "\u201c\u201d", "\u00ab": "\u00bb", "\u300c": "\u300d"}
"""Opening marks and what may close them."""
_CLOSING = "*" + "".join(QUOTES.values())
_TELLING = 4000
"""So many characters of a narration tell its person and tense."""
_NEAR = 40
"""How many characters around marks tell what they are."""
_MARK = re.compile("\\*+|[" + "".join(QUOTES) + "]")
_ANY_MARK = re.compile("[*" + "".join(QUOTES) + "]")
_WORD = re.compile(r"[^\W\d_]+")
_FIRST = frozenset({"i", "my", "me", "myself", "mine", "im"})
_THIRD = frozenset({"she", "he", "her", "his", "him", "herself", "himself", "hers"})
_HELPING = frozenset({"is", "has", "does", "needs", "means", "wants", "loves", "likes", "hates"})
_SUBJECTS_OF_ONE = frozenset({"she", "he", "it", "that", "this", "who", "what", "which", "everyone", "nobody", "one"})
_BREAKING_IN = _FIRST | _THIRD | {"they", "the", "a", "an"}
_LONGEST_STRESS = 4
_NOT_ENDED = re.compile(r"[\w,;'\u2019]\s*$")
"""Words before a mark that has not ended its sentence."""


class Span(NamedTuple):
    """A piece of a line, without its marks."""

    kind: str
    text: str


class Line(NamedTuple):
    """A line in pieces. ``sure`` is off where marks do not close, or may mean something else."""

    spans: tuple[Span, ...]
    sure: bool


class TurnStyle(NamedTuple):
    """``manner`` as in ``StyleMix``; person ``first`` or ``third``, tense ``past`` or ``present``; or nothing."""

    manner: str
    person: str = ""
    tense: str = ""


_PLAIN = TurnStyle("plain")


def style_of(text: str) -> TurnStyle:
    """Tell the style of a text."""
    if not _ANY_MARK.search(text):
        return _PLAIN
    spans = [span for line in lines_of(text) for span in line.spans]
    manner = manner_of(spans)
    if manner == "plain":
        return _PLAIN
    told = SPEECH if manner == "quotes" else BARE
    narration = [span.text for span in spans if span.kind == ACTION or (told is SPEECH and span.kind == BARE)]
    words = _WORD.findall(" ".join(narration)[:_TELLING].casefold())
    return TurnStyle(manner, _person(words), _tense(words))


def manner_of(spans: Sequence[Span]) -> str:
    """The manner that a text in pieces has."""
    kinds = {span.kind for span in spans}
    if ACTION in kinds:
        return "both" if SPEECH in kinds else "asterisks"
    return "quotes" if SPEECH in kinds else "plain"


def _person(words: Sequence[str]) -> str:
    if not _FIRST.isdisjoint(words):
        return "first"
    return "third" if not _THIRD.isdisjoint(words) else ""


def _tense(words: Sequence[str]) -> str:
    past = sum(map(PASTS.__contains__, words))
    present = sum(map(PRESENTS.__contains__, words))
    present += sum(before == "i" and word in BASES for before, word in zip(words, words[1:], strict=False))
    if past == present or min(past, present) > 0.4 * max(past, present):
        return ""
    return "past" if past > present else "present"


def lines_of(text: str) -> list[Line]:
    """The text in pieces, line by line: no mark reaches over the end of a line."""
    return [_line(line) for line in text.split("\n")]


def _line(text: str) -> Line:
    if not _ANY_MARK.search(text):
        return Line((Span(BARE, text),) if text.strip() else (), True)
    spans: list[Span] = []
    bare, position, sure = 0, 0, True
    last = {mark: text.rfind(mark) for mark in _CLOSING}
    while match := _MARK.search(text, position):
        end = _closing(text, match, last)
        position = match.end()
        if end < 0 or len(match[0]) > 1:
            sure = False
            continue
        start, inner, position = match.start(), text[position:end], end + 1
        kind = _kind(match[0], text[max(0, start - _NEAR) : start], inner, text[position : position + _NEAR])
        if kind is not BARE:
            spans += [*_bare(text[bare:start]), Span(kind, inner)]
            bare = position
    return Line((*spans, *_bare(text[bare:])), sure)


def _closing(text: str, match: re.Match[str], last: Mapping[str, int]) -> int:
    """Where the mark is closed, or -1. ``last`` spares looking for what does not come any more."""
    start = match.end()
    closing = QUOTES.get(match[0], "*")
    return min((text.find(mark, start) for mark in closing if last[mark] >= start), default=-1)


def _bare(text: str) -> list[Span]:
    return [Span(BARE, text)] if text else []


def _kind(mark: str, before: str, inner: str, after: str) -> str:
    """What a marked piece is: an action or speech, or only words that are stressed or named."""
    words = _WORD.findall(inner.casefold().replace("'", "").replace("\u2019", ""))
    if not words and not re.search(r"\w|[.!?\u2026]", inner):
        return BARE
    if mark == "*":
        return BARE if not words or _is_stress(before, words, after) else ACTION
    return BARE if len(words) <= 3 and _NOT_ENDED.search(before) and _is_term(before, inner, after) else SPEECH


def _is_stress(before: str, words: Sequence[str], after: str) -> bool:
    """A few words inside a sentence, or one that begins it, which nobody does: "I *need* it"."""
    if _NOT_ENDED.search(before):
        return len(words) <= _LONGEST_STRESS and not _leads_an_action(before, words)
    goes_on = bool(re.match(r"['\u2019]?[a-z]|[ ][a-z]|[,;]", after))
    return len(words) <= 2 and goes_on and not before.strip() and not any(map(acts, words))


def _leads_an_action(before: str, words: Sequence[str]) -> bool:
    """Whether "smiles" stands inside a sentence to which it does not belong, or a narrator breaks in after a comma."""
    if len(words) > 1 and words[0] in _BREAKING_IN and before.rstrip().endswith((",", ";")):
        return True
    said_before = _WORD.findall(before.casefold())[-1:]
    verb = words[1] if words[0].endswith("ly") and len(words) > 1 else words[0]
    return verb in THIRDS and verb not in _HELPING and said_before[0] not in _SUBJECTS_OF_ONE if said_before else True


def _is_term(before: str, inner: str, after: str) -> bool:
    """Words in quotation marks that are named, not said: no comma before them and no end of a sentence in them."""
    said = before.rstrip().endswith((",", ":")) or inner.rstrip().endswith(
        (".", ",", "!", "?", "\u2026", "-", "\u2014", "~")
    )
    return not said and not (before.strip() == "" or after.strip() == "")


def acts(word: str) -> bool:
    """Whether a word may be a verb of a scene, in any of its forms."""
    return word in THIRDS or word in BASES or word in PASTS or (word.endswith("ing") and len(word) > 4)


_PERSONS = ("", "first", "third")
_TENSES = ("", "past", "present")
_MANNERS = ("plain", "asterisks", "quotes", "both")


def packed(style: TurnStyle) -> int:
    """A style as one figure."""
    return (_MANNERS.index(style.manner) * 3 + _PERSONS.index(style.person)) * 3 + _TENSES.index(style.tense)


def unpacked(figure: int) -> TurnStyle:
    """The style of a figure."""
    rest, tense = divmod(figure, 3)
    manner, person = divmod(rest, 3)
    return TurnStyle(_MANNERS[manner], _PERSONS[person], _TENSES[tense])


@dataclass
class StyleCount:
    """How many turns have which style."""

    def __post_init__(self) -> None:
        self._counts = [0] * (len(_MANNERS) * len(_PERSONS) * len(_TENSES))

    def add(self, style: TurnStyle) -> None:
        """Count one turn."""
        self._counts[packed(style)] += 1

    def mix(self) -> StyleMix:
        """The figures."""
        counted = list(self._told())
        return StyleMix(
            turns=sum(self._counts),
            **{name: sum(count for style, count in counted if style.manner == name) for name in _MANNERS},
            first_person=sum(count for style, count in counted if style.person == "first"),
            third_person=sum(count for style, count in counted if style.person == "third"),
            present=sum(count for style, count in counted if style.tense == "present"),
            past=sum(count for style, count in counted if style.tense == "past"),
        )

    def _told(self) -> Iterator[tuple[TurnStyle, int]]:
        return ((unpacked(figure), count) for figure, count in enumerate(self._counts) if count)
