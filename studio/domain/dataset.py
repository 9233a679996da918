"""Dataset versions: what a run learned from, for good, and how train and held-out are told apart."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from studio.domain.conversation import Conversation, opening_key

USUAL_FRACTION = 0.1
"""The share that is held out where nobody asked for another."""


@dataclass(frozen=True, kw_only=True)
class StoredConversation:
    """A conversation with its place in the library. ``revision`` grows with every edit."""

    id: str
    persona_id: str
    conversation: Conversation
    revision: int = 1
    created_at: str = ""


@dataclass(frozen=True, kw_only=True)
class DatasetVersion:
    """An immutable snapshot. ``content`` is the SHA-256 (file vault) of its JSON Lines, one conversation a line.

    ``name`` is what the user calls it; it may be empty, and alone may change.
    """

    id: str
    persona_id: str
    number: int
    content: str
    conversations: int
    persona_turns: int
    heldout_conversations: int
    heldout_fraction: float
    created_at: str = ""
    name: str = ""


def is_held_out(conversation: Conversation, fraction: float) -> bool:
    """Decide the side of the split by content alone, so that it survives re-imports and reordering."""
    return split_draw(opening_key(conversation)) < fraction * 2**64


def split_draw(opening: str) -> int:
    """The lot that an opening has drawn, below 2**64."""
    return int.from_bytes(hashlib.sha256(f"split:{opening}".encode()).digest()[:8], "big")


def split(conversations: Iterable[Conversation], fraction: float) -> tuple[list[Conversation], list[Conversation]]:
    """Return (train, held-out); see ``is_held_out``."""
    train: list[Conversation] = []
    heldout: list[Conversation] = []
    for conversation in conversations:
        (heldout if is_held_out(conversation, fraction) else train).append(conversation)
    return train, heldout
