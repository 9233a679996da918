"""Subtitles: SRT, WebVTT and SubStation files, in which names stand before words, in voice tags or in a field.

Most subtitles say who speaks only now and then. What goes on within a sentence is the same speaker's; where most lines
have a name, one without belongs to whoever spoke last, and is doubtful; elsewhere nobody knows, and it stays nameless
on the other side of the talk.
"""

import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from studio.domain.conversation import DOUBTFUL, Conversation, Role
from studio.domain.errors import StudioError
from studio.importers._caption_lines import Said, said_in
from studio.importers._people import Cast, chosen_speaker
from studio.importers._sessions import split_at_pauses
from studio.importers._sides import SpokenLine, fold
from studio.importers._source import Source
from studio.importers._wording import clean, note
from studio.importers.importer import Importer, Reading, ReadOptions

LIMIT_MB = 32
SCENE_PAUSE = 20.0
"""Seconds without words after which another scene begins."""
GOES_ON_WITHIN = 3.0
"""Seconds after which words without a name are no longer taken for those of whoever spoke last."""
MOSTLY_NAMED = 0.5
_SRT_TIME = r"\d{1,2}:\d{2}:\d{2}[,.]\d{1,3}"
_VTT_TIME = r"(?:\d{1,4}:)?\d{2}:\d{2}\.\d{2,3}"
_TIMED = re.compile(rf"(?m)^ ?(?:{_SRT_TIME} --> {_SRT_TIME}|{_VTT_TIME} --> {_VTT_TIME})")
_DIALOGUE = re.compile(r"(?m)^Dialogue: ?[^,\n]{0,20}, ?\d{1,2}:\d{2}:\d{2}[.,]\d{1,3},")
_BLANKS = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_NO_CUE = ("NOTE", "STYLE", "REGION")
_ENDINGS = (".", "!", "?", "…", '"', "”", "。", "！", "？", "»", "*")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    """What is said at a time; ``marks`` as in ``Turn``."""

    at: float
    said: Said
    marks: tuple[str, ...] = ()


def _sniff(source: Source) -> float:
    text = source.head_text
    if "\0" in text or text.lstrip()[:1] == "{":
        return 0.0
    return 0.95 if _TIMED.search(text) or _DIALOGUE.search(text) else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    cues = list(_cues(source))
    lines = [_Line(at=at, said=said) for at, speaker, text in cues for said in said_in(clean(text), speaker)]
    lines = _with_accepted_names(lines)
    cast = Cast(line.said.speaker for line in lines if line.said.speaker)
    if not cast.names:
        raise StudioError("subtitles_without_speakers", path=source.path)
    persona = chosen_speaker(cast, options, source.path)
    told = list(_told(lines))
    scenes = list(split_at_pauses(told, seconds=lambda line: line.at, pause=SCENE_PAUSE))
    conversations = tuple(_conversations(scenes, persona, source.name, options))
    doubtful = sum(DOUBTFUL in line.marks for line in told)
    return Reading(
        persona_name=persona.title() if persona.isupper() else persona,
        conversations=conversations,
        speakers=cast.names,
        speaker=persona,
        notes=(
            *note("scenes_left_out", len(scenes) - len(conversations)),
            *note("effects_left_out", len({at for at, _, _ in cues} - {line.at for line in lines})),
            *note("speakers_doubtful", doubtful),
        ),
    )


def _cues(source: Source) -> Iterator[tuple[float, str, str]]:
    """Yield (seconds, speaker as the file's own field says, text)."""
    import pysubs2

    text = source.text(limit_mb=LIMIT_MB).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    format, cleared = _cleared(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            events = pysubs2.SSAFile.from_string(cleared, format_=format, keep_html_tags=True)
    except (pysubs2.Pysubs2Error, ValueError, KeyError, IndexError, AttributeError) as error:
        raise StudioError("subtitles_broken", path=source.path, reason=str(error)[:200]) from error
    events.sort()
    for event in events:
        if not event.is_comment and r"{\p1" not in event.text:
            yield (
                event.start / 1000,
                event.name,
                event.text.replace(r"\N", "\n").replace(r"\n", "\n").replace(r"\h", " "),
            )


def _cleared(text: str) -> tuple[str, str]:
    """Return the format, and only what the library is to read: it takes notes and names of cues for words."""
    if _DIALOGUE.search(text):
        dialogue = (line for line in text.split("\n") if line.startswith("Dialogue:"))
        return "ass", "[Script Info]\n\n[Events]\n" + "\n".join(dialogue)
    kept = []
    for block in _BLANKS.sub("\n\n", text).split("\n\n"):
        lines = block.split("\n")
        timed = next((number for number, line in enumerate(lines[:3]) if "-->" in line), None)
        if timed is not None or not lines[0].startswith(_NO_CUE):
            kept.append("\n".join(lines[timed or 0 :]))
    return ("vtt" if text.lstrip().startswith("WEBVTT") else "srt"), "\n\n".join(kept)


def _with_accepted_names(lines: Sequence[_Line]) -> list[_Line]:
    """What looks like a name once, in small letters, among names in capitals, is part of the words: ``Remember: …``."""
    named = Counter(line.said.speaker for line in lines if line.said.speaker)
    capitals = sum(count for name, count in named.items() if name.isupper())
    strict = capitals >= 0.8 * sum(named.values())
    return [_unnamed(line) if strict and not line.said.speaker.isupper() else line for line in lines]


def _unnamed(line: _Line) -> _Line:
    if not line.said.speaker:
        return line
    words = f"{line.said.speaker}: {line.said.words}"
    return replace(line, said=replace(line.said, words=words, speaker=""))


def _told(lines: Sequence[_Line]) -> Iterator[_Line]:
    """Give lines without a name to whoever spoke before, where that is likely; every guess is marked."""
    named = sum(bool(line.said.speaker) for line in lines)
    mostly_named = named >= MOSTLY_NAMED * len(lines)
    last: _Line | None = None
    for line in lines:
        if not line.said.speaker:
            line = _guessed(line, last, mostly_named)
        yield line
        last = line


def _guessed(line: _Line, last: _Line | None, mostly_named: bool) -> _Line:
    near = last is not None and line.at - last.at <= SCENE_PAUSE
    if last is None or not near or line.said.anew or not last.said.speaker:
        return replace(line, marks=(DOUBTFUL,))
    if not last.said.words.endswith(_ENDINGS):
        return replace(line, said=replace(line.said, speaker=last.said.speaker), marks=last.marks)
    if mostly_named:
        return replace(line, said=replace(line.said, speaker=last.said.speaker), marks=(DOUBTFUL,))
    return replace(line, marks=(DOUBTFUL,))


def _conversations(
    scenes: Sequence[Sequence[_Line]], persona: str, source: str, options: ReadOptions
) -> Iterator[Conversation]:
    for scene in scenes:
        options.checkpoint()
        turns = fold(list(_spoken(scene)), persona, joint="\n")
        if any(turn.role is Role.PERSONA for turn in turns):
            minutes, seconds = divmod(int(scene[0].at), 60)
            title = f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
            yield Conversation(turns=turns, title=title, source=source)


def _spoken(scene: Sequence[_Line]) -> Iterator[SpokenLine]:
    """What one speaker says over several subtitles is one line."""
    for speaker, group in groupby(scene, key=lambda line: line.said.speaker):
        said = list(group)
        marks = tuple(dict.fromkeys(mark for line in said for mark in line.marks))
        if speaker:
            yield SpokenLine(speaker=speaker, text=" ".join(line.said.words for line in said), marks=marks)
        else:
            yield from (SpokenLine(speaker="", text=line.said.words, marks=line.marks) for line in said)


ENTRY = Importer(
    name="subtitles",
    label="Subtitles",
    suffixes=(".srt", ".vtt", ".ass", ".ssa"),
    summary="SRT, WebVTT and SubStation with names before the words or in voice tags; scenes apart by pauses.",
    sniff=_sniff,
    read=_read,
    order=13,
)
