"""Novels and stories: speech with its speakers, as far as the text tells them; chapters and long silences part talks.

Only what is spoken is learned. What is told about a character is the author's voice, not the character's, and a persona
that learned it would write about itself in the third person. It is kept on the other side of the talk in one place:
where the persona speaks and nobody else did before, so that its words answer something.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from studio.domain.conversation import DOUBTFUL, Conversation, Role
from studio.domain.errors import StudioError
from studio.importers._novel_text import Paragraph, blocks, paragraph, story_lines, style_of
from studio.importers._novel_voices import Names, Speech, Voice, speeches, voices
from studio.importers._novel_words import Language, language_of
from studio.importers._people import Cast, chosen_speaker
from studio.importers._script_lines import speaker_of
from studio.importers._sides import SpokenLine, fold
from studio.importers._source import Source
from studio.importers._wording import clean, clean_name, note
from studio.importers.importer import Importer, Reading, ReadOptions

LIMIT_MB = 32
SILENCE = 1200
"""Characters told without a word spoken, after which another talk begins."""
_REMEMBERED = 40
"""Paragraphs."""
CONTEXT_LIMIT = 400
"""Characters of what is told that are kept where the persona's words would answer nothing."""
_ENOUGH_SPEECH = 3
_ENOUGH_TAGS = 2
_SCRIPT_SHARE = 0.15
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_OTHER_FORMATS = ("<|im_start|>", "<|start_header_id|>", "### Instruction", "[INST]", '","', '":"', '": "')


@dataclass
class _Talk:
    """Speech with what is told before each, and whose it is."""

    title: str
    spoken: list[Speech] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    voices: list[Voice] = field(default_factory=list)


def _sniff(source: Source) -> float:
    text = source.head_text
    if "\0" in text or text.lstrip()[:1] in ("{", "[", "<", "") or any(sign in text for sign in _OTHER_FORMATS):
        return 0.0
    lines = [line for line in text.splitlines() if line.strip()]
    if sum(speaker_of(line) is not None for line in lines) > _SCRIPT_SHARE * len(lines):
        return 0.0
    spoken = [speech for talk in _talks(text.splitlines(), language_of(text)) for speech in talk.spoken]
    tagged = sum(speech.subject is not None for speech in spoken)
    return 0.6 if len(spoken) >= _ENOUGH_SPEECH and tagged >= _ENOUGH_TAGS else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    lines = [clean(line) for _, line in source.lines(limit_mb=LIMIT_MB)]
    language = language_of("\n".join(lines[:400]))
    talks = list(_talks(lines, language, options))
    names = Names((speech for talk in talks for speech in talk.spoken), language)
    for talk in talks:
        options.checkpoint()
        talk.voices = voices(talk.spoken, talk.told, names, language)
    cast = Cast(clean_name(voice.speaker) for talk in talks for voice in talk.voices if voice.speaker)
    if not cast.names:
        raise StudioError("novel_without_speakers", path=source.path)
    persona = chosen_speaker(cast, options, source.path)
    conversations = tuple(_conversations(talks, persona, source.name, options))
    doubtful = sum(voice.doubtful for talk in talks for voice in talk.voices)
    return Reading(
        persona_name=persona,
        conversations=conversations,
        speakers=cast.names,
        speaker=persona,
        notes=(*note("scenes_left_out", len(talks) - len(conversations)), *note("speakers_doubtful", doubtful)),
    )


def _talks(lines: Sequence[str], language: Language, options: ReadOptions | None = None) -> Iterator[_Talk]:
    lines = story_lines(lines)
    style = style_of("\n".join(lines))
    talk, told = _Talk(title=""), deque[str](maxlen=_REMEMBERED)
    for number, (title, text) in enumerate(blocks(lines)):
        if options and not number % 500:
            options.checkpoint()
        found = None if title is not None else paragraph(text, style, language)
        if found and not found.speaks:
            _remember(told, text)
            continue
        silence = sum(map(len, told)) > SILENCE
        if talk.spoken and (title is not None or silence):
            yield talk
        if title is not None or silence:
            talk = _Talk(title=talk.title if title is None else clean_name(title) or talk.title)
        if found:
            _add(talk, found, "\n".join(told), language)
        told.clear()
    if talk.spoken:
        yield talk


def _remember(told: deque[str], text: str) -> None:
    """Keep the end of what is told; more is never asked for."""
    told.append(text)
    while sum(map(len, told)) - len(told[0]) > 2 * SILENCE:
        told.popleft()


def _add(talk: _Talk, found: Paragraph, told: str, language: Language) -> None:
    for number, speech in enumerate(speeches(found, language)):
        talk.spoken.append(speech)
        talk.told.append("" if number else told)


def _conversations(talks: Iterable[_Talk], persona: str, source: str, options: ReadOptions) -> Iterator[Conversation]:
    for talk in talks:
        options.checkpoint()
        turns = fold(list(_lines(talk, persona)), persona, joint="\n")
        if any(turn.role is Role.PERSONA for turn in turns):
            yield Conversation(turns=turns, title=talk.title, source=source)


def _lines(talk: _Talk, persona: str) -> Iterator[SpokenLine]:
    answered = False
    for speech, told, voice in zip(talk.spoken, talk.told, talk.voices, strict=True):
        speaker = clean_name(voice.speaker)
        is_persona = speaker.casefold() == persona.casefold()
        if is_persona and not answered and told:
            yield SpokenLine(speaker="", text=_last_sentences(told))
        answered = not is_persona
        yield SpokenLine(speaker=speaker, text=speech.text, marks=(DOUBTFUL,) if voice.doubtful else ())


def _last_sentences(told: str) -> str:
    """The end of what is told, as many whole sentences as fit."""
    kept = ""
    for sentence in reversed(_SENTENCE.split(told.split("\n")[-1])):
        if kept and len(kept) + len(sentence) > CONTEXT_LIMIT:
            break
        kept = f"{sentence} {kept}".strip()
    return kept[-2 * CONTEXT_LIMIT :]


ENTRY = Importer(
    name="novel",
    label="Novel or story",
    suffixes=(".txt", ".md"),
    summary="Prose with speech in quotation marks or behind dashes; guesses at who speaks are marked.",
    sniff=_sniff,
    read=_read,
    order=14,
)
