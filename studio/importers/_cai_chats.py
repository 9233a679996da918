"""The chats in what comes from Character.AI: histories, pages of turns, or flat messages, however they are packed."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from studio.importers._json_fields import Fields, part, parts, words
from studio.importers._roleplay_log import Message

_HIDDEN_NAME = re.compile(r"\[(?:(?:FIRST_)?NAME_(?:IN_MESSAGE_)?|USERNAME_)?REDACTED\]")
"""What dumps that were made to be shared have instead of the user's names."""
_WRAPPINGS = ("histories", "chats", "data", "pages")
_DEPTH = 4


@dataclass(frozen=True, kw_only=True)
class Chat:
    """A chat in the order in which it was spoken."""

    messages: list[Message]
    title: str = ""


def character_of(value: object) -> Fields:
    """What the dump tells about the character, with the user's names gone."""
    if not isinstance(value, dict):
        return {}
    about = part(part(value, "info"), "character") or part(value, "character")
    return {key: told(text) if isinstance(text, str) else text for key, text in about.items()}


def told(text: str) -> str:
    """The words, with the user's placeholder where a name was taken out."""
    return _HIDDEN_NAME.sub("{{user}}", text)


def chats_in(value: object, depth: int = 0) -> Iterator[Chat]:
    """Yield every chat; pages of one chat are one chat."""
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        yield from _chats_in_list([one for one in value if isinstance(one, dict)], depth)
    elif isinstance(value, dict):
        yield from _chats_in_object(value, depth)


def _chats_in_list(found: list[Fields], depth: int) -> Iterator[Chat]:
    if any("candidates" in one for one in found):
        yield from _by_chat(found, {})
    elif any("meta" in one and "turns" in one for one in found):
        yield from _by_chat([turn for page in found for turn in parts(page, "turns")], {})
    else:
        for one in found:
            yield from chats_in(one, depth + 1)


def _chats_in_object(found: Fields, depth: int) -> Iterator[Chat]:
    if "turns" in found:
        yield from _by_chat(parts(found, "turns"), found)
    elif "msgs" in found:
        yield Chat(messages=_old(parts(found, "msgs")), title=_date(found))
    elif any("src__is_human" in message for message in parts(found, "messages")):
        yield Chat(messages=_old(_flat(parts(found, "messages"))), title=_date(found))
    else:
        for wrapping in _WRAPPINGS:
            yield from chats_in(found.get(wrapping), depth + 1)


def _by_chat(turns: Iterable[Fields], chat: Fields) -> Iterator[Chat]:
    gathered: dict[str, list[Fields]] = {}
    for turn in turns:
        gathered.setdefault(words(part(turn, "turn_key"), "chat_id"), []).append(turn)
    for found in gathered.values():
        ordered = _oldest_first(found)
        yield Chat(messages=[_new(turn) for turn in ordered], title=_date(chat) or _date(ordered[0]))


def _oldest_first(turns: list[Fields]) -> list[Fields]:
    """The interface hands out the newest turn first; some dumps have turned that round already."""
    first, last = words(turns[0], "create_time"), words(turns[-1], "create_time")
    return turns[::-1] if first > last > "" else turns


def _new(turn: Fields) -> Message:
    """The chosen candidate is named beside them; where it is not, it is the first."""
    candidates = parts(turn, "candidates")
    wanted = words(turn, "primary_candidate_id")
    chosen = [one for one in candidates if wanted and words(one, "candidate_id") == wanted] or candidates[:1]
    author = part(turn, "author")
    return Message(
        text=told(words(chosen[0], "raw_content")) if chosen else "",
        by_user=author.get("is_human") is True,
        name=told(words(author, "name")),
        alternatives=tuple(told(words(one, "raw_content")) for one in candidates),
    )


def _flat(messages: Iterable[Fields]) -> list[Fields]:
    return [
        {**message, "src": {"is_human": message.get("src__is_human"), "name": message.get("src__name")}}
        for message in messages
    ]


def _old(said: Iterable[Fields]) -> list[Message]:
    """Replies that were swiped away stand before or after the one that stayed, and say of themselves that they were."""
    stayed: list[tuple[Fields, list[str]]] = []
    swiped: list[str] = []
    for one in said:
        if one.get("is_alternative") is True and not _is_human(one):
            (stayed[-1][1] if stayed and not _is_human(stayed[-1][0]) else swiped).append(words(one, "text"))
            continue
        stayed.append((one, [] if _is_human(one) else swiped))
        swiped = []
    return [_old_message(one, others) for one, others in stayed]


def _old_message(one: Fields, swiped: list[str]) -> Message:
    return Message(
        text=told(words(one, "text")),
        by_user=_is_human(one),
        name=told(words(part(one, "src"), "name")),
        alternatives=tuple(map(told, swiped)),
    )


def _is_human(one: Fields) -> bool:
    return part(one, "src").get("is_human") is True


def _date(found: Fields) -> str:
    """The day of a chat, for a title."""
    said = words(found, "create_time") or words(found, "created")
    return said[:10] if re.match(r"\d{4}-\d\d-\d\d", said) else ""
