"""Two versions beside each other: what was added, removed and changed, and each of these word by word."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QListView, QWidget

from studio.gui.pages.persona.data.version_words import DiffLine, kind_words, turn_changes
from studio.gui.theme.icons import icon
from studio.gui.widgets.basic import label
from studio.gui.widgets.diff_view import DiffView
from studio.gui.widgets.layouts import column, row
from studio.texts import tr

_ICONS = {"added": ("mdi6.plus", "good"), "removed": ("mdi6.minus", "bad"), "changed": ("mdi6.pencil-outline", "warn")}
AROUND = 400
"""Letters beside a change: a conversation is read, not only looked at."""
Index = QModelIndex | QPersistentModelIndex


class DiffListModel(QAbstractListModel):
    """Lines as they are; a hundred thousand of them cost nothing until they are painted."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[DiffLine] = ()

    def show(self, lines: Sequence[DiffLine]) -> None:
        """Show other lines."""
        self.beginResetModel()
        self._lines = lines
        self.endResetModel()

    def line(self, number: int) -> DiffLine | None:
        """One of them."""
        return self._lines[number] if 0 <= number < len(self._lines) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line = self.line(index.row())
        if line is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return line.title
        if role == Qt.ItemDataRole.DecorationRole:
            return icon(*_ICONS[line.kind])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{kind_words(line.kind)}: {line.title}"
        return kind_words(line.kind) if role == Qt.ItemDataRole.ToolTipRole else None


class VersionDiffView(QWidget):
    """``asked`` tells the two that are to be compared. ``name`` is the persona's."""

    asked = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        self.name = ""
        self.before, self.after = self._choice(tr("Compare")), self._choice(tr("with"))
        self._words = label("", "small")
        self.model = DiffListModel()
        self.list = QListView()
        self.list.setObjectName("clear")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setAccessibleName(tr("Conversations that differ"))
        self.list.setUniformItemSizes(True)
        self.list.setModel(self.model)
        self.list.setFixedWidth(260)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.selectionModel().currentChanged.connect(self._chosen)
        self.view = DiffView(tr("Words before and after"))
        body = row(self.list, self.view, spacing=12)
        body.setStretch(1, 1)
        top = row(label(tr("Compare"), "small"), self.before, label(tr("with"), "small"), self.after, self._words, None)
        whole = column(top, body, spacing=10, margins=(14, 12, 14, 12))
        whole.setStretch(1, 1)
        self.setLayout(whole)

    def _choice(self, name: str) -> QComboBox:
        made = QComboBox()
        made.setAccessibleName(name)
        made.setMinimumWidth(150)
        made.setMaximumWidth(230)
        made.activated.connect(lambda _: self.asked.emit(*self.pair()))
        return made

    def pair(self) -> tuple[str, str]:
        """The two that are chosen."""
        return str(self.before.currentData()), str(self.after.currentData() or "")

    def offer(self, versions: Sequence[tuple[str, str]], before: str, after: str) -> None:
        """Let these (id, title) be compared; the data as it is now can be the later one."""
        for choice, more in ((self.before, []), (self.after, [("", tr("the data as it is now"))])):
            choice.clear()
            for key, title in [*more, *versions]:
                choice.addItem(title, key)
        self.before.setCurrentIndex(max(self.before.findData(before), 0))
        self.after.setCurrentIndex(max(self.after.findData(after), 0))

    def show_lines(self, lines: Sequence[DiffLine], words: str) -> None:
        """Show what differs."""
        self._words.setText(words)
        self.view.show_changes(())
        self.model.show(lines)
        self.list.setVisible(bool(lines))
        if lines:
            self.list.setCurrentIndex(self.model.index(0))

    def _chosen(self, now: QModelIndex, before: QModelIndex) -> None:
        line = self.model.line(now.row())
        self.view.show_changes(turn_changes(line.entry, self.name) if line else (), AROUND)
