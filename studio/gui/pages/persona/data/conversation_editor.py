"""Does what the user wishes with the turns of one conversation, through the data bench. Knows no Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.domain.conversation import Role, Turn
from studio.domain.dataset import StoredConversation
from studio.gui.pages.persona.data.alternatives import AlternativeOrder
from studio.gui.pages.persona.data.turn_acts import Wish
from studio.gui.pages.persona.data.turn_selection import TurnSelection
from studio.texts import tr_plural

if TYPE_CHECKING:
    from studio.services.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The conversation as it is now; the turn to be at; and what to tell, where it should be undone easily."""

    stored: StoredConversation
    at: int
    told: str = ""


class ConversationEditor:
    """One method for each act of ``turn_acts``."""

    def __init__(self, studio: Studio, order: AlternativeOrder, initiator: object) -> None:
        self._studio, self._order, self._initiator = studio, order, initiator

    def do(self, stored: StoredConversation, wish: Wish, selection: TurnSelection) -> Outcome | None:
        """Do it; None when there is nothing to be done."""
        if not 0 <= wish.index <= len(stored.conversation.turns):
            return None
        act: Callable[[StoredConversation, Wish, TurnSelection], Outcome | None] = getattr(self, f"_{wish.name}")
        return act(stored, wish, selection)

    def _turn(self, stored: StoredConversation, index: int) -> Turn:
        return stored.conversation.turns[index]

    def _edited(
        self, stored: StoredConversation, index: int, *, text: str | None = None, train: bool | None = None,
        alternative: int | None = None, role: Role | None = None, speaker: str | None = None,
    ) -> Outcome:  # fmt: skip
        changed = self._studio.data.edit_turn(
            stored.id, index, text=text, train=train, alternative=alternative, role=role, speaker=speaker,
            initiator=self._initiator,
        )  # fmt: skip
        return Outcome(stored=changed, at=index)

    # -- one turn -----------------------------------------------------------------------------------------------

    def _text(self, stored: StoredConversation, wish: Wish, selection: TurnSelection) -> Outcome:
        return self._edited(stored, wish.index, text=str(wish.value))

    def _train(self, stored: StoredConversation, wish: Wish, selection: TurnSelection) -> Outcome | None:
        """All chosen turns of the persona go the way of this one."""
        turn = self._turn(stored, wish.index)
        if turn.role is not Role.PERSONA:
            return None
        meant = selection.chosen if wish.index in selection.chosen else (wish.index,)
        found = Outcome(stored=stored, at=wish.index)
        for index in meant:
            one = self._turn(found.stored, index)
            if one.role is Role.PERSONA and one.train == turn.train:
                found = self._edited(found.stored, index, train=not turn.train)
        return Outcome(stored=found.stored, at=wish.index)

    def _role(self, stored: StoredConversation, wish: Wish, selection: TurnSelection) -> Outcome:
        return self._edited(stored, wish.index, role=Role(str(wish.value)))

    def _speaker(self, stored: StoredConversation, wish: Wish, selection: TurnSelection) -> Outcome:
        return self._edited(stored, wish.index, speaker=str(wish.value).strip())

    def _confirm(self, stored: StoredConversation, wish: Wish, selection: TurnSelection) -> Outcome:
        changed = self._studio.data.confirm_turn(stored.id, wish.index, initiator=self._initiator)
        return Outcome(stored=changed, at=wish.index)

    # -- alternatives -------------------------------------------------------------------------------------------

    def _earlier(self, stored: StoredConversation, wish: Wish, selection: TurnSelection) -> Outcome | None:
        return self._leaf(stored, wish.index, -1)

    def _later(self, stored: StoredConversation, wish: Wish, selection: TurnSelection) -> Outcome | None:
        return self._leaf(stored, wish.index, 1)

    def _leaf(self, stored: StoredConversation, index: int, by: int) -> Outcome | None:
        chosen = self._order.step(stored.id, index, self._turn(stored, index), by)
        return None if chosen is None else self._edited(stored, index, alternative=chosen)

    def _drop_alternative(self, stored: StoredConversation, wish: Wish, selection: TurnSelection) -> Outcome | None:
        """The one that is seen goes; the next one takes its place."""
        turn = self._turn(stored, wish.index)
        instead = self._order.step(stored.id, wish.index, turn, 1)
        if instead is None:
            return None
        swapped = self._edited(stored, wish.index, alternative=instead).stored
        dropped = self._turn(swapped, wish.index).alternatives.index(turn.text)
        changed = self._studio.data.drop_alternative(stored.id, wish.index, dropped, initiator=self._initiator)
        return Outcome(stored=changed, at=wish.index)

    # -- several turns ------------------------------------------------------------------------------------------

    def _inserted(self, stored: StoredConversation, wish: Wish, selection: TurnSelection) -> Outcome:
        assert isinstance(wish.value, Turn)
        changed = self._studio.data.insert_turn(stored.id, wish.index, wish.value, initiator=self._initiator)
        return Outcome(stored=changed, at=wish.index)

    def _duplicate(self, stored: StoredConversation, wish: Wish, selection: TurnSelection) -> Outcome:
        changed = self._studio.data.duplicate_turn(stored.id, wish.index, initiator=self._initiator)
        return Outcome(stored=changed, at=wish.index + 1)

    def _split(self, stored: StoredConversation, wish: Wish, selection: TurnSelection) -> Outcome | None:
        """At a place in the words, which may have been edited just before."""
        assert isinstance(wish.value, tuple)
        text, position = wish.value
        if not str(text)[:position].strip() or not str(text)[position:].strip():
            return None
        if text != self._turn(stored, wish.index).text:
            stored = self._edited(stored, wish.index, text=text).stored
        changed = self._studio.data.split_turn(stored.id, wish.index, position, initiator=self._initiator)
        return Outcome(stored=changed, at=wish.index + 1)

    def _merge_next(self, stored: StoredConversation, wish: Wish, selection: TurnSelection) -> Outcome | None:
        first, last = selection.stretch or (wish.index, wish.index + 1)
        if last >= len(stored.conversation.turns):
            return None
        changed = self._studio.data.merge_turns(stored.id, first, last, initiator=self._initiator)
        return Outcome(stored=changed, at=first)

    def _merge_previous(self, stored: StoredConversation, wish: Wish, selection: TurnSelection) -> Outcome | None:
        if wish.index == 0:
            return None
        changed = self._studio.data.merge_turns(stored.id, wish.index - 1, wish.index, initiator=self._initiator)
        return Outcome(stored=changed, at=wish.index - 1)

    def _up(self, stored: StoredConversation, wish: Wish, selection: TurnSelection) -> Outcome | None:
        return self._moved(stored, wish.index, wish.index - 1)

    def _down(self, stored: StoredConversation, wish: Wish, selection: TurnSelection) -> Outcome | None:
        return self._moved(stored, wish.index, wish.index + 1)

    def _moved(self, stored: StoredConversation, index: int, to: int) -> Outcome | None:
        if not 0 <= to < len(stored.conversation.turns):
            return None
        changed = self._studio.data.move_turn(stored.id, index, to, initiator=self._initiator)
        return Outcome(stored=changed, at=to)

    def _delete(self, stored: StoredConversation, wish: Wish, selection: TurnSelection) -> Outcome:
        meant = selection.chosen if wish.index in selection.chosen else (wish.index,)
        changed = self._studio.data.delete_turns(stored.id, meant, initiator=self._initiator)
        words = tr_plural("The turn was deleted.", "{count} turns were deleted.", len(meant))
        return Outcome(stored=changed, at=min(meant[0], len(changed.conversation.turns) - 1), told=words)
