"""Drafts: examples that were made for a persona and wait for a yes or a no."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class DraftState(StrEnum):
    """A draft is looked at once: taken as it is, taken with other words, or turned down."""

    NEW = "new"
    ACCEPTED = "accepted"
    EDITED = "edited"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One example. ``original`` is the reply as it was made; ``details`` say how (question, base, seed …)."""

    id: str
    persona_id: str
    kind: str
    prompt: str
    reply: str
    original: str = ""
    state: DraftState = DraftState.NEW
    created_at: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
