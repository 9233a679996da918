"""A conversation into token ids and a loss mask: only the persona's turns are learned, end-of-turn token included.

The template is rendered turn by turn and each rendering must extend the last, so what is trained is what is chatted
with. Where a template writes a reply otherwise once something follows it, each reply has a window of its own, as the
last of what a chat reads; templates that put other words before a reply than a chat does are refused by name. Long
conversations are cut into windows between turns.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from studio.domain.errors import StudioError
from studio.engine.text.chat_template import ChatTemplate
from studio.engine.text.windowing import PERSONA, Stretch, messages_of, stretches
from studio.protocol.commands import Message
from studio.protocol.dataset_file import ConversationLine, TurnLine


@dataclass(frozen=True, kw_only=True)
class Window:
    """Tokens as the model reads them; ``trained[i]`` says that token i is to be predicted. ``key`` names the source."""

    key: str
    ids: tuple[int, ...]
    trained: tuple[bool, ...]

    @property
    def length(self) -> int:
        """Tokens of the longest row: its only one."""
        return len(self.ids)

    @property
    def rows(self) -> int:
        """Rows that it takes in a batch."""
        return 1

    @property
    def tokens(self) -> int:
        """Tokens that are read."""
        return len(self.ids)

    @property
    def trained_tokens(self) -> int:
        """How many tokens carry loss."""
        return sum(self.trained)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A stretch as the model reads it. ``offsets`` are each token's characters in ``text``.

    ``learned`` has (turn, start, end) for each turn to learn: from after the reply's opening to the end of the turn.
    """

    turns: tuple[int, ...]
    text: str
    ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]
    trained: tuple[bool, ...]
    learned: tuple[tuple[int, int, int], ...] = ()


def encode(line: ConversationLine, template: ChatTemplate, max_length: int) -> list[Window]:
    """Return the windows of a conversation, each at most ``max_length`` tokens, every trained turn in exactly one."""
    readings = [
        read(line.key, line.turns, stretch, template)
        for stretch in stretches(line.turns, template, max_length)
        if is_learned(line.key, line.turns, stretch, max_length)
    ]
    return [Window(key=line.key, ids=reading.ids, trained=reading.trained) for reading in readings]


def is_learned(key: str, turns: Sequence[TurnLine], stretch: Stretch, max_length: int) -> bool:
    """Whether a stretch becomes a window: one with nothing to learn does not. ``reply_too_long`` where it cannot."""
    if not any(_trains(turns[index]) for index in stretch.turns):
        return False
    if not stretch.fits:
        place = stretch.turns[-1]
        raise StudioError("reply_too_long", conversation=key, tokens=stretch.tokens, limit=max_length, turn=place)
    return True


def read(key: str, turns: Sequence[TurnLine], stretch: Stretch, template: ChatTemplate) -> Reading:
    """Return a stretch with its loss mask."""
    plain = read_unlearned(turns, stretch, template)
    messages = messages_of(turns, stretch.turns)
    learned = []
    trained = [False] * len(plain.ids)
    first = len(stretch.turns) - 1 if stretch.last_only else 0
    for place, index in enumerate(stretch.turns[first:], start=first):
        if _trains(turns[index]):
            number = sum(turns[before].role == PERSONA for before in range(index + 1))
            start, end = _reply_span(f"reply {number} of conversation {key}", messages, place, plain.text, template)
            learned.append((index, start, end))
            _mark(plain, trained, _first_letter(plain, start, messages[:place]), end, template)
    if not stretch.last_only:
        _check_kept(key, turns, plain, template)
    return Reading(
        turns=plain.turns,
        text=plain.text,
        ids=plain.ids,
        offsets=plain.offsets,
        trained=tuple(trained),
        learned=tuple(learned),
    )


def read_unlearned(turns: Sequence[TurnLine], stretch: Stretch, template: ChatTemplate) -> Reading:
    """Return a stretch as it is read, without asking what could be learned of it."""
    text = template.render(messages_of(turns, stretch.turns))
    encoded = template.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids = tuple(encoded["input_ids"])
    offsets = tuple((left, right) for left, right in encoded["offset_mapping"])
    return Reading(turns=stretch.turns, text=text, ids=ids, offsets=offsets, trained=(False,) * len(ids))


def _check_kept(key: str, turns: Sequence[TurnLine], reading: Reading, template: ChatTemplate) -> None:
    """Refuse a template that would write the end of a window otherwise, had it not been cut there."""
    following = reading.turns[-1] + 1
    if following == len(turns):
        return
    longer = template.render(messages_of(turns, (*reading.turns, following)))
    if not longer.startswith((reading.text, template.without_closing(reading.text))):
        number = sum(turns[before].role == PERSONA for before in range(following))
        raise StudioError("template_rewrites", reason=f"reply {number} of conversation {key} is not kept as it was")


def _trains(turn: TurnLine) -> bool:
    return turn.role == PERSONA and turn.train


def _reply_span(
    name: str, messages: Sequence[Message], place: int, text: str, template: ChatTemplate
) -> tuple[int, int]:
    """Return (start, end) in ``text`` of the reply at ``place``; ``name`` names it where the template is refused."""
    after = template.render(messages[: place + 1])
    if not text.startswith(after):
        after = template.without_closing(after)
    if not text.startswith(after):
        raise StudioError("template_rewrites", reason=f"{name} is not kept as it was")
    return _reply_start(name, messages, place, after, template), len(after)


def _reply_start(name: str, messages: Sequence[Message], place: int, after: str, template: ChatTemplate) -> int:
    """Return where the reply's own words begin: after the opening that a chat would give the model.

    Where there is no such opening (a greeting stands first): where the rendering parts from that of another reply.
    """
    if place:
        opening = template.render(messages[:place], prompt=True)
        if after.startswith(opening):
            return len(opening)
        if any(message.role == "user" for message in messages[:place]):
            raise StudioError("template_rewrites", reason=f"a chat puts other words before {name}")
    words = messages[place].text.strip()
    twin = Message(role=PERSONA, text="1" if words.startswith("0") else "0")
    start = len(os.path.commonprefix([after, template.render([*messages[:place], twin])]))
    if not after[start:].lstrip().startswith(words):  # some templates trim, others keep the spaces
        raise StudioError("template_rewrites", reason="a reply is not rendered as it was written")
    return start


def _first_letter(reading: Reading, start: int, before: Sequence[Message]) -> int:
    """Return where the first token to learn begins; a greeting's may hold the space that stands before it."""
    if any(message.role == "user" for message in before):
        return start
    straddling = [left for left, right in reading.offsets if left < start < right]
    return straddling[0] if straddling and reading.text[straddling[0] : start].isspace() else start


def _mark(reading: Reading, trained: list[bool], start: int, end: int, template: ChatTemplate) -> None:
    """Mark the reply's tokens up to and including the one that ends the turn; what follows it is the template's."""
    for index, (left, right) in enumerate(reading.offsets):
        if left < start or right > end or left == right:
            continue
        trained[index] = True
        if reading.ids[index] in template.stop_ids:
            return
    raise StudioError("end_of_turn_untrained")
