"""A list of messages that lays out only what is seen, and stays at the end while a reply grows."""

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView

from studio.gui.theme import tokens
from studio.gui.widgets.message_delegate import MessageDelegate
from studio.gui.widgets.message_model import MessageModel

_AHEAD = 12  # rows measured around what is seen, so that scrolling rarely meets an estimate
_NEAR_END = 24


class MessageList(QListView):
    """The rows and where they are. ``_placed`` is called whenever they may have moved."""

    edit_requested = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.messages = MessageModel()
        self.delegate = MessageDelegate(self.messages, self.edit_requested.emit, self)
        self.delegate.set_font(self._font())
        self._settling = False
        self._at_end = True
        self._ready = False
        self.setModel(self.messages)
        self.setItemDelegate(self.delegate)
        self.setObjectName("clear")
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.verticalScrollBar().setSingleStep(24)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    def _placed(self) -> None:
        """For whoever puts something beside the rows."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's: other width, other heights."""
        self.delegate.width = max(self.viewport().width() - 6, 80)
        super().resizeEvent(event)
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        """Qt's: the theme changed."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and self._ready:
            self.delegate.forget()
            self._lay_out()

    def _lay_out(self) -> None:
        """Lay the rows out around what is seen, and keep the eye where it was."""
        if self._settling:
            return
        self._settling = True
        anchor = self._anchor()
        if self._at_end:  # what will be seen is known already, so one layout is enough
            count = self.messages.rowCount()
            self.delegate.measure(range(max(count - _AHEAD, 0), count))
        for _ in range(4):
            self.doItemsLayout()
            self._restore(anchor)
            if not self.delegate.measure(self._seen()):
                break
        else:
            self.doItemsLayout()
            self._restore(anchor)
        self._settling = False
        self._placed()

    def _anchor(self) -> tuple[str, int]:
        """The message at the upper edge and how far it is scrolled; nothing when at the end."""
        if self._at_end:  # asked first: with thousands of rows, to look for one costs a layout of all
            return "", 0
        index = self.indexAt(QPoint(self.delegate.left() + 2, 1))
        if not index.isValid():
            return "", 0
        return self.messages.message(index.row()).id, self.visualRect(index).top()

    def _restore(self, anchor: tuple[str, int]) -> None:
        identity, offset = anchor
        bar = self.verticalScrollBar()
        if self._at_end:
            bar.setValue(bar.maximum())
            return
        row = self.messages.row_of(identity)
        if row >= 0:
            bar.setValue(bar.value() + self.visualRect(self.messages.index(row)).top() - offset)

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
        self._placed()

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(tokens.FONT_BODY + 1)
        return font
