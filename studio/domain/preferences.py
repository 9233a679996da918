"""Which replies were preferred over others: a swipe is a choice only where the user had asked and went on afterwards.

The export of preference pairs and preference training both ask here, so that they count the same pairs.
"""

from collections.abc import Iterator

from studio.domain.conversation import Conversation, Role, Turn

PREFERENCES = "preferences"
"""The objective of methods that learn from swipes (``Method.objective``)."""

PREFERENCE_LOSS = "preference_loss"
PREFERENCE_ACCURACY = "preference_accuracy"
PREFERENCE_MARGIN = "preference_margin"
"""Curves of what is held out: the mean loss of a choice, the share decided as the user did, and by how much."""


def preferred_turns(conversation: Conversation) -> Iterator[int]:
    """Yield the turns that were preferred over others: the last swipe shown is no choice in itself."""
    spoken = [index for index, turn in enumerate(conversation.turns) if turn.role is Role.USER]
    for index, turn in enumerate(conversation.turns):
        if spoken and spoken[0] < index < spoken[-1] and _is_preferred(turn):
            yield index


def passed_over(turn: Turn) -> tuple[str, ...]:
    """The swipes that lost against the turn's own words, each once; empty ones and those same words are no rivals."""
    others: dict[str, str] = {}
    for text in turn.alternatives:
        others.setdefault(text.strip(), text)
    return tuple(text for words, text in others.items() if words and words != turn.text.strip())


def _is_preferred(turn: Turn) -> bool:
    return turn.role is Role.PERSONA and turn.train and bool(passed_over(turn))
