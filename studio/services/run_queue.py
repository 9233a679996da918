"""The queue of runs as one handles it: its order, when runs start, pausing, stopping, going on, waiting for an end."""

from collections.abc import Callable

from studio.domain.changes import Kind
from studio.domain.clock import now
from studio.domain.errors import StudioError
from studio.domain.run import ENDED, RESUMABLE, Run, RunState
from studio.services import control
from studio.services.job import Job
from studio.services.run_rests import USER, WAKING
from studio.services.run_times import as_moment
from studio.services.run_turns import RunTurns
from studio.services.run_waiting import RunListener


class RunQueue(RunTurns):
    """What people may wish of runs that wait, train or rest."""

    def queue(self) -> list[Run]:
        """The run that trains, then those that wait in their order, then those that rest and wake by themselves."""
        runs = self._library.runs
        resting = [run for run in runs.in_state(RunState.PAUSED) if run.resting in WAKING]
        return [*runs.in_state(RunState.RUNNING), *runs.in_state(RunState.QUEUED), *resting]

    @property
    def held_by(self) -> str:
        """Why no run may begin now: ``battery`` or ``memory``; empty when nothing holds the queue."""
        return self.rests.reason

    def move(self, run_id: str, before: str = "") -> None:
        """Put a queued run before another one, or at the end."""
        self._queued(run_id)
        if before == run_id:
            return
        others = [run.id for run in self._library.runs.in_state(RunState.QUEUED) if run.id != run_id]
        at = others.index(self._queued(before).id) if before else len(others)
        self._arrange([*others[:at], run_id, *others[at:]])

    def schedule(self, run_id: str, starts_at: str, *, begins: bool = True) -> None:
        """Hold a run back until a moment (ISO 8601); empty: as soon as possible. A resting one goes on then."""
        moment = as_moment(starts_at)
        run = self.get(run_id)
        if run.state in RESUMABLE:
            self._put_first(run, starts_at=moment)
        else:
            self._set(self._queued(run_id).id, starts_at=moment)
        if begins:
            self._begin_next(wished=not moment)

    def pause(self, run_id: str) -> None:
        """Let the run write a checkpoint and rest until somebody resumes it."""
        run = self.get(run_id)
        if self._is_active(run_id):
            self._pause_active(USER)
        elif run.state is RunState.QUEUED or (run.state is RunState.PAUSED and run.resting in WAKING):
            self._set(run_id, state=RunState.PAUSED, resting=USER)
            self._waiting.settle(run_id)
        else:
            raise StudioError("run_not_active", run=run_id, state=run.state.value)

    def stop(self, run_id: str) -> None:
        """End the run and keep what it has learned; a resting one is woken for as long as that takes."""
        run = self.get(run_id)
        if self._active and self._is_active(run_id):
            self._to_stop.add(run_id)
            self._active.wish("stop")
        elif run.state in ENDED:
            raise StudioError("run_not_active", run=run_id, state=run.state.value)
        elif run.started_at and run.step:
            self._to_stop.add(run_id)
            self._enqueue(run)
        else:
            self._set(run_id, state=RunState.STOPPED, resting="", ended_at=now())
            self._waiting.settle(run_id)

    def resume(self, run_id: str) -> Run:
        """Queue a paused or interrupted run again, before all others; it goes on from its last checkpoint."""
        run = self.get(run_id)
        if run.state not in RESUMABLE:
            raise StudioError("run_not_resumable", run=run_id, state=run.state.value)
        self._to_stop.discard(run_id)
        self._enqueue(run)
        return self.get(run_id)

    def delete(self, run_id: str) -> str:
        """Move a run to the trash (its adapter stays); return the token of ``undo``."""
        if self._is_active(run_id):
            raise StudioError("run_active", run=run_id)
        return self._host.undo.remove(Kind.RUN, run_id)

    def wait_job(self, run_id: str, *, through_rests: bool = False) -> Job[Run]:
        """A job that ends when the run is neither queued nor running any more; cancelling it pauses the run.

        ``through_rests``: nor resting for a reason that ends by itself.
        """
        return self._waiting.job(run_id, lambda: self.pause(run_id), through_rests=through_rests)

    def when_ended(self, listener: RunListener) -> Callable[[], None]:
        """Hear of every run that came to its end (or died for good), where the user wants to be told of that.

        Call what is returned to stop hearing.
        """

        def tell(run: Run) -> None:
            if self._host.settings.get("notify_when_done"):
                listener(run)

        return self._waiting.when_ended(tell)

    def poll_control(self, *, works: bool = True, takes_up: bool = True) -> None:
        """Grant the wishes of other processes and, where the program ``works`` on the queue, see what is due.

        ``takes_up``: also go on with what an earlier program left in the middle. Called about twice a second.
        """
        control.take_wishes(self._library.folder, self._grant)
        if works and not self._library.read_only:
            if takes_up:
                self._take_up()
            self._look_around()
            self._begin_next()
            self._keep_awake()

    def sample_now(self, run_id: str) -> None:
        """Let the run answer its probes after the step that it is in."""
        self._want(run_id, "sample")

    def save_now(self, run_id: str) -> None:
        """Let the run write a checkpoint after the step that it is in."""
        self._want(run_id, "save")

    def _want(self, run_id: str, word: str) -> None:
        run = self.get(run_id)
        if self._active is None or not self._is_active(run_id):
            raise StudioError("run_not_active", run=run_id, state=run.state.value)
        self._active.want(word)

    def _grant(self, run_id: str, wish: str) -> None:
        acts: dict[str, Callable[[str], object]] = {
            "pause": self.pause, "stop": self.stop, "resume": self.resume,
            "sample": self.sample_now, "save": self.save_now,
        }  # fmt: skip
        acts[wish](run_id)

    def _queued(self, run_id: str) -> Run:
        run = self.get(run_id)
        if run.state is not RunState.QUEUED:
            raise StudioError("run_not_queued", run=run_id, state=run.state.value)
        return run

    def _arrange(self, run_ids: list[str]) -> None:
        with self._library.transaction():
            for place, run_id in enumerate(run_ids, start=1):
                self._library.runs.update(run_id, place=float(place))
        self._changes.tell(Kind.RUN, ids=run_ids)
