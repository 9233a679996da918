"""Agnai's chats: the messages on the way to the newest one, with retries and siblings as alternatives."""

import re
from collections.abc import Iterator

from studio.domain.errors import StudioError
from studio.importers._json_fields import Fields, items, part, parts, whole_object, words
from studio.importers._roleplay_log import ChatLog, Message
from studio.importers._source import Source
from studio.importers.importer import Importer, Reading, ReadOptions

_MESSAGES = re.compile(r'"messages"\s*:\s*\[')
_MESSAGE = re.compile(r'"msg"\s*:')
_FIELDS = ('"characterId"', '"userId"', '"handle"', '"sampleChat"', '"chatId"')
_NO_TITLE = "Exported"
_HIDDEN_EVENTS = ("hidden", "ooc")


def _sniff(source: Source) -> float:
    text = source.head_text
    if not text.lstrip().startswith("{") or not _MESSAGES.search(text):
        return 0.0
    messages = _MESSAGE.search(text) is not None and any(field in text for field in _FIELDS)
    empty = all(field in text for field in ('"greeting"', '"sampleChat"', '"scenario"'))
    return 0.95 if messages or empty else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    export = whole_object(source)
    if not isinstance(export.get("messages"), list):
        raise StudioError("chat_invalid", path=source.path, reason="it has no 'messages' list")
    messages = parts(export, "messages")
    names = _names(export, messages)
    log = ChatLog(source, options, character=next(iter(names.values())) if len(names) == 1 else "")
    path = _path(messages)
    shown = [message for message in path if not _is_hidden(message)]
    log.hidden += len(path) - len(shown)
    siblings = _siblings(messages)
    log.add([_message(one, names, siblings) for one in shown], _title(export, source))
    return log.reading()


def _title(export: Fields, source: Source) -> str:
    said = words(part(export, "chat"), "name") or words(export, "name")
    return source.path.stem if said in ("", _NO_TITLE) else said


def _is_hidden(message: Fields) -> bool:
    left_out = message.get("ooc") is True or message.get("system") is True
    return left_out or message.get("event") in _HIDDEN_EVENTS


def _path(messages: list[Fields]) -> list[Fields]:
    """From the newest message back to the first. One that names no parent follows the one before it in the file."""
    ids = [words(message, "_id") for message in messages]
    place = {one: at for at, one in enumerate(ids) if one}
    if not any(words(message, "parent") in place for message in messages):
        return messages
    at = max(range(len(messages)), key=lambda index: (words(messages[index], "createdAt"), index))
    path: dict[int, Fields] = {}
    while at >= 0 and at not in path:
        path[at] = messages[at]
        parent = words(messages[at], "parent")
        at = place.get(parent, -1) if parent else at - 1
    return list(path.values())[::-1]


def _siblings(messages: list[Fields]) -> dict[str, list[Fields]]:
    """The characters' messages by their parent."""
    found: dict[str, list[Fields]] = {}
    for message in messages:
        if words(message, "parent") and words(message, "characterId") and not words(message, "userId"):
            found.setdefault(words(message, "parent"), []).append(message)
    return found


def _message(message: Fields, names: dict[str, str], siblings: dict[str, list[Fields]]) -> Message:
    by_user, character = bool(words(message, "userId")), words(message, "characterId")
    others = [text for text in items(message, "retries") if isinstance(text, str)]
    if not by_user:
        others += [words(one, "msg") for one in siblings.get(words(message, "parent"), ())]
    return Message(
        text=words(message, "msg"),
        by_user=by_user or not character,
        name=words(message, "handle") if by_user else names.get(character, ""),
        alternatives=tuple(others),
        told=not by_user and not character,
    )


def _names(export: Fields, messages: list[Fields]) -> dict[str, str]:
    """Every character's id and name. An export for sharing has neither: then there is one, and it stays nameless."""
    known = {words(one, "_id"): words(one, "name") for one in _characters(export)}
    known |= {words(one, "characterId"): words(one, "name") for one in messages if words(one, "name")}
    ids = list(dict.fromkeys(filter(None, (words(one, "characterId") for one in messages if not words(one, "userId")))))
    if len(ids) <= 1:
        return {one: known[one] for one in ids if known.get(one)}
    return {one: known.get(one) or f"Character {number}" for number, one in enumerate(ids, start=1)}


def _characters(export: Fields) -> Iterator[Fields]:
    yield from parts(export, "characters")
    yield from (one for one in part(export, "characters").values() if isinstance(one, dict))
    yield part(export, "character")


ENTRY = Importer(
    name="agnai_chat",
    label="Agnai chat",
    suffixes=(".json",),
    summary="Chats exported from Agnai: the newest course of a tree; retries and siblings are kept as alternatives.",
    sniff=_sniff,
    read=_read,
    order=23,
)
