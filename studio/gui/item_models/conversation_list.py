"""The conversations of a persona as a Qt model that fetches page by page, so that 100,000 of them open at once."""

from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


class Entry(Protocol):
    """What the model needs to know of an entry."""

    @property
    def id(self) -> str:
        """The conversation's id."""

    @property
    def spoken(self) -> str:
        """What a screen reader says."""


class ConversationListModel(QAbstractListModel):
    """``fetch(offset)`` returns the next page."""

    def __init__(self, fetch: Callable[[int], Sequence[Entry]]) -> None:
        super().__init__()
        self._fetch = fetch
        self._entries: list[Entry] = []
        self._total = 0

    def show(self, total: int) -> None:
        """Begin anew with a list of ``total`` entries."""
        self.beginResetModel()
        self._total = total
        self._entries = list(self._fetch(0)) if total else []
        self.endResetModel()

    def replace(self, entry: Entry) -> None:
        """Show an entry that changed."""
        row = self.row_of(entry.id)
        if row >= 0:
            self._entries[row] = entry
            self.dataChanged.emit(self.index(row), self.index(row))

    def row_of(self, conversation_id: str) -> int:
        """The row of a conversation among those fetched so far, or -1."""
        return next((row for row, entry in enumerate(self._entries) if entry.id == conversation_id), -1)

    def id_at(self, row: int) -> str:
        """The conversation of a row, or nothing."""
        return self._entries[row].id if 0 <= row < len(self._entries) else ""

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._entries)

    def canFetchMore(self, parent: Index) -> bool:
        return len(self._entries) < self._total

    def fetchMore(self, parent: Index) -> None:
        more = list(self._fetch(len(self._entries)))
        if not more:
            self._total = len(self._entries)
            return
        self.beginInsertRows(QModelIndex(), len(self._entries), len(self._entries) + len(more) - 1)
        self._entries += more
        self.endInsertRows()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._entries):
            return None
        entry = self._entries[index.row()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return entry.spoken
        return entry if role == ENTRY_ROLE else None
