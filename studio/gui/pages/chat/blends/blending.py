"""A blend in the making: which adapters of one base, with what weights, and what that comes to. Knows no Qt."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.domain.chat import BlendPart, Contestant
from studio.texts import tr

if TYPE_CHECKING:
    from studio.domain.adapter import Adapter
    from studio.services.studio import Studio

FIRST_WEIGHT = 0.5
_LOUD = 1.5


@dataclass(frozen=True)
class PartView:
    """One adapter of the blend."""

    adapter_id: str
    name: str
    persona: str
    colour: str
    portrait: Path | None
    weight: float


class Blend:
    """All parts stand on one base: the first one's."""

    def __init__(self, studio: "Studio", contestant: Contestant) -> None:
        self._studio = studio
        self._contestant = contestant
        self._adapters = {one.id: one for one in studio.adapters.list()}
        self.parts = [part for part in contestant.parts if part.adapter_id in self._adapters]

    def views(self) -> list[PartView]:
        """The parts with face and name."""
        return [self._view(part) for part in self.parts]

    def free(self) -> list["Adapter"]:
        """The adapters that could be added: of the same base, newest first."""
        taken = {part.adapter_id for part in self.parts}
        base = self._adapters[self.parts[0].adapter_id].base_fingerprint if self.parts else ""
        found = [one for one in self._adapters.values() if one.id not in taken]
        return [one for one in found if not base or one.base_fingerprint == base]

    def add(self, adapter_id: str) -> None:
        """Blend one more in."""
        self.parts.append(BlendPart(adapter_id=adapter_id, weight=FIRST_WEIGHT if self.parts else 1.0))

    def remove(self, adapter_id: str) -> None:
        """Take one out."""
        self.parts = [part for part in self.parts if part.adapter_id != adapter_id]

    def weigh(self, adapter_id: str, weight: float) -> None:
        """Let one speak louder or softer."""
        self.parts = [replace(part, weight=weight) if part.adapter_id == adapter_id else part for part in self.parts]

    def ready(self) -> bool:
        """True for two or more adapters that are heard."""
        return sum(part.weight > 0 for part in self.parts) > 1

    def contestant(self) -> Contestant:
        """The column that it becomes; card and seed stay those of the column it was made from."""
        first, *others = [part for part in self.parts if part.weight > 0]
        return replace(
            self._contestant, adapter_id=first.adapter_id, strength=first.weight, blend=tuple(others), step=0
        )

    def words(self) -> str:
        """What it comes to: ``Ranks 16 + 8 = 24 · weights add up to 1.2``."""
        heard = [part for part in self.parts if part.weight > 0]
        ranks = [self._adapters[part.adapter_id].rank for part in heard]
        added = " + ".join(str(rank) for rank in ranks)
        total = f"{sum(part.weight for part in heard):g}"
        if len(heard) < 2:
            return tr("Add a second adapter of the same base.")
        return tr("Ranks {added} = {rank} · weights add up to {total}", added=added, rank=sum(ranks), total=total)

    def caution(self) -> str:
        """A word of warning for blends that are likely to babble; empty for others."""
        if sum(part.weight for part in self.parts) > _LOUD:
            return tr("Together they push harder than one adapter at full strength: a reply may lose its thread.")
        return ""

    def _view(self, part: BlendPart) -> PartView:
        adapter = self._adapters[part.adapter_id]
        words = self._studio.chats.label(Contestant(adapter_id=adapter.id))
        return PartView(adapter.id, adapter.name, words.title, words.colour, words.portrait, part.weight)
