"""The bar of a blind round: what to do now, and the buttons to vote with."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from studio.domain.votes import BAD, TIE
from studio.gui.pages.chat.blind.keys import key_for
from studio.gui.pages.chat.blind.presenter import Stage
from studio.gui.widgets.basic import IconLabel, button, label
from studio.gui.widgets.layouts import FlowLayout, clear, column, holder, row
from studio.texts import tr


class BlindBar(QFrame):
    """``choices`` are the buttons by verdict; there are none while nothing waits for a vote."""

    voted = Signal(str)
    reveal_requested = Signal()
    undo_requested = Signal()
    next_requested = Signal()
    ranking_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self._shown: tuple[object, ...] = ()
        self._words = label("", wrap=True)
        self._flow = FlowLayout(spacing=6)
        self._buttons = holder(self._flow)
        self.choices: dict[str, QPushButton] = {}
        line = row(IconLabel("mdi6.eye-off-outline", "accent", 18), self._words, spacing=10)
        line.setStretch(1, 1)
        self.setLayout(column(line, self._buttons, spacing=8, margins=(14, 10, 12, 10)))
        self.hide()

    def show_round(self, stage: Stage, words: str, places: Sequence[int], *, can_undo: bool) -> None:
        """Show where the round is."""
        self.setVisible(stage is not Stage.OFF)
        shown = (stage, words, tuple(places), can_undo)
        if shown == self._shown:
            return
        self._shown = shown
        self._words.setText(words)
        self.setAccessibleName(words)
        clear(self._flow)
        self.choices = {}
        made = {Stage.VOTING: self._voting, Stage.REVEALED: self._revealed}.get(stage)
        parts = made(places, can_undo) if made else []
        for part in parts:
            self._flow.addWidget(part)
        self._buttons.setVisible(bool(parts))

    def _voting(self, places: Sequence[int], _: bool) -> list[QWidget]:
        names = {str(place): tr("Voice {place}", place=place) for place in places}
        names |= {TIE: tr("Tie"), BAD: tr("All bad")}
        for verdict, name in names.items():
            made = button(name, primary=False, tip=tr("Key {key}", key=key_for(verdict)), name=name,
                          on_click=partial(self.voted.emit, verdict))  # fmt: skip
            made.setText(f"{key_for(verdict)} · {name}")
            self.choices[verdict] = made
        reveal = button(tr("Show the names"), "mdi6.eye-outline", quiet=True, on_click=self.reveal_requested.emit,
                        tip=tr("Without a vote; this round then does not count"))  # fmt: skip
        return [*self.choices.values(), reveal]

    def _revealed(self, _: Sequence[int], can_undo: bool) -> list[QWidget]:
        onward = button(tr("Next prompt"), "mdi6.arrow-right", primary=True, on_click=self.next_requested.emit,
                        tip=tr("The names are hidden again when you say something"))  # fmt: skip
        ranking = button(tr("Ranking"), "mdi6.podium", on_click=self.ranking_requested.emit)
        undo = button(tr("Take the vote back"), "mdi6.undo", quiet=True, on_click=self.undo_requested.emit)
        return [onward, ranking, undo] if can_undo else [onward, ranking]
