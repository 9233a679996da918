"""Which turns are read together: a conversation that is longer than the window is cut between turns, after a reply.

Under a template that writes a reply otherwise once something follows it, every reply is read on its own, after what a
chat would read before it. Training and the mask view both ask here, so that they agree about every cut.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from studio.engine.text.chat_template import ChatTemplate
from studio.protocol.commands import Message
from studio.protocol.dataset_file import TurnLine

PERSONA = "assistant"
SYSTEM = "system"


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Turns in order, by their index; a system turn is read again in every stretch.

    ``fits`` is False where not even the first reply fits, or where no reply follows: such turns are in no window.
    ``last_only``: of its replies only the last one is learned; those before it are in stretches of their own.
    """

    turns: tuple[int, ...]
    tokens: int
    fits: bool
    last_only: bool = False


def messages_of(turns: Sequence[TurnLine], chosen: Iterable[int]) -> list[Message]:
    """The chosen turns as a template takes them."""
    return [Message(role=turns[index].role, text=turns[index].text) for index in chosen]


def stretches(turns: Sequence[TurnLine], template: ChatTemplate, max_length: int) -> list[Stretch]:
    """Divide a conversation. Every turn but a leading system turn is in exactly one stretch, or, where each reply is
    read on its own, in all that read it."""
    if not turns:
        return []
    if not template.keeps_replies:
        return _one_each(turns, template, max_length)
    whole = _measured(turns, tuple(range(len(turns))), template)
    if whole.tokens <= max_length:
        return [whole]
    head = (0,) if turns[0].role == SYSTEM else ()
    found: list[Stretch] = []
    at = len(head)
    while at < len(turns):
        found.append(_next(turns, head, at, template, max_length))
        at = found[-1].turns[-1] + 1
    return found or [Stretch(turns=whole.turns, tokens=whole.tokens, fits=False)]


def _next(turns: Sequence[TurnLine], head: tuple[int, ...], at: int, template: ChatTemplate, limit: int) -> Stretch:
    """The longest stretch from ``at`` that ends with a reply and fits; the shortest one where none fits."""
    best: Stretch | None = None
    for index in range(at, len(turns)):
        if turns[index].role != PERSONA:
            continue
        candidate = _measured(turns, (*head, *range(at, index + 1)), template)
        if candidate.tokens > limit:
            return best or Stretch(turns=candidate.turns, tokens=candidate.tokens, fits=False)
        best = candidate
    rest = _measured(turns, (*head, *range(at, len(turns))), template)
    if best is None:
        return Stretch(turns=rest.turns, tokens=rest.tokens, fits=False)
    return rest if rest.tokens <= limit else best


def _measured(turns: Sequence[TurnLine], chosen: tuple[int, ...], template: ChatTemplate) -> Stretch:
    return Stretch(turns=chosen, tokens=template.length(messages_of(turns, chosen)), fits=True)


def tails(turns: Sequence[TurnLine], last: int) -> list[tuple[int, ...]]:
    """The ways to read the turn ``last``, with ever less before it: cut after replies, a question left before it."""
    head = (0,) if turns[0].role == SYSTEM else ()
    return [
        (*head, *range(start, last + 1))
        for start in range(len(head), last)
        if (start == len(head) or turns[start - 1].role == PERSONA)
        and any(turn.role == "user" for turn in turns[start:last])
    ]


def longest_tail(
    versions: Sequence[Sequence[TurnLine]], last: int, template: ChatTemplate, limit: int
) -> tuple[int, ...]:
    """Return as much of what stands before the turn ``last`` as fits in every version; empty where nothing does."""
    found = tails(versions[0], last)

    def fits(tail: tuple[int, ...]) -> bool:
        return all(template.length(messages_of(turns, tail)) <= limit for turns in versions)

    if not found or fits(found[0]):
        return found[0] if found else ()
    place = bisect_left(found, True, lo=1, key=fits)  # with less before it a row is never longer
    return found[place] if place < len(found) else ()


def _one_each(turns: Sequence[TurnLine], template: ChatTemplate, limit: int) -> list[Stretch]:
    """A stretch for each reply to learn, and one for each run of turns that none of those reads."""
    learned = [index for index, turn in enumerate(turns) if turn.role == PERSONA and turn.train]
    found = [_alone(turns, index, template, limit) for index in learned]
    head = (0,) if turns[0].role == SYSTEM else ()
    read = {*head, *(index for stretch in found for index in stretch.turns)}
    unread = [index for index in range(len(turns)) if index not in read]
    runs = groupby(enumerate(unread), key=lambda one: one[1] - one[0])
    found += [_measured(turns, (*head, *(index for _, index in run)), template) for _, run in runs]
    return sorted(found or [_measured(turns, head, template)], key=lambda stretch: stretch.turns[-1])


def _alone(turns: Sequence[TurnLine], index: int, template: ChatTemplate, limit: int) -> Stretch:
    """The reply at ``index``, after as much as fits. A greeting has no question that must stand before it."""
    chosen = longest_tail([turns], index, template, limit)
    ways = tails(turns, index)
    shortest = ways[-1] if ways else tuple(range(index + 1))
    found = _measured(turns, chosen or shortest, template)
    return Stretch(turns=found.turns, tokens=found.tokens, fits=found.tokens <= limit, last_only=True)
