"""Choosing who answers: everybody by persona, found by typing when they are many."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFont, QIcon, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListView, QWidget

from studio.gui.pages.chat.columns.popover import Popover
from studio.gui.pages.chat.talk.contestants import Choice, Group, matching
from studio.gui.theme.icons import icon
from studio.gui.widgets.layouts import column, holder
from studio.gui.widgets.portrait import portrait_pixmap
from studio.texts import tr

Index = QModelIndex | QPersistentModelIndex
_MANY = 10
_WIDTH, _LINE, _MOST_LINES, _FACE = 400, 32, 13, 20


class PickerModel(QAbstractListModel):
    """A line for each persona, and under it one for each of its voices. Faces are drawn when they are seen."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[Group, Choice | None]] = []

    def show(self, groups: Sequence[Group]) -> None:
        """Show these."""
        self.beginResetModel()
        self.lines = []
        for group in groups:
            if group.name:
                self.lines.append((group, None))
            self.lines += [(group, choice) for choice in group.choices]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Qt's."""
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Qt's."""
        group, choice = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return group.name if choice is None else choice.label
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return group.name if choice is None else f"{group.name} {choice.label}".strip()
        if role == Qt.ItemDataRole.DecorationRole:
            return _picture(group, choice)
        if role == Qt.ItemDataRole.FontRole and choice is None:
            font = QFont()
            font.setWeight(QFont.Weight.DemiBold)
            return font
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Qt's: a persona's name is no choice."""
        choice = self.lines[index.row()][1]
        chosen = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return chosen if choice is not None else Qt.ItemFlag.ItemIsEnabled


class Picker(Popover):
    """Type, arrow, Enter; or click."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget, under: QWidget, groups: Sequence[Group]) -> None:
        super().__init__(parent, under)
        self._groups = list(groups)
        self._model = PickerModel()
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Persona, adapter, checkpoint…"))
        self.field.setAccessibleName(tr("Search who could answer"))
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._filter)
        self.list = QListView()
        self.list.setObjectName("clear")
        self.list.setIconSize(QSize(_FACE, _FACE))
        self.list.setModel(self._model)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName(tr("Who could answer"))
        self.list.clicked.connect(lambda index: self._take(index.row()))
        for one in (self.field, self.list):
            one.installEventFilter(self)
        self.field.setVisible(sum(len(one.choices) for one in self._groups) > _MANY)
        self._filter("")

    def open(self) -> None:
        """Show it, with the keyboard in it."""
        lines = min(self._model.rowCount() + 1, _MOST_LINES)
        self.list.setFixedSize(_WIDTH, lines * _LINE)
        self.show_widget(holder(column(self.field, self.list, spacing=6)), (8, 8, 8, 8))
        (self.field if self.field.isVisible() else self.list).setFocus()

    def shown(self) -> list[str]:
        """The choices on the screen."""
        return [choice.label for _, choice in self._model.lines if choice]

    def take_marked(self) -> None:
        """Choose the marked line."""
        self._take(self.list.currentIndex().row())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's: arrows and Enter work while one types."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.take_marked()
                return True
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._step(1 if event.key() == Qt.Key.Key_Down else -1)
                return True
        return super().eventFilter(watched, event)

    def _filter(self, typed: str) -> None:
        self._model.show(matching(self._groups, typed))
        self._mark(next((row for row, (_, choice) in enumerate(self._model.lines) if choice), -1))

    def _step(self, by: int) -> None:
        count, row = self._model.rowCount(), self.list.currentIndex().row()
        for _ in range(count):
            row = (row + by) % count
            if self._model.lines[row][1] is not None:
                self._mark(row)
                return

    def _mark(self, row: int) -> None:
        self.list.setCurrentIndex(self._model.index(row))

    def _take(self, row: int) -> None:
        choice = self._model.lines[row][1] if 0 <= row < len(self._model.lines) else None
        if choice is not None:
            self.close()
            self.chosen.emit(choice.contestant)


def _picture(group: Group, choice: Choice | None) -> QIcon:
    if choice is not None:
        return icon(f"mdi6.{choice.icon}")
    if group.icon:
        return icon(f"mdi6.{group.icon}")
    return QIcon(portrait_pixmap(group.name, group.colour, group.portrait, _FACE))
