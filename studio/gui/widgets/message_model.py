"""The messages of one thread as a list model, changed only where they differ."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from studio.gui.widgets.message import Message
from studio.gui.widgets.roleplay_text import plain
from studio.texts import tr

Index = QModelIndex | QPersistentModelIndex


class MessageModel(QAbstractListModel):
    """Holds the rows; ``message(row)`` is what the delegate paints."""

    def __init__(self) -> None:
        super().__init__()
        self._messages: list[Message] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Qt's."""
        return 0 if parent.isValid() else len(self._messages)

    def message(self, row: int) -> Message:
        """The message in ``row``."""
        return self._messages[row]

    def row_of(self, message_id: str) -> int:
        """Where a message stands; -1 when it is not here."""
        return next((row for row, one in enumerate(self._messages) if one.id == message_id), -1)

    @property
    def messages(self) -> tuple[Message, ...]:
        """All of them, in order."""
        return tuple(self._messages)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's."""
        if not index.isValid():
            return None
        message = self._messages[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return message.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(message)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Qt's: a note between messages cannot be chosen."""
        if index.isValid() and not self._messages[index.row()].said:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable

    def show(self, messages: Sequence[Message]) -> None:
        """Show these messages; the rows that stay the same are left alone."""
        new = list(messages)
        same = 0
        while same < min(len(new), len(self._messages)) and new[same].id == self._messages[same].id:
            same += 1
        if same < len(self._messages):
            self.beginRemoveRows(QModelIndex(), same, len(self._messages) - 1)
            del self._messages[same:]
            self.endRemoveRows()
        changed = [row for row in range(same) if self._messages[row] != new[row]]
        self._messages[:same] = new[:same]
        if changed:
            self.dataChanged.emit(self.index(changed[0]), self.index(changed[-1]))
        if same < len(new):
            self.beginInsertRows(QModelIndex(), same, len(new) - 1)
            self._messages += new[same:]
            self.endInsertRows()

    def set_tail(self, text: str) -> None:
        """Replace the text of the last message, a reply that grows.

        Not told to the view: it would lay all rows out again 30 times a second. Its caller repaints the row.
        """
        if self._messages:
            self._messages[-1] = replace(self._messages[-1], text=text)


def spoken(message: Message) -> str:
    """What a screen reader says."""
    if not message.said:
        return message.text
    said = tr("You") if message.mine else (message.speaker or tr("Reply"))
    return tr("{speaker}: {words}", speaker=said, words=plain(message.text))
