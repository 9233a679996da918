"""The open conversation as a chat: the first turns at once, the others soon after or as one scrolls."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from studio.domain.conversation import Role
from studio.domain.dataset import StoredConversation
from studio.gui.pages.persona.data.conversation_header import ConversationHeader
from studio.gui.pages.persona.data.turn_acts import Wish
from studio.gui.pages.persona.data.turn_draft import TurnDraft
from studio.gui.pages.persona.data.turn_selection import TurnSelection
from studio.gui.pages.persona.data.turn_view import ShownTurn, TurnView
from studio.gui.theme.switcher import switcher
from studio.gui.widgets.basic import button, scrolling
from studio.gui.widgets.layouts import clear, column, holder, row
from studio.texts import tr_plural

AT_ONCE, SOON, MORE = 10, 40, 20
WIDEST = 980  # longer lines are hard to read
Shower = Callable[[StoredConversation, int], ShownTurn]


class ConversationView(QWidget):
    """Shows a conversation; ``shower`` makes of an index what is shown of that turn."""

    wished = Signal(object)
    """A ``Wish``. ``delete`` and merging act on all chosen turns: see ``selection``."""
    menu_requested = Signal(int, object)

    def __init__(self, shower: Shower, tokens_view: QWidget, known_tags: Callable[[], Sequence[str]]) -> None:
        super().__init__()
        self._shower = shower
        self._stored: StoredConversation | None = None
        self.selection = TurnSelection()
        self.header = ConversationHeader(known_tags)
        self._draft: TurnDraft | None = None
        self._turns = column(spacing=4)
        self._more = button("", on_click=lambda: self._grow(MORE))
        text = holder(column(self._turns, row(None, self._more, None), None, margins=(0, 0, 10, 8)))
        text.setMaximumWidth(WIDEST)
        self._area = scrolling(text)
        self._area.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.stack = QStackedWidget()
        self.stack.setObjectName("clear")
        self.stack.addWidget(self._area)
        self.stack.addWidget(tokens_view)
        whole = column(self.header, self.stack, spacing=8)
        whole.setContentsMargins(14, 10, 8, 6)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._fill_up)
        switcher().theme_changed.connect(self._repaint_turns)

    def _repaint_turns(self) -> None:
        """Words and bubbles carry colours of the theme in which they were made."""
        if self._stored is not None:
            stored, count = self._stored, self._turns.count()
            clear(self._turns)
            self._grow(min(count, len(stored.conversation.turns)))

    @property
    def conversation_id(self) -> str:
        """The conversation that is shown, or nothing."""
        return self._stored.id if self._stored else ""

    @property
    def stored(self) -> StoredConversation | None:
        """What is shown."""
        return self._stored

    # -- showing ------------------------------------------------------------------------------------------------

    def show_conversation(self, stored: StoredConversation | None) -> None:
        """Show another conversation from its beginning, or none."""
        self._drop_draft()
        self._stored = stored
        self.selection.clear()
        clear(self._turns)
        self.setVisible(stored is not None)
        if stored is not None:
            self.header.show_conversation(stored.conversation)
            self._grow(AT_ONCE)
            self._soon.start()
            self._area.verticalScrollBar().setValue(0)

    def show_again(self, stored: StoredConversation) -> None:
        """The conversation changed: what stayed the same stays where it is, widgets and all."""
        self._drop_draft()
        self._stored = stored
        self.header.show_conversation(stored.conversation)
        views = self._views()
        wanted = [self._shower(stored, index) for index in range(self._wanted_count(len(views), stored))]
        first = _same(views, wanted)
        last = _same(list(reversed(views[first:])), list(reversed(wanted[first:])))
        for view in views[first : len(views) - last]:
            self._take(view)
        for index in range(first, len(wanted) - last):
            self._turns.insertWidget(index, self._view(wanted[index]))
        for index, view in enumerate(self._views()):
            view.move_to(index)
        self.selection.fit(len(stored.conversation.turns))
        self._show_selection()
        self._show_rest()

    def _wanted_count(self, there: int, stored: StoredConversation) -> int:
        """As many as there were, and one or two that an act may have added."""
        return min(max(there + 2, AT_ONCE), len(stored.conversation.turns))

    def _take(self, view: QWidget) -> None:
        self._turns.removeWidget(view)
        view.hide()
        view.deleteLater()

    def _views(self) -> list[TurnView]:
        widgets = [self._turns.itemAt(place).widget() for place in range(self._turns.count())]  # type: ignore[union-attr]
        return [widget for widget in widgets if isinstance(widget, TurnView)]

    def typed(self) -> list[Wish]:
        """What is being typed and not kept yet, as what would keep it."""
        open_ones = [view for view in self._views() if view.editor_box is not None]
        found = [
            Wish(name="text", index=view.shown.index, value=view.editor_box.text())
            for view in open_ones
            if view.editor_box is not None and view.editor_box.text() != view.shown.turn.text
        ]
        turn = self._draft.turn() if self._draft is not None else None
        if self._draft is not None and turn is not None:
            found.append(Wish(name="inserted", index=self._turns.indexOf(self._draft), value=turn))
        return found

    def turn(self, index: int) -> TurnView | None:
        """The view of a turn if it is there already."""
        views = self._views()
        return views[index] if 0 <= index < len(views) else None

    def go_to(self, index: int, *, mark: bool = True) -> None:
        """Go to a turn, and mark it for a moment."""
        if self._stored is None or not 0 <= index < len(self._stored.conversation.turns):
            return
        self.selection.choose(index)
        found = self._reach(index)
        self._show_selection()
        QTimer.singleShot(30, found, lambda: self._area.ensureWidgetVisible(found, 0, 60))
        if mark:
            found.mark_found()

    def stay_at(self, index: int) -> None:
        """After an act: be at this turn, with the keyboard if it was among the turns."""
        had_focus = self._area.isAncestorOf(QApplication.focusWidget() or self) or QApplication.focusWidget() is None
        self.selection.choose(index)
        found = self._reach(index)
        self._show_selection()
        if had_focus:
            found.setFocus()
        QTimer.singleShot(0, found, lambda: self._area.ensureWidgetVisible(found, 0, 40))

    def _reach(self, index: int) -> TurnView:
        if self.turn(index) is None:
            self._grow(index + 1 - self._turns.count() + AT_ONCE)
        found = self.turn(index)
        assert found is not None
        return found

    # -- growing ------------------------------------------------------------------------------------------------

    def _grow(self, by: int) -> None:
        assert self._stored is not None
        count, total = self._turns.count(), len(self._stored.conversation.turns)
        for index in range(count, min(count + by, total)):
            self._turns.addWidget(self._view(self._shower(self._stored, index)))
        self._show_rest()

    def _show_rest(self) -> None:
        rest = len(self._stored.conversation.turns) - len(self._views()) if self._stored else 0
        self._more.setVisible(rest > 0)
        self._more.setText(tr_plural("Show {count} more turn", "Show {count} more turns", rest))

    def _fill_up(self) -> None:
        """More than a screen, some turns at a time, so that no wait is felt."""
        if self._stored is None or self._draft is not None:
            return
        if self._turns.count() < min(SOON, len(self._stored.conversation.turns)):
            self._grow(6)
            self._soon.start()

    def _scrolled(self, value: int) -> None:
        bar = self._area.verticalScrollBar()
        if self._stored is not None and value > bar.maximum() - 200 and self._more.isVisibleTo(self):
            self._grow(MORE)

    def _view(self, shown: ShownTurn) -> TurnView:
        made = TurnView(shown)
        made.wished.connect(self.wished)
        made.menu_requested.connect(self._menu)
        made.entered.connect(self._entered)
        made.stepped.connect(self._stepped)
        return made

    # -- which turn one is at -----------------------------------------------------------------------------------

    def focus_turns(self) -> None:
        """Take the keyboard to the turn one was at, or the first."""
        view = self.turn(max(self.selection.current, 0))
        if view is not None:
            view.setFocus()

    def _menu(self, index: int, at: object) -> None:
        if index not in self.selection.chosen:
            self.selection.choose(index)
            self._show_selection()
        self.menu_requested.emit(index, at)

    def _entered(self, index: int, modifiers: object) -> None:
        held = modifiers if isinstance(modifiers, Qt.KeyboardModifier) else Qt.KeyboardModifier.NoModifier
        if held & Qt.KeyboardModifier.ShiftModifier:
            self.selection.extend(index)
        elif held & Qt.KeyboardModifier.ControlModifier:
            self.selection.toggle(index)
        elif modifiers is not None or index not in self.selection.chosen:
            self.selection.choose(index)
        self.selection.current = index
        self._show_selection()

    def _stepped(self, by: int, extending: bool) -> None:
        total = len(self._stored.conversation.turns) if self._stored else 0
        index = min(max(self.selection.current + by, 0), total - 1)
        if extending:
            self.selection.extend(index)
        else:
            self.selection.choose(index)
        found = self._reach(index)
        found.setFocus()
        self._show_selection()
        self._area.ensureWidgetVisible(found, 0, 40)

    def _show_selection(self) -> None:
        chosen = set(self.selection.chosen) if self.selection.several else set()
        for index, view in enumerate(self._views()):
            view.show_state(current=index == self.selection.current, chosen=index in chosen)

    # -- a turn that is not there yet -----------------------------------------------------------------------------

    def begin_insert(self, index: int) -> None:
        """Let the user write a turn that will stand at ``index``; nothing is stored before it is kept."""
        assert self._stored is not None
        self._drop_draft()
        before = self._stored.conversation.turns[index - 1].role if index else Role.PERSONA
        self._draft = TurnDraft(Role.PERSONA if before is not Role.PERSONA else Role.USER)
        self._draft.kept.connect(lambda turn: self.wished.emit(Wish(name="inserted", index=index, value=turn)))
        self._draft.cancelled.connect(self._leave_draft)
        self._turns.insertWidget(index, self._draft)
        self._draft.begin()
        draft = self._draft
        QTimer.singleShot(30, draft, lambda: self._area.ensureWidgetVisible(draft, 0, 40))

    def _leave_draft(self) -> None:
        self._drop_draft()
        self.focus_turns()

    def _drop_draft(self) -> None:
        if self._draft is not None:
            self._take(self._draft)
            self._draft = None


def _same(views: list[TurnView], wanted: list[ShownTurn]) -> int:
    """How many at the beginning need not be made again; a turn that is being edited is left alone, too."""
    count = 0
    for view, shown in zip(views, wanted, strict=False):
        if not view.shown.same_as(shown):
            break
        count += 1
    return count
