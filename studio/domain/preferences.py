"""Which replies were preferred over others: swipes where the user had asked and went on afterwards, and taught replies.

The export of preference pairs and preference training both ask here, so that they count the same pairs.
"""

from collections.abc import Iterator

from studio.domain.conversation import CHOSEN, Conversation, Role, Turn

PREFERENCES = "preferences"
"""The objective of methods that learn from swipes (``Method.objective``)."""

PREFERENCE_LOSS = "preference_loss"
PREFERENCE_ACCURACY = "preference_accuracy"
PREFERENCE_MARGIN = "preference_margin"
"""Curves of what is held out: the mean loss of a choice, the share decided as the user did, and by how much."""


def preferred_turns(conversation: Conversation) -> Iterator[int]:
    """Yield the turns that were preferred over others.

    The last swipe shown is no choice in itself; one that was taught in a chat is, for then the user said so.
    """
    spoken = [index for index, turn in enumerate(conversation.turns) if turn.role is Role.USER]
    for index, turn in enumerate(conversation.turns):
        went_on = bool(spoken) and index < spoken[-1]
        if spoken and spoken[0] < index and (went_on or CHOSEN in turn.marks) and _is_preferred(turn):
            yield index


def passed_over(turn: Turn) -> tuple[str, ...]:
    """The swipes that lost against the turn's own words, each once; empty ones and those same words are no rivals."""
    others: dict[str, str] = {}
    for text in turn.alternatives:
        others.setdefault(text.strip(), text)
    return tuple(text for words, text in others.items() if words and words != turn.text.strip())


def _is_preferred(turn: Turn) -> bool:
    return turn.role is Role.PERSONA and turn.train and bool(passed_over(turn))
