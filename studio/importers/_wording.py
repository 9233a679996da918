"""Text that comes from files: made storable, freed of talk outside the story, and findings about what was left out."""

import re
import unicodedata

from studio.domain.checks import Finding, Place, Severity

NAME_LIMIT = 120
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_OOC_OPENING = re.compile(r"\(\(|\[ ?OOC\b|\( ?OOC\b", re.IGNORECASE)
_CLOSINGS = {"((": "))", "[": "]", "(": ")"}


def clean(text: str) -> str:
    """Replace what neither UTF-8 nor SQLite can hold (lone surrogates, NUL) and unify line ends."""
    return _UNSTORABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def clean_name(text: str) -> str:
    """Return a name on one line, without control characters, cut at ``NAME_LIMIT``."""
    visible = "".join(char if unicodedata.category(char)[0] != "C" else " " for char in clean(text[: 10 * NAME_LIMIT]))
    return " ".join(visible.split())[:NAME_LIMIT].strip()


def clean_tree(value: object) -> object:
    """Return a JSON value with every text in it fit for UTF-8, and nothing else changed; keys never fall together.

    The depth was limited when it was read.
    """
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [clean_tree(part) for part in value]
    if isinstance(value, dict):
        return _clean_object(value)
    return value


def _clean_object(value: dict[object, object]) -> dict[object, object]:
    made: dict[object, object] = {}
    for key, part in value.items():
        mended = _SURROGATES.sub("\ufffd", key) if isinstance(key, str) else key
        while isinstance(mended, str) and (mended in made or (mended != key and mended in value)):
            mended += "\ufffd"
        made[mended] = clean_tree(part)
    return made


def without_ooc(text: str) -> tuple[str, int]:
    """Drop ``((…))``, ``[OOC: …]`` and ``(OOC: …)``; return the rest and how many were dropped. Takes linear time."""
    kept: list[str] = []
    position = removed = 0
    unclosed: set[str] = set()
    while match := _OOC_OPENING.search(text, position):
        closing = _CLOSINGS["((" if match[0] == "((" else match[0][0]]
        end = -1 if closing in unclosed else text.find(closing, match.end())
        if end < 0:
            unclosed.add(closing)
            kept.append(text[position : match.end()])
            position = match.end()
            continue
        kept.append(text[position : match.start()])
        position, removed = end + len(closing), removed + 1
    kept.append(text[position:])
    return _tidied("".join(kept)) if removed else text, removed


def _tidied(text: str) -> str:
    lines = [line.rstrip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def note(code: str, count: int, excerpt: str = "") -> tuple[Finding, ...]:
    """Return a note about ``count`` things that were left out or guessed; nothing for none."""
    if not count:
        return ()
    places = (Place(conversation="", excerpt=excerpt),) if excerpt else ()
    return (Finding(code=code, severity=Severity.NOTE, count=count, places=places),)


def word_list(text: str) -> tuple[str, ...]:
    """Return the words of a list that is written as text."""
    return tuple(text.split())


def word_set(text: str) -> frozenset[str]:
    """Return the words of a list that is written as text, in no order."""
    return frozenset(text.split())
