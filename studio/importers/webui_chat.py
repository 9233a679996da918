"""Chats of text-generation-webui: pairs of user and character, and the versions of a reply as alternatives."""

import html
import re
from collections.abc import Iterator
from itertools import zip_longest

from studio.domain.errors import StudioError
from studio.importers._json_fields import Fields, items, part, parts, whole_object, words
from studio.importers._roleplay_log import ChatLog, Message
from studio.importers._source import Source
from studio.importers._wording import clean_name
from studio.importers.importer import Importer, Reading, ReadOptions

_SIGN = re.compile(r'"internal"\s*:\s*\[\s*\[|"internal"\s*:\s*\[\s*\]\s*,\s*"visible"\s*:')
_OLD_SIGN = re.compile(r'\{\s*"data(?:_visible)?"\s*:\s*\[\s*\[\s*(?:"|null)')
_GREETING_SIGN = "<|BEGIN-VISIBLE-CHAT|>"
"""Stands where the user's words would be, before the character has greeted."""
_ROWS = (("internal", "visible"), ("data", "data_visible"), ("visible", ""), ("data_visible", ""))
_FILE_NAME = re.compile(r"(?P<name>.+?)(?:_persistent|_oobabooga_Chat(?: ?\(\d+\))?)")

_Row = tuple[str, str]


def _sniff(source: Source) -> float:
    text = source.head_text.lstrip()
    if not text.startswith("{"):
        return 0.0
    if _SIGN.search(text):
        return 0.95
    return 0.85 if _OLD_SIGN.match(text) and '"columns"' not in text else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    history = whole_object(source)
    log = ChatLog(source, options, character=_character(source))
    log.add(list(_messages(_rows(history, source), part(history, "metadata"))), source.path.stem)
    return log.reading()


def _rows(history: Fields, source: Source) -> list[_Row]:
    """What was said as the model saw it; what the window showed only stands in for it, with its escapes undone."""
    for key, shown in _ROWS:
        if rows := [_row(row, source) for row in items(history, key)]:
            seen = [_row(row, source) for row in items(history, shown)] if shown else rows
            return [_unescaped(row, also) for row, also in zip_longest(rows, seen[: len(rows)])]
    if not any(key in history for key, _ in _ROWS):
        raise StudioError("chat_invalid", path=source.path, reason="it has neither 'internal' nor 'data'")
    return []


def _row(row: object, source: Source) -> _Row:
    cells = row if isinstance(row, list) else []
    if len(cells) != 2 or not all(isinstance(cell, str | None) for cell in cells):
        raise StudioError("chat_invalid", path=source.path, reason="one of its rows is no pair of texts")
    return cells[0] or "", cells[1] or ""


def _unescaped(row: _Row, shown: _Row | None) -> _Row:
    """Undo escapes where both copies have them: had only the shown one been escaped, they would differ."""
    asked, answered = (html.unescape(cell) if shown and cell == shown[at] else cell for at, cell in enumerate(row))
    return asked, answered


def _messages(rows: list[_Row], metadata: Fields) -> Iterator[Message]:
    for number, (asked, answered) in enumerate(rows):
        if asked != _GREETING_SIGN:
            yield Message(text=asked, by_user=True)
        versions = parts(part(metadata, f"assistant_{number}"), "versions")
        others = tuple(words(version, "content") for version in versions)
        yield Message(text=answered, by_user=False, alternatives=others)


def _character(source: Source) -> str:
    """The file says no name. It lies in ``chat/<character>/``, or is itself named after the character."""
    if match := _FILE_NAME.fullmatch(source.path.stem):
        return clean_name(match["name"])
    folder = source.path.parent
    return clean_name(folder.name) if folder.parent.name in ("chat", "chat-instruct") else ""


ENTRY = Importer(
    name="webui_chat",
    label="text-generation-webui chat",
    suffixes=(".json",),
    summary="Chat histories of text-generation-webui, new and old; versions of a reply are kept as alternatives.",
    sniff=_sniff,
    read=_read,
    order=20,
)
