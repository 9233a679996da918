"""What the menu of a column asks for, done: pickers, small sheets and dialogs in front, the desk behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from studio.domain.chat import Contestant
from studio.gui.pages.chat.blends.bake_desk import BakeDesk
from studio.gui.pages.chat.blends.bake_dialog import BakeDialog
from studio.gui.pages.chat.blends.blending import Blend
from studio.gui.pages.chat.blends.dialog import BlendDialog
from studio.gui.pages.chat.columns.column import ChatColumn
from studio.gui.pages.chat.columns.own_sampler import OwnSampler
from studio.gui.pages.chat.columns.picker import Picker
from studio.gui.pages.chat.columns.popover import Popover
from studio.gui.pages.chat.columns.sweep_dialog import StrengthSweepDialog
from studio.gui.pages.chat.presenter import Presenter
from studio.gui.pages.chat.talk.contestants import blends_of, groups
from studio.gui.pages.chat.talk.open_chat import Place
from studio.texts import tr

if TYPE_CHECKING:
    from studio.gui.navigator import Navigator
    from studio.gui.pages.chat.columns.board import Board
    from studio.gui.pages.chat.talk.screen import Try
    from studio.services.studio import Studio


class ColumnActs:
    """``guarded`` runs an act and tells trouble in a sentence."""

    def __init__(self, studio: Studio, navigator: Navigator, presenter: Presenter, board: Board, guarded: Try) -> None:
        self._studio, self._navigator, self._presenter = studio, navigator, presenter
        self._board, self._guarded = board, guarded

    def act(self, column: ChatColumn, wish: str) -> None:
        """Do what a column's menu asked for; nothing while columns are being arranged: they may become others."""
        if self._presenter.desk.arranging:
            return
        acts: dict[str, Callable[[ChatColumn], object]] = {
            "change": self._change, "own": self._own, "continue": self._continue, "copy": self._copy,
            "sweep": self._sweep, "blend": self._blend, "bake": self._bake, "remove": self._remove,
            "left": lambda one: self._step(one, -1), "right": lambda one: self._step(one, 1),
        }  # fmt: skip
        self._guarded(lambda: acts[wish](column))

    def add(self, under: QWidget) -> None:
        """Choose who answers in one more column."""
        self._pick(under, self._presenter.add_column)

    def move(self, number: int, to: int) -> None:
        """Put a column into another place."""
        if self._presenter.desk.arranging:
            return
        self._board.move_column(number, to)
        self._guarded(lambda: self._presenter.desk.move(number, to))

    def settle_strength(self, column: ChatColumn, strength: float) -> None:
        """The slider was let go."""
        if self._presenter.desk.arranging:
            self._presenter.refresh()  # back to where it was
            return
        self._guarded(lambda: self._presenter.desk.set_strength(self._number(column), strength))

    def _number(self, column: ChatColumn) -> int:
        return self._board.columns.index(column)

    def _change(self, column: ChatColumn) -> None:
        def chosen(contestant: Contestant) -> None:
            self._presenter.desk.set_contestant(self._number(column), contestant)

        self._pick(column.header.change, chosen)

    def _pick(self, under: QWidget, chosen: Callable[[Contestant], object]) -> None:
        chats = [chat.columns for chat in self._studio.chats.list()]
        offered = groups(self._studio, blends_of([tuple(self._presenter.open_chat.places()), *chats]))
        picker = Picker(under, under, offered)
        picker.chosen.connect(lambda one: self._guarded(lambda: chosen(one)))
        picker.open()

    def _own(self, column: ChatColumn) -> None:
        number = self._number(column)
        one, chat = self._presenter.contestants()[number], self._presenter.open_chat
        form = OwnSampler(one.sampler, one.seed, chat.sampler)
        form.changed.connect(
            lambda sampler, seed: self._guarded(lambda: self._presenter.desk.set_own(number, sampler, seed))
        )
        under = column.header.own if column.header.own.isVisible() else column.header.more
        Popover(column, under).show_widget(form)

    def _sweep(self, column: ChatColumn) -> None:
        number = self._number(column)

        def sweep(strengths: list[float]) -> None:
            told = partial(self._tell, tr("Strength sweep."))
            self._guarded(lambda: self._presenter.sweep(number, strengths, told))

        StrengthSweepDialog(column.shown.title, sweep, self._navigator.window_widget()).open()

    def _blend(self, column: ChatColumn) -> None:
        number = self._number(column)
        self.blend(self._presenter.contestants()[number], lambda one: self._presenter.desk.set_contestant(number, one))

    def blend(self, contestant: Contestant, use: Callable[[Contestant], object]) -> None:
        """Let adapters be blended, beginning with those of a contestant; ``use`` hears what came of it."""
        state = Blend(self._studio, contestant)
        BlendDialog(
            state, lambda one: self._guarded(lambda: use(one)), lambda one: self.bake(one, use),
            self._navigator.window_widget(),
        ).open()  # fmt: skip

    def _bake(self, column: ChatColumn) -> None:
        number = self._number(column)
        self.bake(self._presenter.contestants()[number], lambda one: self._presenter.desk.set_contestant(number, one))

    def bake(self, contestant: Contestant, use: Callable[[Contestant], object]) -> None:
        """Write what a contestant's adapters are together as one of its own."""
        desk = BakeDesk(self._studio, contestant)
        BakeDialog(
            desk, lambda made: self._guarded(lambda: use(desk.contestant(made))), self._navigator.window_widget()
        ).open()

    def _continue(self, column: ChatColumn) -> None:
        told = partial(self._tell, tr("All columns go on from this conversation."))
        self._presenter.desk.continue_with(self._number(column), told)

    def _remove(self, column: ChatColumn) -> None:
        number = self._number(column)
        self._board.take(number)
        self._presenter.desk.remove(number, partial(self._tell, tr("Column removed.")))

    def _step(self, column: ChatColumn, by: int) -> None:
        number = self._number(column)
        if 0 <= number + by < len(self._board.columns):
            self.move(number, number + by)
            column.header.more.setFocus()

    def _copy(self, column: ChatColumn) -> None:
        QGuiApplication.clipboard().setText(self._presenter.copy_all(self._number(column)))
        self._navigator.toast(tr("Conversation copied."))

    def _tell(self, words: str, before: Sequence[Place]) -> None:
        """Say what was done, with a way back to the columns as they were in this chat."""
        chat_id = self._presenter.chat_id

        def undo() -> None:
            if self._presenter.chat_id == chat_id:
                self._guarded(lambda: self._presenter.desk.arrange(before))

        self._navigator.toast(words, undo)
