"""What the columns of a chat show, with all that is needed to have it said again elsewhere: hashes, seeds, samplers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from studio.domain.chat import Chat, ChatMessage, Contestant
from studio.domain.clock import now
from studio.domain.conversation import Role
from studio.library.library import Library
from studio.services.contestants import Contestants
from studio.services.who_answered import contestant_of, name_of


@dataclass(frozen=True, kw_only=True)
class ComparedAdapter:
    """An adapter of a contestant: its name, the SHA-256 of its weights (empty for a run in training), its weight."""

    name: str
    sha256: str
    weight: float


@dataclass(frozen=True, kw_only=True)
class ComparedLine:
    """Something that was said. A reply knows who had said it, and how it was drawn."""

    role: str
    text: str
    who: str = ""
    strengths: tuple[float, ...] = ()
    seed: int | None = None
    sampler: Mapping[str, Any] = field(default_factory=dict)
    tokens: int = 0
    edited: bool = False


@dataclass(frozen=True, kw_only=True)
class ComparedColumn:
    """A column: who answers in it, and its thread."""

    who: str
    persona: str
    adapters: tuple[ComparedAdapter, ...]
    card: str
    step: int
    system_prompt: str
    base: str
    base_fingerprint: str
    lines: tuple[ComparedLine, ...]

    @property
    def rounds(self) -> list[tuple[list[ComparedLine], list[ComparedLine]]]:
        """The thread as (what the user said, what was answered); a greeting answers nothing."""
        found: list[tuple[list[ComparedLine], list[ComparedLine]]] = []
        for line in self.lines:
            asked = line.role != Role.PERSONA.value
            if not found or (asked and found[-1][1]):
                found.append(([], []))
            found[-1][0 if asked else 1].append(line)
        return found


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Columns side by side. Nothing in it names a place on this machine."""

    title: str
    made_at: str
    system_prompt: str
    author_note: str
    columns: tuple[ComparedColumn, ...]

    def document(self) -> dict[str, Any]:
        """The comparison as data."""
        return {"format": "persona-studio-comparison", "version": 1} | asdict(self)


def comparison_of(chat: Chat, library: Library, contestants: Contestants) -> Comparison:
    """Return what a chat's columns show now."""
    columns = []
    for contestant, tip in chat.columns:
        columns.append(_column(contestant, library.chats.thread(tip), library, contestants))
    return Comparison(
        title=chat.title,
        made_at=now(),
        system_prompt=chat.settings.system_prompt,
        author_note=chat.settings.author_note,
        columns=tuple(columns),
    )


def _column(
    contestant: Contestant, thread: Sequence[ChatMessage], library: Library, contestants: Contestants
) -> ComparedColumn:
    fingerprint = _last(thread, "base_fingerprint") or _fingerprint(contestant, library)
    base = next((one for one in library.bases.all() if one.fingerprint == fingerprint), None)
    persona = _persona(contestant, library)
    return ComparedColumn(
        who=name_of(contestant, contestants),
        persona=persona,
        adapters=tuple(_adapter(part.adapter_id, part.weight, library) for part in contestant.parts),
        card=contestant.card,
        step=contestant.step,
        system_prompt=contestant.system_prompt,
        base=(base.hub_id or base.name) if base else "",
        base_fingerprint=fingerprint,
        lines=tuple(_line(message, contestant, contestants) for message in thread),
    )


def _line(message: ChatMessage, column: Contestant, contestants: Contestants) -> ComparedLine:
    made_by = message.made_by
    if message.role is not Role.PERSONA:
        return ComparedLine(role=message.role.value, text=message.text)
    who = contestant_of(made_by, column)
    seed, sampler, tokens = made_by.get("seed"), made_by.get("sampler"), made_by.get("tokens")
    return ComparedLine(
        role=message.role.value,
        text=message.text,
        who=name_of(who, contestants),
        strengths=tuple(part.weight for part in who.parts),
        seed=seed if isinstance(seed, int) else None,
        sampler=sampler if isinstance(sampler, dict) else {},
        tokens=tokens if isinstance(tokens, int) else 0,
        edited=bool(made_by.get("edited")),
    )


def _adapter(adapter_id: str, weight: float, library: Library) -> ComparedAdapter:
    adapter, run = library.adapters.get(adapter_id), library.runs.get(adapter_id)
    name = adapter.name if adapter else f"run {run.number}" if run else adapter_id
    return ComparedAdapter(name=name, sha256=adapter.content if adapter else "", weight=weight)


def _persona(contestant: Contestant, library: Library) -> str:
    ids = [contestant.persona_id] if contestant.persona_id else []
    for part in contestant.parts:
        made = library.adapters.get(part.adapter_id) or library.runs.get(part.adapter_id)
        ids += [made.persona_id] if made else []
    found = library.personas.get(ids[0]) if ids else None
    return found.name if found else ""


def _fingerprint(contestant: Contestant, library: Library) -> str:
    found = [library.adapters.get(part.adapter_id) for part in contestant.parts]
    return next((one.base_fingerprint for one in found if one), "")


def _last(thread: Sequence[ChatMessage], name: str) -> str:
    return next((str(one.made_by[name]) for one in reversed(thread) if one.made_by.get(name)), "")
