"""Blind voting, put to work: the switch, the bar, the order of the columns, the ranking."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from studio.gui.pages.chat.blind.bar import BlindBar
from studio.gui.pages.chat.blind.keys import VotingKeys
from studio.gui.pages.chat.blind.presenter import BlindPresenter
from studio.gui.pages.chat.blind.ranking_dialog import RankingDialog
from studio.gui.pages.chat.blind.ranking_presenter import RankingPresenter
from studio.gui.widgets.basic import button
from studio.texts import tr

if TYPE_CHECKING:
    from studio.gui.navigator import Navigator
    from studio.gui.pages.chat.columns.board import Board
    from studio.gui.pages.chat.presenter import Presenter
    from studio.gui.pages.chat.talk.screen import Try
    from studio.gui.widgets.composer import Composer
    from studio.services.studio import Studio


class BlindPart:
    """``guarded`` runs an act and tells trouble in a sentence."""

    def __init__(
        self, studio: Studio, navigator: Navigator, presenter: Presenter, board: Board,
        composer: Composer, guarded: Try,
    ) -> None:  # fmt: skip
        self._studio, self._navigator, self._board, self._guarded = studio, navigator, board, guarded
        self.presenter = BlindPresenter(studio, presenter)
        self.bar, self._keys = BlindBar(), VotingKeys(composer)
        self.switch = button(tr("Blind"), "mdi6.eye-off-outline")
        self.switch.setCheckable(True)
        self.switch.clicked.connect(lambda: self._act(lambda: self.presenter.switch(self.switch.isChecked())))
        for one in (self.bar, self._keys):
            one.voted.connect(self.vote)
        self.bar.reveal_requested.connect(lambda: self._act(self.presenter.reveal))
        self.bar.undo_requested.connect(lambda: self._act(self._undo))
        self.bar.ranking_requested.connect(self.open_ranking)

    def show(self) -> None:
        """Show where the round is."""
        one = self.presenter
        stage = one.stage
        self.switch.setChecked(one.on)
        self.switch.setEnabled(one.possible or one.on)
        self.switch.setToolTip(
            tr("Hide the names until you vote (Ctrl+Shift+B)")
            if self.switch.isEnabled()
            else tr("A blind vote needs two columns at least.")
        )
        self._board.show_order(one.order() if one.on else [])
        self.bar.show_round(stage, one.words(), one.places(), can_undo=one.vote is not None)
        self._keys.show_choices(self.bar.choices)

    def vote(self, verdict: str) -> None:
        """Give a verdict."""
        self._act(lambda: self.presenter.give(verdict))

    def open_ranking(self) -> None:
        """Who is better, as far as the votes say."""
        dialog = RankingDialog(RankingPresenter(self._studio), self._navigator.window_widget())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _undo(self) -> None:
        self.presenter.undo()
        self._navigator.toast(tr("The vote was taken back."))

    def _act(self, act: Callable[[], object]) -> None:
        self._guarded(act)
        self.show()
