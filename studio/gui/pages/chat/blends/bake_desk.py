"""Baking a column's adapters into one: what it would give, doing it, how it went. Knows no Qt."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from studio.domain.chat import Contestant
from studio.domain.errors import StudioError
from studio.gui import figures
from studio.texts import sentence, tr

if TYPE_CHECKING:
    from studio.domain.adapter import Adapter
    from studio.domain.persona import Persona
    from studio.services.job import Job
    from studio.services.studio import Studio

_NOTHING_LOST = 0.00005


@dataclass(frozen=True)
class BakeView:
    """What baking would give. ``exact_rank``: at which nothing is lost; ``trouble``: why it cannot be done."""

    words: str
    exact_rank: int = 1
    trouble: str = ""


class BakeDesk:
    """The adapters that speak in a column, by their weights."""

    def __init__(self, studio: "Studio", contestant: Contestant) -> None:
        self._studio = studio
        self._contestant = contestant
        self._adapters = {one.id: one for one in studio.adapters.list()}

    def people(self) -> list["Persona"]:
        """Whose adapter it can become."""
        return [one.persona for one in self._studio.personas.list()]

    def owner(self) -> str:
        """Whose it is when nobody says otherwise: the loudest part's."""
        loudest = max(self._contestant.parts, key=lambda part: part.weight)
        found = self._adapters.get(loudest.adapter_id)
        return found.persona_id if found else ""

    def name(self) -> str:
        """A name to begin with: ``Mira v3 0.7 + Tik v1 0.5``."""
        parts = [(self._adapters.get(part.adapter_id), part.weight) for part in self._contestant.parts]
        return " + ".join(f"{adapter.name} {weight:g}" for adapter, weight in parts if adapter)

    def look(self, rank: int) -> BakeView:
        """What these parts become at a rank; 0: exactly what they are together."""
        try:
            plan = self._studio.blending.plan(self._contestant.parts, rank)
        except StudioError as error:
            return BakeView("", trouble=sentence(error))
        words = tr("Rank {rank}, about {size}", rank=plan.rank, size=figures.size(plan.size_bytes))
        return BakeView(words, plan.exact_rank)

    def bake(self, name: str, rank: int, persona_id: str) -> "Job[Adapter]":
        """Do it."""
        return self._studio.blending.bake(self._contestant.parts, name=name, rank=rank, persona_id=persona_id)

    def contestant(self, made: "Adapter") -> Contestant:
        """The column with the new adapter in the place of its parts."""
        return replace(self._contestant, adapter_id=made.id, strength=1.0, blend=(), step=0)


def baked_words(adapter: "Adapter") -> str:
    """How it went: what was kept of the change, in per cent."""
    lost = adapter.made_of.get("lost", 0.0)
    share = float(lost) if isinstance(lost, int | float) else 0.0
    if share < _NOTHING_LOST:
        return tr("{name}, rank {rank}: nothing was lost.", name=adapter.name, rank=adapter.rank)
    kept = f"{100 * (1 - share):.1f}"
    return tr("{name}, rank {rank}: {kept} % of the change was kept.", name=adapter.name, rank=adapter.rank, kept=kept)
