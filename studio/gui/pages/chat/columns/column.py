"""One column of the chat: who answers, how strongly, and what was said."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QMenu, QWidget

from studio.gui.pages.chat.columns.header import ColumnHeader
from studio.gui.pages.chat.columns.menu import fill
from studio.gui.pages.chat.talk.screen import ColumnView
from studio.gui.widgets.layouts import column
from studio.gui.widgets.message_view import MessageView
from studio.texts import tr


class ChatColumn(QFrame):
    """Shows a ``ColumnView`` and a thread. ``asked`` tells a wish of the menu (see ``column_menu``)."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("column")
        self.header = ColumnHeader()
        self.view = MessageView()
        self.layout_ = column(self.header, 2, self.view, spacing=8)
        self.layout_.setStretch(2, 1)
        self.setLayout(self.layout_)
        self.show_compact(False)
        self.header.change.clicked.connect(lambda: self.asked.emit("change"))
        self.header.weights_requested.connect(lambda: self.asked.emit("blend"))
        self.header.own.clicked.connect(lambda: self.asked.emit("own"))
        self.header.more.clicked.connect(self._open_menu)
        for keys, wish in (("Ctrl+Shift+Left", "left"), ("Ctrl+Shift+Right", "right")):
            shortcut = QShortcut(QKeySequence(keys), self, lambda one=wish: self.asked.emit(one))
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def show_view(self, view: ColumnView, *, number: int, count: int) -> None:
        """Show who answers in the ``number``-th of ``count`` columns (from 0)."""
        self.shown, self._number, self._count = view, number, count
        self.setAccessibleName(tr("Column {number}: {title}", number=number + 1, title=view.title))
        self.header.show_view(view)

    def show_compact(self, compact: bool) -> None:
        """A header of one line, less room around everything."""
        self.layout_.setContentsMargins(*((10, 8, 6, 8) if compact else (16, 14, 10, 12)))
        self.layout_.setSpacing(4 if compact else 8)
        self.header.show_compact(compact)

    def focus_chain(self) -> list[QWidget]:
        """What the keyboard reaches, in order."""
        head = self.header
        return [head.change, head.own, head.folded, head.more, head.strength, self.view]

    def fill_menu(self, menu: QMenu) -> None:
        """Everything that can be done with this column."""
        fill(menu, self.shown, self._number, self._count, self.asked.emit)

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu)
        menu.exec(self.header.more.mapToGlobal(self.header.more.rect().bottomLeft()))
