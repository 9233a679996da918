"""What a base sees of a conversation, token by token: what is learned, what is only read, what is in no window."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

TRAINED, CONTEXT, SPECIAL, CUT = KINDS = ("trained", "context", "special", "cut")
"""Learned; read; the template's own marks, read too; in no window."""

NO_TURN = -1
PROMPT_TURN = -2
"""In place of a turn's number: the persona's system prompt, which stands in no conversation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MaskToken:
    """A token. ``turn`` is the number of the conversation's turn from 0, or one of the two above; ``window`` -1: cut.

    ``text`` is the piece as it is decoded; bytes of a part of a character are shown as ‹F0 9F›.
    """

    id: int
    text: str
    kind: str
    turn: int
    window: int


@dataclass(frozen=True, kw_only=True)
class MaskView:
    """A conversation as training would read it. ``speakers``: who says each turn. ``refused``: a run would stop here.

    ``problems`` are whole sentences, gravest first; ``left_out`` tokens are too many to be shown.
    """

    base_name: str
    max_length: int
    tokens: tuple[MaskToken, ...]
    windows: int
    speakers: Mapping[int, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    refused: bool = False
    left_out: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """Tokens of each kind."""
        found = Counter(token.kind for token in self.tokens)
        return {kind: found[kind] for kind in KINDS}

    @property
    def trained(self) -> int:
        """Tokens that are learned."""
        return self.counts[TRAINED]


@dataclass(frozen=True, kw_only=True)
class LongReply:
    """A reply that, with what is said right before it, is over the window. ``trained``: a run would stop there."""

    conversation_id: str
    turn: int
    tokens: int
    trained: bool


@dataclass(frozen=True, kw_only=True)
class LongRows:
    """``conversations``: tokens of each that is over the window. ``refused``: those that the template refused."""

    base_name: str
    max_length: int
    conversations: Mapping[str, int] = field(default_factory=dict)
    replies: tuple[LongReply, ...] = ()
    refused: tuple[str, ...] = ()
