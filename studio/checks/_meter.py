"""How much data there is, and honestly what that amount is good for."""

from collections.abc import Mapping
from dataclasses import dataclass

from studio.texts import tr

VOICE_FROM = 50
GOOD_FROM = 300
TRIM_FROM = 2000
REPEATED_SHARE = 0.05
"""From this share of repeated lines on, a large amount is better trimmed than trained on whole."""

_SENTENCES: Mapping[str, str] = {
    "none": "No turn of the persona yet. Import chats, or let the base answer in the persona's name and correct it.",
    "too_little": (
        "{turns} different turns are too little to learn a persona from: under {voice} the result is chance. "
        "Add chats, or write more turns."
    ),
    "voice_only": (
        "{turns} different turns carry the voice, but hardly any knowledge: what the persona knows should stand in the "
        "card. From {good} on it is solid."
    ),
    "good": "{turns} different turns with {words} words: enough for voice and manner. Facts still belong in the card.",
    "trim": (
        "{turns} different turns are more than needed, and {repeated} others repeat them. Take out the repetitions: "
        "less data of more kinds trains faster and better."
    ),
}


@dataclass(frozen=True, kw_only=True)
class DataMeter:
    """The amount and its verdict: ``too_little``, ``voice_only``, ``good`` or ``trim``.

    ``persona_turns`` are those that are learned; ``repeated`` of them say word for word what another one says. The
    verdict is about the others.
    """

    verdict: str = "too_little"
    persona_turns: int = 0
    repeated: int = 0
    words: int = 0
    voice_from: int = VOICE_FROM
    good_from: int = GOOD_FROM
    trim_from: int = TRIM_FROM

    @property
    def different(self) -> int:
        """Learned turns without repetitions."""
        return self.persona_turns - self.repeated

    @property
    def sentence(self) -> str:
        """What the amount is good for, in the user's language."""
        name = self.verdict if self.persona_turns else "none"
        return tr(
            _SENTENCES[name],
            turns=self.different,
            words=self.words,
            repeated=self.repeated,
            voice=self.voice_from,
            good=self.good_from,
        )


def measure(turns: int, words: int, repeated: int) -> DataMeter:
    """Judge an amount: learned turns, their words, and how many of them only repeat another."""
    different = turns - repeated
    if different < VOICE_FROM:
        verdict = "too_little"
    elif different < GOOD_FROM:
        verdict = "voice_only"
    else:
        verdict = "trim" if turns > TRIM_FROM and repeated > REPEATED_SHARE * turns else "good"
    return DataMeter(verdict=verdict, persona_turns=turns, repeated=repeated, words=words)
