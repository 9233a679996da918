"""The board of columns: one row, or several where one would be too narrow; dragging a header moves its column."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from studio.gui.pages.chat.columns.column import ChatColumn
from studio.gui.pages.chat.columns.grid import Grid, grid, nearest
from studio.gui.pages.chat.talk.screen import ColumnView
from studio.gui.widgets.basic import restyle

_BAR = 12  # what the scroll bar takes, when there is one


class Board(QScrollArea):
    """Holds the columns in order. ``made`` tells of a new one, so that the page can hear it."""

    made = Signal(object)
    moved = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setObjectName("clear")
        self.viewport().setAutoFillBackground(False)
        self._ground = QWidget()
        self._ground.setObjectName("clear")
        self.setWidget(self._ground)
        self.columns: list[ChatColumn] = []
        self._grid = Grid((), 0, compact=False)
        self._target = -1
        self._order: list[int] = []
        self._spare: list[ChatColumn] = []  # made anew they would cost the window forty milliseconds each

    def show_views(self, views: list[ColumnView]) -> None:
        """Show as many columns as there are views, each with its header."""
        while len(self.columns) < len(views):
            self._add()
        while len(self.columns) > len(views):
            self.take(len(self.columns) - 1)
        for number, view in enumerate(views):
            self.columns[number].show_view(view, number=number, count=len(views))
        self._place()

    def take(self, number: int) -> None:
        """Take a column's widget away; those beside it keep what they show."""
        gone = self.columns.pop(number)
        gone.hide()
        gone.view.show_messages([])
        self._spare.append(gone)

    def move_column(self, number: int, to: int) -> None:
        """Put a column's widget into another place."""
        self.columns.insert(to, self.columns.pop(number))
        self._place()

    def show_order(self, order: Sequence[int]) -> None:
        """Show the columns in another order than their own; empty: in their own. Nothing is dragged meanwhile."""
        if list(order) != self._order:
            self._order = list(order)
            self._place()

    def shown(self) -> list[ChatColumn]:
        """The columns as the eye sees them."""
        return [self.columns[number] for number in self._places()]

    def _places(self) -> list[int]:
        own = list(range(len(self.columns)))
        return self._order if sorted(self._order) == own else own

    def sizeHint(self) -> QSize:
        """Qt's: what there is."""
        return QSize(600, 400)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's."""
        super().resizeEvent(event)
        self._place()

    def _add(self) -> None:
        if self._spare:
            self.columns.append(self._spare.pop())
            self.columns[-1].show()
            return
        column = ChatColumn()
        column.setParent(self._ground)
        column.header.dragged.connect(lambda at: self._drag(column, at))
        column.header.dropped.connect(lambda at: self._drop(column, at))
        self.columns.append(column)
        column.show()
        self.made.emit(column)

    def _place(self) -> None:
        width, height = self.width(), self.height()
        fitted = grid(len(self.columns), width, height)
        if fitted.height > height:
            fitted = grid(len(self.columns), width - _BAR, height)
        self._grid = fitted
        self._ground.resize(width if fitted.height <= height else width - _BAR, max(fitted.height, height))
        for column, cell in zip(self.shown(), fitted.cells, strict=True):
            column.show_compact(fitted.compact)
            column.setGeometry(QRect(cell.x, cell.y, cell.width, cell.height))
        self._chain()

    def _chain(self) -> None:
        """The tab key follows what the eye sees."""
        order = [part for column in self.shown() for part in column.focus_chain()]
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def _drag(self, column: ChatColumn, at: QPoint) -> None:
        self._mark(self._over(at), column)

    def _drop(self, column: ChatColumn, at: QPoint) -> None:
        self._mark(-1, column)
        number, to = self.columns.index(column), self._over(at)
        if to >= 0 and to != number and not self._order:
            self.moved.emit(number, to)

    def _over(self, at: QPoint) -> int:
        here = self._ground.mapFromGlobal(at)
        return nearest(self._grid.cells, here.x(), here.y())

    def _mark(self, target: int, dragged: ChatColumn) -> None:
        """Show where it would go."""
        if target == self._target:
            return
        self._target = target
        for number, one in enumerate(self.columns):
            one.setProperty("target", number == target and one is not dragged)
            restyle(one)
