"""Telegram Desktop's JSON: the export of one chat, or ``result.json`` of a whole account with all its chats."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from studio.domain.errors import StudioError
from studio.importers._json_stream import BEGUN, walk
from studio.importers._messenger_log import Message, Room, read_rooms
from studio.importers._source import Source
from studio.importers._wording import clean, clean_name, note
from studio.importers.importer import Importer, Reading, ReadOptions

LIMIT_MB = 1024
_CHAT_LISTS = ("chats", "left_chats")
_OPENED = {
    (),
    ("messages",),
    *((kind,) for kind in _CHAT_LISTS),
    *((kind, "list", *rest) for kind in _CHAT_LISTS for rest in ((), ("*",), ("*", "messages"))),
}
_OF_ONE_CHAT = (
    re.compile(r'"type"\s*:\s*"(?:personal|private|public|saved|bot|verify)_\w+"'),
    re.compile(r'"messages"\s*:\s*\['),
    re.compile(r'"(?:from_id|actor_id|text_entities|date_unixtime)"\s*:'),
)
_OF_AN_ACCOUNT = re.compile(r'"personal_information"\s*:\s*\{|"chats"\s*:\s*\{\s*"about"')
_LONELY = "saved_messages"
"""The kind of chat that one has with oneself: notes and things passed on, no talk."""


@dataclass
class _Account:
    """Everything in the file; ``left_out`` counts by the code of the note."""

    rooms: list[Room] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    taken: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    def room(self) -> Room:
        """The chat that is being read."""
        if not self.rooms:
            self.rooms.append(Room())
        return self.rooms[-1]


def _sniff(source: Source) -> float:
    text = source.head_text.lstrip()
    if not text.startswith("{"):
        return 0.0
    if all(sign.search(text) for sign in _OF_ONE_CHAT):
        return 0.97
    return 0.95 if _OF_AN_ACCOUNT.search(text) else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    account, lonely = _Account(), False
    for line, path, value in walk(source, _OPENED, limit_mb=LIMIT_MB):
        options.checkpoint()
        if value is BEGUN:
            if path[1:] == ("list", "*"):
                account.rooms.append(Room())
                lonely = False
        elif path[-2:] == ("messages", "*"):
            if not isinstance(value, dict):
                raise StudioError("dataset_invalid", path=source.path, line=line, reason="a message is no JSON object")
            if not lonely:
                _add_message(account, value)
        elif path[-1:] == ("name",) and isinstance(value, str):
            account.room().title = clean_name(value)
        elif path[-1:] == ("type",):
            lonely = value == _LONELY
    notes = [finding for code, count in sorted(account.left_out.items()) for finding in note(code, count)]
    return read_rooms(account.rooms, source, options, notes=notes)


def _add_message(account: _Account, record: Mapping[str, Any]) -> None:
    if record.get("type") != "message":
        account.left_out["service_lines_left_out"] += 1
    elif "forwarded_from" in record or "forwarded_from_id" in record:
        # Somebody else's words in the sender's mouth: the wrong thing to learn, and no part of the talk to answer.
        account.left_out["forwarded_left_out"] += 1
    elif record.get("via_bot"):
        account.left_out["bots_left_out"] += 1
    elif not (said := clean(_words(record.get("text"))).strip()):
        account.left_out["media_left_out"] += 1
    else:
        message = Message(
            speaker=_speaker(account, record),
            text=said,
            at=_moment(record.get("date")),
            key=_key(record.get("id")),
            answers=_key(record.get("reply_to_message_id")),
        )
        account.room().messages.append(message)


def _words(text: object) -> str:
    """The text is one string, or a list of plain strings and marked ones."""
    parts = text if isinstance(text, list) else [text]
    said = [part.get("text") if isinstance(part, dict) else part for part in parts]
    return "".join(part for part in said if isinstance(part, str))


def _speaker(account: _Account, record: Mapping[str, Any]) -> str:
    """One name for one account, the first by which it was called; two accounts of one name are told apart."""
    key = _key(record.get("from_id"))
    said = record.get("from")
    name = clean_name(said) if isinstance(said, str) else ""
    name = name or "Deleted account"
    if not key:
        return name
    if key not in account.names:
        account.taken[name.casefold()] += 1
        same = account.taken[name.casefold()]
        account.names[key] = f"{name} {same}" if same > 1 else name
    return account.names[key]


def _key(value: object) -> str:
    """Ids are figures in older exports and words in newer ones."""
    return str(value)[:64] if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _moment(date: object) -> datetime | None:
    try:
        return datetime.fromisoformat(date).replace(tzinfo=None) if isinstance(date, str) else None
    except ValueError:
        return None


ENTRY = Importer(
    name="telegram",
    label="Telegram export",
    suffixes=(".json",),
    summary="Telegram Desktop's JSON of one chat or of the whole account; talks apart by pauses.",
    sniff=_sniff,
    read=_read,
    real_people=True,
    order=12,
)
