"""The messages of one column with their tools: by mouse, by keys, and told to screen readers."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QMenu, QWidget

from studio.gui.widgets import message_acts as acts
from studio.gui.widgets.keys import key_of
from studio.gui.widgets.message import Message
from studio.gui.widgets.message_delegate import TOOLS_HEIGHT
from studio.gui.widgets.message_list import MessageList
from studio.gui.widgets.message_model import spoken
from studio.gui.widgets.message_pointer import MessagePointer
from studio.gui.widgets.message_selection import Sought
from studio.gui.widgets.message_tools import HEIGHT, MessageTools, fill_menu
from studio.texts import tr

_ABOVE = 22  # as much over the gap between messages as over their words
_WALKING = {"J": 1, "K": -1, "Down": 1, "Up": -1}


class MessageView(MessageList):
    """Wishes end in ``_requested``; the page fulfils them and calls ``show_messages`` again.

    ``act_requested`` tells an act of ``message_acts`` and the message's id. Tools stand under the last reply; those of
    other messages float over them while the mouse or the keyboard is there.
    """

    swipe_requested = Signal(str, int)
    act_requested = Signal(str, str)
    left_requested = Signal()
    messages_shown = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._busy = False
        self.setAccessibleName(tr("Messages"))
        self.viewport().setMouseTracking(True)
        self.pointer = MessagePointer(self)
        self.tools, self.floating = MessageTools(self.viewport()), MessageTools(self.viewport(), floating=True)
        for tools in (self.tools, self.floating):
            tools.act_requested.connect(lambda act, tools=tools: self._act(act, tools.message))
        self._ready = True

    # -- what is shown -------------------------------------------------------------------------------------------

    def show_messages(self, messages: Sequence[Message], *, to_end: bool = False) -> None:
        """Show a thread; stays at the end when it was there."""
        self._at_end = self._at_end or to_end or self._is_other(messages)
        grew = self._streaming()
        self.messages.show(messages)
        self.delegate.find_edited()
        self._place_of_tools()
        self._lay_out()
        if grew is not None and self._streaming() is None:
            self._tell_end()
        self.messages_shown.emit()

    def show_tail(self, text: str) -> None:
        """Show the text of the growing reply so far."""
        self.messages.set_tail(text)
        last = self.messages.rowCount() - 1
        if last >= 0 and self.delegate.measure(range(last, last + 1)):
            self._lay_out()
        else:
            self.viewport().update()

    def show_busy(self, busy: bool) -> None:
        """While replies grow, tools that would write are off."""
        self._busy = busy
        for tools in (self.tools, self.floating):
            tools.show_busy(busy)

    def show_sought(self, sought: Sought, *, jump: bool = False) -> None:
        """Mark words that are looked for; ``jump``: bring the place that is shown now into sight."""
        self.delegate.sought = sought
        row = self.messages.row_of(sought.message_id)
        if row >= 0 and jump:
            self._at_end = False
            self.scrollTo(self.messages.index(row), QAbstractItemView.ScrollHint.PositionAtCenter)
        self.viewport().update()

    def edit_row(self, number: int) -> None:
        """Open the message in ``number`` for editing in its place."""
        if not 0 <= number < self.messages.rowCount() or not acts.acts_for(self.messages.message(number)):
            return
        self.delegate.edit(number)
        self._place_of_tools()
        self._lay_out()
        self.edit(self.messages.index(number))

    def closeEditor(self, editor: QWidget, hint: object) -> None:
        """Qt's: the message is a message again."""
        super().closeEditor(editor, hint)  # type: ignore[arg-type]
        self.delegate.leave_edited()
        self._place_of_tools()
        self._lay_out()

    # -- keys and mouse ------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: arrows, J and K walk; left and right change versions; the keys of ``message_acts`` act."""
        key, row = key_of(event), self._current()
        message = self.messages.message(row) if row >= 0 else None
        if key in _WALKING:
            self.walk(_WALKING[key])
        elif key in ("Left", "Right"):
            self._swipe(-1 if key == "Left" else 1)
        elif key == "Ctrl+A":
            self.pointer.choose_all()
        elif key == "Ctrl+C" and not self.pointer.selection.empty:
            QGuiApplication.clipboard().setText(self.pointer.words())
        elif key == "Esc":
            self._escape(event)
        elif message is not None and (act := acts.act_of_key(key, message)):
            self._act(act, message)
        elif not event.text().isalnum():  # the list itself would search for typed letters
            super().keyPressEvent(event)

    def walk(self, way: int) -> None:
        """To the message above (-1) or below; the first time to the last one."""
        row, rows = self._current(chosen_only=True), self.messages.messages
        row = len(rows) if row < 0 else row
        row += way
        while 0 <= row < len(rows) and not rows[row].said:
            row += way
        if not self.hasFocus():
            self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if 0 <= row < len(rows):
            self.setCurrentIndex(self.messages.index(row))
            self.scrollTo(self.messages.index(row))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's: a click goes to a message; a drag chooses words."""
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.pointer.pressed(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt's; its own dragging of rows is not wanted here."""
        self.pointer.moved(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Qt's: choose a word."""
        self.pointer.double_clicked(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Qt's: nothing is pointed at any more."""
        super().leaveEvent(event)
        self.pointer.point_at(-1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt's: who comes by keyboard finds the tools of the message there."""
        super().focusInEvent(event)
        self.place_floating()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Qt's."""
        super().focusOutEvent(event)
        self.place_floating()

    def selectionChanged(self, selected: object, deselected: object) -> None:
        """Qt's: the focus ring moves, and the tools with it."""
        super().selectionChanged(selected, deselected)  # type: ignore[arg-type]
        self.viewport().update()
        if self._ready:
            self.place_floating()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Qt's."""
        at = event.pos() if event.reason() == QContextMenuEvent.Reason.Mouse else None
        row = self.indexAt(at).row() if at is not None else self._current()
        if row < 0:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu, row)
        place = event.globalPos() if at is not None else self._below(row)
        if not menu.isEmpty():
            menu.exec(place)

    def fill_menu(self, menu: QMenu, row: int) -> None:
        """The context menu of a message."""
        message = self.messages.message(row)
        if not self.pointer.selection.empty:
            words = self.pointer.words()
            menu.addAction(tr("Copy what is chosen"), lambda: QGuiApplication.clipboard().setText(words))
        fill_menu(menu, message, lambda act: self._act(act, message), busy=self._busy)

    # -- acting --------------------------------------------------------------------------------------------------

    def _act(self, act: str, message: Message) -> None:
        if self._busy and act in acts.WRITING:
            return
        if act in (acts.BACK, acts.FORWARD):
            way = -1 if act == acts.BACK else 1
            if 1 <= message.place + way <= message.count:
                self.swipe_requested.emit(message.id, way)
        elif act == acts.EDIT:
            self.edit_row(self.messages.row_of(message.id))
        elif act == acts.COPY:
            QGuiApplication.clipboard().setText(message.text)
        else:
            self.act_requested.emit(act, message.id)

    def _swipe(self, way: int) -> None:
        row = self._current()
        if row >= 0:
            self._act(acts.BACK if way < 0 else acts.FORWARD, self.messages.message(row))

    def _escape(self, event: QKeyEvent) -> None:
        if not self.pointer.selection.empty:
            self.pointer.clear()
        else:
            self.left_requested.emit()
            event.ignore()

    def _current(self, *, chosen_only: bool = False) -> int:
        """The message that keys are meant for: the chosen one, else the last."""
        row = self.currentIndex().row() if self.selectionModel().hasSelection() else -1
        return row if row >= 0 or chosen_only else self.messages.rowCount() - 1

    def _is_other(self, messages: Sequence[Message]) -> bool:
        """True for another thread than the one that is shown: that is read from its end."""
        there = {one.id for one in self.messages.messages if one.said}
        return not any(one.id in there for one in messages if one.said)

    def _streaming(self) -> str | None:
        rows = self.messages.messages
        return rows[-1].id if rows and rows[-1].streaming else None

    def _tell_end(self) -> None:
        """A screen reader says the reply that has ended, when nothing else is being said."""
        rows = self.messages.messages
        if rows and not rows[-1].mine and rows[-1].said:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, spoken(rows[-1])))

    # -- where things are ----------------------------------------------------------------------------------------

    def place_floating(self) -> None:
        """Put the floating tools over the message that the mouse points at, or that the keyboard is on."""
        row = self.pointer.over
        if row < 0 and self.hasFocus():
            row = self._current(chosen_only=True)
        taken = row in (-1, self.delegate.tools_row) or self.delegate.editing >= 0 or row >= self.messages.rowCount()
        message = None if taken else self.messages.message(row)
        if message is None or not acts.acts_for(message):
            self.delegate.covered_row = -1
            self.floating.hide()
            return
        used = self.floating.show_message(message, self.delegate.content_width())
        self.delegate.covered_row = row if message.marked else -1
        box = self.delegate.box(message, self.visualRect(self.messages.index(row)).top()).whole
        above = HEIGHT if message.named else _ABOVE
        top = box.bottom() + 2 if message.marked else max(box.top() - above, 0)
        left = box.left() if message.marked else box.right() - used
        self.floating.setGeometry(round(left), round(top), used, HEIGHT)
        self.floating.show()
        self.floating.raise_()

    def _place_of_tools(self) -> None:
        last = self.messages.rowCount() - 1
        message = self.messages.message(last) if last >= 0 else None
        wanted = message is not None and not message.mine and bool(acts.acts_for(message))
        wanted = wanted and self.delegate.editing != last
        self.delegate.tools_row = last if wanted else -1
        self.tools.setVisible(wanted)

    def _placed(self) -> None:
        """The rows moved: the tools go along."""
        number = self.delegate.tools_row
        if not self._ready:
            return
        if number >= 0:
            self.tools.show_message(self.messages.message(number), self.delegate.content_width() - 10)
            box = self.visualRect(self.messages.index(number))
            left = self.delegate.left() + 10
            width = self.delegate.content_width() - 10
            self.tools.setGeometry(left, box.bottom() - TOOLS_HEIGHT - 6, width, TOOLS_HEIGHT - 4)
        self.place_floating()

    def _below(self, row: int) -> QPoint:
        box = self.visualRect(self.messages.index(row))
        return self.viewport().mapToGlobal(box.topLeft() + QPoint(20, 20))
