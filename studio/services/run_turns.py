"""Whose turn it is: one run at a time on the engine, past failures, rests, dead engines, closing and power cuts."""

from collections.abc import Mapping
from dataclasses import replace

from studio.domain.changes import Kind
from studio.domain.clock import now
from studio.domain.errors import StudioError
from studio.domain.recipe import Recipe
from studio.domain.run import ENDED, Run, RunState
from studio.library.library import Library
from studio.services.active_run import ActiveRun, RunHost, failure_text
from studio.services.change_feed import ChangeFeed
from studio.services.engine import Engine, EngineState
from studio.services.run_log import RunLog
from studio.services.run_rests import CLOSED, DISK, MEMORY, RESTS, USER, WAKES, WAKING, Rests
from studio.services.run_survival import TAKEN_UP, Survival
from studio.services.run_times import is_due, is_within
from studio.services.run_waiting import RunWaiting
from studio.services.wakefulness import Wakefulness

_AWAKE_BEFORE_HOURS = 12.0
"""So long before a run that starts at a time, the computer is kept awake for it."""


class RunTurns:
    """Runs are rows; the one that is active has an ``ActiveRun`` beside its row."""

    def __init__(self, library: Library, changes: ChangeFeed, engine: Engine, host: RunHost) -> None:
        self._library = library
        self._changes = changes
        self._engine = engine
        self._host = host
        self._active: ActiveRun | None = None
        self._to_stop: set[str] = set()
        self._pause_reason = ""
        self._closing = False
        self._recovering = False
        self._log = RunLog(library)
        self._survival = Survival(library, self._log)
        self._waiting = RunWaiting(self.get)
        self.rests = Rests(host.settings, engine.status, library.folder)
        self.wakefulness = Wakefulness()
        engine.on_death(self._engine_died)

    def get(self, run_id: str) -> Run:
        """One run."""
        run = self._library.runs.get(run_id)
        if run is None:
            raise StudioError("not_found", what="run", name=run_id)
        return run

    def recipe(self, run_id: str) -> Recipe:
        """How the run trains."""
        recipe = self._library.recipes.get(self.get(run_id).recipe_id)
        assert recipe is not None, "a run's recipe is held by a foreign key"
        return recipe

    @property
    def is_active(self) -> bool:
        """True while a run holds the engine."""
        return self._active is not None

    @property
    def is_stuck(self) -> bool:
        """True when nothing goes on by itself any more: the engine cannot be started."""
        return self._engine.state is EngineState.FAILED and not self._active and not self._recovering

    def close(self) -> None:
        """Before the engine is closed: a run that ends as paused now was paused by that."""
        self._closing = True
        if self._active:
            self._pause_active(CLOSED)
        self.wakefulness.want(False)

    def _is_active(self, run_id: str) -> bool:
        return self._active is not None and self._active.run_id == run_id

    def _pause_active(self, reason: str) -> None:
        assert self._active is not None
        self._pause_reason = USER if USER in (reason, self._pause_reason) else reason
        self._active.wish("pause")

    def _enqueue(self, *runs: Run) -> None:
        self._put_first(*runs)
        self._begin_next(wished=True)

    def _put_first(self, *runs: Run, starts_at: str = "") -> None:
        """In this order before all others: what was begun is ended first."""
        queued = self._library.runs.in_state(RunState.QUEUED)
        first = queued[0].place if queued else 0.0
        for at, run in enumerate(runs):
            fields = {"failure": "", "resting": "", "starts_at": starts_at, "place": first - len(runs) + at}
            self._set(run.id, state=RunState.QUEUED, **fields)

    def _begin_next(self, *, wished: bool = False) -> None:
        """Begin the next run that is due. An engine that failed is only tried again because somebody wished it."""
        failed = self._engine.state is EngineState.FAILED and not wished
        if self._active is not None or failed or self._closing or self._library.read_only:
            return
        due = [run for run in self._library.runs.in_state(RunState.QUEUED) if is_due(run.starts_at)]
        may = [run for run in due if not self.rests.reason or run.id in self._to_stop]
        if may:
            self._begin(may[0])

    def _begin(self, run: Run) -> None:
        active = ActiveRun(run, self._library, self._engine, self._host, self._notice, self._ended)
        self._active = active
        self._pause_reason = ""
        self.rests.begun()
        self._set(run.id, state=RunState.RUNNING, started_at=run.started_at or now(), starts_at="", resting="")
        if run.id in self._to_stop:
            active.wish("stop")
        self._keep_awake()
        active.begin(self.recipe(run.id))

    def _notice(self, active: ActiveRun) -> None:
        self._changes.tell(Kind.RUN_PROGRESS, ids=(active.run_id,))
        self._waiting.advance(active.run_id, active.feed.live)

    def _ended(self, active: ActiveRun, state: RunState, error: StudioError | None, engine_lost: bool) -> None:
        """The active run left RUNNING. After a lost engine the queue waits to hear whether it comes back."""
        self._active = None
        if state is RunState.PAUSED and active.run_id in self._to_stop:
            self._enqueue(self.get(active.run_id))  # it had checkpointed for a pause when the wish to stop came
            return
        if state in ENDED:
            self._to_stop.discard(active.run_id)
        self._set(active.run_id, **self._outcome(active.run_id, state, error))
        if engine_lost and self._engine.state is not EngineState.FAILED:
            return
        self._waiting.settle(active.run_id)
        self._begin_next()
        self._keep_awake()

    def _outcome(self, run_id: str, state: RunState, error: StudioError | None) -> Mapping[str, object]:
        """Where the run stands now, and why it rests, if it does."""
        failure = failure_text(error) if error else ""
        if error is not None and error.code == "disk_full":
            return self._rest(run_id, DISK, failure)
        if state is RunState.PAUSED:
            return self._rest(run_id, self._pause_reason or USER, failure)
        return {"state": state, "ended_at": now() if state in ENDED else "", "failure": failure, "resting": ""}

    def _rest(self, run_id: str, reason: str, failure: str) -> Mapping[str, object]:
        run = self.get(run_id)
        if reason == CLOSED and not run.step:  # it had hardly begun: it waits as before
            return {"state": RunState.QUEUED, "resting": "", "failure": "", "started_at": ""}
        self._log.tell(run, RESTS[reason])
        self.rests.remember(replace(run, resting=reason))
        if reason == MEMORY:
            self._engine.bases.give_up()
        return {"state": RunState.PAUSED, "resting": reason, "failure": failure}

    def _take_up(self) -> None:
        """Once: what closing or a crash cut off goes on, if the user likes."""
        cut = [] if self._survival.asked else self._survival.cut_off()
        if not cut or not self._host.settings.get("go_on_at_start"):
            return
        for run in cut:
            self._log.tell(run, TAKEN_UP)
        self._enqueue(*cut)

    def _look_around(self) -> None:
        if not self.rests.is_time:
            return
        resting = [run for run in self._library.runs.in_state(RunState.PAUSED) if run.resting in WAKING]
        needed = max((run.peak_memory_bytes for run in resting if run.resting == MEMORY), default=0)
        self.rests.look(active=self._active is not None, needed=needed)
        if self._active is None:
            self._wake([run for run in resting if self.rests.is_over(run)])
        elif self.rests.reason and not self._pause_reason:
            self._pause_active(self.rests.reason)

    def _wake(self, runs: list[Run]) -> None:
        for run in runs:
            self._log.tell(run, WAKES[run.resting])
        if runs:
            self._enqueue(*runs)

    def _keep_awake(self) -> None:
        waiting = self._library.runs.in_state(RunState.QUEUED)
        soon = any(run.starts_at and is_within(run.starts_at, _AWAKE_BEFORE_HOURS) for run in waiting)
        wanted = self._active is not None or soon
        self.wakefulness.want(wanted and not self._closing and bool(self._host.settings.get("keep_awake")))

    def _engine_died(self, restarts: bool) -> None:
        lost = [run for run in self._library.runs.in_state(RunState.INTERRUPTED) if run.id in self._host.lost]
        self._host.lost.clear()
        for run in lost if restarts else []:
            self._survive(run)
        for run in lost:
            self._waiting.settle(run.id)
        if not restarts and any("engine_gave_up" in run.failure for run in lost):
            self._recovering = True
            self._host.deliver(self._go_on_without)

    def _survive(self, run: Run) -> None:
        """Go on with a run whose engine died, unless it dies there every time."""
        if self._engine.status().notice and self._survival.keeps_dying(run):
            error = StudioError("run_keeps_dying", run=run.id, step=run.step)
            self._set(run.id, failure=failure_text(error))
            self._begin_next()
        else:
            self._enqueue(run)

    def _go_on_without(self) -> None:
        """The engine died of one run too often: those behind it are given a fresh one."""
        self._recovering = False
        due = [run for run in self._library.runs.in_state(RunState.QUEUED) if is_due(run.starts_at)]
        if self._active is None and due and self._engine.state is EngineState.FAILED:
            self._engine.restart()
            self._begin_next(wished=True)

    def _set(self, run_id: str, **fields: object) -> None:
        self._library.runs.update(run_id, **fields)
        self._changes.tell(Kind.RUN, ids=(run_id,))
