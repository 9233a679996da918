"""Lines of plain scripts: which begins with a speaker, which a scene, and which is a stage direction."""

import re
from dataclasses import dataclass

_LABEL = re.compile(
    r"(?P<name>[^:：()\[\]{}<>\"“”/\\|]{1,48}?)\s*(?:\([^()]{0,80}\))?\s*[*_]{0,2}[:：](?!//)(?P<words>.*)"
)
_JOINING_WORDS = frozenset(
    re.findall(r"\S+", "a an and at by da de del der di du e el et in la le les of on the to und van von y &")
)
_NO_SPEAKERS = frozenset(
    re.findall(
        r"\S+",
        "note notes nb ps p.s. scene setting title author date time place where when cast characters warning summary "
        "http https ftp mailto file tip hint example chapter act part episode todo edit update source",
    )
)
_NUMBER = r"(?:\d+|[ivxlc]+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_HEADING = re.compile(
    r"scene\s+\d+\b.*"
    rf"|(?:scene|act|chapter|part|episode|prologue|epilogue)(?:\s+{_NUMBER})?\s*(?:[:.,;\-–—(].*)?",
    re.IGNORECASE,
)
_HEADING_LIMIT = 200
"""Characters; a longer line is prose, whatever it begins with."""
_SLUG = re.compile(r"(?:INT|EXT|INT\./EXT|INT/EXT|I/E)[. /]\s*\S.*")
_RULE = re.compile(r"(?:[-–—*=_~#•]\s*){3,}")
_MARKDOWN_HEADING = re.compile(r"#{1,6}\s+(?P<title>\S.*)")


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """A line that begins with a speaker."""

    speaker: str
    words: str


def speaker_of(line: str) -> Labelled | None:
    """Return who begins to speak on this line: up to four words, capitalised, before a colon."""
    text = line.strip()
    bold = text.startswith(("**", "__"))
    match = _LABEL.match(text.lstrip("*_") if bold else text)
    if not match or not _is_name(match["name"].strip(" *_")):
        return None
    words = match["words"].strip()
    return Labelled(speaker=match["name"].strip(" *_"), words=words.removeprefix("**").strip() if bold else words)


def _is_name(name: str) -> bool:
    words = name.split()
    if not 1 <= len(words) <= 4 or not name[0].isalpha() or name[0].islower() or name.casefold() in _NO_SPEAKERS:
        return False
    return all(_begins_like_a_name(word) or word.casefold() in _JOINING_WORDS for word in words)


def _begins_like_a_name(word: str) -> bool:
    return not word[0].islower() and (word[0].isalnum() or word[0] in "'’#&")


def scene_title(line: str) -> str | None:
    """Return the title when the line begins a new scene (empty for a mere rule), ``None`` when it does not."""
    text = line.strip()
    if len(text) > _HEADING_LIMIT:
        return None
    if heading := _MARKDOWN_HEADING.fullmatch(text):
        return heading["title"].strip("# ")
    bare = text.strip("*_ ")
    if _RULE.fullmatch(text):
        return ""
    return bare if _HEADING.fullmatch(bare) or _SLUG.fullmatch(bare) else None


def is_direction(line: str) -> bool:
    """True for a whole line in brackets."""
    text = line.strip().strip("*_")
    closing = {"(": ")", "[": "]"}.get(text[:1])
    return closing is not None and text.find(closing) == len(text) - 1
