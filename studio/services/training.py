"""Training: a queue of runs, one at a time, that survive pauses, a dead engine and a closed program."""

import logging
from collections.abc import Callable, Mapping

from studio.domain.base_model import BaseModel
from studio.domain.changes import Kind
from studio.domain.clock import now
from studio.domain.errors import StudioError
from studio.domain.recipe import Recipe
from studio.domain.run import ENDED, RESUMABLE, MetricPoint, Run, RunState
from studio.library.library import Library
from studio.methods.method import METHODS, Method
from studio.options import Option, options_of
from studio.services import control
from studio.services.active_run import ActiveRun, RunHost, failure_text
from studio.services.change_feed import ChangeFeed
from studio.services.data import DataBench
from studio.services.engine import Engine, EngineState
from studio.services.job import Job, Progress
from studio.services.machine_memory import total_memory as main_memory
from studio.services.memory_estimate import MemoryEstimate, training_memory
from studio.services.models import Models
from studio.services.presets import Preset, presets
from studio.services.run_feed import LiveRun
from studio.services.run_plan import full_options, method_named, plan_run, preset_options

_log = logging.getLogger(__name__)


class Training:
    """Runs are rows; the one that is active has an ``ActiveRun`` beside its row."""

    def __init__(
        self, library: Library, changes: ChangeFeed, engine: Engine, data: DataBench, models: Models, host: RunHost
    ) -> None:
        self._library = library
        self._changes = changes
        self._engine = engine
        self._data = data
        self._models = models
        self._host = host
        self._active: ActiveRun | None = None
        self._waiting: dict[str, list[Job[Run]]] = {}
        self._stop_when_begun: set[str] = set()
        engine.on_death(self._engine_died)

    def methods(self) -> list[Method]:
        """Every way to train."""
        return list(METHODS.all().values())

    def presets(self) -> list[Preset]:
        """The starting points, the quickest first."""
        return presets()

    def options(self, method: str) -> dict[str, Option]:
        """The options of a method."""
        return options_of(method_named(method).options)

    def preset_options(self, preset: str, persona_id: str, base: BaseModel) -> dict[str, object]:
        """A preset's options, adapted to the amount of data and the size of the base."""
        return preset_options(self._library, preset, persona_id, base)

    def estimate(
        self, base: BaseModel, method: str, options: Mapping[str, object], total_memory: int | None = None
    ) -> MemoryEstimate:
        """What a training would need, against what the engine's device (or this machine) has."""
        chosen = method_named(method)
        status = self._engine.status()
        available = total_memory if total_memory is not None else status.memory_total or main_memory()
        device = status.device or "cpu"
        return training_memory(base, chosen.quantization, full_options(chosen, options), available, device)

    def start(
        self,
        persona_id: str,
        *,
        base_id: str = "",
        method: str = "qlora",
        preset: str = "balanced",
        options: Mapping[str, object] | None = None,
    ) -> Run:
        """Queue a run; it begins when nothing else trains."""
        base = self._models.get(base_id)
        run = plan_run(self._library, self._data, persona_id, base, method_named(method), preset, options or {})
        self._changes.tell(Kind.RUN, ids=(run.id,))
        self._begin_next(wished=True)
        return self.get(run.id)

    def runs(self, persona_id: str = "") -> list[Run]:
        """The runs (of one persona), newest first."""
        return self._library.runs.all(persona_id)

    def get(self, run_id: str) -> Run:
        """One run."""
        run = self._library.runs.get(run_id)
        if run is None:
            raise StudioError("not_found", what="run", name=run_id)
        return run

    def pause(self, run_id: str) -> None:
        """Let the run write a checkpoint and rest."""
        run = self.get(run_id)
        if self._active and self._active.run_id == run_id:
            self._active.wish("pause")
        elif run.state is RunState.QUEUED:
            self._set(run_id, state=RunState.PAUSED)
        else:
            raise StudioError("run_not_active", run=run_id, state=run.state.value)

    def stop(self, run_id: str) -> None:
        """End the run and keep what it has learned; a resting one is woken for as long as that takes."""
        run = self.get(run_id)
        if self._active and self._active.run_id == run_id:
            self._active.wish("stop")
        elif run.state in ENDED:
            raise StudioError("run_not_active", run=run_id, state=run.state.value)
        elif run.started_at and run.step:
            self._stop_when_begun.add(run_id)
            self._enqueue(run)
        else:
            self._set(run_id, state=RunState.STOPPED, ended_at=now())

    def resume(self, run_id: str) -> Run:
        """Queue a paused or interrupted run again; it goes on from its last checkpoint."""
        run = self.get(run_id)
        if run.state not in RESUMABLE:
            raise StudioError("run_not_resumable", run=run_id, state=run.state.value)
        self._enqueue(run)
        return self.get(run_id)

    def delete(self, run_id: str) -> str:
        """Move a run to the trash (its adapter stays); return the token of ``undo``."""
        if self._active and self._active.run_id == run_id:
            raise StudioError("run_active", run=run_id)
        return self._host.undo.remove(Kind.RUN, run_id)

    def points(self, run_id: str) -> list[MetricPoint]:
        """The run's curves, up to this moment."""
        stored = self._library.metrics.points(run_id)
        if self._active is None or self._active.run_id != run_id:
            return stored
        fresh = {(point.step, point.kind): point for point in [*stored, *self._active.feed.pending]}
        return [fresh[key] for key in sorted(fresh)]

    def live(self, run_id: str) -> LiveRun | None:
        """The figures of this moment, while the run is active."""
        return self._active.feed.live if self._active and self._active.run_id == run_id else None

    def recipe(self, run_id: str) -> Recipe:
        """How the run trains."""
        recipe = self._library.recipes.get(self.get(run_id).recipe_id)
        assert recipe is not None, "a run's recipe is held by a foreign key"
        return recipe

    def wait_job(self, run_id: str) -> Job[Run]:
        """A job that ends when the run is neither queued nor running any more; cancelling it pauses the run."""
        job: Job[Run] = Job("training", on_cancel=lambda: self.pause(run_id))
        self._waiting.setdefault(run_id, []).append(job)
        self._settle(run_id)
        return job

    def poll_control(self) -> None:
        """Grant the wishes of other processes and begin what waits; called about twice a second."""
        control.take_wishes(self._library.folder, self._grant)
        self._begin_next()

    def _grant(self, run_id: str, wish: str) -> None:
        acts: dict[str, Callable[[str], object]] = {"pause": self.pause, "stop": self.stop, "resume": self.resume}
        acts[wish](run_id)

    @property
    def is_active(self) -> bool:
        """True while a run holds the engine."""
        return self._active is not None

    def close(self) -> None:
        """Before the engine is closed: a run that ends as paused now was paused by that."""
        if self._active:
            self._active.wish("pause")

    def _enqueue(self, run: Run) -> None:
        self._set(run.id, state=RunState.QUEUED, failure="")
        self._begin_next(wished=True)

    def _begin_next(self, *, wished: bool = False) -> None:
        """Begin the oldest queued run. An engine that failed is only tried again because somebody wished it."""
        failed = self._engine.state is EngineState.FAILED and not wished
        if self._active is not None or failed or self._library.read_only:
            return
        queued = self._library.runs.in_state(RunState.QUEUED)
        if queued:
            self._begin(queued[0])

    def _begin(self, run: Run) -> None:
        active = ActiveRun(run, self._library, self._engine, self._host, self._notice, self._ended)
        self._active = active
        self._set(run.id, state=RunState.RUNNING, started_at=run.started_at or now())
        if run.id in self._stop_when_begun:
            self._stop_when_begun.discard(run.id)
            active.wish("stop")
        active.begin(self.recipe(run.id))

    def _notice(self, active: ActiveRun) -> None:
        self._changes.tell(Kind.RUN_PROGRESS, ids=(active.run_id,))
        live = active.feed.live
        for job in self._waiting.get(active.run_id, []):
            job.advance(Progress(what=live.phase, done=live.step, total=live.total_steps))

    def _ended(self, active: ActiveRun, state: RunState, error: StudioError | None, engine_lost: bool) -> None:
        """The active run left RUNNING. After a lost engine the queue waits to hear whether it comes back."""
        self._active = None
        ended_at = now() if state in ENDED else ""
        self._set(active.run_id, state=state, ended_at=ended_at, failure=failure_text(error) if error else "")
        if engine_lost and self._engine.state is not EngineState.FAILED:
            return
        self._settle(active.run_id)
        self._begin_next()

    def _engine_died(self, restarts: bool) -> None:
        lost = [run for run in self._library.runs.in_state(RunState.INTERRUPTED) if run.id in self._host.lost]
        self._host.lost.clear()
        for run in lost if restarts else []:
            self._enqueue(run)
        for run in lost:
            self._settle(run.id)

    def _settle(self, run_id: str) -> None:
        run = self.get(run_id)
        if run.state in (RunState.QUEUED, RunState.RUNNING):
            return
        for job in self._waiting.pop(run_id, []):
            job.finish(run)

    def _set(self, run_id: str, **fields: object) -> None:
        self._library.runs.update(run_id, **fields)
        self._changes.tell(Kind.RUN, ids=(run_id,))
