"""Who waits for runs to end, and who wants to hear of every end."""

from collections.abc import Callable
from dataclasses import dataclass

from studio.domain.run import ENDED, Run, RunState
from studio.services.job import Job, Progress
from studio.services.run_feed import LiveRun
from studio.services.run_rests import WAKING

_UNDER_WAY = (RunState.QUEUED, RunState.RUNNING)
RunListener = Callable[[Run], None]


@dataclass(frozen=True, kw_only=True)
class _Waiter:
    job: Job[Run]
    through_rests: bool


class RunWaiting:
    """Jobs that end with their run, and listeners to all ends."""

    def __init__(self, find: Callable[[str], Run]) -> None:
        self._find = find
        self._waiters: dict[str, list[_Waiter]] = {}
        self._listeners: list[RunListener] = []

    def job(self, run_id: str, on_cancel: Callable[[], None], *, through_rests: bool) -> Job[Run]:
        """A job that ends when the run has."""
        job: Job[Run] = Job("training", on_cancel=on_cancel)
        self._waiters.setdefault(run_id, []).append(_Waiter(job=job, through_rests=through_rests))
        self._finish(self._find(run_id))
        return job

    def when_ended(self, listener: RunListener) -> Callable[[], None]:
        """Hear of every run that ended or died for good; call what is returned to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def advance(self, run_id: str, live: LiveRun) -> None:
        """The run went on."""
        for waiter in self._waiters.get(run_id, []):
            waiter.job.advance(Progress(what=live.phase, done=live.step, total=live.total_steps))

    def settle(self, run_id: str) -> None:
        """The run may have come to rest."""
        run = self._find(run_id)
        if run.state in _UNDER_WAY:
            return
        self._finish(run)
        if run.state in ENDED or run.state is RunState.INTERRUPTED:
            for listener in list(self._listeners):
                listener(run)

    def _finish(self, run: Run) -> None:
        if run.state in _UNDER_WAY:
            return
        wakes = run.state is RunState.PAUSED and run.resting in WAKING
        waiting = self._waiters.pop(run.id, [])
        if stay := [one for one in waiting if one.through_rests and wakes]:
            self._waiters[run.id] = stay
        for waiter in waiting:
            if waiter not in stay:
                waiter.job.finish(run)
