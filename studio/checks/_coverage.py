"""What the data covers and what is missing: moods, lengths, turns per conversation, topics."""

from collections.abc import Mapping
from dataclasses import dataclass

from studio.texts import tr

_LABELS: Mapping[str, str] = {
    # moods
    "joy": "Joy",
    "tenderness": "Tenderness",
    "sadness": "Sadness",
    "anger": "Anger",
    "fear": "Fear",
    "surprise": "Surprise",
    "shame": "Shame",
    "play": "Teasing and play",
    # lengths of the persona's turns
    "words_5": "Up to 5 words",
    "words_20": "6 to 20 words",
    "words_60": "21 to 60 words",
    "words_150": "61 to 150 words",
    "words_more": "Over 150 words",
    # turns of a conversation
    "turns_2": "1 or 2 turns",
    "turns_6": "3 to 6 turns",
    "turns_20": "7 to 20 turns",
    "turns_more": "Over 20 turns",
    # topics
    "everyday": "Everyday life",
    "emotional": "Feelings and trouble",
    "relationship": "Closeness and quarrel",
    "past": "The persona's past",
    "knowledge": "Questions of knowledge",
    "world": "Things outside the persona's world",
    "adventure": "Action and danger",
}


@dataclass(frozen=True, kw_only=True)
class CoverageItem:
    """One kind and how often it occurs. ``expected`` is what is wanted at least; 0 where nothing is."""

    name: str
    count: int
    expected: int = 0

    @property
    def label(self) -> str:
        """Its name in the user's language."""
        return tr(_LABELS[self.name])

    @property
    def missing(self) -> bool:
        """Whether there is less than is wanted."""
        return self.count < self.expected


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """The map. Moods and topics are told by English words and are empty where ``readable`` is off (other languages)."""

    moods: tuple[CoverageItem, ...] = ()
    lengths: tuple[CoverageItem, ...] = ()
    turn_counts: tuple[CoverageItem, ...] = ()
    topics: tuple[CoverageItem, ...] = ()
    readable: bool = True

    @property
    def missing(self) -> tuple[CoverageItem, ...]:
        """Everything of which there is too little."""
        return tuple(
            one for part in (self.moods, self.lengths, self.turn_counts, self.topics) for one in part if one.missing
        )
