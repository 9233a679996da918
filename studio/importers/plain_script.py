"""Plain scripts: ``NAME: words``, split into conversations at scene headings, rules and Markdown headings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from studio.domain.conversation import Conversation, Role
from studio.domain.errors import StudioError
from studio.importers._people import Cast, chosen_speaker
from studio.importers._script_lines import Labelled, is_direction, scene_title, speaker_of
from studio.importers._sides import SpokenLine, fold
from studio.importers._source import Source
from studio.importers._wording import clean, clean_name, note
from studio.importers.importer import Importer, Reading, ReadOptions

LIMIT_MB = 64
_CAPITALS_SHARE = 0.8


@dataclass
class _Scene:
    title: str = ""
    said: list[tuple[str, list[str]]] = field(default_factory=list)

    def lines(self) -> list[SpokenLine]:
        """What was said, empty blocks left out."""
        spoken = ((speaker, "\n".join(words).strip()) for speaker, words in self.said)
        return [SpokenLine(speaker=speaker, text=text) for speaker, text in spoken if text]


def _sniff(source: Source) -> float:
    text = source.head_text
    if "\0" in text or text.lstrip()[:1] in ("{", "") or text.count("\ufffd") > len(text) / 10:
        return 0.0
    lines = [line for line in text.splitlines() if line.strip()]
    share = sum(speaker_of(line) is not None for line in lines) / len(lines)
    named_as_text = source.path.suffix.lower() in (".txt", ".md", ".script", "")
    return min(0.8, 0.15 + share) if named_as_text else share / 2


def _read(source: Source, options: ReadOptions) -> Reading:
    lines = _story_lines(source, options)
    scenes = [scene for scene in _scenes(lines, _speaks_in_capitals(lines)) if scene.said]
    cast = Cast(speaker for scene in scenes for speaker, _ in scene.said)
    if not cast.names:
        raise StudioError("script_without_speakers", path=source.path)
    persona = chosen_speaker(cast, options, source.path)
    conversations = tuple(_conversations(scenes, persona, source.name, options))
    return Reading(
        persona_name=persona.title() if persona.isupper() else persona,
        conversations=conversations,
        speakers=cast.names,
        speaker=persona,
        notes=note("scenes_left_out", len(scenes) - len(conversations)),
    )


def _story_lines(source: Source, options: ReadOptions) -> list[str]:
    lines = []
    for number, line in source.lines(limit_mb=LIMIT_MB):
        if not number % 1000:
            options.checkpoint()
        lines.append(clean(line))
    return lines


def _speaks_in_capitals(lines: Iterable[str]) -> bool:
    """True when nearly all speakers stand in capitals: then ``Remember: …`` is part of a speech."""
    labelled = [found.speaker.isupper() for line in lines if scene_title(line) is None and (found := speaker_of(line))]
    return bool(labelled) and sum(labelled) >= _CAPITALS_SHARE * len(labelled)


def _scenes(lines: Iterable[str], capitals: bool) -> Iterator[_Scene]:
    scene, speaking = _Scene(), False
    for line in lines:
        if (title := scene_title(line)) is not None:
            yield scene
            scene, speaking = _Scene(title=clean_name(title)), False
        elif labelled := _label(line, capitals):
            scene.said.append((labelled.speaker, [labelled.words]))
            speaking = True
        elif not line.strip():
            # A name alone on its line may be followed by a blank one before the words.
            speaking = speaking and not any(scene.said[-1][1])
        elif speaking and not is_direction(line):
            scene.said[-1][1].append(line.strip())
    yield scene


def _label(line: str, capitals: bool) -> Labelled | None:
    found = speaker_of(line)
    if found is None or (capitals and not found.speaker.isupper()):
        return None
    return Labelled(speaker=clean_name(found.speaker), words=found.words)


def _conversations(scenes: Iterable[_Scene], persona: str, source: str, options: ReadOptions) -> Iterator[Conversation]:
    for scene in scenes:
        options.checkpoint()
        turns = fold(scene.lines(), persona, joint="\n")
        if any(turn.role is Role.PERSONA for turn in turns):
            yield Conversation(turns=turns, title=scene.title, source=source)


ENTRY = Importer(
    name="plain_script",
    label="Plain script",
    suffixes=(".txt", ".md"),
    summary="Lines of the form 'NAME: words', scenes apart by headings or rules.",
    sniff=_sniff,
    read=_read,
    order=4,
)
