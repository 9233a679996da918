"""The chat page: one to four columns under one composer."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QStackedWidget, QWidget

from studio.domain.changes import Change, Kind
from studio.domain.errors import StudioError
from studio.gui.navigator import Navigator
from studio.gui.pages.chat import contestants
from studio.gui.pages.chat.bottom import Bottom
from studio.gui.pages.chat.column import ChatColumn
from studio.gui.pages.chat.drawer import Drawer
from studio.gui.pages.chat.presenter import MOST_COLUMNS, Presenter
from studio.gui.pages.chat.streaming import FLUSH_MILLISECONDS
from studio.gui.theme import tokens
from studio.gui.widgets.basic import button, chip, empty_state
from studio.gui.widgets.elided import ElidedLabel
from studio.gui.widgets.layouts import column, holder, row
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio

_KINDS = {Kind.CHAT, Kind.ADAPTER, Kind.PERSONA, Kind.BASE, Kind.TRASH}


class Page(QWidget):
    """The presenter's ``Screen``. A timer runs only while replies grow, and shows what came 30 times a second."""

    def __init__(self, studio: "Studio", navigator: Navigator) -> None:
        super().__init__()
        self._studio, self._navigator = studio, navigator
        self._columns: list[ChatColumn] = []
        self._acting = False  # what this page changes itself is shown by the presenter, not by the notice of the change
        self.presenter = Presenter(studio, self)
        self._flush = QTimer(self)
        self._flush.setInterval(FLUSH_MILLISECONDS)
        self._flush.timeout.connect(self.presenter.replies.flush)
        self.bottom = Bottom()
        self.drawer = Drawer()
        self.drawer.hide()
        self._build()
        self._connect()

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._title, self._note = ElidedLabel("", "display"), chip("")
        self._title.setMinimumWidth(60)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._add = button(tr("Add column"), "mdi6.plus", on_click=lambda: self._try(self.presenter.add_column))
        self._earlier = button(tr("Earlier chats"), "mdi6.history", on_click=self._open_earlier)
        self._start_new = button(
            tr("New chat"), "mdi6.chat-plus-outline", on_click=self._new, tip=tr("New chat (Ctrl+Shift+N)")
        )
        head = row(self._title, self._note, self._earlier, self._start_new, self._add, spacing=8)
        head.setStretch(0, 1)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(14)
        body = row(holder(self._row), self.drawer, spacing=14)
        body.setStretch(0, 1)
        full = column(body, self.bottom, spacing=12)
        full.setStretch(0, 1)
        self._stack = QStackedWidget()
        self._stack.setObjectName("clear")
        self._stack.addWidget(holder(full))
        self._stack.addWidget(self._no_base())
        whole = column(head, 4, self._stack, margins=tokens.PAGE_MARGINS, spacing=10)
        whole.setStretch(2, 1)
        self.setLayout(whole)

    def _no_base(self) -> QWidget:
        words = tr("Personas speak through a base model. Get the starter (135M, one click), or add one that you have.")
        get = button(
            tr("Get a base"), "mdi6.cube-outline", primary=True, on_click=lambda: self._navigator.open_page("models")
        )
        return empty_state("mdi6.cube-outline", tr("A base model first"), words, [get])

    def _connect(self) -> None:
        composer = self.bottom.composer
        composer.send_requested.connect(self._send)
        composer.stop_requested.connect(self._escape)
        composer.edit_last_requested.connect(self._edit_last)
        self.bottom.stop.clicked.connect(self.presenter.stop)
        self.bottom.retry.clicked.connect(lambda: self._try(self.presenter.retry))
        self.bottom.leave_edit.clicked.connect(self._leave_edit)
        self.bottom.opener_chosen.connect(self._send)
        self.bottom.train_requested.connect(lambda: self._navigator.open_train())
        self.bottom.settings.clicked.connect(self._toggle_drawer)
        self.bottom.same_seed.toggled.connect(self._same_seed)
        self.drawer.closed.connect(self._toggle_drawer)
        self.drawer.same_seed_changed.connect(self._same_seed)
        self.drawer.sampler_changed.connect(lambda sampler: setattr(self.presenter, "sampler", sampler))
        self.drawer.seed_changed.connect(lambda seed: setattr(self.presenter, "seed", seed))
        self.drawer.prompt_changed.connect(lambda words: self._try(lambda: self.presenter.set_system_prompt(words)))
        for keys, act in (("Esc", self._escape), ("Ctrl+Shift+N", self._new), ("Ctrl+Return", self._again)):
            shortcut = QShortcut(QKeySequence(keys), self, act)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    # -- the window asks -----------------------------------------------------------------------------------------

    def open(self, chat_id: str = "", contestants: object = (), **args: object) -> None:
        """Called when the page is shown: a stored chat, a new one with contestants, or the one that was open."""
        self._keep_draft()
        if chat_id or contestants or not self._columns:
            self._try(lambda: self.presenter.open(chat_id, list(contestants)))  # type: ignore[call-overload]
        else:
            self.presenter.reload()
        self._show_draft()
        self.bottom.composer.setFocus()

    def on_change(self, change: Change) -> None:
        """Read again what changed; what this page streams itself is left alone."""
        if change.kinds & _KINDS and not self._acting and not self.presenter.replies.busy:
            self.presenter.reload()

    def hideEvent(self, event: QHideEvent) -> None:
        """Qt's: typed words are kept."""
        self._keep_draft()
        super().hideEvent(event)

    # -- the presenter asks --------------------------------------------------------------------------------------

    def show_columns(self) -> None:
        """Show title, headers, and as many columns as there are contestants."""
        views = self.presenter.columns()
        while len(self._columns) < len(views):
            self._append_column()
        while len(self._columns) > len(views):
            gone = self._columns.pop()
            self._row.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for number, view in enumerate(views):
            self._columns[number].show_header(view, removable=len(views) > 1, number=number)
        self._title.setText(self.presenter.title)
        self._note.setText(self.presenter.note)
        self._add.setEnabled(len(views) < MOST_COLUMNS)
        self._show_emptiness()

    def show_messages(self, number: int) -> None:
        """Show the thread of a column."""
        if number < len(self._columns):
            self._columns[number].view.show_messages(self.presenter.messages(number))
        self._show_emptiness()

    def show_tail(self, number: int, text: str) -> None:
        """Show more of the growing reply."""
        if number < len(self._columns):
            self._columns[number].view.show_tail(text)

    def show_busy(self, busy: bool) -> None:
        """Send becomes Stop while replies grow."""
        self.bottom.show_busy(busy)
        if busy:
            self._flush.start()
        else:
            self._flush.stop()

    def show_trouble(self, words: str) -> None:
        """Show a sentence above the composer."""
        self.bottom.show_trouble(words, retry=bool(self.presenter.chat_id))

    # -- inside --------------------------------------------------------------------------------------------------

    def _append_column(self) -> None:
        made = ChatColumn(lambda: contestants.groups(self._studio))
        number = len(self._columns)
        made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        made.contestant_chosen.connect(lambda one: self._try(lambda: self.presenter.set_contestant(number, one)))
        made.removal_requested.connect(lambda: self._try(lambda: self.presenter.remove_column(number)))
        made.copy_requested.connect(lambda: self._copy(number))
        made.strength.settled.connect(lambda one: self._try(lambda: self.presenter.set_strength(number, one)))
        made.view.regenerate_requested.connect(lambda: self._try(lambda: self.presenter.regenerate(number)))
        made.view.edit_requested.connect(lambda key, text: self._try(lambda: self.presenter.edit(number, key, text)))
        made.view.swipe_requested.connect(lambda key, way: self._try(lambda: self.presenter.swipe(number, key, way)))
        self._columns.append(made)
        self._row.addWidget(made, 1)

    def _show_emptiness(self) -> None:
        reason = self.presenter.empty_reason()
        self._stack.setCurrentIndex(1 if reason == "base" else 0)
        for part in (self._note, self._add, self._start_new):
            part.setVisible(reason != "base")
        self.bottom.show_openers(self.presenter.openers() if reason == "new" else [], train=reason == "adapter")

    def _send(self, text: str) -> None:
        self._try(partial(self._send_edited if self.bottom.editing else self._send_new, text))

    def _send_edited(self, text: str) -> None:
        if self.presenter.edit_last_own(text):
            self._leave_edit()

    def _send_new(self, text: str) -> None:
        if self.presenter.send(text):  # only now are the words safe
            self.bottom.composer.clear()
            self.presenter.drafts.pop(self.presenter.chat_id, None)

    def _escape(self) -> None:
        if self.presenter.replies.busy:
            self.presenter.stop()
        elif self.bottom.editing:
            self._leave_edit()

    def _edit_last(self) -> None:
        words = self.presenter.last_own()
        if words and not self.presenter.replies.busy:
            self.bottom.show_editing(words)

    def _leave_edit(self) -> None:
        self.bottom.show_editing("")

    def _again(self) -> None:
        for number in range(len(self._columns)):
            self._try(partial(self.presenter.regenerate, number))

    def _new(self) -> None:
        self._keep_draft()
        self._try(lambda: self.presenter.open("", self.presenter.contestants()))
        self._show_draft()

    def _open_earlier(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_earlier(menu)
        menu.exec(self._earlier.mapToGlobal(self._earlier.rect().bottomLeft()))

    def fill_earlier(self, menu: QMenu) -> None:
        """One line a chat; the open one can be deleted."""
        chats = self.presenter.chats()
        for chat in chats[:30]:
            act = menu.addAction(chat.title or tr("Untitled"), partial(self.open, chat_id=chat.id))
            act.setCheckable(True)
            act.setChecked(chat.id == self.presenter.chat_id)
        if not chats:
            menu.addAction(tr("No chats yet")).setEnabled(False)
        if self.presenter.chat_id:
            menu.addSeparator()
            menu.addAction(tr("Delete this chat"), self._delete)

    def _delete(self) -> None:
        token = self.presenter.delete(self.presenter.chat_id)
        self._show_draft()
        self._navigator.toast(tr("Chat deleted."), lambda: self._studio.personas.undo(token))

    def _copy(self, number: int) -> None:
        QGuiApplication.clipboard().setText(self.presenter.copy_all(number))
        self._navigator.toast(tr("Conversation copied."))

    def _same_seed(self, on: bool) -> None:
        self.presenter.same_seed = on
        self.bottom.same_seed.setChecked(on)
        self.drawer.same_seed.setChecked(on)

    def _toggle_drawer(self) -> None:
        shown = not self.drawer.isVisible()
        one = self.presenter
        self.drawer.show_state(one.sampler, one.seed, one.same_seed, one.system_prompt)
        self.drawer.setVisible(shown)
        self.bottom.settings.setChecked(shown)

    def _keep_draft(self) -> None:
        if not self.bottom.editing:
            self.presenter.drafts[self.presenter.chat_id] = self.bottom.composer.toPlainText()

    def _show_draft(self) -> None:
        self._leave_edit()
        self.bottom.composer.setPlainText(self.presenter.drafts.get(self.presenter.chat_id, ""))

    def _try(self, act: Callable[[], object]) -> None:
        self._acting = True
        try:
            act()
        except StudioError as error:
            self._navigator.show_error(error)
        finally:
            self._acting = False
