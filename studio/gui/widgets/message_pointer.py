"""The mouse over messages: which one it points at, and the words that it chooses."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from studio.gui.widgets.message_selection import MessageSelection, Place

if TYPE_CHECKING:
    from studio.gui.widgets.message_view import MessageView

_STEP = 18


class MessagePointer:
    """Told by the view what the mouse does; tells it what to paint."""

    def __init__(self, view: "MessageView") -> None:
        self._view = view
        self.selection = MessageSelection()
        self.over = -1

    def pressed(self, event: QMouseEvent) -> None:
        """The left button went down: a new choice begins here."""
        place = self._place(event.position().toPoint())
        self.selection.clear()
        if place is not None:
            self.selection.begin(place)
        self._show()

    def double_clicked(self, event: QMouseEvent) -> None:
        """Choose a word."""
        at = event.position().toPoint()
        place, row = self._place(at), self._view.indexAt(at).row()
        if place is not None and row >= 0:
            self.selection.word(place, self._view.delegate.document(self._view.messages.message(row)))
            self._show()

    def moved(self, event: QMouseEvent) -> None:
        """With the button down the choice grows; without, only what is pointed at changes."""
        at = event.position().toPoint()
        if event.buttons() & Qt.MouseButton.LeftButton and self.selection.start is not None:
            self._scroll_along(at)
            place = self._place(at)
            if place is not None:
                self.selection.move(place)
                self._show()
            return
        self.point_at(self._view.indexAt(at).row())
        self._view.viewport().setCursor(self._cursor(at))

    def point_at(self, row: int) -> None:
        """The message that floating tools belong to; -1 for none."""
        if row != self.over:
            self.over = row
            self._view.place_floating()

    def choose_all(self) -> None:
        """Everything that was said."""
        rows = self._view.messages.messages
        if rows:
            self.selection.begin((rows[0].id, 0))
            self.selection.move((rows[-1].id, len(rows[-1].text) + 1))
            self._show()

    def words(self) -> str:
        """What is chosen, to be copied."""
        return self.selection.text(self._view.messages.messages, self._view.delegate.document)

    def clear(self) -> None:
        """Let the choice go."""
        self.selection.clear()
        self._show()

    def _show(self) -> None:
        self._view.delegate.chosen = self.selection.ranges(self._view.messages.messages)
        self._view.viewport().update()

    def _place(self, at: QPoint) -> Place | None:
        """The place in the text nearest to a point."""
        view = self._view
        row = self._row_near(at)
        if row < 0:
            return None
        message = view.messages.message(row)
        box = view.delegate.box(message, view.visualRect(view.messages.index(row)).top())
        found = (
            view.delegate.document(message)
            .documentLayout()
            .hitTest(QPointF(at) - box.corner, Qt.HitTestAccuracy.FuzzyHit)
        )
        return (message.id, max(found, 0))

    def _row_near(self, at: QPoint) -> int:
        view = self._view
        row = view.indexAt(at).row()
        if row >= 0 or not view.messages.rowCount():
            return row
        return view.messages.rowCount() - 1 if at.y() > 0 else 0

    def _cursor(self, at: QPoint) -> Qt.CursorShape:
        """A text cursor over words that can be chosen."""
        view, row = self._view, self._view.indexAt(at).row()
        if row < 0 or not view.messages.message(row).said:
            return Qt.CursorShape.ArrowCursor
        message = view.messages.message(row)
        box = view.delegate.box(message, view.visualRect(view.messages.index(row)).top()).whole
        return Qt.CursorShape.IBeamCursor if box.contains(QPointF(at)) else Qt.CursorShape.ArrowCursor

    def _scroll_along(self, at: QPoint) -> None:
        bar, height = self._view.verticalScrollBar(), self._view.viewport().height()
        if at.y() < 0:
            bar.setValue(bar.value() - _STEP)
        elif at.y() > height:
            bar.setValue(bar.value() + _STEP)
