"""The list of the queue: keys, dragging, folding; it tells what is wished and changes nothing itself."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QListView

from studio.gui.pages.train.queue_acts import act_by_key
from studio.gui.pages.train.queue_delegate import QueueDelegate
from studio.gui.pages.train.queue_model import Index, QueueModel
from studio.gui.pages.train.queue_rows import GROUP, MORE, RUN, QueueRow
from studio.gui.widgets.keys import key_of
from studio.texts import tr


class QueueView(QListView):
    """``act_requested(act, row)``, ``drop_requested(row, row before which)``, ``fold_requested(group)``."""

    looked_at = Signal(str)
    act_requested = Signal(str, str)
    drop_requested = Signal(str, str)
    fold_requested = Signal(str)
    menu_requested = Signal(QPoint)

    def __init__(self) -> None:
        super().__init__()
        self.rows = QueueModel()
        self.setObjectName("clear")
        self.setAccessibleName(tr("Queue and past runs"))
        self.setModel(self.rows)
        self.setItemDelegate(QueueDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self._make_draggable()

    def _make_draggable(self) -> None:
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(True)
        self.setDragDropMode(QListView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)

    def show_rows(self, rows: Sequence[QueueRow]) -> None:
        """Show these; the chosen row stays the chosen one wherever it is now."""
        chosen, at = self.chosen(), self.verticalScrollBar().value()
        if self.rows.show(rows):
            self.scheduleDelayedItemsLayout()
            if chosen is not None:
                self.choose(chosen.id)
            self.verticalScrollBar().setValue(at)

    def chosen(self) -> QueueRow | None:
        """The row that acts are about."""
        return self.rows.row(self.currentIndex())

    def choose(self, row_id: str) -> None:
        """Go to a row without telling."""
        place = self.rows.place_of(row_id)
        if place >= 0 and self.currentIndex().row() != place:
            self.blockSignals(True)
            self.setCurrentIndex(self.rows.index(place))
            self.blockSignals(False)
            self.viewport().update()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        row = self.rows.row(current)
        if row is not None and row.kind in (GROUP, RUN):
            self.looked_at.emit(row.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row, key = self.chosen(), key_of(event)
        if row is None:
            super().keyPressEvent(event)
        elif key in act_by_key() and act_by_key()[key] in row.acts:
            self.act_requested.emit(act_by_key()[key], row.id)
        elif row.kind in (GROUP, MORE) and key in ("Return", "Enter", "Space", "Right" if row.folded else "Left"):
            self.fold_requested.emit(row.id)
        elif key not in act_by_key():
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        row = self.rows.row(self.indexAt(event.position().toPoint()))
        if row is not None and row.kind in (GROUP, MORE) and event.button() == Qt.MouseButton.LeftButton:
            self.fold_requested.emit(row.id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.chosen() is not None:
            self.menu_requested.emit(event.globalPos())

    # -- dragging ------------------------------------------------------------------------------------------------

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        super().dragMoveEvent(event)
        if event.source() is self:
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """The services put it into its place; the model must not move it by itself."""
        row = self.chosen()
        if event.source() is self and row is not None and row.movable:
            self.drop_requested.emit(row.id, self.before(event.position().toPoint()))
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()

    def before(self, at: QPoint) -> str:
        """The waiting row before which something dropped here comes; nothing: behind all of them."""
        index = self.indexAt(at)
        place = index.row() if index.isValid() else self.rows.rowCount()
        if index.isValid() and at.y() > self.visualRect(index).center().y():
            place += 1
        rest = (self.rows.row(self.rows.index(one)) for one in range(place, self.rows.rowCount()))
        return next((one.id for one in rest if one is not None and one.movable), "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()  # notes wrap anew
