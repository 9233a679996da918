"""Blind voting: names hidden until the vote, then shown; a new order for every prompt. Knows no Qt."""

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from studio.domain.conversation import Role
from studio.domain.votes import BAD, TIE, Ballot, Vote
from studio.gui.pages.chat.talk.screen import ColumnView
from studio.gui.widgets.message import Message
from studio.texts import tr

if TYPE_CHECKING:
    from studio.gui.pages.chat.presenter import Presenter
    from studio.services.studio import Studio

FEWEST = 2
_NEUTRAL = ""


class Stage(StrEnum):
    """Where a round is."""

    OFF = "off"
    ASKING = "asking"  # names are hidden; nothing was asked yet
    ANSWERING = "answering"
    VOTING = "voting"
    REVEALED = "revealed"


class BlindPresenter:
    """A ``Curtain``. A ballot is made with the prompt, so what was seen with names is never voted on blindly."""

    def __init__(self, studio: "Studio", presenter: "Presenter") -> None:
        self._studio, self._presenter = studio, presenter
        self._on = False
        self._chat_id = ""
        self.ballot: Ballot | None = None
        self.vote: Vote | None = None

    # -- what is shown -------------------------------------------------------------------------------------------

    @property
    def on(self) -> bool:
        """True while prompts are answered without names."""
        self._follow_chat()
        return self._on

    @property
    def hidden(self) -> bool:
        """True while nobody may see who is who."""
        return self.on and not (self.ballot is not None and self.ballot.revealed)

    @property
    def stage(self) -> Stage:
        """Where the round is."""
        if not self.on:
            return Stage.OFF
        if self.ballot is None:
            return Stage.ASKING
        if self.ballot.revealed:
            return Stage.REVEALED
        return Stage.ANSWERING if self._presenter.replies.busy or not self._answered() else Stage.VOTING

    @property
    def possible(self) -> bool:
        """A vote needs two columns at least."""
        return len(self._presenter.contestants()) >= FEWEST

    def order(self) -> list[int]:
        """The columns in the order in which they are shown."""
        count = len(self._presenter.contestants())
        if not self.on or self.ballot is None:
            return list(range(count))
        placed = self._studio.votes.columns(self.ballot)
        return [*placed, *(column for column in range(count) if column not in placed)]

    def place(self, column: int) -> int:
        """The place of a column on the ballot, from 1."""
        return self.order().index(column) + 1

    def header(self, column: int, view: ColumnView) -> ColumnView:
        """``Curtain``: a number instead of a name."""
        if not self.hidden:
            return self._revealed(column, view) if self.stage is Stage.REVEALED else view
        return replace(
            view, title=tr("Voice {place}", place=self.place(column)), subtitle=tr("name hidden"), colour=_NEUTRAL,
            portrait=None, is_base=False, strength=1.0, figure="", details=(), own=False, blended=False, hidden=True,
        )  # fmt: skip

    def _revealed(self, column: int, view: ColumnView) -> ColumnView:
        """Who it was, and which voice it had been."""
        return replace(view, subtitle=f"{tr('Voice {place}', place=self.place(column))} · {view.subtitle}")

    def thread(self, column: int, messages: list[Message]) -> list[Message]:
        """``Curtain``: only this round's words; what was said before was seen with names."""
        if not self.hidden:
            return messages
        if self.ballot is None:
            return []
        mine = [at for at, one in enumerate(messages) if one.mine]
        return [_plain(one) for one in messages[mine[-1] :]] if mine else []

    def words(self) -> str:
        """What to do now."""
        return {
            Stage.OFF: "",
            Stage.ASKING: tr("Say something: they answer in random order, without names."),
            Stage.ANSWERING: tr("They answer in random order, without names…"),
            Stage.VOTING: tr("Which reply is the best? The key on a button does the same."),
            Stage.REVEALED: self._result(),
        }[self.stage]

    def places(self) -> list[int]:
        """The places that can be voted for."""
        return list(range(1, len(self._presenter.contestants()) + 1))

    # -- acting --------------------------------------------------------------------------------------------------

    def switch(self, on: bool) -> None:
        """Hide the names from now on, or show them; an open round is closed by that."""
        if on == self.on or on and not self.possible:
            return
        if not on and self.stage in (Stage.ANSWERING, Stage.VOTING):
            self.reveal()
        self._on, self.ballot, self.vote = on, None, None
        self._presenter.refresh()

    def before_asking(self) -> None:
        """A prompt is about to be sent: a new ballot in a new order."""
        if self.on and self.possible and self.stage is not Stage.ANSWERING:
            chat = self._presenter.open_chat.begin()
            self._chat_id, self.vote = chat.id, None
            self.ballot = self._studio.votes.ballot(chat.id)

    def give(self, verdict: str) -> bool:
        """Vote: a place, ``tie`` or ``bad``; the names are shown. False when there is nothing to vote on."""
        known = {TIE, BAD, *(str(place) for place in self.places())}
        if self.stage is not Stage.VOTING or self.ballot is None or verdict not in known:
            return False
        self.vote = self._studio.votes.vote(self.ballot.id, verdict)
        self.ballot = self._studio.votes.get(self.ballot.id)
        self._presenter.refresh()
        return True

    def reveal(self) -> None:
        """Show the names without a vote."""
        if self.ballot is not None and not self.ballot.revealed:
            self.ballot = self._studio.votes.reveal(self.ballot.id)
            self._presenter.refresh()

    def undo(self) -> None:
        """Take the last vote back."""
        if self.vote is not None:
            self._studio.votes.undo(self.vote.id)
            self.vote = None
            self._presenter.refresh()

    # -- inside --------------------------------------------------------------------------------------------------

    def _follow_chat(self) -> None:
        """Another chat may be open: a round that was left open there goes on, before anything of it is shown."""
        if self._presenter.chat_id == self._chat_id:
            return
        self._chat_id = self._presenter.chat_id
        self.vote = None
        self.ballot = self._studio.votes.open_ballot(self._chat_id) if self._chat_id else None
        self._on = self.ballot is not None

    def _answered(self) -> bool:
        """True when the last words of all columns are replies; whole threads need not be read for that."""
        chat_id, places = self._presenter.chat_id, self._presenter.open_chat.places()
        message = self._studio.chats.desk.message
        return bool(chat_id) and all(tip and message(chat_id, tip).role is Role.PERSONA for _, tip in places)

    def _result(self) -> str:
        if self.vote is None:
            return tr("The names are shown; this round does not count.")
        winner = self.vote.winner
        if winner is not None:
            return tr("You chose voice {place}: {name}.", place=self.vote.verdict, name=winner.name)
        return tr("All as good as each other.") if self.vote.verdict == TIE else tr("None of them any good.")


def _plain(message: Message) -> Message:
    """Nothing that tells more than the words; only copying is possible."""
    return replace(message, place=1, count=1, rating=0, taught=False, faded=False, locked=True)
