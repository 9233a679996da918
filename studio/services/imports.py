"""Files into the library: read first, look at it, then store what was chosen, without storing anything twice."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from studio.domain.changes import Kind
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.importers import IMPORTERS, ImportItem, ImportPlan, read_paths
from studio.library.library import Library
from studio.services.background import Deliver
from studio.services.change_feed import ChangeFeed
from studio.services.import_intake import Fate, Incoming, Intake, incoming
from studio.services.imported_persona import persona_of
from studio.services.job import Job, Progress
from studio.services.personas import Personas
from studio.services.sliced import Steps, at_once, run_sliced
from studio.services.undo import made, together
from studio.texts import tr, tr_plural

__all__ = ["FormatInfo", "ImportItem", "ImportPlan", "ImportReport", "Imports", "PersonaImported"]

_AT_ONCE = 1000
_A_SLICE = 20
"""Conversations in one transaction: many when nobody waits meanwhile, few between two frames of a window."""


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
    grown: int = 0
    persona_turns: int = 0


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What was stored, and the files that could not be read. ``act`` is the token that undoes the whole import."""

    personas: tuple[PersonaImported, ...] = ()
    problems: tuple[tuple[Path, StudioError], ...] = ()
    act: str = ""

    @property
    def grown(self) -> int:
        """How many conversations were carried on by a longer log."""
        return sum(one.grown for one in self.personas)


class Imports:
    """Reading touches no database and may run on any thread. Storing is an act that can be undone."""

    def __init__(self, library: Library, changes: ChangeFeed, personas: Personas, deliver: Deliver) -> None:
        self._library = library
        self._changes = changes
        self._personas = personas
        self._deliver = deliver

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
        day_first: bool | None = None,
        columns: Mapping[str, str] | None = None,
        hide_names: bool | None = None,
        hide_details: bool | None = None,
        progress: Callable[[float, float, str], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> ImportPlan:
        """Read files, folders and archives; one that fails is a problem of the plan, and the others go on."""
        return read_paths(
            paths,
            format=format,
            persona=persona,
            speaker=speaker,
            day_first=day_first,
            columns=columns,
            hide_names=hide_names,
            hide_details=hide_details,
            progress=progress,
            cancelled=cancelled,
        )

    def commit(self, plan: ImportPlan, *, take: Collection[int] | None = None) -> ImportReport:
        """Store the chosen items of a plan (all of them when None), at once and all or none."""
        with self._library.transaction():
            stored = at_once(self._storing(_chosen(plan, take), _AT_ONCE))
        return self._told(stored, plan)

    def commit_job(self, plan: ImportPlan, *, take: Collection[int] | None = None) -> Job[ImportReport]:
        """The same in slices; given up, what was added is taken back."""
        return run_sliced(self._deliver, "importing", self._storing_in_slices(plan, _chosen(plan, take)))

    def known(self, plan: ImportPlan, index: int) -> tuple[int, int, int]:
        """Of an item's conversations: how many are new, how many there already, how many carry one on."""
        return at_once(self._sorting(plan.items[index]))

    def known_job(self, plan: ImportPlan, index: int) -> Job[tuple[int, int, int]]:
        """The same in slices, for files with more than a few thousand conversations."""
        return run_sliced(self._deliver, "looking", self._sorting(plan.items[index]))

    def _sorting(self, item: ImportItem) -> Steps[tuple[int, int, int]]:
        there = self._library.personas.find(item.persona_name)
        everything = yield from _incoming([item])
        intake = Intake(self._library, there[0].id if there else "", everything)
        fates = dict.fromkeys(Fate, 0)
        for at in range(0, len(everything), _A_SLICE):
            for one in intake.sort(everything[at : at + _A_SLICE]):
                fates[one.fate] += 1
            yield None
        return fates[Fate.NEW], fates[Fate.KNOWN], fates[Fate.GROWN]

    def _storing_in_slices(self, plan: ImportPlan, chosen: list[ImportItem]) -> Steps[ImportReport]:
        stored: list[_Stored] = []
        try:
            with self._library.hurried():
                yield from self._storing(chosen, _A_SLICE, stored)
        except Exception:
            for one in reversed(stored):
                yield from self._taking_back(one)
            self._changes.tell(Kind.PERSONA, Kind.CONVERSATION, ids=[one.persona.id for one in stored])
            raise
        return self._told(stored, plan)

    def _storing(
        self, chosen: list[ImportItem], batch: int, stored: "list[_Stored] | None" = None
    ) -> "Steps[list[_Stored]]":
        """Store batch by batch, each in a transaction; ``stored`` knows at any time what was begun."""
        begun: list[_Stored] = [] if stored is None else stored
        total = sum(len(item.conversations) for item in chosen)
        done = 0
        for name, items in _by_persona(chosen).items():
            with self._library.transaction():
                persona, created = persona_of(self._library, self._personas, name, items)
                act = self._library.journal.begin(persona.id, _label(items))
            begun.append(_Stored(persona=persona, created=created, act=act, turns=self._turns(persona.id)))
            everything = yield from _incoming(items)
            intake = Intake(self._library, persona.id, everything)
            for at in range(0, len(everything), batch):
                with self._library.transaction():
                    begun[-1].add(intake.store(act, everything[at : at + batch]))
                yield Progress(what="importing", done=done + at, total=total)
            done += len(everything)
        return begun

    def _taking_back(self, one: "_Stored") -> Steps[None]:
        for _ in self._library.journal.discard(one.act):
            yield None
        if one.created:
            self._library.trash.purge(self._library.trash.remove(Kind.PERSONA, one.persona.id))

    def _told(self, stored: "list[_Stored]", plan: ImportPlan) -> ImportReport:
        for one in stored:
            if not any(one.fates[fate] for fate in (Fate.NEW, Fate.GROWN)):
                self._library.journal.forget(one.act)
        self._changes.tell(Kind.PERSONA, Kind.CONVERSATION, ids=[one.persona.id for one in stored])
        return ImportReport(
            personas=tuple(one.report(self._turns(one.persona.id)) for one in stored),
            problems=plan.problems,
            act=together(*(token for one in stored for token in one.tokens())),
        )

    def _turns(self, persona_id: str) -> int:
        counts = self._library.conversations.turn_counts([persona_id])
        return counts[persona_id].persona_turns if persona_id in counts else 0


@dataclass(kw_only=True)
class _Stored:
    """What one persona got so far."""

    persona: Persona
    created: bool
    act: str
    turns: int
    fates: dict[Fate, int] = field(default_factory=lambda: dict.fromkeys(Fate, 0))

    def add(self, fates: Mapping[Fate, int]) -> None:
        """Count a batch."""
        for fate, count in fates.items():
            self.fates[fate] += count

    def tokens(self) -> list[str]:
        """What undoes it: the act, and the persona if it was made for it."""
        changed = any(self.fates[fate] for fate in (Fate.NEW, Fate.GROWN))
        return [*([made(self.persona.id)] if self.created else []), *([self.act] if changed else [])]

    def report(self, turns: int) -> PersonaImported:
        """What to tell, with the turns that the persona has now."""
        return PersonaImported(
            persona_id=self.persona.id,
            name=self.persona.name,
            created=self.created,
            conversations=self.fates[Fate.NEW],
            duplicates=self.fates[Fate.KNOWN],
            grown=self.fates[Fate.GROWN],
            persona_turns=turns - self.turns,
        )


def _chosen(plan: ImportPlan, take: Collection[int] | None) -> list[ImportItem]:
    return [item for index, item in enumerate(plan.items) if take is None or index in take]


def _by_persona(items: Sequence[ImportItem]) -> dict[str, list[ImportItem]]:
    found: dict[str, list[ImportItem]] = {}
    for item in items:
        found.setdefault(item.persona_name, []).append(item)
    return found


def _incoming(items: Sequence[ImportItem]) -> Steps[list[Incoming]]:
    found: list[Incoming] = []
    for item in items:
        for conversation in item.conversations:
            found.append(incoming(conversation))
            if len(found) % _A_SLICE == 0:
                yield None
    return found


def _label(items: Sequence[ImportItem]) -> str:
    if len(items) == 1:
        return tr("Imported {file}", file=items[0].path.name)
    return tr_plural("Imported {count} file", "Imported {count} files", len(items))
