"""What the train page shows: the new run, the run looked at, the queue and the past. Knows no Qt."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.domain.run import ENDED, MetricPoint, Run, RunState
from studio.gui import figures
from studio.gui.pages.train import run_words
from studio.gui.pages.train.new_run import NewRun
from studio.texts import tr

if TYPE_CHECKING:
    from studio.domain.persona import Persona
    from studio.services.studio import Studio


@dataclass(frozen=True)
class RunView:
    """The run on the right, ready to be shown."""

    run: Run
    title: str
    line: str
    colour: str
    progress: float
    busy: bool
    allowed: run_words.Allowed
    outcome: str
    failure: str


@dataclass(frozen=True)
class RunRow:
    """One line of the list of runs."""

    id: str
    persona_id: str
    title: str
    line: str
    colour: str
    waiting: bool
    active: bool
    deletable: bool


@dataclass(frozen=True)
class Curve:
    """What the loss curve draws."""

    train: tuple[tuple[float, float], ...]
    heldout: tuple[tuple[float, float], ...]
    base: float | None
    total_steps: int
    remark: str


class Presenter:
    """Looks things up; remembers only which run is looked at."""

    def __init__(self, studio: "Studio") -> None:
        self._studio = studio
        self.new_run = NewRun(studio)
        self.shown_id = ""
        self.undo_token = ""

    def persona(self, persona_id: str) -> "Persona | None":
        """The persona of a run, unless it was deleted meanwhile."""
        return next((one.persona for one in self._studio.personas.list() if one.persona.id == persona_id), None)

    def runs(self) -> list[Run]:
        """Queue first in its order, then the newest."""
        runs = self._studio.training.runs()
        waiting = sorted((one for one in runs if one.state is RunState.QUEUED), key=lambda one: one.created_at)
        others = sorted((one for one in runs if one.state is not RunState.QUEUED), key=_begun, reverse=True)
        return [*waiting, *others]

    def rows(self) -> list[RunRow]:
        """The list below the run: waiting ones first."""
        people = {one.persona.id: one.persona for one in self._studio.personas.list()}
        return [self._row(run, people.get(run.persona_id)) for run in self.runs()]

    def shown(self) -> Run | None:
        """The run looked at: the chosen one, else the active one, else the newest."""
        runs = self.runs()
        chosen = [one for one in runs if one.id == self.shown_id]
        active = [one for one in runs if one.state is RunState.RUNNING]
        found = next(iter([*chosen, *active, *(one for one in runs if one.state is not RunState.QUEUED), *runs]), None)
        return found

    def view(self) -> RunView | None:
        """Everything about the run looked at, in words and numbers."""
        run = self.shown()
        if run is None:
            return None
        live = self._studio.training.live(run.id)
        persona = self.persona(run.persona_id)
        step, total = (live.step, live.total_steps) if live else (run.step, run.total_steps)
        return RunView(
            run=run,
            title=self._title(run, persona),
            line=run_words.progress_line(run, live),
            colour=persona.colour if persona else "",
            progress=1.0 if run.state is RunState.FINISHED else (step / total if total else 0.0),
            busy=live is not None and (not total or live.phase != "training"),
            allowed=run_words.allowed(run),
            outcome=run_words.outcome(run, persona.name if persona else tr("the persona")),
            failure=run_words.failure(run),
        )

    def curve(self, run: Run) -> Curve:
        """The points of a run's curve; the base's held-out loss becomes a line."""
        points = self._studio.training.points(run.id)
        live = self._studio.training.live(run.id)
        return Curve(
            train=_of_kind(points, "train"),
            heldout=tuple(point for point in _of_kind(points, "heldout") if point[0] > 0),
            base=next((one.loss for one in points if one.kind == "heldout" and one.step == 0), run.heldout_nll_base),
            total_steps=max(run.total_steps, live.total_steps if live else 0),
            remark=run_words.curve_remark(points),
        )

    def start(self) -> Run:
        """Queue the new run and look at it."""
        run = self.new_run.start()
        self.shown_id = run.id
        return run

    def pause(self) -> None:
        """Pause the run looked at."""
        self._studio.training.pause(self._shown_id())

    def stop(self) -> None:
        """End the run looked at and keep what it has learned."""
        self._studio.training.stop(self._shown_id())

    def resume(self) -> None:
        """Go on from the last checkpoint."""
        self._studio.training.resume(self._shown_id())

    def delete(self, run_id: str) -> None:
        """Move a run to the trash; ``undo`` brings it back."""
        self.undo_token = self._studio.training.delete(run_id)
        if self.shown_id == run_id:
            self.shown_id = ""

    def undo(self) -> None:
        """Bring the last deleted run back."""
        if self.undo_token:
            self._studio.personas.undo(self.undo_token)
            self.undo_token = ""

    def _shown_id(self) -> str:
        run = self.shown()
        return run.id if run else ""

    def _title(self, run: Run, persona: "Persona | None") -> str:
        name = persona.name if persona else tr("deleted persona")
        return tr("{name} · run {number}", name=name, number=run.number)

    def _row(self, run: Run, persona: "Persona | None") -> RunRow:
        parts = [run_words.state_word(run)]
        before, after = run.heldout_nll_base, run.heldout_nll_adapter
        if before is not None and after is not None and run.adapter_id:
            parts.append(figures.gain(before - after))
        if run.seconds:
            parts.append(figures.duration(run.seconds))
        return RunRow(
            id=run.id,
            persona_id=run.persona_id,
            title=self._title(run, persona),
            line=" · ".join(parts),
            colour=persona.colour if persona else "",
            waiting=run.state is RunState.QUEUED,
            active=run.state is RunState.RUNNING,
            deletable=run.state in ENDED or run.state in (RunState.PAUSED, RunState.INTERRUPTED, RunState.QUEUED),
        )


def _begun(run: Run) -> tuple[bool, str, int]:
    return (run.state is RunState.RUNNING, run.created_at, run.number)


def _of_kind(points: list[MetricPoint], kind: str) -> tuple[tuple[float, float], ...]:
    return tuple((float(one.step), one.loss) for one in points if one.kind == kind)
