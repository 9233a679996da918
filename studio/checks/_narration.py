"""Telling narration from speech, and making sentences of actions."""

import re

from studio.checks._styles import acts
from studio.checks._verbs import PASTS, PRESENTS, THIRDS
from studio.checks._word_lists import word_set

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?|\{\{[^{}]*\}\}")
_SUBJECTS = word_set(
    "i she he they it we you one the a an his her their my its your our this that these those there both all each "
    "someone something nobody nothing everything with without for after before as when while in on at from under over "
    "behind"
)
_NAMES_NOBODY = frozenset({"she", "he", "they"})
_GREETINGS = word_set(
    "hi hello hey hiya greetings welcome oh ah aw well yes yeah yep no nope okay ok sure thanks thank please sorry wow "
    "goodbye bye come listen look wait stop"
)
_CONTRACTION = re.compile(
    r"\b(?:i['\u2019](?:m|ll|ve|d)|(?:do|does|did|is|are|was|ca|wo|would|could|should|have|has)n['\u2019]t|(?:you|we|they)['\u2019](?:re|ll|ve)"
    r"|(?:it|that|what|let|there|who|how)['\u2019]s)\b",
    re.IGNORECASE,
)
_YOU = re.compile(r"\b(?:you|your|yours)\b", re.IGNORECASE)
_QUOTED = re.compile('["\u201c\u201d\u201e\u00ab\u00bb]')
_SENTENCE_END = re.compile(r"(?<=[.!?\u2026])\s+")


def is_narration(text: str) -> bool:
    """Whether a bare piece reads as a narrator's: it begins with somebody who acts."""
    words = [word.casefold() for word in _WORD.findall(text[:80])[:4]]
    if len(words) < 2 or "?" in text:
        return False
    acting = words[1:3] if words[1].endswith("ly") else words[1:2]
    if words[0] in _NAMES_NOBODY or words[0].startswith("{{"):
        return any(word in PASTS or word in PRESENTS for word in acting)
    return False


def is_speech(text: str) -> bool:
    """Whether a whole bare text is plainly said to somebody; only then may it be put in quotation marks."""
    words = _WORD.findall(text[:80])
    if not words or is_narration(text):
        return False
    return "?" in text or words[0].casefold() in _GREETINGS or bool(_YOU.search(text) and _CONTRACTION.search(text))


def begins_with_verb(action: str) -> bool:
    """Whether an action is one without its subject: "smiles", "softly smiles"."""
    words = [word.casefold() for word in _WORD.findall(action[:80])]
    return bool(words) and _leading(words) in THIRDS


def may_be_said(action: str) -> bool:
    """Whether so short a piece without a verb may as well be a stressed word of what is said: "*Okay.*"."""
    words = [word.casefold() for word in _WORD.findall(action)]
    return len(words) <= 2 and not any(map(acts, words))


def _leading(words: list[str]) -> str:
    return words[1] if words[0].endswith("ly") and len(words) > 1 else words[0]


def as_sentences(action: str, subject: str, *, goes_on: bool) -> str | None:
    """An action as a narrator's sentences; ``None`` where it makes none.

    "smiles" gets the subject before it, "she smiles" only its capital and full stop. What ``goes_on`` after a comma
    keeps its small letter: "she says".
    """
    pieces = _SENTENCE_END.split(action)
    made = [_sentence(piece, subject, goes_on=goes_on and not number) for number, piece in enumerate(pieces)]
    if any(piece is None for piece in made):
        return None
    said = " ".join(piece for piece in made if piece)
    return said if said.endswith((".", "!", "?", "\u2026", ",", ":", "\u2014", "-", '"', "\u201d")) else said + "."


def _sentence(piece: str, subject: str, *, goes_on: bool) -> str | None:
    words = [word.casefold() for word in _WORD.findall(piece)]
    if not words:
        return piece if goes_on else None
    if words[0] not in _SUBJECTS and _QUOTED.search(piece):
        return None
    led_by = _leading(words)
    if words[0] in _SUBJECTS or words[0].startswith("{{"):
        return piece if goes_on else _capital(piece)
    if led_by in THIRDS:
        return None if goes_on else f"{subject} {piece[:1].lower()}{piece[1:]}"
    if acts(led_by) or len(words) < 2 or not piece[:1].isupper():
        return None
    return piece


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
