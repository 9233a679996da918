"""The rows of the queue as a Qt model: rows that wait can be dragged, nothing can be dropped into a row."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from studio.gui.pages.train.queue_rows import HEADING, QueueRow

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex
_SHOWN_AS = {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}


class QueueModel(QAbstractListModel):
    """The same rows again change nothing, so that selection and scrolling stay."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[QueueRow] = []

    def show(self, rows: Sequence[QueueRow]) -> bool:
        """Show these rows; True when there are others than before, not only other words."""
        if [_shape(one) for one in rows] == [_shape(one) for one in self._rows]:
            for place, (new, old) in enumerate(zip(rows, self._rows, strict=True)):
                if new != old:
                    self._rows[place] = new
                    self.dataChanged.emit(self.index(place), self.index(place))
            return False
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()
        return True

    def row(self, index: Index) -> QueueRow | None:
        """What stands at an index."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def place_of(self, row_id: str) -> int:
        """Where a row stands, or -1."""
        return next((place for place, one in enumerate(self._rows) if one.id == row_id), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row(index)
        if row is None:
            return None
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.note or row.differs
        return row.spoken if role in _SHOWN_AS else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        row = self.row(index)
        if row is None:
            return Qt.ItemFlag.ItemIsDropEnabled
        if row.kind == HEADING:
            return Qt.ItemFlag.NoItemFlags
        found = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return found | Qt.ItemFlag.ItemIsDragEnabled if row.movable else found

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction


def _shape(row: QueueRow) -> tuple[str, bool, bool, bool]:
    """What decides where a row stands and how tall it is."""
    return row.id, row.inner, row.folded, bool(row.note)
