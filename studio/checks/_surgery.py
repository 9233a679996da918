"""Changing conversations without losing anything: edited texts, turns taken out or joined, switches turned off.

An edited turn is no longer doubtful; that it was generated is kept for good.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from studio.checks.check import Apply, RepairContext, Repaired
from studio.domain.conversation import DOUBTFUL, Conversation, Role, Turn


def edited(turn: Turn, text: str) -> Turn:
    """The turn with other words; the very same turn when they are the same."""
    if text == turn.text:
        return turn
    return replace(turn, text=text, marks=without_doubt(turn.marks))


def without_doubt(marks: tuple[str, ...]) -> tuple[str, ...]:
    """The marks of a turn that somebody has looked at."""
    return tuple(mark for mark in marks if mark != DOUBTFUL)


def with_turns(conversation: Conversation, turns: Iterable[Turn]) -> Repaired:
    """The conversation with these turns: itself when they are its own, nothing when none are left."""
    new = tuple(turns)
    if new == conversation.turns:
        return conversation
    return replace(conversation, turns=new) if new else None


def map_texts(
    conversation: Conversation, change: Callable[[str], str], where: Callable[[Turn], bool] = lambda turn: True
) -> Repaired:
    """Change the words of turns and of their alternatives; a turn that becomes empty by it is taken out."""
    turns = [_mapped(turn, change) if where(turn) else turn for turn in conversation.turns]
    emptied = [
        index
        for index, (before, after) in enumerate(zip(conversation.turns, turns, strict=True))
        if before.text.strip() and not after.text.strip()
    ]
    return take_out(replace(conversation, turns=tuple(turns)) if turns else conversation, emptied, conversation)


def _mapped(turn: Turn, change: Callable[[str], str]) -> Turn:
    new = edited(turn, change(turn.text))
    if turn.alternatives:
        others = tuple(change(other) for other in turn.alternatives)
        kept = tuple(other for other, before in zip(others, turn.alternatives, strict=True) if other or not before)
        if kept != turn.alternatives:
            new = replace(new, alternatives=kept)
    return new


def take_out(conversation: Conversation, indexes: Collection[int], original: Conversation | None = None) -> Repaired:
    """Without these turns. Where that brings two turns of one side together, they become one.

    ``original`` is what counts as unchanged, where the conversation was worked on before.
    """
    gone = set(indexes)
    kept: list[Turn] = []
    gap = False
    for index, turn in enumerate(conversation.turns):
        if index in gone:
            gap = True
            continue
        if gap and kept and joinable(kept[-1], turn):
            kept[-1] = joined(kept[-1], turn)
        else:
            kept.append(turn)
        gap = False
    return with_turns(original or conversation, kept)


def joinable(first: Turn, second: Turn) -> bool:
    """Whether two neighbours can be one turn: the same side, and not two people by name."""
    named = {turn.speaker.casefold() for turn in (first, second) if turn.speaker}
    return first.role is second.role and len(named) < 2


def joined(first: Turn, second: Turn, joint: str = "\n") -> Turn:
    """Two turns as one. Learned only if both were; the second's alternatives become whole by the first's words."""
    longer = tuple(f"{first.text}{joint}{other}" for other in second.alternatives)
    return replace(
        first,
        text=f"{first.text}{joint}{second.text}",
        speaker=first.speaker or second.speaker,
        train=first.train and second.train,
        alternatives=longer,
        marks=tuple(dict.fromkeys((*first.marks, *second.marks))),
    )


def switch_off(conversation: Conversation, indexes: Iterable[int]) -> Repaired:
    """These turns are no longer learned; whatever is not there or not the persona's is passed over."""
    off = set(indexes)
    return with_turns(
        conversation,
        (
            replace(turn, train=False) if index in off and turn.role is Role.PERSONA and turn.train else turn
            for index, turn in enumerate(conversation.turns)
        ),
    )


def switch_off_named(key: str, conversation: Conversation, given: RepairContext) -> Repaired:
    """A repair: switch off the turns that the report names."""
    return switch_off(conversation, given.turns.get(key, ()))


def remove_named(key: str, conversation: Conversation, given: RepairContext) -> Repaired:
    """A repair: take the conversations out that the report names."""
    return None if key in given.removals else conversation


def switch_off_where(found: Callable[[Turn, Conversation, RepairContext], bool]) -> Apply:
    """A repair: switch off every learned turn in which something is found."""

    def apply(key: str, conversation: Conversation, given: RepairContext) -> Repaired:
        del key
        bad = (
            index
            for index, turn in enumerate(conversation.turns)
            if turn.role is Role.PERSONA and turn.train and found(turn, conversation, given)
        )
        return switch_off(conversation, bad)

    return apply


def change_texts(change: Callable[[str], str], where: Callable[[Turn], bool] = lambda turn: True) -> Apply:
    """A repair: change the words of turns, one text at a time."""

    def apply(key: str, conversation: Conversation, given: RepairContext) -> Repaired:
        del key, given
        return map_texts(conversation, change, where)

    return apply
