"""The laid out text of messages, kept while it is likely to be seen again."""

from collections import OrderedDict

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument, QTextOption

from studio.gui.theme import tokens
from studio.gui.widgets.message import Message
from studio.gui.widgets.roleplay_text import styled

_KEPT = 300


class MessageDocuments:
    """One document a message; ``at`` returns it at a width."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Message, int, QTextDocument]] = OrderedDict()
        self.font = QFont()

    def forget(self) -> None:
        """The theme or font changed."""
        self._kept.clear()

    def at(self, message: Message, width: int) -> QTextDocument:
        """The document of a message, as wide as asked."""
        known = self._kept.get(message.id)
        if known is None or not _same_words(known[0], message):
            known = (message, 0, self._made(message))
        if known[1] != width:
            known[2].setTextWidth(width)
            known = (message, width, known[2])
        self._kept[message.id] = known
        self._kept.move_to_end(message.id)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return known[2]

    def _made(self, message: Message) -> QTextDocument:
        theme = tokens.current()
        document = QTextDocument()
        document.setUndoRedoEnabled(False)
        document.setDocumentMargin(0)
        document.setDefaultFont(self.font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        document.setDefaultTextOption(option)
        if not message.said:
            return _note(document, message.text)
        text = message.text or ("…" if message.streaming else "")
        document.setHtml(styled(text, muted=theme.muted, code_ground=theme.hover, unfinished=message.streaming))
        _trim(document)
        return document


def _same_words(one: Message, other: Message) -> bool:
    return (one.text, one.streaming, one.kind) == (other.text, other.streaming, other.kind)


def _note(document: QTextDocument, words: str) -> QTextDocument:
    form, centred = QTextCharFormat(), QTextBlockFormat()
    form.setForeground(QColor(tokens.current().muted))
    form.setProperty(QTextCharFormat.Property.FontPixelSize, tokens.FONT_SMALL)
    centred.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    cursor = QTextCursor(document)
    cursor.setBlockFormat(centred)
    cursor.insertText(words, form)
    return document


def _trim(document: QTextDocument) -> None:
    """The last paragraph needs no distance to a next one."""
    cursor = QTextCursor(document)
    cursor.movePosition(QTextCursor.MoveOperation.End)
    form = cursor.blockFormat()
    form.setBottomMargin(0)
    cursor.setBlockFormat(form)
