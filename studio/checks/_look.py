"""A conversation as checks look at it: what several of them need is worked out once, and only when it is asked for."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from studio.checks._similar import signature
from studio.checks._styles import TurnStyle, style_of
from studio.domain.conversation import Conversation, Role, Turn

if TYPE_CHECKING:
    from studio.checks.check import Context

_ENDLESS = 20_000
_HUGE = 1_000_000
_MOST_WORDS = 100_000
"""Characters of a turn and of a conversation, and words of one, beyond which memory counts more than looking at all."""
_ASCII_WORD = re.compile(r"[0-9a-z]+", re.ASCII)
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
"""In scripts without spaces a character counts as a word."""


class TurnLook:
    """One turn with its place. ``learned`` is a turn of the persona whose switch is on."""

    __slots__ = ("_folded", "_keeps", "_line", "_style", "index", "learned", "persona", "text", "turn")

    def __init__(self, index: int, turn: Turn, *, keeps: bool = True) -> None:
        self.index = index
        self.turn = turn
        self.text = turn.text
        self.persona = turn.role is Role.PERSONA
        self.learned = self.persona and turn.train
        self._keeps = keeps
        self._folded: list[str] | None = None
        self._line: int | None = None
        self._style: TurnStyle | None = None

    @property
    def folded(self) -> list[str]:
        """The words without case, punctuation and apostrophes; of an endless text those at its beginning."""
        if self._folded is not None:
            return self._folded
        words = folded_words(self.text[:_ENDLESS])
        self._folded = words if self._keeps else None
        return words

    @property
    def word_count(self) -> int:
        """How many words there are; about, where the text is endless."""
        return len(self.folded) if len(self.text) <= _ENDLESS else self.text.count(" ") + self.text.count("\n") + 1

    @property
    def line(self) -> int:
        """A figure that is the same for the same words; only within one run of the program."""
        if self._line is None:
            self._line = hash(" ".join(self.folded) if len(self.text) <= _ENDLESS else self.text)
        return self._line

    @property
    def style(self) -> TurnStyle:
        """How it is written."""
        if self._style is None:
            self._style = style_of(self.text)
        return self._style


class Look:
    """One conversation with its key and its number in the run."""

    __slots__ = ("_signature", "_words", "context", "conversation", "key", "number", "turns")

    def __init__(self, key: str, conversation: Conversation, number: int, context: Context) -> None:
        self.key = key
        self.conversation = conversation
        self.number = number
        self.context = context
        keeps = sum(len(turn.text) for turn in conversation.turns) < _HUGE
        self.turns = [TurnLook(index, turn, keeps=keeps) for index, turn in enumerate(conversation.turns)]
        self._words: list[str] | None = None
        self._signature = b""

    @property
    def words(self) -> list[str]:
        """The words of all turns, folded; of a huge conversation those at its beginning."""
        if self._words is None:
            self._words = list(islice((word for turn in self.turns for word in turn.folded), _MOST_WORDS))
        return self._words

    @property
    def signature(self) -> bytes:
        """What near-duplicates have nearly in common."""
        self._signature = self._signature or signature(self.words)
        return self._signature


def folded_words(text: str) -> list[str]:
    """The words of a text without case, punctuation and apostrophes."""
    plain = text.casefold().replace("'", "")
    if plain.isascii():
        return _ASCII_WORD.findall(plain)
    return _WORD.findall(plain.replace("\u2019", ""))


def excerpt(text: str, start: int, limit: int = 80) -> str:
    """The words around a place, on one line; never nothing, so that it can stand for a yes."""
    begin = max(0, start - 20)
    return " ".join(text[begin : begin + limit].split()) or "\u2026"
