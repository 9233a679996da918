"""A conversation into token ids and a loss mask: only the persona's turns are learned, end-of-turn token included.

The template is rendered turn by turn and each rendering must extend the last, so what is trained is what is chatted
with; templates that rewrite history are refused by name. Long conversations are cut into windows between turns.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from studio.domain.errors import StudioError
from studio.engine.chat_template import ChatTemplate
from studio.protocol.commands import Message
from studio.protocol.dataset_file import ConversationLine, TurnLine

PERSONA = "assistant"


@dataclass(frozen=True, kw_only=True)
class Window:
    """Tokens as the model reads them; ``trained[i]`` says that token i is to be predicted. ``key`` names the source."""

    key: str
    ids: tuple[int, ...]
    trained: tuple[bool, ...]

    @property
    def trained_tokens(self) -> int:
        """How many tokens carry loss."""
        return sum(self.trained)


def encode(line: ConversationLine, template: ChatTemplate, max_length: int) -> list[Window]:
    """Return the windows of a conversation, each at most ``max_length`` tokens, every trained turn in exactly one."""
    return [window for window in _windows(line.key, line.turns, template, max_length) if window.trained_tokens]


def _windows(key: str, turns: Sequence[TurnLine], template: ChatTemplate, max_length: int) -> list[Window]:
    whole = _encode_whole(key, turns, template)
    if len(whole.ids) <= max_length:
        return [whole]
    system = [turn for turn in turns[:1] if turn.role == "system"]
    fitting = _fitting_turns(key, turns, len(system), template, max_length)
    head = _encode_whole(key, turns[:fitting], template)
    rest = list(turns[fitting:])
    return [head, *(_windows(key, [*system, *rest], template, max_length) if rest else [])]


def _fitting_turns(key: str, turns: Sequence[TurnLine], system: int, template: ChatTemplate, max_length: int) -> int:
    """Return how many turns fit, cutting only after a turn of the persona."""
    fitting = 0
    for count in range(system + 1, len(turns) + 1):
        if turns[count - 1].role != PERSONA:
            continue
        length = len(_encode_whole(key, turns[:count], template).ids)
        if length > max_length:
            if not fitting:
                raise StudioError("reply_too_long", conversation=key, tokens=length, limit=max_length)
            break
        fitting = count
    return fitting or len(turns)


def _encode_whole(key: str, turns: Sequence[TurnLine], template: ChatTemplate) -> Window:
    messages = [Message(role=turn.role, text=turn.text) for turn in turns]
    text = template.render(messages)
    spans = _trained_spans(key, turns, messages, text, template)
    encoded = template.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids: list[int] = encoded["input_ids"]
    trained = [False] * len(ids)
    for start, end in spans:
        _mark(ids, encoded["offset_mapping"], trained, start, end, template)
    return Window(key=key, ids=tuple(ids), trained=tuple(trained))


def _trained_spans(
    key: str, turns: Sequence[TurnLine], messages: Sequence[Message], text: str, template: ChatTemplate
) -> list[tuple[int, int]]:
    """Return (start, end) in ``text`` of each turn to learn: from after the reply's opening to the next turn."""
    spans = []
    for index, turn in enumerate(turns):
        if turn.role != PERSONA or not turn.train:
            continue
        after = template.render(messages[: index + 1])
        if not text.startswith(after):
            raise StudioError(
                "template_rewrites", reason=f"turn {index + 1} of conversation {key} is not kept as it was"
            )
        spans.append((_reply_start(messages, index, after, template), len(after)))
    return spans


def _reply_start(messages: Sequence[Message], index: int, after: str, template: ChatTemplate) -> int:
    """Return where the reply's own words begin: after the opening that a chat would give the model.

    Where there is no such opening (a greeting stands first): where the rendering parts from that of another reply.
    """
    if index:
        opening = template.render(messages[:index], prompt=True)
        if after.startswith(opening):
            return len(opening)
    words = messages[index].text.strip()
    twin = Message(role=PERSONA, text="1" if words.startswith("0") else "0")
    place = len(os.path.commonprefix([after, template.render([*messages[:index], twin])]))
    if not after.startswith(words, place):
        raise StudioError("template_rewrites", reason="a reply is not rendered as it was written")
    return place


def _mark(
    ids: Sequence[int],
    offsets: Sequence[tuple[int, int]],
    trained: list[bool],
    start: int,
    end: int,
    template: ChatTemplate,
) -> None:
    """Mark the reply's tokens up to and including the one that ends the turn; what follows it is the template's."""
    for index, (left, right) in enumerate(offsets):
        if left < start or right > end or left == right:
            continue
        trained[index] = True
        if ids[index] in template.stop_ids:
            return
    raise StudioError("end_of_turn_untrained")
