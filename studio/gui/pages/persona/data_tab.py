"""The Data tab: what the persona is learned from. List left, the open conversation right, a strip of figures above."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QLineEdit, QListView, QStackedWidget, QWidget

from studio.domain.changes import Change, Kind
from studio.domain.dataset import StoredConversation
from studio.gui import figures
from studio.gui.item_models.conversation_list import ConversationListModel
from studio.gui.navigator import Navigator
from studio.gui.pages.persona.conversation_delegate import ConversationDelegate
from studio.gui.pages.persona.conversation_view import ConversationView
from studio.gui.pages.persona.data_presenter import DataPresenter, Remark
from studio.gui.pages.persona.data_strip import DataStrip
from studio.gui.pages.persona.turn_view import ShownTurn
from studio.gui.widgets.basic import button, card, empty_state, label
from studio.gui.widgets.layouts import column, holder, row
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio

FILTER_DELAY_MS, MEASURE_DELAY_MS = 200, 1200


class DataTab(QWidget):
    """Edits are stored as they are made; deletions can be undone."""

    def __init__(self, studio: Studio, navigator: Navigator) -> None:
        super().__init__()
        self._studio, self._navigator = studio, navigator
        self.presenter = DataPresenter(studio)
        self._stale, self._colour = True, "#888888"
        self.model = ConversationListModel(self.presenter.entries)
        self.strip = DataStrip()
        self.strip.remark_requested.connect(self.show_remark)
        self.strip.measuring_requested.connect(self._measure)
        self.view = self._conversation_view()
        self._measuring = self._timer(MEASURE_DELAY_MS, self._measure)
        self._filtering = self._timer(FILTER_DELAY_MS, self._filter)
        self._stack = QStackedWidget()
        self._stack.setObjectName("clear")
        self._stack.addWidget(self._full_view())
        self._stack.addWidget(self._empty_view())
        self.setLayout(column(self._stack))

    def _timer(self, delay: int, act: Callable[[], None]) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(delay)
        made.timeout.connect(act)
        return made

    def _conversation_view(self) -> ConversationView:
        view = ConversationView(self._shown_turn)
        view.edit_requested.connect(lambda index, text: self._edit(index, text=text))
        view.train_requested.connect(lambda index, train: self._edit(index, train=train))
        view.alternative_requested.connect(self._leaf)
        view.delete_turn_requested.connect(self._delete_turn)
        view.delete_requested.connect(self._delete_conversation)
        return view

    def _full_view(self) -> QWidget:
        self.filter = QLineEdit()
        self.filter.setObjectName("search")
        self.filter.setPlaceholderText(tr("Filter by words"))
        self.filter.setAccessibleName(tr("Filter conversations"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setAcceptDrops(False)
        self.filter.textChanged.connect(lambda: self._filtering.start())
        self.list = self._list_view()
        self._count = label("", "small")
        left = holder(column(self.filter, self.list, self._count, spacing=8))
        left.setFixedWidth(330)
        self._right = card(column(self.view))
        body = row(left, self._right, spacing=14)
        body.setStretch(1, 1)
        whole = column(self.strip, body, spacing=12)
        whole.setStretch(1, 1)
        return holder(whole)

    def _list_view(self) -> QListView:
        view = QListView()
        view.setObjectName("clear")
        view.setAccessibleName(tr("Conversations"))
        view.setModel(self.model)
        view.setItemDelegate(ConversationDelegate(view))
        view.setUniformItemSizes(True)
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setMouseTracking(True)
        view.viewport().setAutoFillBackground(False)
        view.selectionModel().currentChanged.connect(self._chosen)
        delete = QShortcut(QKeySequence.StandardKey.Delete, view, context=Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._delete_conversation)
        return view

    def _empty_view(self) -> QWidget:
        bring = button(tr("Import files"), "mdi6.import", primary=True, on_click=self._import)
        words = tr(
            "A voice is learned from what somebody says. Drop chats, scripts or datasets with this persona's lines "
            "anywhere in this window."
        )
        return empty_state("mdi6.message-text-outline", tr("No lines yet"), words, [bring])

    def _import(self) -> None:
        self._navigator.import_files((), self._studio.personas.get(self.presenter.persona_id).name)

    # -- what the page calls ------------------------------------------------------------------------------------

    def show_persona(self, persona_id: str) -> None:
        """Show another persona's data."""
        self.presenter.show(persona_id)
        self.filter.blockSignals(True)
        self.filter.clear()
        self.filter.blockSignals(False)
        self.view.show_conversation(None)
        self._stale = True

    def refresh_if_stale(self) -> None:
        """Show the data as it is now."""
        if not self._stale or not self.presenter.persona_id:
            return
        self._stale = False
        self._colour = self._studio.personas.get(self.presenter.persona_id).colour
        self._load_list(self.view.conversation_id)
        if self.presenter.measured_at_once():
            self._measure()
        else:
            count = self._studio.data.count(self.presenter.persona_id)
            self.strip.show_unmeasured(figures.conversations(count))

    def on_change(self, change: Change) -> None:
        """Follow changes made elsewhere; own edits only measure again, a little later."""
        if not change.kinds & {Kind.CONVERSATION, Kind.TRASH, Kind.PERSONA}:
            return
        if change.initiator is self:
            self._measuring.start()
            return
        self._stale = True
        if self.isVisible():
            self.refresh_if_stale()

    # -- the list -----------------------------------------------------------------------------------------------

    def _filter(self) -> None:
        self.presenter.search = self.filter.text().strip()
        self._load_list("")

    def _load_list(self, keep: str) -> None:
        count = self.presenter.count()
        row_before, shown_before = self.list.currentIndex().row(), self.view.conversation_id
        self.model.show(count)
        self._stack.setCurrentIndex(0 if count or self.presenter.search else 1)
        self._count.setText(figures.conversations(count))
        row_now = self.model.row_of(keep) if keep else -1
        if row_now < 0:
            row_now = min(max(row_before, 0), self.model.rowCount() - 1)
        if row_now >= 0:
            self.list.setCurrentIndex(self.model.index(row_now))  # opens it, when it is another one than before
            if self.view.conversation_id == shown_before or not self.view.conversation_id:
                self._open(self.model.id_at(row_now))
        else:
            self.view.show_conversation(None)

    def _chosen(self, now: QModelIndex, before: QModelIndex) -> None:
        conversation_id = self.model.id_at(now.row())
        if conversation_id and conversation_id != self.view.conversation_id:
            self.view.show_conversation(self._studio.data.get(conversation_id))

    def _open(self, conversation_id: str) -> None:
        stored = self._studio.data.get(conversation_id)
        if conversation_id == self.view.conversation_id:
            self.view.show_again(stored)
        else:
            self.view.show_conversation(stored)

    # -- the conversation ---------------------------------------------------------------------------------------

    def _shown_turn(self, stored: StoredConversation, index: int) -> ShownTurn:
        turn = stored.conversation.turns[index]
        position = self.presenter.position(stored.id, index, turn)
        return ShownTurn(index=index, turn=turn, colour=self._colour, position=position)

    def _edit(
        self, index: int, *, text: str | None = None, train: bool | None = None, alternative: int | None = None
    ) -> None:
        stored = self._studio.data.edit_turn(
            self.view.conversation_id, index, text=text, train=train, alternative=alternative, initiator=self
        )
        self.view.show_changed(stored, index)
        self.model.replace(self.presenter.entry(stored))

    def _leaf(self, index: int, by: int) -> None:
        conversation_id = self.view.conversation_id
        turn = self._studio.data.get(conversation_id).conversation.turns[index]
        alternative = self.presenter.alternative(conversation_id, index, turn, by)
        if alternative is not None:
            self._edit(index, alternative=alternative)

    def _delete_turn(self, index: int) -> None:
        token = self._studio.data.delete_turn(self.view.conversation_id, index)
        self._navigator.toast(tr("The turn was deleted."), lambda: self._studio.data.undo(token))

    def _delete_conversation(self) -> None:
        if self.view.conversation_id:
            token = self._studio.data.delete_conversation(self.view.conversation_id)
            self._navigator.toast(tr("The conversation was deleted."), lambda: self._studio.data.undo(token))

    # -- the strip ----------------------------------------------------------------------------------------------

    def _measure(self) -> None:
        if not self.presenter.persona_id or not self._studio.data.count(self.presenter.persona_id):
            return
        self.strip.show_figures(self.presenter.figures(), self._colour)
        self.strip.show_remarks(self.presenter.remarks())

    def show_remark(self, remark: Remark) -> None:
        """Open the next place of a remark."""
        found = self.presenter.next_place(remark)
        if found is None:
            return
        place, number = found
        if self.presenter.search:
            self.filter.clear()
        row_now = self.model.row_of(place.conversation)
        if row_now >= 0:
            self.list.setCurrentIndex(self.model.index(row_now))
        if self.view.conversation_id != place.conversation:
            self.view.show_conversation(self._studio.data.get(place.conversation))
        self.view.go_to(place.turn)
        if not self.strip.show_place(remark, number):
            words = tr("{number} of {count}: {why}", number=number, count=len(remark.places), why=remark.why)
            self._navigator.toast(words)
