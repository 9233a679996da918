"""SillyTavern chats (and Chub's): a header line, then one message a line, swipes kept as alternatives."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from studio.domain.conversation import Conversation, Role
from studio.domain.errors import StudioError
from studio.importers._json_text import records
from studio.importers._people import Cast, match_name
from studio.importers._sides import SpokenLine, fold
from studio.importers._source import Source
from studio.importers._wording import clean, clean_name, note, without_ooc
from studio.importers.importer import Importer, Reading, ReadOptions

LIMIT_MB = 512
_HEADER = re.compile(r'"(?:chat_metadata|character_name|user_name)"\s*:')
_MESSAGE = re.compile(r'"mes"\s*:')
_IS_USER = re.compile(r'"is_user"\s*:')


@dataclass
class _Log:
    """A chat as it stands in the file; ``users`` are the names of lines that a person wrote."""

    character: str = ""
    lines: list[SpokenLine] = field(default_factory=list)
    users: set[str] = field(default_factory=set)
    hidden: int = 0
    out_of_character: int = 0


def _sniff(source: Source) -> float:
    text = source.head_text
    if not text.lstrip().startswith("{"):
        return 0.0
    header = _HEADER.search(text.lstrip().split("\n", 1)[0]) is not None
    message = _MESSAGE.search(text) is not None and _IS_USER.search(text) is not None
    return 0.95 if message else 0.8 if header else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    log = _log(source, options)
    cast = Cast(line.speaker for line in log.lines)
    if not cast.names:
        raise StudioError("nothing_to_import", path=source.path)
    persona = _persona(log, cast, options, source)
    turns = fold(log.lines, persona, joint="\n\n")
    if not any(turn.role is Role.PERSONA for turn in turns):
        raise StudioError("nothing_to_import", path=source.path)
    return Reading(
        persona_name=persona,
        conversations=(Conversation(turns=turns, title=clean(source.path.stem), source=source.name),),
        speakers=cast.names,
        speaker=persona,
        notes=(*note("hidden_lines_left_out", log.hidden), *note("ooc_removed", log.out_of_character)),
    )


def _log(source: Source, options: ReadOptions) -> _Log:
    log = _Log()
    for line, record in records(source, limit_mb=LIMIT_MB):
        options.checkpoint()
        if not isinstance(record, dict):
            raise StudioError("dataset_invalid", path=source.path, line=line, reason="it is no JSON object")
        if "mes" in record:
            _add_message(log, record, source, line)
        elif not log.lines:
            log.character = log.character or _name(record, "character_name")
    return log


def _add_message(log: _Log, record: Mapping[str, object], source: Source, line: int) -> None:
    text = _words(record["mes"])
    if text is None:
        raise StudioError("dataset_invalid", path=source.path, line=line, reason="its 'mes' is no text")
    kept, removed = without_ooc(clean(text).strip())
    log.out_of_character += removed
    if record.get("is_system") is True or not kept:
        log.hidden += record.get("is_system") is True
        return
    is_user = record.get("is_user") is True
    speaker = _name(record, "name") or ("User" if is_user else log.character or "Character")
    if is_user:
        log.users.add(speaker.casefold())
    alternatives = () if is_user else tuple(_alternatives(record.get("swipes"), kept))
    log.lines.append(SpokenLine(speaker=speaker, text=kept, alternatives=alternatives))


def _words(said: object) -> str | None:
    """Chub wraps the text in an object."""
    if isinstance(said, dict):
        said = said.get("message")
    return said if isinstance(said, str) else None


def _alternatives(swipes: object, chosen: str) -> Iterator[str]:
    """The swipes that were passed over. When the chosen text was edited afterwards, all of them were."""
    seen = {chosen, ""}
    for swipe in swipes if isinstance(swipes, list) else []:
        text = without_ooc(clean(_words(swipe) or "").strip())[0]
        if text not in seen:
            seen.add(text)
            yield text


def _name(record: Mapping[str, object], key: str) -> str:
    value = record.get(key)
    name = clean_name(value) if isinstance(value, str) else ""
    return "" if name == "unused" else name


def _persona(log: _Log, cast: Cast, options: ReadOptions, source: Source) -> str:
    """The speaker whom the user named, else the expected one, else the chat's character, else the only one."""
    characters = [name for name in cast.names if name.casefold() not in log.users]
    found = (
        cast.asked_for(options, source.path)
        or match_name(options.expected, characters)
        or match_name(log.character, characters)
    )
    if not found and len(characters) != 1:
        raise cast.undecided(source.path)
    return found or characters[0]


ENTRY = Importer(
    name="sillytavern_chat",
    label="SillyTavern chat",
    suffixes=(".jsonl",),
    summary="Chat logs with swipes, solo and group; hidden and out-of-character lines are left out.",
    sniff=_sniff,
    read=_read,
    order=3,
)
