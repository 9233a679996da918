"""Which messages of a long conversation still fit: the oldest leave, turn by turn, and at least the last turn stays.

They leave in strides of an eighth of the context, not one by one: a conversation that lost another turn with each
question would begin otherwise each time, and nothing that is known of its beginning would be of use any more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from studio.protocol.commands import Message

STRIDES = 8
_BYTES = 4
"""Of a token, about, in most languages: says where to begin to look, never what fits."""


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A prompt's tokens, and how many messages were left out of it."""

    ids: list[int]
    left_out: int


def fitted(
    messages: Sequence[Message], pinned: int, context: int, reserve: int, ids_of: Callable[[list[Message]], list[int]]
) -> Fitted:
    """Return as much of the conversation as leaves ``reserve`` tokens of ``context``; else the least there can be."""
    free = [place for place, one in enumerate(messages) if place >= pinned and one.role != "system"]
    steps = _steps([messages[place] for place in free], context)
    known: dict[int, Fitted] = {}

    def without(step: int) -> Fitted:
        leaving = set(free[: steps[step]])
        if step not in known:
            kept = [one for place, one in enumerate(messages) if place not in leaving]
            known[step] = Fitted(ids=ids_of(kept), left_out=steps[step])
        return known[step]

    room = context - reserve
    step = _guess(messages, free, steps, room)
    while step > 0 and len(without(step - 1).ids) <= room:
        step -= 1
    while step < len(steps) - 1 and len(without(step).ids) > room:
        step += 1
    return without(step)


def _guess(messages: Sequence[Message], free: Sequence[int], steps: Sequence[int], room: int) -> int:
    """The first step after which the messages are about as long as there is room."""
    size = sum(map(_size, messages))
    for number, (past, count) in enumerate(zip([0, *steps], steps, strict=False)):
        size -= sum(_size(messages[place]) for place in free[past:count])
        if size <= _BYTES * room:
            return number
    return len(steps) - 1


def _steps(free: Sequence[Message], context: int) -> list[int]:
    """How many of the free messages may leave: none, or up to the first border of turns after each stride."""
    borders = [count for count in range(1, len(free)) if free[count].role == "user"]
    stride = max(1, context * _BYTES // STRIDES)
    steps, reached, size, counted = [0], 0, 0, 0
    for border in borders:
        size += sum(map(_size, free[counted:border]))
        counted = border
        if size // stride > reached or border == borders[-1]:
            reached = size // stride
            steps.append(border)
    return steps


def _size(message: Message) -> int:
    return len(message.text.encode())
