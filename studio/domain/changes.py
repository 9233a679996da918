"""What a mutation touched: told once, to whoever listens."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The things that views show."""

    PERSONA = "persona"
    CONVERSATION = "conversation"
    BASE = "base"
    RUN = "run"
    RUN_PROGRESS = "run_progress"
    ADAPTER = "adapter"
    CHAT = "chat"
    MESSAGE = "message"
    ENGINE = "engine"
    SETTING = "setting"
    TRASH = "trash"
    DRAFT = "draft"
    VOTE = "vote"


@dataclass(frozen=True, kw_only=True)
class Change:
    """Kinds and ids that changed. ``initiator`` lets a view skip what it did itself. Empty ``ids``: any of them."""

    kinds: frozenset[Kind]
    ids: frozenset[str] = frozenset()
    initiator: object = None
