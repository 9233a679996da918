"""Words of one subtitle taken apart: who says what, without tags, sounds and music."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from studio.importers._script_lines import speaker_of
from studio.importers._wording import clean_name, word_set

_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,60})? ([^<>]{1,120})>|</v>")
_CUE_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>|<\d[\d:.]{3,14}>")
_STYLE_TAG = re.compile(r"\{\\[^{}]{0,400}\}")
_SOUND = re.compile(r"\[[^\[\]\n]{0,200}\]|\((?!\d)[^()\n]{0,200}\)|（[^（）\n]{0,200}）")
_MUSIC = re.compile(r"[♪♫♬]+[^♪♫♬\n]*(?:[♪♫♬]+|$)")
_NAME_IN_BRACKETS = re.compile(r"[\[(（](?P<name>[^\[\]()（）:\n]{1,40})[\])）]:? ?(?=\S)")
_CHANGE = re.compile(r"(?:>>|&gt;&gt;)\s?")
_DASH = re.compile(r"[-‐‑–—]\s?(?=\S)")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&nbsp;": " ", "&lrm;": "", "&rlm;": "", "&amp;": "&"}
_SOUND_WORDS = word_set(
    """laughs laughter laugh sighs sigh gasps gasp chuckles coughs cough groans groan grunts screams scream sobs cries
    whispers shouts sniffles snorts yawns yells moans growls barks howls cheers applause music silence knock knocks
    door thunder gunshot gunshots beep beeps crash pause wind rain together continues voiceover lacht seufzt musik
    rires soupir risas suspira música musique applaudissements"""
)
_CREDITS = re.compile(
    r"(?i)subtitles? (?:by|downloaded)|synced? (?:and|&|by)|corrected by|opensubtitles|captions? by|www\.\S+\.\w{2,4}\b"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """Words with who says them. ``anew``: somebody begins here, though not by name."""

    words: str
    speaker: str = ""
    anew: bool = False


def said_in(text: str, speaker: str = "") -> Iterator[Said]:
    """Yield what is said in one subtitle; ``speaker`` is who the file says for all of it."""
    for voice, words in _voices(_STYLE_TAG.sub("", text), speaker):
        yield from _lines(_plain(words), voice)


def _voices(text: str, speaker: str) -> Iterator[tuple[str, str]]:
    position, voice = 0, clean_name(speaker)
    for tag in _VOICE.finditer(text):
        yield voice, text[position : tag.start()]
        voice, position = clean_name(_plain(tag[1] or "")), tag.end()
    yield voice, text[position:]


def _plain(text: str) -> str:
    text = _CUE_TAG.sub("", text)
    for entity, char in _ENTITIES.items():
        text = text.replace(entity, char)
    return text


def _lines(text: str, voice: str) -> Iterator[Said]:
    """A dash, arrows or a name begin a new speaker; other lines go on."""
    first: Said | None = None
    words: list[str] = []
    for line in text.split("\n"):
        found = _line(line.strip())
        if found is None:
            continue
        if first is None or found.speaker or found.anew:
            yield from _whole(first, words)
            first, words = replace(found, speaker=found.speaker or voice), []
        words.append(found.words)
    yield from _whole(first, words)


def _whole(first: Said | None, words: Sequence[str]) -> Iterator[Said]:
    if first and any(words):
        yield replace(first, words=" ".join(part for part in words if part))


def _line(line: str) -> Said | None:
    """Return what is said on a line, or ``None`` for an empty one, a sound, music or a credit."""
    bare = _DASH.sub("", _CHANGE.sub("", line, count=1), count=1) if line else ""
    anew = line.startswith((">>", "-", "‐", "‑", "–", "—")) and bare != line
    bare = bare if anew else line
    name = ""
    if labelled := _NAME_IN_BRACKETS.match(bare):
        shown = labelled["name"].strip()
        if shown.isupper() and not any(map(_is_sound, shown.split())):
            name, bare = clean_name(shown), bare[labelled.end() :]
    bare = " ".join(_SOUND.sub(" ", _MUSIC.sub(" ", bare)).split())
    if found := speaker_of(bare):
        name, bare = clean_name(found.speaker), found.words
    if not any(char.isalnum() for char in bare) or _CREDITS.search(bare):
        return Said(words="", speaker=name, anew=anew) if name else None
    return Said(words=bare, speaker=name, anew=anew)


def _is_sound(word: str) -> bool:
    return word.casefold() in _SOUND_WORDS or word.endswith("ING")
