"""The line above the columns: the chat's title, its modes, one more column, other chats."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.gui.widgets.basic import button, chip
from studio.gui.widgets.elided import ElidedLabel
from studio.gui.widgets.layouts import holder, row
from studio.texts import tr


class PageHead(QWidget):
    """Its buttons are the page's to hear."""

    rename_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        self.title, self.note = ElidedLabel("", "display"), chip("")
        self.title.setMinimumWidth(60)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.earlier = button("", "mdi6.history", name=tr("Earlier chats"))
        self.start_new = button("", "mdi6.chat-plus-outline", name=tr("New chat"), tip=tr("New chat (Ctrl+Shift+N)"))
        self.add = button(tr("Add column"), "mdi6.plus", tip=tr("One more voice beside the others"))
        self.more = button("", "mdi6.dots-horizontal", name=tr("More about this chat"))
        for one in (self.earlier, self.start_new, self.more):
            one.setIconSize(QSize(18, 18))
        self.modes = QHBoxLayout()
        self.modes.setSpacing(8)
        self.modes.setContentsMargins(0, 0, 0, 0)
        self._modes = holder(self.modes)
        line = row(self.title, self.note, self._modes, self.add, self.earlier, self.start_new, self.more, spacing=8)
        line.setStretch(0, 1)
        self.setLayout(line)

    def show_chat(self, title: str, note: str, *, full: bool) -> None:
        """Show the open chat; ``full``: there is no room for one more column."""
        self.title.setText(title)
        self.note.setText(note)
        self.add.setEnabled(not full)

    def show_base(self, there: bool) -> None:
        """Without a base there is nothing to talk to."""
        for part in (self.note, self._modes, self.add, self.start_new, self.more):
            part.setVisible(there)
