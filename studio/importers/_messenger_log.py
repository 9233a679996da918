"""Chats between people, as all messengers have them: messages become talks, and talks become conversations.

A talk ends when nobody writes for four hours: long enough for a slow answer, too short for a night. An answer to a
message of the talk before goes on with it. When the persona answers something far back, in a busy channel or after
days, that message is repeated on the other side before the answer, which would be an answer to nothing without it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from studio.domain.checks import Finding
from studio.domain.conversation import Conversation, Role
from studio.domain.errors import StudioError
from studio.importers._people import Cast, chosen_speaker
from studio.importers._sessions import split_at_pauses
from studio.importers._sides import SpokenLine, fold
from studio.importers._source import Source
from studio.importers._wording import note
from studio.importers.importer import Reading, ReadOptions

PAUSE_SECONDS = 4 * 3600
FAR_BACK = 12
"""Messages; an answer to one nearer than this is understood without repeating it."""
_BEGINNING = datetime(1970, 1, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """What somebody wrote. ``key`` names it in the file, ``answers`` is the key of the message that it answers."""

    speaker: str
    text: str
    at: datetime | None = None
    key: str = ""
    answers: str = ""


@dataclass(kw_only=True)
class Room:
    """A channel, a group or the talk of two."""

    title: str = ""
    messages: list[Message] = field(default_factory=list)


def read_rooms(
    rooms: Sequence[Room], source: Source, options: ReadOptions, *, notes: Sequence[Finding] = (), date_order: str = ""
) -> Reading:
    """Return the reading of a file that holds these rooms."""
    cast = Cast(message.speaker for room in rooms for message in room.messages)
    if not cast.names:
        raise StudioError("nothing_to_import", path=source.path)
    persona = chosen_speaker(cast, options, source.path)
    conversations: list[Conversation] = []
    left_out = 0
    for room in rooms:
        for conversation in _conversations(room, persona, source.name, options):
            spoken = any(turn.role is Role.PERSONA for turn in conversation.turns)
            left_out += not spoken
            conversations += [conversation] if spoken else []
    return Reading(
        persona_name=persona,
        conversations=tuple(conversations),
        speakers=cast.names,
        speaker=persona,
        notes=(*notes, *note("sessions_left_out", left_out)),
        date_order=date_order,
    )


def _conversations(room: Room, persona: str, source: str, options: ReadOptions) -> Iterator[Conversation]:
    by_key = {message.key: message for message in room.messages if message.key}
    for talk in split_at_pauses(room.messages, seconds=_seconds, pause=PAUSE_SECONDS, goes_on=_answers):
        options.checkpoint()
        turns = fold(list(_lines(talk, by_key, persona)), persona, joint="\n")
        yield Conversation(turns=turns, title=_title(room, talk), source=source)


def _seconds(message: Message) -> float | None:
    return None if message.at is None else (message.at - _BEGINNING).total_seconds()


def _answers(message: Message, talk: Sequence[Message]) -> bool:
    return bool(message.answers) and any(message.answers == earlier.key for earlier in talk[-FAR_BACK:])


def _lines(talk: Iterable[Message], by_key: dict[str, Message], persona: str) -> Iterator[SpokenLine]:
    recent: list[str] = []
    recalled: set[str] = set()
    for message in talk:
        asked = by_key.get(message.answers) if _is(message, persona) and message.answers else None
        if asked and not _is(asked, persona) and asked.key not in recalled and asked.key not in recent[-FAR_BACK:]:
            recalled.add(asked.key)
            yield SpokenLine(speaker=asked.speaker, text=asked.text)
        recent.append(message.key)
        yield SpokenLine(speaker=message.speaker, text=message.text)


def _is(message: Message, persona: str) -> bool:
    return message.speaker.casefold() == persona.casefold()


def _title(room: Room, talk: Sequence[Message]) -> str:
    begun = next((message.at for message in talk if message.at), None)
    return ", ".join(part for part in (room.title, f"{begun:%Y-%m-%d %H:%M}" if begun else "") if part)
