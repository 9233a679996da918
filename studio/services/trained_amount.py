"""How much there is to learn: trained tokens, which is what presets go by; counted where known, else reckoned."""

import math
from dataclasses import dataclass

from studio.library.conversation_store import DataFigures

TOKENS_A_WORD = 1.35
"""Of ordinary prose in English under the vocabularies of today's bases; other languages take more."""

TOKENS_A_TURN = 2
"""The end-of-turn token, and what a template puts before it."""

USUAL_TURN = 40
"""Tokens of a reply of usual length."""

USUAL_CONVERSATION = 250
"""Trained tokens of a conversation of usual length."""

LEARNED_SHARE = 0.5
"""Of what a window holds, about half is the persona's."""


@dataclass(frozen=True, kw_only=True)
class TrainedAmount:
    """``tokens`` that one pass trains; ``replies`` and ``conversations`` they stand in (0: not known).

    ``counted`` by the engine with a base's own vocabulary; otherwise reckoned from words.
    """

    tokens: int = 0
    replies: int = 0
    conversations: int = 0
    counted: bool = False

    def examples(self, window: int = 1024) -> int:
        """About how many windows of so many tokens are read in a pass."""
        conversations = self.conversations or math.ceil(self.tokens / USUAL_CONVERSATION)
        return max(1, conversations, math.ceil(self.tokens / LEARNED_SHARE / window))


def reckoned(words: int, replies: int, conversations: int = 0) -> TrainedAmount:
    """An amount from the words of the persona's turns."""
    tokens = round(words * TOKENS_A_WORD) + replies * TOKENS_A_TURN
    return TrainedAmount(tokens=tokens, replies=replies, conversations=conversations)


def from_turns(replies: int) -> TrainedAmount:
    """An amount of which only the number of turns is known."""
    return TrainedAmount(tokens=replies * USUAL_TURN, replies=replies)


def learned_of(figures: DataFigures, counted: int | None = None) -> TrainedAmount:
    """What a run would learn of this data, the held-out side apart.

    ``counted``: the trained tokens of all of it, where the engine has counted them.
    """
    if not figures.persona_turns:
        return TrainedAmount()
    kept = 1 - figures.heldout / figures.conversations
    tokens = reckoned(sum(figures.lengths), figures.persona_turns).tokens if counted is None else counted
    return TrainedAmount(
        tokens=round(tokens * kept),
        replies=round(figures.persona_turns * kept),
        conversations=figures.conversations - figures.heldout,
        counted=counted is not None,
    )
