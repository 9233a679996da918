"""The queue beside the form: the list, what can be done with the chosen row, when all of it will be done."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from studio.gui.pages.train.queue_acts import QueueAct, queue_acts
from studio.gui.pages.train.queue_rows import QueueRow
from studio.gui.pages.train.queue_view import QueueView
from studio.gui.theme.icons import icon
from studio.gui.widgets.basic import IconLabel, button, icon_button, label
from studio.gui.widgets.keys import key_words, with_key
from studio.gui.widgets.layouts import column, holder, row
from studio.texts import tr

_DANGER = "delete"


class QueuePane(QFrame):
    """Its ``list`` tells what is wished; ``new_requested``: from the empty queue to the form."""

    new_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.title = label(tr("Queue"), "h2")
        self.list = QueueView()
        self.done = label("", "small")
        self._buttons = {one.name: self._button(one) for one in queue_acts() if one.bar}
        self._stack = QStackedWidget()
        self._stack.setObjectName("clear")
        self._stack.addWidget(self._empty())
        self._stack.addWidget(holder(self._full()))
        self._head = holder(row(self.title, None, self.done))
        whole = column(self._head, self._stack, margins=(16, 12, 10, 10), spacing=4)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        self.list.looked_at.connect(lambda _: self._show_acts())
        self.list.menu_requested.connect(self._menu)

    def _full(self) -> QVBoxLayout:
        bar = row(*self._buttons.values(), None, spacing=3, margins=(0, 4, 0, 0))
        whole = column(self.list, bar, spacing=4)
        whole.setStretch(0, 1)
        return whole

    def _empty(self) -> QWidget:
        said = tr(
            "Runs that you start stand here, one after the other. Add as many as the night is long: a failed one does "
            "not stop the next, and closing the program or a power cut loses nothing."
        )
        words = label(said, "muted", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        picture = row(None, IconLabel("mdi6.playlist-plus", "accent", 44), None)
        title = row(None, label(tr("Nothing in the queue"), "h2"), None)
        self.new = button(tr("New run"), "mdi6.fire", on_click=self.new_requested.emit)
        return holder(
            column(None, picture, title, words, 6, row(None, self.new, None), None, None, margins=(6, 0, 12, 0))
        )

    def _button(self, act: QueueAct) -> QPushButton:
        keys = f" ({key_words(act.keys[0])})" if act.keys else ""
        made = icon_button(act.icon, act.text, lambda: self._wish(act.name))
        made.setToolTip(act.text.rstrip("…") + keys)
        return made

    def show_rows(self, rows: list[QueueRow], done: str) -> None:
        """Show the queue; ``done`` says when all of it will be through."""
        self._stack.setCurrentIndex(1 if rows else 0)
        self.list.show_rows(rows)
        self.done.setText(done)
        self._show_head()
        self._show_acts()

    def show_title(self, shown: bool) -> None:
        """Where form and queue stand side by side each says what it is."""
        self.title.setVisible(shown)
        self._show_head()

    def _show_head(self) -> None:
        self._head.setVisible(bool(self.done.text()) or self.title.isVisibleTo(self._head))

    def _show_acts(self) -> None:
        chosen = self.list.chosen()
        for name, made in self._buttons.items():
            made.setEnabled(chosen is not None and name in chosen.acts)
        for shown, hidden in (("resume", "pause"), ("pause", "resume")):
            self._buttons[shown].setVisible(
                self._buttons[shown].isEnabled() or (shown == "pause" and not self._buttons[hidden].isEnabled())
            )

    def _wish(self, name: str) -> None:
        chosen = self.list.chosen()
        if chosen is not None:
            self.list.act_requested.emit(name, chosen.id)

    def _menu(self, at: QPoint) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def menu(self) -> QMenu:
        """Everything that can be done with the chosen row."""
        menu, chosen, group = QMenu(self), self.list.chosen(), 0
        for act in queue_acts():
            if chosen is None or act.name not in chosen.acts:
                continue
            if act.group != group and menu.actions():
                menu.addSeparator()
            group = act.group
            colour = "bad" if act.name == _DANGER else None
            made = QAction(icon(act.icon, colour), with_key(act.text, act.keys), menu)
            made.triggered.connect(lambda _=False, name=act.name: self._wish(name))
            menu.addAction(made)
        return menu
