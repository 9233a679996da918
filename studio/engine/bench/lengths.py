"""Which conversations of a dataset file do not fit into the window, and which replies alone do not."""

from collections.abc import Iterator
from pathlib import Path

from studio.domain.errors import StudioError
from studio.engine.bench.template_shelf import TemplateShelf
from studio.engine.scheduler import Work
from studio.engine.text.chat_template import ChatTemplate
from studio.engine.text.windowing import PERSONA, messages_of, stretches
from studio.engine.wire import Wire
from studio.protocol.commands import MeasureLengths
from studio.protocol.dataset_file import ConversationLine, read_dataset
from studio.protocol.events import LengthsMeasured, LongReply, Progress

UNIT = 16
"""Conversations in one unit of work: some ten milliseconds."""

TOLD_EVERY = 512


def measure_lengths(command: MeasureLengths, shelf: TemplateShelf, wire: Wire) -> Work:
    """Answer ``MeasureLengths``."""
    template = shelf.template(Path(command.path))
    long: dict[str, int] = {}
    replies: list[LongReply] = []
    refused: dict[str, str] = {}
    number, total = 0, sum(1 for _ in read_dataset(Path(command.data)))
    for number, line in enumerate(read_dataset(Path(command.data)), start=1):
        try:
            tokens = _length_if_long(line, template, command.max_length)
            if tokens:
                long[line.key] = tokens
                replies += _long_replies(line, template, command.max_length)
        except StudioError as error:
            refused[line.key] = error.code
        if number % UNIT == 0:
            yield
        if number % TOLD_EVERY == 0:
            wire.send(Progress(job=command.job, what="measuring_lengths", done=number, total=total))
    wire.send(LengthsMeasured(job=command.job, long=long, replies=replies, refused=refused, conversations=number))
    yield


def _length_if_long(line: ConversationLine, template: ChatTemplate, limit: int) -> int:
    """Return the tokens of a conversation that is over the limit, else 0; no token is less than a byte."""
    text = template.render(messages_of(line.turns, range(len(line.turns))))
    if len(text.encode()) <= limit:
        return 0
    tokens = len(template.tokenizer(text, add_special_tokens=False)["input_ids"])
    return tokens if tokens > limit else 0


def _long_replies(line: ConversationLine, template: ChatTemplate, limit: int) -> Iterator[LongReply]:
    for stretch in stretches(line.turns, template, limit):
        last = stretch.turns[-1]
        if not stretch.fits and line.turns[last].role == PERSONA:
            yield LongReply(key=line.key, turn=last, tokens=stretch.tokens, trained=line.turns[last].train)
