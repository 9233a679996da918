"""The command palette (Ctrl+K): everything that can be done, found by a few letters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListView, QWidget

from studio.gui.theme.icons import icon
from studio.gui.widgets.layouts import column
from studio.texts import tr

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the palette."""

    text: str
    icon: str
    run: Callable[[], object]
    hint: str = ""
    colour: str = "muted"


def matching(entries: Sequence[Entry], typed: str) -> list[Entry]:
    """Return the entries that hold the typed letters in order, words that start with them first."""
    wanted = typed.casefold().strip()
    ranked = [(_rank(entry.text.casefold(), wanted), place, entry) for place, entry in enumerate(entries)]
    return [entry for rank, _, entry in sorted(ranked, key=lambda item: item[:2]) if rank < _NO_MATCH]


_NO_MATCH = 9


def _rank(text: str, wanted: str) -> int:
    if text.startswith(wanted):
        return 0
    if any(word.startswith(wanted) for word in text.split()):
        return 1
    if wanted in text:
        return 2
    letters = iter(text)
    return 3 if all(letter in letters for letter in wanted if letter != " ") else _NO_MATCH


class _Model(QAbstractListModel):
    def __init__(self, entries: list[Entry]) -> None:
        super().__init__()
        self.entries = entries

    def show(self, entries: list[Entry]) -> None:
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{entry.text}    {entry.hint}" if entry.hint else entry.text
        if role == Qt.ItemDataRole.DecorationRole:
            return icon(entry.icon, entry.colour)
        return entry.text if role == Qt.ItemDataRole.AccessibleTextRole else None


class CommandPalette(QDialog):
    """Type, arrow, Enter."""

    def __init__(self, entries: Sequence[Entry], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAccessibleName(tr("Command palette"))
        self.setObjectName("palette")
        self.setFixedSize(560, 420)
        self._all = list(entries)
        self._model = _Model(self._all)
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("What do you want to do?"))
        self.field.setAccessibleName(tr("Search commands"))
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self._list = QListView()
        self._list.setModel(self._model)
        self._list.setAccessibleName(tr("Commands"))
        self._list.clicked.connect(lambda: self.run_chosen())
        self.setLayout(column(self.field, self._list, spacing=8, margins=(12, 12, 12, 12)))
        self._filter("")

    def shown(self) -> list[str]:
        """The texts of the lines on the screen."""
        return [entry.text for entry in self._model.entries]

    def run_chosen(self) -> None:
        """Close and run the marked line."""
        place = self._list.currentIndex().row()
        if 0 <= place < len(self._model.entries):
            entry = self._model.entries[place]
            self.accept()
            entry.run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._move(1 if event.key() == Qt.Key.Key_Down else -1)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.run_chosen()
                return True
        return False

    def _filter(self, typed: str) -> None:
        self._model.show(matching(self._all, typed))
        self._list.setCurrentIndex(self._model.index(0))

    def _move(self, by: int) -> None:
        count = len(self._model.entries)
        if count:
            self._list.setCurrentIndex(self._model.index((self._list.currentIndex().row() + by) % count))
