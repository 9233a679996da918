"""Files into the library: read first, look at it, then store what was chosen, without storing anything twice."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio.domain.changes import Kind
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.importers import IMPORTERS, ImportItem, ImportPlan, PersonaDraft, read_paths
from studio.library.library import Library
from studio.services.change_feed import ChangeFeed
from studio.services.personas import Personas

__all__ = ["FormatInfo", "ImportItem", "ImportPlan", "ImportReport", "Imports", "PersonaImported"]
_FROM_CARD = ("tagline", "description", "greeting", "alternate_greetings", "system_prompt", "tags", "card")


@dataclass(frozen=True, kw_only=True)
class FormatInfo:
    """A format that can be read."""

    name: str
    label: str
    suffixes: tuple[str, ...]
    summary: str


@dataclass(frozen=True, kw_only=True)
class PersonaImported:
    """What one persona got. ``conversations`` were added, ``duplicates`` were there already."""

    persona_id: str
    name: str
    created: bool
    conversations: int = 0
    duplicates: int = 0
    persona_turns: int = 0


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What was stored, and the files that could not be read."""

    personas: tuple[PersonaImported, ...] = ()
    problems: tuple[tuple[Path, StudioError], ...] = ()


class Imports:
    """Reading touches no database and may run on any thread; storing is one transaction."""

    def __init__(self, library: Library, changes: ChangeFeed, personas: Personas) -> None:
        self._library = library
        self._changes = changes
        self._personas = personas

    def formats(self) -> list[FormatInfo]:
        """Every format that can be read."""
        return [
            FormatInfo(name=one.name, label=one.label, suffixes=one.suffixes, summary=one.summary)
            for one in IMPORTERS.all().values()
        ]

    def read(
        self,
        paths: Sequence[Path],
        *,
        format: str = "",
        persona: str = "",
        speaker: str = "",
        progress: Callable[[float, float, str], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> ImportPlan:
        """Read files and folders; one that fails is a problem of the plan, and the others go on."""
        return read_paths(
            paths, format=format, persona=persona, speaker=speaker, progress=progress, cancelled=cancelled
        )

    def commit(self, plan: ImportPlan, *, take: Collection[int] | None = None) -> ImportReport:
        """Store the chosen items of a plan (all of them when None)."""
        chosen = [item for index, item in enumerate(plan.items) if take is None or index in take]
        with self._library.transaction():
            found = [self._store(name, items) for name, items in _by_persona(chosen).items()]
        self._changes.tell(Kind.PERSONA, Kind.CONVERSATION, ids=[one.persona_id for one in found])
        return ImportReport(personas=tuple(found), problems=plan.problems)

    def _store(self, name: str, items: list[ImportItem]) -> PersonaImported:
        persona, created = self._persona(name, items)
        conversations = [conversation for item in items for conversation in item.conversations]
        before = self._turns(persona.id)
        added, duplicates = self._library.conversations.add_many(persona.id, conversations)
        return PersonaImported(
            persona_id=persona.id,
            name=persona.name,
            created=created,
            conversations=len(added),
            duplicates=duplicates,
            persona_turns=self._turns(persona.id) - before,
        )

    def _turns(self, persona_id: str) -> int:
        counts = self._library.conversations.turn_counts([persona_id])
        return counts[persona_id].persona_turns if persona_id in counts else 0

    def _persona(self, name: str, items: list[ImportItem]) -> tuple[Persona, bool]:
        """The persona of this name; a card that comes in fills what is still empty, and never overwrites."""
        card = next((item.card for item in items if item.card), None)
        portrait = next((item.portrait for item in items if item.portrait), b"")
        there = self._library.personas.find(name)
        if not there:
            draft = replace(card, name=name) if card else PersonaDraft(name=name)
            return self._personas.create_from(draft, portrait), True
        persona = there[0]
        fields = _missing_fields(persona, card)
        if portrait and not persona.portrait:
            fields["portrait"] = self._library.files.put(portrait)
        return (self._personas.update(persona.id, **fields) if fields else persona), False


def _by_persona(items: Sequence[ImportItem]) -> dict[str, list[ImportItem]]:
    found: dict[str, list[ImportItem]] = {}
    for item in items:
        found.setdefault(item.persona_name, []).append(item)
    return found


def _missing_fields(persona: Persona, card: PersonaDraft | None) -> dict[str, Any]:
    if card is None:
        return {}
    return {name: getattr(card, name) for name in _FROM_CARD if getattr(card, name) and not getattr(persona, name)}
