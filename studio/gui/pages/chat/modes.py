"""The modes of the chat page: finding words, a scene, blind voting, greetings; their bars and their keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLayout, QMenu, QWidget

from studio.gui.pages.chat.blind.part import BlindPart
from studio.gui.pages.chat.find.part import FindPart
from studio.gui.pages.chat.messages.greeting_bar import GreetingBar
from studio.gui.pages.chat.messages.greeting_presenter import GreetingPresenter
from studio.gui.pages.chat.messages.suggestion import Suggestion
from studio.gui.pages.chat.scene.part import ScenePart
from studio.gui.theme.icons import icon
from studio.gui.widgets.layouts import column
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.gui.navigator import Navigator
    from studio.gui.pages.chat.bottom import Bottom
    from studio.gui.pages.chat.columns.board import Board
    from studio.gui.pages.chat.columns.column import ChatColumn
    from studio.gui.pages.chat.head import PageHead
    from studio.gui.pages.chat.messages.desk import MessageDesk
    from studio.gui.pages.chat.presenter import Presenter
    from studio.gui.pages.chat.talk.screen import Try
    from studio.services.studio import Studio

_REST = 1200
"""Milliseconds without a key after which typed words are kept."""


class Modes(QObject):
    """The page tells what happens (``hear`` to ``escape``); ``top`` and ``foot`` are put around the columns."""

    def __init__(
        self, page: QWidget, studio: Studio, navigator: Navigator, presenter: Presenter, messages: MessageDesk,
        head: PageHead, board: Board, bottom: Bottom, guarded: Try, keep_draft: Callable[[], None],
    ) -> None:  # fmt: skip
        super().__init__(page)
        self._studio, self._navigator, self._presenter = studio, navigator, presenter
        self._messages, self._board, self._bottom, self._guarded = messages, board, bottom, guarded
        self._head = head
        self.find = FindPart(presenter, board)
        self.scene = ScenePart(studio, navigator, presenter, guarded)
        self.blind = BlindPart(studio, navigator, presenter, board, bottom.composer, guarded)
        self.greeting = GreetingPresenter(studio, presenter)
        self.greetings = GreetingBar()
        self.suggestion = Suggestion(presenter, messages, bottom, guarded)
        presenter.curtains = [self.scene.presenter, self.blind.presenter]
        self.top, self.foot = column(self.find.bar, spacing=0), self._made_foot()
        head.modes.addWidget(self.blind.switch)
        head.modes.addWidget(self.scene.start)
        self._connect(page, keep_draft)

    def _made_foot(self) -> QLayout:
        """A layout, no widget: where all in it is hidden, it takes no room at all."""
        return column(self.scene.bar, self.blind.bar, self.greetings, spacing=8)

    def _connect(self, page: QWidget, keep_draft: Callable[[], None]) -> None:
        self.greetings.chosen.connect(lambda at, index: self._guarded(lambda: self.greeting.begin(at, index)))
        self.greetings.all_chosen.connect(lambda: self._guarded(self.greeting.begin_all))
        self.blind.bar.next_requested.connect(self._bottom.composer.setFocus)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(keep_draft)
        self._bottom.composer.textChanged.connect(self._rest.start)
        for keys, act in (
            ("Alt+Up", partial(self._walk, -1)), ("Alt+Down", partial(self._walk, 1)), ("F3", partial(self._step, -1)),
            ("Shift+F3", partial(self._step, 1)), ("Ctrl+Shift+B", self.blind.switch.click),
        ):  # fmt: skip
            shortcut = QShortcut(QKeySequence(keys), page, act)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    # -- the page tells ------------------------------------------------------------------------------------------

    def hear(self, made: ChatColumn) -> None:
        """There is a new column."""
        made.view.left_requested.connect(self._bottom.composer.setFocus)
        made.view.messages_shown.connect(self.find.again)

    def opened(self) -> None:
        """Another chat is shown, or the page anew."""
        self.show()

    def show(self) -> None:
        """Columns, words or the chat changed."""
        busy = self._presenter.replies.busy
        for one in self._board.columns:
            one.view.show_busy(busy)
        self.blind.show()
        self.scene.show()
        self.find.again()
        self.suggestion.show()
        self._head.add.setVisible(self._presenter.empty_reason() != "base" and not self.scene.presenter.here)
        self.greetings.show_offers(self.greeting.offers() if self._presenter.empty_reason() == "new" else [])

    def send(self, text: str) -> bool:
        """Say something: into the scene, or to all columns. False when it was not said."""
        if self.scene.presenter.here:
            return self.scene.presenter.say(text)
        if text.strip() and not self._presenter.replies.busy:
            self.blind.presenter.before_asking()
        return self._presenter.send(text)

    def again(self) -> bool:
        """Ctrl+Return in a mode of its own."""
        if self.scene.presenter.here:
            self._guarded(self.scene.presenter.step)
        return self.scene.presenter.here or self.blind.presenter.hidden

    def retry(self) -> None:
        """After trouble: what lacks an answer gets one; in a scene where nothing does, the next line is said."""
        if not self._presenter.talk.retry() and self.scene.presenter.here:
            self.scene.presenter.step()

    def escape(self) -> bool:
        """Esc: what was opened last is closed first."""
        if self.find.bar.isVisible():
            self.find.close()
            self._bottom.composer.setFocus()
            return True
        if self._messages.suggesting:
            self._messages.stop_suggesting()
            return True
        if self.scene.presenter.job is not None:
            self.scene.presenter.stop()
            return True
        return not self._presenter.replies.busy and self._leave_messages()

    def fill_more(self, menu: QMenu) -> None:
        """Lines for the menu of the open chat."""
        menu.addSeparator()
        menu.addAction(icon("mdi6.magnify"), tr("Find in this chat") + "\tCtrl+F", self.find.begin)
        menu.addAction(icon("mdi6.podium"), tr("Ranking by blind votes…"), self.blind.open_ranking)
        chat_id = self._presenter.chat_id
        rated = self._studio.teaching.rated(chat_id) if chat_id else []
        if rated:
            words = tr_plural(
                "Teach {count} reply chosen by thumb", "Teach {count} replies chosen by thumb", len(rated)
            )
            menu.addAction(icon("mdi6.school-outline"), words, lambda: self._guarded(self._teach_rated))

    # -- inside --------------------------------------------------------------------------------------------------

    def _teach_rated(self) -> None:
        told = self._messages.teach_rated()
        self._presenter.refresh()
        self._navigator.toast(told.words, told.undo and (lambda: self._guarded(told.undo)))  # type: ignore[arg-type]

    def _leave_messages(self) -> bool:
        """From the messages back to the composer; what was chosen there is let go first."""
        here = next((one.view for one in self._board.columns if one.view.hasFocus()), None)
        if here is None:
            return False
        if not here.pointer.selection.empty:
            here.pointer.clear()
        else:
            self._bottom.composer.setFocus()
        return True

    def _walk(self, way: int) -> None:
        """To the messages, and through them."""
        shown = self._board.shown()
        here = next((one for one in shown if one.view.hasFocus()), shown[0] if shown else None)
        if here is not None:
            here.view.walk(way)

    def _step(self, way: int) -> None:
        if self.find.bar.isVisible():
            self.find.step(way)
        else:
            self.find.begin()
