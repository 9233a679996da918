"""Which manners of writing the persona's turns have: how actions and speech are marked, person, tense."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class StyleMix:
    """How many learned turns are written how.

    ``asterisks``: actions between asterisks, speech bare. ``quotes``: speech in quotation marks, narration bare.
    ``both``: asterisks around actions and quotation marks around speech. ``plain``: neither. Person and tense are told
    of the narration only, where there is any that tells.
    """

    turns: int = 0
    asterisks: int = 0
    quotes: int = 0
    both: int = 0
    plain: int = 0
    first_person: int = 0
    third_person: int = 0
    present: int = 0
    past: int = 0

    @property
    def manner(self) -> str:
        """What most turns do: ``asterisks``, ``quotes``, ``both`` or ``plain``; nothing where there are no turns."""
        counts = {"asterisks": self.asterisks, "quotes": self.quotes, "both": self.both, "plain": self.plain}
        return max(counts, key=lambda name: counts[name]) if self.turns else ""

    def share(self, name: str) -> float:
        """The part of all turns (manners), of all with a person, or of all with a tense, that is ``name``."""
        groups = {"first_person": ("first_person", "third_person"), "present": ("present", "past")}
        groups |= {"third_person": groups["first_person"], "past": groups["present"]}
        whole = sum(int(getattr(self, one)) for one in groups.get(name, ("turns",)))
        return int(getattr(self, name)) / whole if whole else 0.0
