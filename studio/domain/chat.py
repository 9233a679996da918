"""A chat is a tree of messages; a thread is nothing but its tip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from studio.domain.conversation import Role


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """Who answers in a column: the base, or an adapter at a strength. ``system_prompt`` may be empty."""

    adapter_id: str = ""
    strength: float = 1.0
    system_prompt: str = ""

    @property
    def is_base(self) -> bool:
        """True when no adapter answers."""
        return not self.adapter_id


@dataclass(frozen=True, kw_only=True)
class Sampler:
    """How the next token is drawn; ``temperature`` 0 is greedy."""

    temperature: float = 0.8
    top_p: float = 0.95
    top_k: int = 0
    min_p: float = 0.05
    repetition_penalty: float = 1.1
    max_tokens: int = 200


@dataclass(frozen=True, kw_only=True)
class ChatMessage:
    """One node. ``made_by`` of a reply records contestant, base, sampler and seed; siblings are swipes and branches."""

    id: str
    chat_id: str
    parent_id: str
    role: Role
    text: str
    made_by: Mapping[str, object] = field(default_factory=dict)
    created_at: str = ""


@dataclass(frozen=True, kw_only=True)
class Chat:
    """A named tree, with the columns that were last open on it (contestant and tip of each)."""

    id: str
    title: str
    columns: tuple[tuple[Contestant, str], ...] = ()
    created_at: str = ""


def thread(messages: Sequence[ChatMessage], tip: str) -> list[ChatMessage]:
    """Return the messages from the root to ``tip``, in order."""
    by_id = {message.id: message for message in messages}
    found: list[ChatMessage] = []
    while tip:
        found.append(by_id[tip])
        tip = by_id[tip].parent_id
    return found[::-1]
