"""Keys as words: what was pressed in Qt's portable text, and how it is written for people."""

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence


def key_of(event: QKeyEvent) -> str:
    """``Ctrl+D``, ``Shift+Up``, ``T``; the number pad counts as the other keys."""
    modifiers = event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.GroupSwitchModifier)
    return QKeySequence(QKeyCombination(modifiers, Qt.Key(event.key()))).toString(
        QKeySequence.SequenceFormat.PortableText
    )


def key_words(key: str) -> str:
    """As the system writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def with_key(words: str, keys: tuple[str, ...]) -> str:
    """A menu's words with the key that does the same; it is only told there, the widget itself hears it."""
    return f"{words}\t{key_words(keys[0])}" if keys else words
