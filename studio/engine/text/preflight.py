"""Before any time is spent: what must not be learned stops the run, with a sentence that names the place."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.domain.errors import StudioError
from studio.engine.text.chat_encoding import Window, encode
from studio.engine.text.chat_template import ChatTemplate
from studio.engine.text.windowing import PERSONA
from studio.protocol.dataset_file import ConversationLine, TurnLine, read_dataset

_MACRO = re.compile(r"\{\{\s*(char|user)\s*\}\}|<(?:BOT|USER)>", re.IGNORECASE)
_THINK = re.compile(r"</?think>", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class EncodedDataset:
    """Both sides of a dataset as windows of tokens."""

    train: list[Window]
    heldout: list[Window]

    @property
    def tokens(self) -> int:
        """Tokens that one pass over the training side reads."""
        return sum(len(window.ids) for window in self.train)

    @property
    def trained_tokens(self) -> int:
        """Tokens that one pass over the training side learns."""
        return sum(window.trained_tokens for window in self.train)

    @property
    def heldout_tokens(self) -> int:
        """Tokens that the held-out loss is measured on."""
        return sum(window.trained_tokens for window in self.heldout)


def encode_dataset(path: Path, template: ChatTemplate, max_length: int) -> EncodedDataset:
    """Read, check and encode a dataset file; raises the first trouble that makes training pointless."""
    lines = list(read_dataset(path))
    check_texts(lines, template)
    sides: dict[bool, list[Window]] = {False: [], True: []}
    for line in lines:
        sides[line.heldout].extend(encode(line, template, max_length))
    encoded = EncodedDataset(train=sides[False], heldout=sides[True])
    if not encoded.train:
        raise _nothing(lines)
    return encoded


def check_texts(lines: Sequence[ConversationLine], template: ChatTemplate) -> None:
    """Refuse unresolved macros, the base's control tokens inside text, and thinking blocks."""
    for trouble in text_troubles(lines, template):
        raise trouble


def text_troubles(lines: Sequence[ConversationLine], template: ChatTemplate) -> Iterator[StudioError]:
    """Yield what ``check_texts`` refuses, one trouble a kind."""
    yield from _macros(lines)
    yield from _control_tokens(lines, template)
    think = [line.key for line, turn in _turns(lines) if turn.role == PERSONA and _THINK.search(turn.text)]
    if think:
        yield StudioError("think_in_text", count=len(think), conversation=think[0])


def _nothing(lines: Sequence[ConversationLine]) -> StudioError:
    learnable = any(turn.role == PERSONA and turn.train for line in lines for turn in line.turns)
    return StudioError("no_training_side", count=len(lines)) if learnable else StudioError("nothing_to_train")


def _macros(lines: Sequence[ConversationLine]) -> Iterator[StudioError]:
    found = [(line.key, match[0]) for line, turn in _turns(lines) if (match := _MACRO.search(turn.text))]
    if found:
        yield StudioError("macros_unresolved", count=len(found), macro=found[0][1], conversation=found[0][0])


def _control_tokens(lines: Sequence[ConversationLine], template: ChatTemplate) -> Iterator[StudioError]:
    tokens = [token for token in template.control_tokens if not _THINK.fullmatch(token)]
    if not tokens:
        return
    pattern = re.compile("|".join(re.escape(token) for token in tokens))
    found = [(line.key, match[0]) for line, turn in _turns(lines) if (match := pattern.search(turn.text))]
    if found:
        yield StudioError("template_tokens_in_text", count=len(found), token=found[0][1], conversation=found[0][0])


def _turns(lines: Sequence[ConversationLine]) -> Iterable[tuple[ConversationLine, TurnLine]]:
    return ((line, turn) for line in lines for turn in line.turns)
