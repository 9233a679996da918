"""The one shape of a conversation that every importer produces and every trainer reads."""

import hashlib
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from json.encoder import encode_basestring as _quoted

GENERATED = "generated"
"""Mark of a turn that a model wrote. It is kept for good: through edits, versions and exports."""
DOUBTFUL = "doubtful"
"""Mark of a turn whose speaker was guessed. An edit or a confirmation takes it away."""
CHOSEN = "chosen"
"""Mark of a turn that the user chose outright, in a chat: preferred over its alternatives, whether or not the talk went
on behind it."""


class Role(StrEnum):
    """Who speaks, as a chat template knows it."""

    SYSTEM = "system"
    USER = "user"
    PERSONA = "assistant"


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One message. ``alternatives`` are the passed-over swipes, without the chosen text itself.

    ``train`` says whether the trainer may learn this turn; it only matters for persona turns. ``marks`` are words
    about where it came from, such as ``GENERATED`` and ``DOUBTFUL``; they are no part of what is said.
    """

    role: Role
    text: str
    speaker: str = ""
    train: bool = True
    alternatives: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversation:
    """Turns in order. ``source`` names the file it came from; ``tags`` are free words."""

    turns: tuple[Turn, ...]
    title: str = ""
    source: str = ""
    tags: tuple[str, ...] = ()

    @property
    def persona_turns(self) -> tuple[Turn, ...]:
        """The turns that the persona speaks."""
        return tuple(turn for turn in self.turns if turn.role is Role.PERSONA)

    def with_turn(self, index: int, turn: Turn) -> "Conversation":
        """Return a copy in which the turn at ``index`` is ``turn``."""
        return replace(self, turns=(*self.turns[:index], turn, *self.turns[index + 1 :]))


def content_hash(conversation: Conversation) -> str:
    """SHA-256 over roles and texts: equal for the same words, whatever the file or title was."""
    # What json.dumps makes of [[role, text], …], in half the time: an import does this for every conversation.
    spoken = [f"[{_quoted(turn.role)}, {_quoted(turn.text)}]" for turn in conversation.turns]
    return hashlib.sha256(f"[{', '.join(spoken)}]".encode()).hexdigest()


def opening_key(conversation: Conversation) -> str:
    """Words of the first user and persona turns, folded: near-duplicates share it, and so a side of the split."""
    said = [turn.text for turn in conversation.turns if turn.role is not Role.SYSTEM][:2]
    folded = re.sub(r"[\W_]+", " ", " ".join(said).casefold()).strip()
    return hashlib.sha256(folded.encode()).hexdigest()
