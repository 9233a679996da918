"""Personas: who is to be learned, with what is known about each at a glance."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio.domain.adapter import Adapter
from studio.domain.changes import Kind
from studio.domain.clock import now
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.domain.persona import Persona
from studio.domain.run import Run, RunState
from studio.importers import PersonaDraft
from studio.library.conversation_store import TurnCounts
from studio.library.library import Library
from studio.services.change_feed import ChangeFeed
from studio.services.lookup import find_one
from studio.services.undo import Undo

COLOURS = ("#8ea6ff", "#f2a65a", "#6fcf97", "#e27fb1", "#5ec8d8", "#d8c25e", "#b18cf0", "#ef7d6b")
"""Given in turn, so that personas beside each other can be told apart."""


_Runs = list[Run]  # inside the class, ``list`` is the method


@dataclass(frozen=True, kw_only=True)
class PersonaSummary:
    """A persona with its figures."""

    persona: Persona
    conversations: int = 0
    persona_turns: int = 0
    newest_adapter: Adapter | None = None
    active_run: Run | None = None


class Personas:
    """Mutations can be undone, and are told."""

    def __init__(self, library: Library, changes: ChangeFeed, undo: Undo) -> None:
        self._library = library
        self._changes = changes
        self._undo = undo

    def list(self, search: str = "") -> list[PersonaSummary]:
        """All personas by name; ``search`` looks into names, tags and every line of dialogue."""
        personas = self._library.personas.all()
        if search.strip():
            wanted = self._library.conversations.search_personas(search)
            personas = [persona for persona in personas if persona.id in wanted]
        counts = self._library.conversations.turn_counts([persona.id for persona in personas])
        adapters = self._library.adapters.newest_of_each()
        active = {run.persona_id: run for run in reversed(self._active_runs())}
        return [_summary(persona, counts, adapters, active) for persona in personas]

    def get(self, id_or_name: str) -> Persona:
        """The persona with this id or, if only one has it, this name."""
        return find_one("persona", id_or_name, self._library.personas.get, self._library.personas.find)

    def create(self, name: str) -> Persona:
        """Make a persona of nothing but a name."""
        return self.create_from(PersonaDraft(name=name))

    def create_from(self, draft: PersonaDraft, portrait: bytes = b"") -> Persona:
        """Make a persona of what a card says."""
        persona = Persona(
            id=new_id("persona"),
            name=_checked_name(draft.name),
            tagline=draft.tagline,
            description=draft.description,
            greeting=draft.greeting,
            alternate_greetings=draft.alternate_greetings,
            system_prompt=draft.system_prompt,
            tags=draft.tags,
            colour=draft.colour or COLOURS[len(self._library.personas.all()) % len(COLOURS)],
            portrait=self._library.files.put(portrait) if portrait else "",
            card=draft.card,
            created_at=now(),
        )
        self._library.personas.add(persona)
        self._changes.tell(Kind.PERSONA, ids=(persona.id,))
        return persona

    def update(self, persona_id: str, *, initiator: object = None, **fields: Any) -> Persona:
        """Change some fields."""
        if "name" in fields:
            fields["name"] = _checked_name(fields["name"])
        persona = replace(self.get(persona_id), **fields)
        self._library.personas.update(persona)
        self._changes.tell(Kind.PERSONA, ids=(persona.id,), initiator=initiator)
        return persona

    def set_portrait(self, persona_id: str, image: bytes) -> None:
        """Give the persona a picture; empty bytes take it away."""
        self.update(persona_id, portrait=self._library.files.put(image) if image else "")

    def portrait_path(self, persona: Persona) -> Path | None:
        """Where the picture lies, if there is one."""
        there = self._library.files.exists(persona.portrait)
        return self._library.files.path(persona.portrait) if there else None

    def delete(self, persona_id: str) -> str:
        """Move the persona, its data, runs and adapters to the trash; return the token of ``undo``."""
        training = [run for run in self._active_runs() if run.persona_id == persona_id]
        if training:
            raise StudioError("run_active", run=training[0].id)
        return self._undo.remove(Kind.PERSONA, persona_id)

    def undo(self, token: str) -> None:
        """Undo the deletion of anything."""
        self._undo.undo(token)

    def _active_runs(self) -> _Runs:
        return self._library.runs.in_state(RunState.RUNNING, RunState.QUEUED)


def _checked_name(name: object) -> str:
    cleaned = " ".join(str(name).split())
    if not cleaned:
        raise StudioError("name_empty")
    return cleaned


def _summary(
    persona: Persona, counts: dict[str, TurnCounts], adapters: dict[str, Adapter], active: dict[str, Run]
) -> PersonaSummary:
    count = counts.get(persona.id, TurnCounts())
    return PersonaSummary(
        persona=persona,
        conversations=count.conversations,
        persona_turns=count.persona_turns,
        newest_adapter=adapters.get(persona.id),
        active_run=active.get(persona.id),
    )
