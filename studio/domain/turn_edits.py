"""What can be done to the turns of a conversation. Each returns a new one; an index that is not there is a trouble."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from studio.domain.conversation import DOUBTFUL, Conversation, Role, Turn
from studio.domain.errors import StudioError

_SETTLES = frozenset({"role", "speaker", "text"})


def turn_at(conversation: Conversation, index: int) -> Turn:
    """Return a turn."""
    if not 0 <= index < len(conversation.turns):
        raise StudioError("not_found", what="turn", name=str(index))
    return conversation.turns[index]


def edited(
    conversation: Conversation, index: int, fields: Mapping[str, Any], alternative: int | None = None
) -> Conversation:
    """Swap a turn's words with one of its alternatives, then set fields. Whoever edits a guess has looked at it."""
    turn = turn_at(conversation, index)
    if alternative is not None:
        turn = _swapped(turn, alternative)
    if _SETTLES & fields.keys():
        turn = settled(turn)
    return conversation.with_turn(index, replace(turn, **fields))


def settled(turn: Turn) -> Turn:
    """Return the turn without the mark of a guessed speaker."""
    return replace(turn, marks=tuple(mark for mark in turn.marks if mark != DOUBTFUL))


def inserted(conversation: Conversation, index: int, turn: Turn) -> Conversation:
    """Put a turn before the one at ``index``; behind the last one when there is none."""
    at = max(0, min(index, len(conversation.turns)))
    return replace(conversation, turns=(*conversation.turns[:at], turn, *conversation.turns[at:]))


def without(conversation: Conversation, indexes: Iterable[int]) -> Conversation:
    """Take turns out."""
    gone = set(indexes)
    for index in gone:
        turn_at(conversation, index)
    return replace(conversation, turns=tuple(turn for at, turn in enumerate(conversation.turns) if at not in gone))


def moved(conversation: Conversation, index: int, to: int) -> Conversation:
    """Take a turn to the index ``to``."""
    turn = turn_at(conversation, index)
    turn_at(conversation, to)
    return inserted(without(conversation, [index]), to, turn)


def split(conversation: Conversation, index: int, position: int) -> Conversation:
    """Make two turns of one. Its alternatives belonged to the whole, so they go."""
    turn = turn_at(conversation, index)
    first, second = turn.text[:position].rstrip(), turn.text[position:].lstrip()
    if not first or not second:
        raise StudioError("split_empty")
    parts = (replace(turn, text=first, alternatives=()), replace(turn, text=second, alternatives=()))
    return replace(conversation, turns=(*conversation.turns[:index], *parts, *conversation.turns[index + 1 :]))


def merged(conversation: Conversation, first: int, last: int) -> Conversation:
    """Make one turn of several; what one of them was marked with, the whole is."""
    turn_at(conversation, first)
    turn_at(conversation, last)
    turns = conversation.turns[first : last + 1]
    if len(turns) < 2:
        raise StudioError("merge_needs_two")
    whole = replace(
        turns[0],
        text="\n\n".join(turn.text for turn in turns if turn.text.strip()),
        train=all(turn.train for turn in turns),
        alternatives=(),
        marks=tuple(dict.fromkeys(mark for turn in turns for mark in turn.marks)),
    )
    return replace(conversation, turns=(*conversation.turns[:first], whole, *conversation.turns[last + 1 :]))


def without_alternative(conversation: Conversation, index: int, alternative: int) -> Conversation:
    """Forget one of the passed-over answers of a turn."""
    turn = turn_at(conversation, index)
    _swapped(turn, alternative)
    left = (*turn.alternatives[:alternative], *turn.alternatives[alternative + 1 :])
    return conversation.with_turn(index, replace(turn, alternatives=left))


def trained(conversation: Conversation, train: bool) -> Conversation:
    """Say of all turns of the persona whether the trainer may learn them."""
    if all(turn.train is train for turn in conversation.persona_turns):
        return conversation
    turns = (replace(turn, train=train) if turn.role is Role.PERSONA else turn for turn in conversation.turns)
    return replace(conversation, turns=tuple(turns))


def retagged(conversation: Conversation, add: Iterable[str], remove: Iterable[str]) -> Conversation:
    """Put tags on and take others off; the same conversation when that changes nothing."""
    gone = set(remove)
    tags = tuple(dict.fromkeys([*(tag for tag in conversation.tags if tag not in gone), *add]))
    return conversation if tags == conversation.tags else replace(conversation, tags=tags)


def _swapped(turn: Turn, alternative: int) -> Turn:
    if not 0 <= alternative < len(turn.alternatives):
        raise StudioError("not_found", what="alternative", name=str(alternative))
    others = (*turn.alternatives[:alternative], turn.text, *turn.alternatives[alternative + 1 :])
    return replace(turn, text=turn.alternatives[alternative], alternatives=others)
