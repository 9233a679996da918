"""The chat page: one to eight columns under one composer."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from studio.domain.changes import Change, Kind
from studio.domain.errors import StudioError
from studio.gui.navigator import Navigator
from studio.gui.pages.chat import menus
from studio.gui.pages.chat.acts import ChatActs
from studio.gui.pages.chat.bottom import Bottom
from studio.gui.pages.chat.columns.acts import ColumnActs
from studio.gui.pages.chat.columns.board import Board
from studio.gui.pages.chat.columns.column import ChatColumn
from studio.gui.pages.chat.drawer.acts import DrawerActs
from studio.gui.pages.chat.drawer.panel import Drawer
from studio.gui.pages.chat.head import PageHead
from studio.gui.pages.chat.messages.desk import MessageDesk
from studio.gui.pages.chat.modes import Modes
from studio.gui.pages.chat.presenter import Presenter
from studio.gui.pages.chat.showing import Showing
from studio.gui.pages.chat.talk.column_desk import MOST_COLUMNS
from studio.gui.theme import tokens
from studio.gui.widgets.basic import button, empty_state
from studio.gui.widgets.layouts import column, holder, row
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio

_KINDS = {Kind.CHAT, Kind.ADAPTER, Kind.PERSONA, Kind.BASE, Kind.TRASH}


class Page(QWidget):
    """The presenter's ``Screen``; ``showing`` sees that much to show does not make the window stand still."""

    def __init__(self, studio: "Studio", navigator: Navigator) -> None:
        super().__init__()
        self._studio, self._navigator = studio, navigator
        self._acting = False  # what this page changes itself is shown by the presenter, not by the notice of the change
        self.presenter = Presenter(studio, self)
        self.head, self.board, self.bottom, self.drawer = PageHead(), Board(), Bottom(), Drawer()
        self.showing = Showing(studio, self.presenter, self.board, self._show_columns)
        self.drawer_acts = DrawerActs(studio, self.presenter, self.drawer, self.bottom, self._try)
        self.messages = MessageDesk(studio, self.presenter)
        self.acts = ColumnActs(studio, navigator, self.presenter, self.board, self._try)
        self.chat_acts = ChatActs(studio, navigator, self.presenter, self.board, self.acts, self._try, self._delete)
        self.modes = Modes(
            self, studio, navigator, self.presenter, self.messages, self.head, self.board, self.bottom, self._try,
            self._keep_draft,
        )  # fmt: skip
        self.kept_free = (self.modes.scene.bar, self.modes.blind.bar, self.modes.greetings, self.bottom)
        self._build()
        self._connect()

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        body = row(self.board, self.drawer, spacing=14)
        body.setStretch(0, 1)
        full = column(self.modes.top, body, self.modes.foot, self.bottom, spacing=12)
        full.setStretch(1, 1)
        self._stack = QStackedWidget()
        self._stack.setObjectName("clear")
        self._stack.addWidget(holder(full))
        self._stack.addWidget(self._no_base())
        whole = column(self.head, 4, self._stack, margins=tokens.PAGE_MARGINS, spacing=10)
        whole.setStretch(2, 1)
        self.setLayout(whole)

    def _no_base(self) -> QWidget:
        words = tr("Personas speak through a base model. Get the starter (135M, one click), or add one that you have.")
        get = button(
            tr("Get a base"), "mdi6.cube-outline", primary=True, on_click=lambda: self._navigator.open_page("models")
        )
        return empty_state("mdi6.cube-outline", tr("A base model first"), words, [get])

    def _connect(self) -> None:
        composer, talk = self.bottom.composer, self.presenter.talk
        composer.send_requested.connect(self._send)
        composer.stop_requested.connect(self._escape)
        composer.edit_last_requested.connect(self._edit_last)
        self.bottom.stop.clicked.connect(talk.stop)
        self.bottom.retry.clicked.connect(lambda: self._try(self.modes.retry))
        self.bottom.leave_edit.clicked.connect(self._leave_edit)
        self.bottom.opener_chosen.connect(self._send)
        self.bottom.train_requested.connect(lambda: self._navigator.open_train())
        self._connect_head()
        for keys, act in (("Esc", self._escape), ("Ctrl+Shift+N", self._new), ("Ctrl+Return", self._again)):
            shortcut = QShortcut(QKeySequence(keys), self, act)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _connect_head(self) -> None:
        self.board.made.connect(self._hear_column)
        self.board.moved.connect(self.acts.move)
        self.head.add.clicked.connect(lambda: self.acts.add(self.head.add))
        self.head.start_new.clicked.connect(self._new)
        self.head.earlier.clicked.connect(lambda: self._open_menu(self.head.earlier, self.fill_earlier))
        self.head.more.clicked.connect(lambda: self._open_menu(self.head.more, self.fill_more))

    def _hear_column(self, made: ChatColumn) -> None:
        talk, number = self.presenter.talk, self.board.columns.index
        self.modes.hear(made)
        made.asked.connect(lambda wish: self.acts.act(made, wish))
        made.header.strength_settled.connect(lambda one: self.acts.settle_strength(made, one))
        made.view.act_requested.connect(lambda act, key: self._try(lambda: self._message_act(made, act, key)))
        made.view.edit_requested.connect(lambda key, text: self._try(lambda: talk.edit(number(made), key, text)))
        made.view.swipe_requested.connect(lambda key, way: self._try(lambda: talk.swipe(number(made), key, way)))

    # -- the window asks -----------------------------------------------------------------------------------------

    def open(self, chat_id: str = "", contestants: object = (), **args: object) -> None:
        """Called when the page is shown: a stored chat, a new one with contestants, or the one that was open."""
        self._keep_draft()
        if chat_id or contestants or not self.board.columns:
            self._try(lambda: self.presenter.open(chat_id, list(contestants)))  # type: ignore[call-overload]
        else:
            self.presenter.reload()
        self._show_draft()
        self.modes.opened()
        self.drawer_acts.refresh(anew=True)
        self.bottom.composer.setFocus()

    def on_change(self, change: Change) -> None:
        """Read again what changed; what this page streams itself is left alone."""
        if change.kinds & _KINDS:
            self.presenter.desk.forget()
        if change.kinds & _KINDS and not self._acting and not self.presenter.replies.busy:
            self.presenter.reload()

    def hideEvent(self, event: QHideEvent) -> None:
        """Qt's: typed words are kept."""
        self._keep_draft()
        super().hideEvent(event)

    def find_in_page(self) -> None:
        """The window's search key."""
        self.modes.find.begin()

    # -- the presenter asks --------------------------------------------------------------------------------------

    def show_columns(self) -> None:
        """Show title, headers, and as many columns as there are contestants."""
        if self.presenter.light or len(self.board.columns) != len(self.presenter.contestants()):
            self._show_columns()
        else:
            self.showing.headers()

    def _show_columns(self) -> None:
        views = self.presenter.columns()
        self.board.show_views(views)
        self.head.show_chat(self.presenter.title, self.presenter.note, full=len(views) >= MOST_COLUMNS)
        self._show_emptiness()
        self.modes.show()

    def show_messages(self, number: int) -> None:
        """Show the thread of a column."""
        self.showing.messages(number)

    def show_tail(self, number: int, text: str) -> None:
        """Show more of the growing reply."""
        self.showing.tail(number, text)

    def show_busy(self, busy: bool) -> None:
        """Send becomes Stop while replies grow."""
        self.bottom.show_busy(busy)
        self.showing.busy(busy)
        self.modes.show()

    def show_working(self, words: str) -> None:
        """Show what goes on above the composer."""
        self.bottom.show_working(words)

    def show_trouble(self, words: str) -> None:
        """Show a sentence above the composer."""
        self.bottom.show_trouble(words, retry=bool(self.presenter.chat_id))

    # -- inside --------------------------------------------------------------------------------------------------

    def _message_act(self, made: ChatColumn, act: str, message_id: str) -> None:
        """Do what the tools of a message ask for, and say what was done."""
        told = self.messages.act(act, self.board.columns.index(made), message_id)
        if told is None:
            return
        if told.chat_id:
            self.presenter.open(told.chat_id)
        back = told.undo
        self._navigator.toast(told.words, (lambda: self._take_back(back)) if back else None)

    def _take_back(self, undo: Callable[[], object]) -> None:
        self._try(undo)
        self.presenter.reload()

    def _show_emptiness(self) -> None:
        reason = self.presenter.empty_reason()
        self._stack.setCurrentIndex(1 if reason == "base" else 0)
        self.head.show_base(reason != "base")
        self.bottom.show_openers(self.presenter.openers() if reason == "new" else [], train=reason == "adapter")

    def _send(self, text: str) -> None:
        self._try(partial(self._send_edited if self.bottom.editing else self._send_new, text))

    def _send_edited(self, text: str) -> None:
        if self.presenter.talk.edit_last_own(text):
            self._leave_edit()

    def _send_new(self, text: str) -> None:
        if self.modes.send(text):  # only now are the words safe
            self.bottom.composer.clear()
            self.bottom.composer.setFocus()  # an opener that was clicked is gone, and took the focus with it
            self.presenter.drafts.pop(self.presenter.chat_id, None)

    def _escape(self) -> None:
        if self.modes.escape():
            return
        if self.presenter.replies.busy:
            self.presenter.talk.stop()
        elif self.bottom.editing:
            self._leave_edit()

    def _edit_last(self) -> None:
        words = self.presenter.talk.last_own()
        if words and not self.presenter.replies.busy:
            self.bottom.show_editing(words)

    def _leave_edit(self) -> None:
        self.bottom.show_editing("")

    def _again(self) -> None:
        if not self.modes.again():
            self._try(self.presenter.talk.regenerate_all)

    def _new(self) -> None:
        self._keep_draft()
        self._try(lambda: self.presenter.open("", self.presenter.contestants()))
        self._show_draft()

    def _open_menu(self, under: QWidget, fill: Callable[[QMenu], object]) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill(menu)
        menu.exec(under.mapToGlobal(under.rect().bottomLeft()))

    def fill_earlier(self, menu: QMenu) -> None:
        """One line a chat; the open one can be deleted."""
        menus.fill_earlier(menu, self.presenter, lambda key: self.open(chat_id=key), self._delete)

    def fill_more(self, menu: QMenu) -> None:
        """What can be done with the open chat."""
        menus.fill_more(menu, self.presenter, self.chat_acts.act)
        self.modes.fill_more(menu)

    def _delete(self) -> None:
        token = self.presenter.delete(self.presenter.chat_id)
        self._show_draft()
        self._navigator.toast(tr("Chat deleted."), lambda: self._studio.personas.undo(token))

    def _keep_draft(self) -> None:
        self.drawer.keep_words()
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
