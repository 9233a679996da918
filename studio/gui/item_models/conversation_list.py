"""The conversations of a persona as a Qt model: as many rows as there are, of which the pages looked at are held."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1
ROLES = (ENTRY_ROLE, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)
PAGE, KEPT_PAGES = 100, 24
Index = QModelIndex | QPersistentModelIndex


class Entry(Protocol):
    """What the model needs to know of an entry."""

    @property
    def id(self) -> str:
        """The conversation's id."""

    @property
    def spoken(self) -> str:
        """What a screen reader says."""

    @property
    def hint(self) -> str:
        """What a mouse that rests on it is told."""


Fetch = Callable[[int, int], Sequence[Entry]]
"""Returns the entries from a row on, as many as asked for (fewer at the end)."""


class ConversationListModel(QAbstractListModel):
    """Pages come when a row of theirs is painted, and the least lately seen go."""

    def __init__(self, fetch: Fetch) -> None:
        super().__init__()
        self._fetch = fetch
        self._pages: OrderedDict[int, list[Entry]] = OrderedDict()
        self._total = 0

    def show(self, total: int) -> None:
        """Begin anew with a list of ``total`` entries."""
        self.beginResetModel()
        self._total = total
        self._pages.clear()
        self.endResetModel()

    def refresh(self) -> None:
        """The same rows, whose entries are to be fetched again."""
        self._pages.clear()
        if self._total:
            self.dataChanged.emit(self.index(0), self.index(self._total - 1))

    def replace(self, entry: Entry) -> None:
        """Show an entry that changed, if it is among those held."""
        row = self.row_of(entry.id)
        if row >= 0:
            self._pages[row // PAGE][row % PAGE] = entry
            self.dataChanged.emit(self.index(row), self.index(row))

    def row_of(self, conversation_id: str) -> int:
        """The row of a conversation among those held, or -1."""
        for number, page in self._pages.items():
            for place, entry in enumerate(page):
                if entry.id == conversation_id:
                    return number * PAGE + place
        return -1

    def id_at(self, row: int) -> str:
        """The conversation of a row, or nothing."""
        entry = self.entry(row)
        return entry.id if entry is not None else ""

    def entry(self, row: int) -> Entry | None:
        """The entry of a row; None where there is none (any more)."""
        if not 0 <= row < self._total:
            return None
        page = self._page(row // PAGE)
        return page[row % PAGE] if row % PAGE < len(page) else None

    def held(self) -> int:
        """How many entries are held now."""
        return sum(len(page) for page in self._pages.values())

    def _page(self, number: int) -> list[Entry]:
        if number not in self._pages:
            self._pages[number] = list(self._fetch(number * PAGE, PAGE))
            while len(self._pages) > KEPT_PAGES:
                self._pages.popitem(last=False)
        self._pages.move_to_end(number)
        return self._pages[number]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else self._total

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role not in ROLES or not index.isValid():
            return None
        entry = self.entry(index.row())
        if entry is None or role == ENTRY_ROLE:
            return entry
        return entry.hint if role == Qt.ItemDataRole.ToolTipRole else entry.spoken
