"""The list of conversations: choosing several, keys for what can be done with them.

A table of one column: unlike a list view it never walks through all rows, neither to lay them out nor to choose them,
and so takes a hundred thousand of them in a few milliseconds.
"""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHeaderView, QTableView

from studio.gui.item_models.conversation_list import ConversationListModel
from studio.gui.pages.persona.data.bulk_acts import bulk_by_key
from studio.gui.pages.persona.data.conversation_delegate import GAP, HEIGHT, ConversationDelegate
from studio.gui.widgets.keys import key_of
from studio.texts import tr


class ConversationList(QTableView):
    """Extended selection over a model that holds only some pages."""

    act_requested = Signal(str)
    menu_requested = Signal(QPoint)
    opened = Signal()
    """Enter: go on in the conversation."""
    selection_changed = Signal()

    def __init__(self, model: ConversationListModel) -> None:
        super().__init__()
        self._conversations = model
        self.setObjectName("clear")
        self.setAccessibleName(tr("Conversations"))
        self.setModel(model)
        self._painter = ConversationDelegate(self)
        self.setItemDelegate(self._painter)
        self._look()
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.selectionModel().selectionChanged.connect(self.show_selection)

    def _look(self) -> None:
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        rows = self.verticalHeader()
        rows.hide()
        rows.setMinimumSectionSize(HEIGHT + GAP)
        rows.setDefaultSectionSize(HEIGHT + GAP)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalScrollBar().setSingleStep((HEIGHT + GAP) // 3)

    def show_selection(self) -> None:
        """What is chosen changed."""
        several = self.chosen_count() > 1
        if several != self._painter.several:
            self._painter.several = several
            self.viewport().update()
        self.selection_changed.emit()

    def ranges(self) -> list[tuple[int, int]]:
        """First and last row of each chosen stretch, in order."""
        chosen = self.selectionModel().selection()
        found = (chosen.at(place) for place in range(chosen.count()))
        return sorted((one.top(), one.bottom()) for one in found)

    def chosen_count(self) -> int:
        """How many are chosen; never by walking through them."""
        return sum(last - first + 1 for first, last in self.ranges())

    def choose(self, row: int) -> None:
        """Go to a row, and choose it alone."""
        self.setCurrentIndex(self._conversations.index(row))

    def choose_rows(self, ranges: list[tuple[int, int]]) -> None:
        """Choose these stretches beside the current row."""
        wanted = QItemSelection()
        for first, last in ranges:
            wanted.select(self._conversations.index(first), self._conversations.index(last))
        self.selectionModel().select(wanted, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def moveCursor(self, action: QTableView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Home and End go to the ends of the list; a table would go to the ends of the row."""
        if action == QTableView.CursorAction.MoveHome:
            return self._conversations.index(0)
        if action == QTableView.CursorAction.MoveEnd:
            return self._conversations.index(self._conversations.rowCount() - 1)
        return super().moveCursor(action, modifiers)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = key_of(event)
        if key in bulk_by_key():
            self.act_requested.emit(bulk_by_key()[key])
        elif key in ("Return", "Enter", "Right", "F2"):
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Qt's: rows have no texts to be searched, and going through all of them would fetch every page."""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.indexAt(event.pos()).isValid():
            self.menu_requested.emit(event.globalPos())
