"""The queue and the past as rows: running, waiting, resting, ended; a group's runs folded into one. Knows no Qt."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from studio.domain.clock import now
from studio.domain.run import ENDED, RESUMABLE, Run, RunGroup, RunState
from studio.gui.pages.train import queue_words
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.domain.persona import Persona
    from studio.domain.recipe import Recipe
    from studio.options import Option
    from studio.services.studio import Studio

HEADING, GROUP, RUN, MORE = "heading", "group", "run", "more"
ENDED_SHOWN = 60
"""So many of those that ended are shown at first; a list of hundreds is laid out only for who asks for it."""
SECTIONS = {"now": "Running", "next": "Up next", "resting": "Resting", "past": "Ended"}


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One line. ``acts``: what can be done with it; ``note``: a sentence that it needs; ``inner``: it is in a group."""

    id: str
    kind: str = RUN
    persona_id: str = ""
    name: str = ""
    title: str = ""
    colour: str = ""
    portrait: Path | None = None
    differs: str = ""
    state: str = ""
    role: str = "muted"
    progress: float = 0.0
    note: str = ""
    movable: bool = False
    inner: bool = False
    folded: bool = False
    count: int = 0
    acts: frozenset[str] = field(default_factory=frozenset)

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        return ", ".join(part for part in (self.title, self.differs, self.state, self.note) if part)


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """A run, or a group with its runs, in its section."""

    section: str
    runs: tuple[Run, ...]
    group: RunGroup | None = None


class QueueRows:
    """Looks things up; remembers which groups are open and the recipes, which never change."""

    def __init__(self, studio: "Studio") -> None:
        self._studio = studio
        self._recipes: dict[str, Recipe] = {}
        self._known: dict[str, dict[str, Option]] = {}
        self._labels = {one.name: tr(one.label) for one in studio.training.methods()}
        self.unfolded: set[str] = set()

    def rows(self) -> list[QueueRow]:
        """Everything, in the order of the page."""
        people = {one.persona.id: one.persona for one in self._studio.personas.list()}
        entries = self._entries()
        found: list[QueueRow] = []
        for section, words in SECTIONS.items():
            inside = [one for one in entries if one.section == section]
            if inside:
                count = sum(len(one.runs) for one in inside)
                found.append(QueueRow(id=section, kind=HEADING, title=tr(words), count=count))
                shown = inside if section != "past" or MORE in self.unfolded else inside[:ENDED_SHOWN]
                found += self._section(shown, people)
                found += _more(len(inside) - len(shown))
        return found

    def upcoming(self) -> list[QueueRow]:
        """The rows of those that wait, groups folded."""
        people = {one.persona.id: one.persona for one in self._studio.personas.list()}
        inside = [one for one in self._entries() if one.section == "next"]
        return [row for row in self._section(inside, people) if not row.inner]

    def refreshed(self, rows: list[QueueRow]) -> list[QueueRow]:
        """The same rows with the running one's figures of this moment."""
        running = {row.id for row in rows if row.kind == RUN and "pause" in row.acts and "stop" in row.acts}
        if not running:
            return rows
        people = {one.persona.id: one.persona for one in self._studio.personas.list()}
        return [self._fresh(row, people) if row.id in running else row for row in rows]

    def _fresh(self, row: QueueRow, people: dict[str, "Persona"]) -> QueueRow:
        run = self._studio.training.get(row.id)
        return self._row(run, people.get(run.persona_id), row.differs, inner=row.inner)

    def labels(self, group: RunGroup, runs: list[Run]) -> dict[str, str]:
        """What tells the runs of a sweep apart; those of a comparison are told apart by their method."""
        if group.kind != "sweep" or not runs:
            return {}
        recipes = {run.id: self._recipe(run).options for run in runs}
        options = self._options(runs[0])
        apart = [name for name in options if len({str(one.get(name)) for one in recipes.values()}) > 1]
        return {
            key: " · ".join(queue_words.value_words(name, values[name], options) for name in apart if name in values)
            for key, values in recipes.items()
        }

    # -- order ---------------------------------------------------------------------------------------------------

    def _entries(self) -> list[_Entry]:
        groups = {one.id: one for one in self._studio.training.groups()}
        ordered = self._ordered()
        members: dict[str, list[Run]] = {}
        for run in ordered:
            if run.group in groups:
                members.setdefault(run.group, []).append(run)
        return list(_entries(ordered, members, groups))

    def _ordered(self) -> list[Run]:
        """The queue in its order, then the newest."""
        queue = self._studio.training.queue()
        there = {one.id for one in queue}
        return [*queue, *(one for one in self._studio.training.runs() if one.id not in there)]

    # -- rows ----------------------------------------------------------------------------------------------------

    def _section(self, entries: list[_Entry], people: dict[str, "Persona"]) -> Iterator[QueueRow]:
        past = bool(entries) and entries[0].section == "past"
        for place, one in enumerate(entries):
            beside = entries[place + 1 if past else place - 1 : place + 2 if past else place]
            before = beside[0].runs[-1] if beside else None
            if one.group is None:
                yield self._run_row(one.runs[0], before, people)
            else:
                yield from self._group_rows(one, people)

    def _group_rows(self, entry: _Entry, people: dict[str, "Persona"]) -> Iterator[QueueRow]:
        assert entry.group is not None
        persona = people.get(entry.group.persona_id)
        name = persona.name if persona else tr("deleted persona")
        folded = entry.group.id not in self.unfolded
        yield QueueRow(
            id=entry.group.id, kind=GROUP, persona_id=entry.group.persona_id, name=name,
            title=queue_words.group_title(entry.group, name), colour=persona.colour if persona else "",
            portrait=self._portrait(persona), differs=entry.group.label, state=queue_words.group_line(list(entry.runs)),
            progress=_share(entry.runs), folded=folded, count=len(entry.runs), acts=_group_acts(entry),
            movable=any(run.state is RunState.QUEUED for run in entry.runs),
        )  # fmt: skip
        if not folded:
            labels = self.labels(entry.group, list(entry.runs))
            for run in entry.runs:
                yield self._row(run, persona, labels.get(run.id) or self._method(run), inner=True)

    def _run_row(self, run: Run, other: Run | None, people: dict[str, "Persona"]) -> QueueRow:
        return self._row(run, people.get(run.persona_id), self._differs(run, other), inner=False)

    def _row(self, run: Run, persona: "Persona | None", differs: str, *, inner: bool) -> QueueRow:
        live = self._studio.training.live(run.id)
        step, total = (live.step, live.total_steps) if live else (run.step, run.total_steps)
        name = persona.name if persona else tr("deleted persona")
        return QueueRow(
            id=run.id, persona_id=run.persona_id, name=name, colour=persona.colour if persona else "",
            title=tr("{name} · run {number}", name=name, number=run.number), portrait=self._portrait(persona),
            differs=differs, state=queue_words.state_line(run, live, datetime.fromisoformat(now())),
            role=queue_words.role(run), note=queue_words.note(run), inner=inner, acts=acts_of(run),
            progress=step / total if total and run.state not in ENDED else 0.0, movable=run.state is RunState.QUEUED,
        )  # fmt: skip

    def _differs(self, run: Run, other: Run | None) -> str:
        options, recipe = self._options(run), self._recipe(run)
        method = self._method(run)
        if other is None or other.persona_id != run.persona_id or other.base_id != run.base_id:
            return queue_words.headline(recipe, method, options)
        said = queue_words.difference(recipe, self._recipe(other), method, options)
        return self._further(run, other, said)

    def _further(self, run: Run, other: Run, said: str) -> str:
        """Besides settings, runs differ in what they start from and in what they learn."""
        parts = []
        if run.continues and run.continues != other.continues:
            adapters = {one.id: one.name for one in self._studio.adapters.list(run.persona_id)}
            parts.append(tr("continues {adapter}", adapter=adapters.get(run.continues, tr("a deleted adapter"))))
        if run.dataset_id != other.dataset_id:
            parts.append(tr("data version {number}", number=self._studio.data.version(run.dataset_id).number))
        same = said == tr("the same settings again")
        return " · ".join(parts if same and parts else [*parts, said])

    def _options(self, run: Run) -> dict[str, "Option"]:
        """Of its method, if that is still there."""
        if run.method not in self._known:
            there = run.method in self._labels
            self._known[run.method] = self._studio.training.options(run.method) if there else {}
        return self._known[run.method]

    def _method(self, run: Run) -> str:
        return self._labels.get(run.method, run.method)

    def _recipe(self, run: Run) -> "Recipe":
        if run.recipe_id not in self._recipes:
            self._recipes[run.recipe_id] = self._studio.training.recipe(run.id)
        return self._recipes[run.recipe_id]

    def _portrait(self, persona: "Persona | None") -> Path | None:
        return self._studio.personas.portrait_path(persona) if persona else None


def _more(count: int) -> list[QueueRow]:
    words = tr_plural("Show {count} earlier run", "Show {count} earlier runs", count)
    return [QueueRow(id=MORE, kind=MORE, title=words)] if count else []


def acts_of(run: Run) -> frozenset[str]:
    """What can be done with a run."""
    found = {"duplicate"}
    if run.state is RunState.RUNNING:
        found |= {"pause", "stop"}
    elif run.state is RunState.QUEUED:
        found |= {"pause", "up", "down", "schedule", "delete"} | ({"stop"} if run.step else set())
    elif run.state in RESUMABLE:
        found |= {"resume", "schedule", "delete"} | ({"stop"} if run.step else set())
    else:
        found |= {"delete"} | ({"continue"} if run.adapter_id else set())
    return frozenset(found)


def _group_acts(entry: _Entry) -> frozenset[str]:
    found = {"results", "delete"}
    states = {run.state for run in entry.runs}
    if RunState.QUEUED in states:
        found |= {"up", "down", "pause"}
    if states & RESUMABLE:
        found.add("resume")
    return frozenset(found)


def _entries(ordered: list[Run], members: dict[str, list[Run]], groups: dict[str, RunGroup]) -> Iterator[_Entry]:
    told: set[str] = set()
    for run in ordered:
        if run.group not in groups:
            yield _Entry(section=_section_of([run]), runs=(run,))
        elif run.group not in told:
            told.add(run.group)
            inside = members[run.group]
            yield _Entry(section=_section_of(inside), runs=tuple(_as_made(inside)), group=groups[run.group])


def _as_made(runs: list[Run]) -> list[Run]:
    """Those that wait stay in the queue's order, in their places among the others, which stand as they were made."""
    waiting = iter([one for one in runs if one.state is RunState.QUEUED])
    made = sorted(runs, key=lambda one: one.number)
    return [next(waiting) if one.state is RunState.QUEUED else one for one in made]


def _section_of(runs: list[Run]) -> str:
    states = {one.state for one in runs}
    if RunState.RUNNING in states:
        return "now"
    if RunState.QUEUED in states:
        return "next"
    return "resting" if states & RESUMABLE else "past"


def _share(runs: tuple[Run, ...]) -> float:
    """How much of a group is done; nothing is shown when all of it is."""
    done = sum(run.state in ENDED for run in runs)
    return done / len(runs) if done < len(runs) else 0.0
