"""Lines inside a turn that begin with somebody's name and a colon."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from studio.checks.check import Context
from studio.domain.conversation import Conversation, Role

_USER_WORDS = (r"user", r"human", r"\{\{[ ]*user[ ]*\}\}", r"<user>")
_PERSONA_WORDS = (r"assistant", r"\{\{[ ]*(?:char|bot)[ ]*\}\}", r"<(?:char|bot)>")


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...], names: tuple[str, ...]) -> re.Pattern[str]:
    """A label at the beginning of a line. Words of a format in any case, names as they are written."""
    said = f"(?i:{'|'.join(words)})"
    known = "".join("|" + re.escape(name) for name in names)
    return re.compile(rf"(?:^|\n)[ \t*_]*(?P<name>{said}{known})[*_]*[ ]?:[*_]*")


def other_names(conversation: Conversation, context: Context) -> tuple[str, ...]:
    """Who speaks here and is not the persona."""
    names = {turn.speaker for turn in conversation.turns if turn.role is Role.USER}
    own = own_names(conversation, context)
    return tuple(sorted({*names, context.user_name, *context.other_personas} - {"", *own}))


def own_names(conversation: Conversation, context: Context) -> tuple[str, ...]:
    """What the persona is called here."""
    speakers = {turn.speaker for turn in conversation.turns if turn.role is Role.PERSONA}
    return tuple(sorted({*speakers, context.persona_name} - {""}))


def other_label(names: Sequence[str]) -> re.Pattern[str]:
    """A line of somebody else's."""
    return _pattern(_USER_WORDS, tuple(names))


def own_label(names: Sequence[str]) -> re.Pattern[str]:
    """A line of the persona's."""
    return _pattern(_PERSONA_WORDS, tuple(names))


def labelled_parts(text: str, others: Iterable[str], own: Iterable[str]) -> list[tuple[bool, str, str]]:
    """The text cut at labels: (whether somebody else speaks, the name, the words without the label)."""
    theirs, ours = other_label(tuple(others)), own_label(tuple(own))
    cuts = [(match, True) for match in theirs.finditer(text)] + [(match, False) for match in ours.finditer(text)]
    cuts.sort(key=lambda cut: cut[0].start())
    parts = [(False, "", text[: cuts[0][0].start()] if cuts else text)]
    for number, (match, other) in enumerate(cuts):
        end = cuts[number + 1][0].start() if number + 1 < len(cuts) else len(text)
        parts.append((other, match["name"], text[match.end() : end]))
    return [(other, name, words.strip()) for other, name, words in parts]
