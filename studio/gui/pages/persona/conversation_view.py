"""The open conversation as a chat: the first turns at once, the others as one scrolls."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from studio.domain.dataset import StoredConversation
from studio.gui.pages.persona.turn_view import ShownTurn, TurnView
from studio.gui.theme.switcher import switcher
from studio.gui.widgets.basic import button, icon_button, label, scrolling, set_kind
from studio.gui.widgets.layouts import clear, column, holder, row
from studio.texts import tr, tr_plural

AT_ONCE = 40
WIDEST = 980  # longer lines are hard to read
Shower = Callable[[StoredConversation, int], ShownTurn]


class ConversationView(QWidget):
    """Shows a conversation; ``shower`` makes of an index what is shown of that turn."""

    edit_requested = Signal(int, str)
    train_requested = Signal(int, bool)
    alternative_requested = Signal(int, int)
    delete_turn_requested = Signal(int)
    delete_requested = Signal()

    def __init__(self, shower: Shower) -> None:
        super().__init__()
        self._shower = shower
        self._stored: StoredConversation | None = None
        self._title, self._source = label("", "h2"), label("", "small")
        self._turns = column(spacing=12)
        self._more = button("", on_click=self._show_more)
        text = holder(column(self._turns, row(None, self._more, None), None, margins=(0, 0, 10, 8)))
        text.setMaximumWidth(WIDEST)
        self._area = scrolling(text)
        self._area.verticalScrollBar().valueChanged.connect(self._scrolled)
        trash = icon_button("mdi6.trash-can-outline", tr("Delete this conversation"), self.delete_requested.emit)
        whole = column(row(self._title, self._source, None, trash, spacing=10), self._area, spacing=10)
        whole.setContentsMargins(18, 12, 8, 6)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        switcher().theme_changed.connect(self._repaint_turns)

    def _repaint_turns(self) -> None:
        """Words and bubbles carry colours of the theme in which they were made."""
        if self._stored is not None:
            self.show_again(self._stored)

    @property
    def conversation_id(self) -> str:
        """The conversation that is shown, or nothing."""
        return self._stored.id if self._stored else ""

    def show_conversation(self, stored: StoredConversation | None) -> None:
        """Show another conversation from its beginning, or none."""
        self._stored = stored
        clear(self._turns)
        self.setVisible(stored is not None)
        if stored is not None:
            talk = stored.conversation
            self._title.setText(talk.title or tr("Conversation"))
            self._source.setText(talk.source)
            self._show_more()
            self._area.verticalScrollBar().setValue(0)

    def show_changed(self, stored: StoredConversation, index: int) -> None:
        """One turn was changed; the others stay where they are."""
        self._stored = stored
        old = self.turn(index)
        if old is not None:
            self._turns.replaceWidget(old, self._view(index))
            old.hide()
            old.deleteLater()

    def show_again(self, stored: StoredConversation) -> None:
        """The conversation changed as a whole; keep the place."""
        bar = self._area.verticalScrollBar()
        place, count = bar.value(), self._turns.count()
        self.show_conversation(stored)
        while self._turns.count() < min(count, len(stored.conversation.turns)):
            self._show_more()
        QTimer.singleShot(0, self, lambda: bar.setValue(place))

    def turn(self, index: int) -> TurnView | None:
        """The view of a turn if it is there already."""
        item = self._turns.itemAt(index)
        widget = item.widget() if item is not None else None
        return widget if isinstance(widget, TurnView) else None

    def go_to(self, index: int) -> None:
        """Scroll to a turn and mark it for a moment."""
        if self._stored is None or not 0 <= index < len(self._stored.conversation.turns):
            return
        while self.turn(index) is None:
            self._show_more()
        found = self.turn(index)
        QTimer.singleShot(30, self, lambda: self._area.ensureWidgetVisible(found) if found else None)
        if found is not None:
            set_kind(found, "found")
            QTimer.singleShot(2500, found, lambda: set_kind(found, ""))

    def _show_more(self) -> None:
        assert self._stored is not None
        count, total = self._turns.count(), len(self._stored.conversation.turns)
        for index in range(count, min(count + AT_ONCE, total)):
            self._turns.addWidget(self._view(index))
        rest = total - self._turns.count()
        self._more.setVisible(rest > 0)
        self._more.setText(tr_plural("Show {count} more turn", "Show {count} more turns", rest))

    def _scrolled(self, value: int) -> None:
        bar = self._area.verticalScrollBar()
        if self._stored is not None and value > bar.maximum() - 200 and self._more.isVisibleTo(self):
            self._show_more()

    def _view(self, index: int) -> TurnView:
        assert self._stored is not None
        made = TurnView(self._shower(self._stored, index))
        made.edit_requested.connect(self.edit_requested)
        made.train_requested.connect(self.train_requested)
        made.alternative_requested.connect(self.alternative_requested)
        made.delete_requested.connect(self.delete_turn_requested)
        return made
