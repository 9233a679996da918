"""Which turns are read together: a conversation that is longer than the window is cut between turns, after a reply.

Training and the mask view both ask here, so that they agree about every cut.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from studio.engine.chat_template import ChatTemplate
from studio.protocol.commands import Message
from studio.protocol.dataset_file import TurnLine

PERSONA = "assistant"
SYSTEM = "system"


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Turns in order, by their index; a system turn is read again in every stretch.

    ``fits`` is False where not even the first reply fits, or where no reply follows: such turns are in no window.
    """

    turns: tuple[int, ...]
    tokens: int
    fits: bool


def messages_of(turns: Sequence[TurnLine], chosen: Iterable[int]) -> list[Message]:
    """The chosen turns as a template takes them."""
    return [Message(role=turns[index].role, text=turns[index].text) for index in chosen]


def stretches(turns: Sequence[TurnLine], template: ChatTemplate, max_length: int) -> list[Stretch]:
    """Divide a conversation. Every turn but a leading system turn is in exactly one stretch."""
    if not turns:
        return []
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
