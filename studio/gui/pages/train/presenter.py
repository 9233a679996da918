"""What the train page shows: the new run, the queue, the run looked at; and what is done to them. Knows no Qt."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from studio.domain.clock import now
from studio.domain.run import RESUMABLE, Run, RunGroup, RunState
from studio.gui.pages.train import comparison, queue_words
from studio.gui.pages.train.comparison import Comparison, TableRow
from studio.gui.pages.train.new_run import NewRun
from studio.gui.pages.train.queue_desk import QueueDesk
from studio.gui.pages.train.queue_rows import QueueRow, QueueRows
from studio.gui.pages.train.queue_times import RunTimes
from studio.gui.pages.train.sweep import Sweep
from studio.gui.pages.train.when import as_kept, moment_words
from studio.texts import tr

if TYPE_CHECKING:
    from studio.domain.persona import Persona
    from studio.options import Option
    from studio.services.studio import Studio

_SECONDS_BETWEEN_LOOKS = 5.0
_HELD = {
    "battery": "It rests while the computer runs on battery.",
    "memory": "It rests while another program needs the memory.",
}
METHOD = "method"
"""What ``duplicate`` is told when the one change is the method."""


class Presenter:
    """Looks things up; remembers which row is looked at."""

    def __init__(self, studio: "Studio") -> None:
        self._studio = studio
        self.new_run = NewRun(studio)
        self.times = RunTimes(studio)
        self.queue = QueueRows(studio)
        self.desk = QueueDesk(studio)
        self.shown_id = ""
        self._rows: list[QueueRow] = []
        self._foretold = (0.0, "")

    # -- the queue -----------------------------------------------------------------------------------------------

    def rows(self) -> list[QueueRow]:
        """Everything that runs, waits, rests or has ended."""
        self._rows = self.queue.rows()
        return self._rows

    def progressed(self) -> list[QueueRow]:
        """The same rows, with new figures for the one that runs."""
        self._rows = self.queue.refreshed(self._rows)
        return self._rows

    def fold(self, group_id: str) -> None:
        """Open a group, or fold it again."""
        self.queue.unfolded ^= {group_id}

    def foretold(self) -> str:
        """``done_words``, which asks about every run that waits, worked out every few seconds only."""
        if time.monotonic() - self._foretold[0] > _SECONDS_BETWEEN_LOOKS:
            self._foretold = (time.monotonic(), self.done_words())
        return self._foretold[1]

    def done_words(self) -> str:
        """When all that waits for its turn will be through, if that can be said; or what holds the queue."""
        if self._studio.training.held_by:
            return tr(_HELD[self._studio.training.held_by])
        waiting = (RunState.RUNNING, RunState.QUEUED)
        runs = [one for one in self._studio.training.queue() if one.state in waiting and not one.starts_at]
        left = [self.times.left(one) for one in runs]
        if not all(left) or not runs:
            return ""
        here = datetime.fromisoformat(now())
        return tr("done {moment}", moment=moment_words(as_kept(here + timedelta(seconds=sum(left))), here))

    # -- the run looked at ---------------------------------------------------------------------------------------

    def look_at(self, row_id: str) -> None:
        """A run; of a group, its running or its newest one."""
        self.shown_id = row_id

    def shown(self) -> Run | None:
        """The run looked at: the chosen one, else the active one, else the newest."""
        runs = self._studio.training.runs()
        of_group = [one for one in runs if one.group and one.group == self.shown_id]
        active = [one for one in runs if one.state is RunState.RUNNING]
        chosen = [one for one in runs if one.id == self.shown_id]
        begun = [one for one in of_group if one.state is not RunState.QUEUED] or of_group
        inside = [one for one in of_group if one.state is RunState.RUNNING] or begun
        others = [one for one in runs if one.state is not RunState.QUEUED]
        return next(iter([*chosen, *inside, *active, *others, *runs]), None)

    def persona(self, persona_id: str) -> "Persona | None":
        """The persona of a run, unless it was deleted meanwhile."""
        return next((one.persona for one in self._studio.personas.list() if one.persona.id == persona_id), None)

    # -- acts ----------------------------------------------------------------------------------------------------

    def wish(self, name: str) -> str:
        """``pause`` what trains, or ``resume`` what was paused last; returns what to say when there is nothing."""
        runs = self._studio.training.runs()
        if name == "pause":
            found = [one for one in runs if one.state is RunState.RUNNING]
            said = tr("Nothing is in training now.")
        else:
            found = [one for one in runs if one.state in RESUMABLE]
            said = tr("Nothing was paused.")
        if not found:
            return said
        self.act(name, found[0].id)
        return ""

    def start(self) -> Run:
        """Queue the new run; it is looked at unless another one is under way."""
        run = self.new_run.start()
        if self._studio.training.get(run.id).state is RunState.RUNNING or self.shown() is None:
            self.shown_id = run.id
        return run

    def act(self, name: str, row_id: str) -> None:
        """``pause resume stop up down`` on a row."""
        acts: dict[str, Callable[[str], object]] = {
            "pause": self.desk.pause, "resume": self.desk.resume, "stop": self.desk.stop,
            "up": lambda one: self.desk.move(one, -1), "down": lambda one: self.desk.move(one, 1),
        }  # fmt: skip
        acts[name](row_id)

    def delete(self, row_id: str) -> tuple[str, Callable[[], None]]:
        """Move runs to the trash: what to say, and how to take it back."""
        found = self.desk.delete(row_id)
        if self.shown_id == row_id:
            self.shown_id = ""
        return found

    def duplicate(self, run_id: str, name: str, value: object) -> Run:
        """The same run with one change (none, an option, or the method)."""
        if name == METHOD:
            return self._studio.training.duplicate(run_id, method=str(value))
        return self._studio.training.duplicate(run_id, options={name: value} if name else None)

    def duplicable(self, run_id: str) -> "tuple[str, dict[str, Option], Mapping[str, object], dict[str, str]]":
        """For the dialog: title, the method's options, the run's values, all methods' labels."""
        run, recipe = self._studio.training.get(run_id), self._studio.training.recipe(run_id)
        methods = {one.name: one.label for one in self._studio.training.methods()}
        values = {**recipe.options, METHOD: recipe.method}
        return self.title(run), self._studio.training.options(recipe.method), values, methods

    def schedule(self, run_id: str, moment: str) -> None:
        """Hold a run back until then; nothing: as soon as possible."""
        self._studio.training.schedule(run_id, moment)

    def title(self, run: Run) -> str:
        """``Ilse Marrow · run 7``."""
        persona = self.persona(run.persona_id)
        return tr("{name} · run {number}", name=persona.name if persona else tr("deleted persona"), number=run.number)

    def run(self, run_id: str) -> Run:
        """One run."""
        return self._studio.training.get(run_id)

    # -- sweeps and comparisons ----------------------------------------------------------------------------------

    def sweep(self) -> Sweep:
        """A sweep around what the form says."""
        return Sweep(self._studio, self.new_run, self.times)

    def comparison(self) -> Comparison:
        """A comparison with the form's data and budget."""
        return Comparison(self._studio, self.new_run, self.times)

    def form_words(self) -> str:
        """Who, on what: for the dialogs."""
        persona, base = self.new_run.persona(), self.new_run.base()
        name = persona.name if persona else ""
        return tr("{persona} on {base}", persona=name, base=base.name if base else "")

    def group(self, group_id: str) -> RunGroup | None:
        """The group of this id, if it is one."""
        return next((one for one in self._studio.training.groups() if one.id == group_id), None)

    def group_title(self, group: RunGroup) -> str:
        """``Sweep · Ilse Marrow``."""
        persona = self.persona(group.persona_id)
        return queue_words.group_title(group, persona.name if persona else tr("deleted persona"))

    def group_words(self, group: RunGroup) -> str:
        """What of it is done."""
        line = queue_words.group_line(self._studio.training.runs_of(group.id))
        return " · ".join(part for part in (group.label, line) if part)

    def results(self, group: RunGroup) -> list[TableRow]:
        """The table of a group; a sweep's rows are named by what they differ in."""
        found = self._studio.training.comparison(group.id)
        labels = self.queue.labels(group, [one.run for one in found])
        return comparison.table(found, labels)
