"""The dataset file that travels to the engine: JSON Lines, a conversation a line, its side of the split included."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.dataset import is_held_out


class TurnLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A turn as it stands in the file. ``passed_over``: replies that it was preferred to, if a run learns from them."""

    role: str
    text: str
    train: bool = True
    passed_over: list[str] = []


class ConversationLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A conversation as it stands in the file; ``key`` names it in messages."""

    key: str
    heldout: bool
    turns: list[TurnLine]


_decoder = msgspec.json.Decoder(ConversationLine)


def dataset_bytes(
    conversations: Iterable[tuple[str, Conversation]], heldout_fraction: float, system_prompt: str = ""
) -> bytes:
    """Return the file for (key, conversation) pairs; a conversation without a system turn gets ``system_prompt``."""
    return b"".join(dataset_lines(conversations, heldout_fraction, system_prompt))


def dataset_lines(
    conversations: Iterable[tuple[str, Conversation]], heldout_fraction: float, system_prompt: str = ""
) -> Iterator[bytes]:
    """Yield the file's lines one by one, for more conversations than should be in memory."""
    for key, conversation in conversations:
        line = ConversationLine(
            key=key,
            heldout=is_held_out(conversation, heldout_fraction),
            turns=_turn_lines(conversation, system_prompt),
        )
        yield msgspec.json.encode(line) + b"\n"


def read_dataset(path: Path) -> Iterator[ConversationLine]:
    """Yield the conversations of a dataset file."""
    with path.open("rb") as file:
        for line in file:
            yield _decoder.decode(line)


def _turn_lines(conversation: Conversation, system_prompt: str) -> list[TurnLine]:
    turns = list(conversation.turns)
    if system_prompt and (not turns or turns[0].role is not Role.SYSTEM):
        turns.insert(0, Turn(role=Role.SYSTEM, text=system_prompt))
    return [TurnLine(role=turn.role.value, text=turn.text, train=turn.train) for turn in turns]
