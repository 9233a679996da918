"""List and conversation beside each other: choosing, opening and editing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from studio.domain.conversation import Role
from studio.domain.dataset import StoredConversation
from studio.domain.errors import StudioError
from studio.gui.navigator import Navigator
from studio.gui.pages.persona.data.bulk_acts import BulkActs, Done
from studio.gui.pages.persona.data.conversation_editor import ConversationEditor, Outcome
from studio.gui.pages.persona.data.conversation_view import ConversationView
from studio.gui.pages.persona.data.list_pane import DataListPane
from studio.gui.pages.persona.data.mask_pane import MaskPane
from studio.gui.pages.persona.data.menus import ask, pop, turn_menu
from studio.gui.pages.persona.data.presenter import DataPresenter
from studio.gui.pages.persona.data.turn_acts import Wish
from studio.gui.pages.persona.data.turn_view import ShownTurn
from studio.gui.widgets.basic import card
from studio.gui.widgets.layouts import column, row
from studio.services.job import Job
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio


class DataBenchView(QWidget):
    """``edited`` tells that the open conversation was changed here; ``acted`` an ``Act`` on whole conversations."""

    edited = Signal()
    acted = Signal(object)
    work_began = Signal(object)
    """A ``Job`` that ends with an act."""
    filtered = Signal()

    def __init__(self, studio: Studio, navigator: Navigator, presenter: DataPresenter, initiator: object) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._studio, self._navigator, self.presenter = studio, navigator, presenter
        self.colour, self.name = "#888888", ""
        self._editor = ConversationEditor(studio, presenter.order, initiator)
        self._bulk = BulkActs(studio, presenter.ids)
        self.pane = DataListPane(presenter)
        self.tokens = MaskPane(studio)
        self.view = ConversationView(self._shown_turn, self.tokens, presenter.known_tags)
        self._wire()
        body = row(self.pane, card(column(self.view)), spacing=12)
        body.setStretch(1, 1)
        self.setLayout(body)

    def _wire(self) -> None:
        self.pane.opened.connect(self._open)
        self.pane.entered.connect(self.view.focus_turns)
        self.pane.act_requested.connect(self.act)
        self.pane.filtered.connect(self.filtered)
        self.view.wished.connect(self.do)
        self.view.menu_requested.connect(self._pop_turn_menu)
        header = self.view.header
        header.shown_as.connect(self._show_as)
        header.title_changed.connect(self._rename)
        header.tag_added.connect(lambda tag: self._retag(add=(tag,)))
        header.tag_removed.connect(lambda tag: self._retag(remove=(tag,)))
        header.origin_requested.connect(self._open_origin)
        header.menu_requested.connect(lambda at: pop(self.pane.menu(self._act_on_open, 1), at))

    # -- opening ------------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Show list and conversation as they are now."""
        found = self.pane.load(self.view.conversation_id)
        if not found:
            self.view.show_conversation(None)
            return
        self._open(found)

    def _open(self, conversation_id: str) -> None:
        if conversation_id != self.view.conversation_id:
            self.keep_typed()
        stored = self._studio.data.get(conversation_id)
        if conversation_id == self.view.conversation_id:
            if stored != self.view.stored:
                self._show_again(stored)
            return
        self.view.show_conversation(stored)
        self._show_origin()
        self.tokens.show_conversation(conversation_id)

    def _show_origin(self) -> None:
        words, is_there = self.presenter.origin(self.view.conversation_id)
        self.view.header.show_origin(words, is_there=is_there)

    def _open_origin(self) -> None:
        origin = self._studio.teaching.origin(self.view.conversation_id)
        if origin is not None:
            self.told(lambda: self._navigator.open_chat(chat_id=origin.chat_id))

    def _show_again(self, stored: StoredConversation) -> None:
        self.view.show_again(stored)
        self._show_origin()
        self.tokens.show_conversation(stored.id, at_once=False)

    def keep_typed(self) -> None:
        """What is being typed is stored before another conversation takes its place; nothing is lost."""
        for wish in self.view.typed():
            self.do(wish)

    def open_place(self, conversation_id: str, turn: int) -> None:
        """Go to a turn, in whatever conversation; the list follows when its filter shows it."""
        if not self.pane.go_to(conversation_id):
            self.told(lambda: self._open(conversation_id))  # it may have been deleted since it was found
        self._show_as("words")
        if self.view.conversation_id == conversation_id:
            self.view.go_to(turn)

    def _show_as(self, name: str) -> None:
        self.view.header.view.show_choice(name)
        self.view.stack.setCurrentIndex(1 if name == "tokens" else 0)

    def swap_view(self) -> None:
        """Words instead of tokens, or the other way round."""
        self._show_as("words" if self.view.stack.currentIndex() else "tokens")

    def _shown_turn(self, stored: StoredConversation, index: int) -> ShownTurn:
        turn = stored.conversation.turns[index]
        position = self.presenter.order.position(stored.id, index, turn)
        name = turn.speaker or (self.name if turn.role is Role.PERSONA else "")
        return ShownTurn(index=index, turn=turn, colour=self.colour, name=name, position=position)

    # -- turns --------------------------------------------------------------------------------------------------

    def do(self, wish: Wish) -> None:
        """Do what is wished with a turn of the open conversation."""
        stored, view = self.view.stored, self.view.turn(wish.index)
        if stored is None:
            return
        if wish.name == "insert":
            self.view.begin_insert(wish.index + 1)
        elif view is not None and (wish.name == "edit" or (wish.name == "split" and wish.value is None)):
            view.start_editing(at_end=wish.name == "split")
        elif wish.name == "divide":
            self.told(lambda: self._acted(self._studio.data.split_conversation(stored.id, wish.index)))
        else:
            self.told(lambda: self._show_outcome(self._editor.do(stored, wish, self.view.selection)))

    def _show_outcome(self, found: Outcome | None) -> None:
        if found is None:
            return
        self._show_again(found.stored)
        self.pane.model.replace(self.presenter.entry(found.stored))
        if found.at >= 0:
            self.view.stay_at(found.at)
        if found.told:
            self._toast_newest(found.told)
        self.edited.emit()

    def _toast_newest(self, words: str) -> None:
        newest = next(iter(self._studio.data.history(self.presenter.persona_id, 1)), None)
        if newest is not None:
            self._navigator.toast(words, lambda: self.told(lambda: self._studio.data.undo(newest.token)))

    def _pop_turn_menu(self, index: int, at: object) -> None:
        if self.view.stored is not None:
            pop(turn_menu(self, self.view.stored, index, self.do), at)

    # -- whole conversations ------------------------------------------------------------------------------------

    def act(self, name: str) -> None:
        """Do something with the chosen conversations."""
        self._act_on(name, self.pane.chosen())

    def _act_on_open(self, name: str) -> None:
        self._act_on(name, [self.view.conversation_id])

    def _act_on(self, name: str, ids: list[str]) -> None:
        if name in ("tag", "untag") and ids:
            title = tr("Add a tag") if name == "tag" else tr("Take a tag away")
            words = tr("Tag (several with commas between them)")
            ask(self, title, words, "", lambda said: self._do_bulk(name, ids, said))
        else:
            self._do_bulk(name, ids, "")

    def _do_bulk(self, name: str, ids: list[str], words: str) -> None:
        self.told(lambda: self._acted(self._bulk.do(name, ids, words)))

    def _acted(self, done: Done) -> None:
        if isinstance(done, Job):
            self.work_began.emit(done)
        elif done is not None:
            self.acted.emit(done)

    def _rename(self, title: str) -> None:
        def act() -> None:
            stored = self._studio.data.rename_conversation(self.view.conversation_id, title)
            self._show_outcome(Outcome(stored=stored, at=-1))

        self.told(act)

    def _retag(self, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> None:
        self.told(lambda: self._studio.data.retag([self.view.conversation_id], add=add, remove=remove))

    def told(self, act: Callable[[], object]) -> None:
        """Do something; a trouble is told."""
        try:
            act()
        except StudioError as error:
            self._navigator.show_error(error)
