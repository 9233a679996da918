"""What a row starts from: its conversation under the base's template, up to the very place where it goes on.

That is the beginning of the persona's turn or, where the row writes for the user, of the user's; a row that goes on
with a text starts behind it. What ends the turn is found in the template itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from studio.domain.errors import StudioError
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat.fitting import fitted
from studio.engine.text.chat_template import ChatTemplate
from studio.protocol.commands import Message, Row

LEAST_ROOM = 16
"""Tokens for a reply that are worth beginning with."""
_PLACE = "5e0b71c3"
"""Words that no template and no user writes; the user's words stand there."""
_BEFORE = 8
"""Tokens before a place that decide how the one after it is written."""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A prompt and the rules of what follows it.

    ``before`` are its last tokens where the row goes on with a text, and ``ends_blank`` says that this text ends with a
    blank, which the prompt leaves to the next token, as the tokenizer does.
    """

    ids: list[int]
    limit: int
    stop_ids: frozenset[int]
    stop_texts: tuple[str, ...] = ()
    left_out: int = 0
    continues: bool = False
    before: list[int] = field(default_factory=list)
    ends_blank: bool = False


def opening_of(row: Row, base: LoadedBase) -> Opening:
    """Build a row's prompt, without the oldest turns where it would be too long; else ``prompt_too_long``."""
    _refuse_empty(row)
    template, context = base.template, base.context_length
    beginning = row.continues.rstrip(" ")
    reserve = min(row.sampling.max_tokens, context // 2)

    def ids_of(messages: list[Message]) -> list[int]:
        text = _up_to_turn(messages, template, row.write_as) + beginning
        return list(template.tokenizer.encode(text, add_special_tokens=False))

    found = fitted(row.messages, row.pinned, context, reserve, ids_of)
    if len(found.ids) + min(reserve, LEAST_ROOM) > context:
        raise StudioError("prompt_too_long", tokens=len(found.ids), limit=context)
    stop_ids, stop_texts = _ends_of_turn(template, row.write_as)
    return Opening(
        ids=found.ids,
        limit=min(row.sampling.max_tokens, context - len(found.ids)),
        stop_ids=template.stop_ids | stop_ids,
        stop_texts=(*row.sampling.stop, *stop_texts),
        left_out=found.left_out,
        continues=bool(beginning),
        before=found.ids[-_BEFORE:] if beginning else [],
        ends_blank=bool(beginning) and beginning != row.continues,
    )


def _refuse_empty(row: Row) -> None:
    asked = any(message.role == "user" and message.text.strip() for message in row.messages)
    if not asked and not row.continues.strip() and row.write_as != "user":
        raise StudioError("prompt_empty")


def _up_to_turn(messages: Sequence[Message], template: ChatTemplate, write_as: str) -> str:
    """The conversation with the head of the turn that is to be written."""
    if write_as != "user":
        return template.render(messages, prompt=True)
    return _around_user(messages, template)[0]


def _ends_of_turn(template: ChatTemplate, write_as: str) -> tuple[frozenset[int], tuple[str, ...]]:
    """What else ends the turn: the template's mark behind a user's words, as a token or, failing that, as text."""
    if write_as != "user":
        return frozenset(), ()
    closing = _around_user([], template)[1]
    marks = template.tokenizer.added_tokens_decoder
    mark = next((one for one in template.tokenizer.encode(closing, add_special_tokens=False) if one in marks), None)
    if mark is not None:
        return frozenset([mark]), ()
    lines = closing.strip().splitlines()
    return frozenset(), tuple(lines[:1])


def _around_user(messages: Sequence[Message], template: ChatTemplate) -> tuple[str, str]:
    """What the template writes before and after the user's next words; blanks before them belong to the first word."""
    before, _, after = template.render([*messages, Message(role="user", text=_PLACE)]).rpartition(_PLACE)
    return before.rstrip(" "), after
