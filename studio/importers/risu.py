"""Risu's chats: one chat, or all chats of a character, as its export writes them."""

import re
from collections.abc import Iterator

from studio.domain.errors import StudioError
from studio.importers._json_fields import Fields, part, parts, whole_object, words
from studio.importers._roleplay_log import ChatLog, Message
from studio.importers._source import Source
from studio.importers.importer import Importer, Reading, ReadOptions

_SIGN = re.compile(r'"type"\s*:\s*"risu(?:Chat|AllChats)"')
_EXPORT_NAME = re.compile(r"(?P<name>.+?)_(?:all_chats_\d{4}-\d\d-\d\d.*|\d{4}-\d\d-\d\dT[\dZ]+_chat.*)")
_PICTURE = re.compile(r"\{\{inlay(?:ed|eddata)?::[^{}\n]{0,200}\}\}")
"""A picture within the words."""


def _sniff(source: Source) -> float:
    text = source.head_text
    return 0.97 if text.lstrip().startswith("{") and _SIGN.search(text) else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    export = whole_object(source)
    one = part(export, "data")
    chats = [one] if one else parts(export, "data")
    if not any("message" in chat for chat in chats):
        raise StudioError("chat_invalid", path=source.path, reason="it has no 'message' list")
    log = ChatLog(source, options, character=_character(source, chats))
    for chat in chats:
        said = parts(chat, "message")
        shown = [message for message in said if message.get("disabled") is not True and not message.get("isComment")]
        log.hidden += len(said) - len(shown)
        log.add(list(_messages(shown, _voices(chats))), words(chat, "name"))
    return log.reading()


def _messages(said: list[Fields], voices: dict[str, str]) -> Iterator[Message]:
    for message in said:
        name = words(message, "name") or voices.get(words(message, "saying"), "")
        text = _PICTURE.sub("", words(message, "data"))
        yield Message(text=text, by_user=message.get("role") == "user", name=name)


def _voices(chats: list[Fields]) -> dict[str, str]:
    """Who speaks in a group chat: the export has only their ids, so they are numbered as they come."""
    ids = dict.fromkeys(words(message, "saying") for chat in chats for message in parts(chat, "message"))
    ids.pop("", None)
    return {voice: f"Character {number}" for number, voice in enumerate(ids, start=1)} if len(ids) > 1 else {}


def _character(source: Source, chats: list[Fields]) -> str:
    """The export is named after the character, and says the name nowhere else; of a group it is the group's."""
    match = _EXPORT_NAME.fullmatch(source.path.stem)
    return match["name"] if match and not _voices(chats) else ""


ENTRY = Importer(
    name="risu",
    label="Risu chat",
    suffixes=(".json",),
    summary="Chats exported from Risu, one or all of a character; hidden messages and comments are left out.",
    sniff=_sniff,
    read=_read,
    order=24,
)
