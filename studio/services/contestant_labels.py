"""How contestants are called and coloured: the base, cards, adapters, checkpoints, blends, what was deleted."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from studio.domain.adapter import Adapter
from studio.domain.chat import CARD_FULL, Contestant
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.library.library import Library
from studio.services.answering_base import AnsweringBase
from studio.texts import tr

BASE_COLOUR = "#9aa0ab"


@dataclass(frozen=True, kw_only=True)
class ContestantLabel:
    """How to call and colour a contestant."""

    title: str
    subtitle: str
    colour: str
    portrait: Path | None


class ContestantLabels:
    """Never fails: what is gone is called so. ``known`` gives the adapter of a contestant, if there is one."""

    def __init__(self, library: Library, bases: AnsweringBase, known: Callable[[Contestant], Adapter | None]) -> None:
        self._library = library
        self._bases = bases
        self._known = known

    def label(self, contestant: Contestant) -> ContestantLabel:
        """How to call a contestant."""
        if contestant.is_base:
            return self._base(contestant)
        return self._blend(contestant) if len(contestant.parts) > 1 else self._single(contestant)

    def _base(self, contestant: Contestant) -> ContestantLabel:
        persona = self._library.personas.get(contestant.persona_id) if contestant.persona_id else None
        if persona is None:
            return ContestantLabel(
                title=tr("Base alone"), subtitle=self._base_name(), colour=BASE_COLOUR, portrait=None
            )
        whole = contestant.card == CARD_FULL
        title = (
            tr("Base with {name}'s whole card", name=persona.name) if whole else tr("Base as {name}", name=persona.name)
        )
        return ContestantLabel(
            title=title, subtitle=self._base_name(), colour=persona.colour, portrait=self._portrait(persona)
        )

    def _single(self, contestant: Contestant) -> ContestantLabel:
        only = contestant.parts[0]
        adapter = self._known(replace(contestant, adapter_id=only.adapter_id, blend=()))
        persona = self._library.personas.get(adapter.persona_id) if adapter else None
        if adapter is None or persona is None:
            return ContestantLabel(
                title=tr("Deleted adapter"), subtitle=only.adapter_id, colour=BASE_COLOUR, portrait=None
            )
        worn = self._worn(contestant, persona)
        return ContestantLabel(
            title=persona.name,
            subtitle=f"{adapter.name} · {worn}" if worn else adapter.name,
            colour=persona.colour,
            portrait=self._portrait(persona),
        )

    def _blend(self, contestant: Contestant) -> ContestantLabel:
        """Every part with its weight; the loudest gives colour and face."""
        parts = contestant.parts
        owners: list[Persona | None] = []
        for at, part in enumerate(parts):
            step = contestant.step if at == 0 and contestant.adapter_id else 0
            adapter = self._known(Contestant(adapter_id=part.adapter_id, step=step))
            owners.append(self._library.personas.get(adapter.persona_id) if adapter else None)
        names = [owner.name if owner else tr("Deleted adapter") for owner in owners]
        title = " + ".join(f"{name} {part.weight:g}" for name, part in zip(names, parts, strict=True))
        loudest = owners[max(range(len(parts)), key=lambda at: parts[at].weight)]
        return ContestantLabel(
            title=title,
            subtitle=tr("Blend of {count} adapters", count=len(parts)),
            colour=loudest.colour if loudest else BASE_COLOUR,
            portrait=self._portrait(loudest) if loudest else None,
        )

    def _worn(self, contestant: Contestant, persona: Persona) -> str:
        """Whose card an adapter wears where it is not simply its own short form."""
        if contestant.persona_id and contestant.persona_id != persona.id:
            other = self._library.personas.get(contestant.persona_id)
            return tr("as {name}", name=other.name if other else contestant.persona_id)
        return tr("whole card") if contestant.card == CARD_FULL else ""

    def _portrait(self, persona: Persona) -> Path | None:
        there = self._library.files.exists(persona.portrait)
        return self._library.files.path(persona.portrait) if there else None

    def _base_name(self) -> str:
        try:
            return self._bases.for_adapters([]).name
        except StudioError:  # no base yet: the column is there all the same
            return ""
