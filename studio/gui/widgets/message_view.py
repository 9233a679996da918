"""The messages of one column: a list that lays out only what is seen and stays at the end while a reply grows."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFont, QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QWidget

from studio.gui.theme import tokens
from studio.gui.widgets.basic import icon_button, label
from studio.gui.widgets.layouts import row
from studio.gui.widgets.message import Message
from studio.gui.widgets.message_delegate import TOOLS_HEIGHT, MessageDelegate
from studio.gui.widgets.message_model import MessageModel
from studio.texts import tr

_AHEAD = 12  # rows measured around what is seen, so that scrolling rarely meets an estimate
_NEAR_END = 24


class ReplyTools(QWidget):
    """Under the last reply: which of its versions this is, another one, copy, edit."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("clear")
        self.back = icon_button("mdi6.chevron-left", tr("Previous version of the reply"), size=26)
        self.place = label("", "small")
        self.forward = icon_button("mdi6.chevron-right", tr("Next version of the reply"), size=26)
        self.again = icon_button("mdi6.refresh", tr("Write another reply"), size=26)
        self.copy = icon_button("mdi6.content-copy", tr("Copy reply"), size=26)
        self.edit = icon_button("mdi6.pencil-outline", tr("Edit reply"), size=26)
        self.setLayout(row(self.back, self.place, self.forward, 6, self.again, self.copy, self.edit, None, spacing=4))
        self.hide()

    def show_place(self, message: Message) -> None:
        """Show ‹ 2 / 3 ›, or nothing when there is one version only."""
        several = message.count > 1
        for part in (self.back, self.place, self.forward):
            part.setVisible(several)
        self.place.setText(f"{message.place} / {message.count}")
        self.back.setEnabled(message.place > 1)
        self.forward.setEnabled(message.place < message.count)


class MessageView(QListView):
    """Wishes end in ``_requested``; the page fulfils them and calls ``show_messages`` again."""

    swipe_requested = Signal(str, int)
    regenerate_requested = Signal()
    edit_requested = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.messages = MessageModel()
        self.delegate = MessageDelegate(self.messages, self.edit_requested.emit, self)
        self.delegate.font = self._font()
        self._settling = False
        self._at_end = True
        self.setModel(self.messages)
        self.setItemDelegate(self.delegate)
        self.setObjectName("clear")
        self.setAccessibleName(tr("Messages"))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.verticalScrollBar().setSingleStep(24)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.tools = self._made_tools()

    def _made_tools(self) -> ReplyTools:
        tools = ReplyTools(self.viewport())
        tools.back.clicked.connect(lambda: self._swipe(-1))
        tools.forward.clicked.connect(lambda: self._swipe(1))
        tools.again.clicked.connect(self.regenerate_requested)
        tools.copy.clicked.connect(lambda: self._copy(self.messages.rowCount() - 1))
        tools.edit.clicked.connect(lambda: self.edit_row(self.messages.rowCount() - 1))
        return tools

    def show_messages(self, messages: Sequence[Message], *, to_end: bool = False) -> None:
        """Show a thread; stays at the end when it was there."""
        self._at_end = self._at_end or to_end
        self.messages.show(messages)
        self._place_of_tools()
        self._lay_out()

    def show_tail(self, text: str) -> None:
        """Show the text of the growing reply so far."""
        self.messages.set_tail(text)
        last = self.messages.rowCount() - 1
        if last >= 0 and self.delegate.measure(range(last, last + 1)):
            self._lay_out()
        else:
            self.viewport().update()

    def edit_row(self, number: int) -> None:
        """Open the message in ``number`` for editing in its place."""
        if not 0 <= number < self.messages.rowCount():
            return
        self.delegate.editing = number
        self._place_of_tools()
        self._lay_out()
        self.edit(self.messages.index(number))

    def closeEditor(self, editor: QWidget, hint: object) -> None:
        """Qt's: the message is a message again."""
        super().closeEditor(editor, hint)  # type: ignore[arg-type]
        self.delegate.editing = -1
        self._place_of_tools()
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's: other width, other heights."""
        self.delegate.width = max(self.viewport().width() - 6, 80)
        super().resizeEvent(event)
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        """Qt's: the theme changed."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and hasattr(self, "tools"):
            self.delegate.forget()
            self._lay_out()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: left and right walk through the versions of the last reply; Ctrl+C copies; F2 edits."""
        chosen = self.currentIndex().row()
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._swipe(-1 if event.key() == Qt.Key.Key_Left else 1)
        elif event.key() == Qt.Key.Key_F2:
            self.edit_row(chosen)
        elif event.key() == Qt.Key.Key_C and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._copy(chosen)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Qt's."""
        number = self.indexAt(event.pos()).row()
        if number < 0:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Copy"), lambda: self._copy(number))
        menu.addAction(tr("Edit"), lambda: self.edit_row(number))
        message = self.messages.message(number)
        if message.count > 1:
            menu.addSeparator()
            earlier = menu.addAction(tr("Previous version"), lambda: self.swipe_requested.emit(message.id, -1))
            later = menu.addAction(tr("Next version"), lambda: self.swipe_requested.emit(message.id, 1))
            earlier.setEnabled(message.place > 1)
            later.setEnabled(message.place < message.count)
        menu.exec(event.globalPos())

    def _swipe(self, direction: int) -> None:
        if self.messages.rowCount():
            message = self.messages.message(self.messages.rowCount() - 1)
            if not message.mine and 1 <= message.place + direction <= message.count:
                self.swipe_requested.emit(message.id, direction)

    def _copy(self, number: int) -> None:
        if 0 <= number < self.messages.rowCount():
            QGuiApplication.clipboard().setText(self.messages.message(number).text)

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(tokens.FONT_BODY + 1)
        return font

    def _place_of_tools(self) -> None:
        last = self.messages.rowCount() - 1
        message = self.messages.message(last) if last >= 0 else None
        wanted = message is not None and not message.mine and not message.streaming and self.delegate.editing != last
        self.delegate.tools_row = last if wanted else -1
        self.tools.setVisible(wanted)
        if message is not None:
            self.tools.show_place(message)

    def _lay_out(self) -> None:
        """Lay the rows out around what is seen, and keep the eye where it was."""
        if self._settling:
            return
        self._settling = True
        anchor = self._anchor()
        for _ in range(4):
            self.doItemsLayout()
            self._restore(anchor)
            if not self.delegate.measure(self._seen()):
                break
        else:
            self.doItemsLayout()
            self._restore(anchor)
        self._settling = False
        self._move_tools()

    def _anchor(self) -> tuple[str, int]:
        """The message at the upper edge and how far it is scrolled; nothing when at the end."""
        index = self.indexAt(QPoint(self.delegate.left() + 2, 1))
        if self._at_end or not index.isValid():
            return "", 0
        return self.messages.message(index.row()).id, self.visualRect(index).top()

    def _restore(self, anchor: tuple[str, int]) -> None:
        identity, offset = anchor
        bar = self.verticalScrollBar()
        if self._at_end:
            bar.setValue(bar.maximum())
            return
        for number, message in enumerate(self.messages.messages):
            if message.id == identity:
                bar.setValue(bar.value() + self.visualRect(self.messages.index(number)).top() - offset)
                return

    def _seen(self) -> range:
        count = self.messages.rowCount()
        if not count:
            return range(0)
        x = self.delegate.left() + 2
        first = self.indexAt(QPoint(x, 0)).row()
        last = self.indexAt(QPoint(x, self.viewport().height() - 1)).row()
        first = first if first >= 0 else 0
        last = last if last >= 0 else count - 1
        return range(max(first - _AHEAD, 0), min(last + _AHEAD, count - 1) + 1)

    def _scrolled(self) -> None:
        if self._settling:
            return
        bar = self.verticalScrollBar()
        self._at_end = bar.value() >= bar.maximum() - _NEAR_END
        if self.delegate.measure(self._seen()):
            self._lay_out()
        self._move_tools()

    def _move_tools(self) -> None:
        number = self.delegate.tools_row
        if number < 0:
            return
        box = self.visualRect(self.messages.index(number))
        left = self.delegate.left() + 10
        width = min(self.tools.sizeHint().width(), self.delegate.content_width())
        self.tools.setGeometry(left, box.bottom() - TOOLS_HEIGHT - 6, width, TOOLS_HEIGHT - 4)

    def selectionChanged(self, selected: object, deselected: object) -> None:
        """Qt's: the focus ring moves."""
        super().selectionChanged(selected, deselected)  # type: ignore[arg-type]
        self.viewport().update()
