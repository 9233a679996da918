"""Words chosen with the mouse, within one message or over several; and the places of words that are looked for."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QAbstractTextDocumentLayout, QColor, QTextCursor, QTextDocument

from studio.gui.theme import tokens
from studio.gui.widgets.message import Message

Place = tuple[str, int]
"""A message's id, and a position in its text."""


@dataclass(frozen=True)
class Sought:
    """What is looked for; ``message_id`` and ``occurrence`` (from 0) are the place that is shown now."""

    words: str = ""
    message_id: str = ""
    occurrence: int = -1


class MessageSelection:
    """From where the button went down to where the mouse is."""

    def __init__(self) -> None:
        self.start: Place | None = None
        self.end: Place | None = None

    def clear(self) -> None:
        """Nothing is chosen."""
        self.start = self.end = None

    def begin(self, place: Place) -> None:
        """The button went down."""
        self.start = self.end = place

    def move(self, place: Place) -> None:
        """The mouse moved on."""
        if self.start is not None:
            self.end = place

    @property
    def empty(self) -> bool:
        """True when no word is chosen."""
        return self.start is None or self.start == self.end

    def word(self, place: Place, document: QTextDocument) -> None:
        """Choose the word at a place."""
        cursor = QTextCursor(document)
        cursor.setPosition(min(place[1], document.characterCount() - 1))
        cursor.select(QTextCursor.SelectionType.WordUnderCursor)
        self.start, self.end = (place[0], cursor.selectionStart()), (place[0], cursor.selectionEnd())

    def ranges(self, messages: Sequence[Message]) -> dict[str, tuple[int, int]]:
        """What is chosen of each message; -1 is its end."""
        if self.empty or self.start is None or self.end is None:
            return {}
        ids = [one.id for one in messages]
        if self.start[0] not in ids or self.end[0] not in ids:
            return {}
        first, last = sorted((ids.index(one[0]), one[1]) for one in (self.start, self.end))
        if first[0] == last[0]:
            return {ids[first[0]]: (first[1], last[1])}
        inner = {ids[row]: (0, -1) for row in range(first[0] + 1, last[0])}
        return {ids[first[0]]: (first[1], -1), **inner, ids[last[0]]: (0, last[1])}

    def text(self, messages: Sequence[Message], document_of: Callable[[Message], QTextDocument]) -> str:
        """The chosen words, as they are read."""
        ranges = self.ranges(messages)
        found = [_cut(document_of(one), ranges[one.id]) for one in messages if one.id in ranges and one.said]
        return "\n\n".join(part for part in found if part)


def marks(
    document: QTextDocument, chosen: tuple[int, int] | None, sought: Sought, message_id: str
) -> list[QAbstractTextDocumentLayout.Selection]:
    """What lies over the text of one message: words that are looked for, then what is chosen."""
    theme = tokens.current()
    found = occurrences(document, sought.words)
    now = min(sought.occurrence, len(found) - 1) if sought.message_id == message_id else -1
    shown = [
        _mark(document, place, theme.accent if number == now else theme.warn_ground,
              theme.on_accent if number == now else "")
        for number, place in enumerate(found)
    ]  # fmt: skip
    return [*shown, _mark(document, chosen, theme.accent, theme.on_accent)] if chosen else shown


def occurrences(document: QTextDocument, words: str) -> list[tuple[int, int]]:
    """Where words stand in a document, in Qt's counting."""
    if not words:
        return []
    text = document.toPlainText()
    return [
        (_units(text[: one.start()]), _units(text[: one.end()]))
        for one in re.finditer(re.escape(words), text, re.IGNORECASE)
    ]


def _units(text: str) -> int:
    """Qt counts what lies beyond the first plane (faces, for instance) twice."""
    return len(text) + sum(char > "\uffff" for char in text)


def _mark(
    document: QTextDocument, place: tuple[int, int], ground: str, words: str
) -> QAbstractTextDocumentLayout.Selection:
    made = QAbstractTextDocumentLayout.Selection()
    made.cursor = _cursor(document, place)
    form = made.format
    form.setBackground(QColor(ground))
    if words:
        form.setForeground(QColor(words))
    made.format = form
    return made


def _cursor(document: QTextDocument, place: tuple[int, int]) -> QTextCursor:
    last = document.characterCount() - 1
    cursor = QTextCursor(document)
    cursor.setPosition(min(place[0], last))
    cursor.setPosition(last if place[1] < 0 else min(place[1], last), QTextCursor.MoveMode.KeepAnchor)
    return cursor


def _cut(document: QTextDocument, place: tuple[int, int]) -> str:
    chosen = _cursor(document, place).selectedText()
    return chosen.replace("\u2029", "\n").replace("\u2028", "\n").replace("\u00a0", " ")
