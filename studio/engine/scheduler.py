"""One queue for all work. Jobs are generators that yield after each unit: a token, a micro-step, an evaluated batch.

The most urgent ready job runs one unit, then new commands are looked at. So a reply interrupts training at the next
micro-step, and pausing or cancelling takes effect within one unit. A job with a ``share`` goes on beside more urgent
ones: after they have had so much time that its next unit is no more than its share, that unit is done.

No torch here: tests drive it with plain generators.
"""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import IntEnum

Work = Generator[None, None, None]


class Urgency(IntEnum):
    """Lower runs first."""

    REPLY = 0
    QUICK = 1
    HEAVY = 2
    TRAINING = 3


class Cancelled(Exception):
    """Thrown into a job's generator to make it end."""


@dataclass
class ScheduledJob:
    """A job in the queue. ``name`` is the app's id; ``order`` keeps first come, first served.

    ``share``: 0 … 1 of the time, whatever is more urgent. ``unit``: seconds of its last unit; ``waited``: seconds that
    others have worked since.
    """

    name: str
    urgency: Urgency
    work: Work
    order: int
    share: float = 0.0
    started: bool = False
    unit: float = 0.0
    waited: float = 0.0

    @property
    def due(self) -> bool:
        """True when others have had their part of the time."""
        return self.started and self.share > 0 and self.waited * self.share >= self.unit * (1 - self.share)


class Scheduler:
    """Runs units of the most urgent job. Whatever a job raises goes to ``on_failure``; the queue goes on."""

    def __init__(
        self,
        on_failure: Callable[[str, BaseException], None],
        on_start: Callable[[str], None] = lambda name: None,
        on_exit: Callable[[str], None] = lambda name: None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._jobs: list[ScheduledJob] = []
        self._on_failure = on_failure
        self._on_start = on_start
        self._on_exit = on_exit
        self._clock = clock
        self._count = 0

    def add(self, name: str, urgency: Urgency, work: Work, *, share: float = 0.0) -> None:
        """Queue a job; ``share`` is the part of the time it keeps beside more urgent ones, once it has begun."""
        self._count += 1
        self._jobs.append(ScheduledJob(name, urgency, work, self._count, share))

    @property
    def idle(self) -> bool:
        """True when there is nothing to do."""
        return not self._jobs

    def names(self) -> list[str]:
        """The names of all jobs, in the order in which they came."""
        return [job.name for job in self._jobs]

    def run_unit(self) -> None:
        """Advance the most urgent job by one unit of work, or one that has waited for its share."""
        if not self._jobs:
            return
        job = min(self._jobs, key=lambda one: (not one.due, one.urgency, one.order))
        self._announce(job)
        started = self._clock()
        self._advance(job)
        self._count_time(job, self._clock() - started)

    def _advance(self, job: ScheduledJob) -> None:
        try:
            next(job.work)
        except StopIteration:
            self._remove(job)
        except Exception as error:  # the one place where a job's trouble stops being the queue's
            self._remove(job)
            self._on_failure(job.name, error)

    def _count_time(self, worked: ScheduledJob, seconds: float) -> None:
        worked.unit, worked.waited = seconds, 0.0
        for job in self._jobs:
            if job is not worked:
                job.waited += seconds

    def cancel(self, name: str) -> None:
        """End the job called ``name`` now; unknown names are jobs that have just ended."""
        for job in [one for one in self._jobs if one.name == name]:
            self._throw(job)

    def _throw(self, job: ScheduledJob) -> None:
        self._remove(job)
        try:
            job.work.throw(Cancelled())
        except (StopIteration, Cancelled):
            pass
        except Exception as error:
            self._on_failure(job.name, error)
            return
        job.work.close()
        self._on_failure(job.name, Cancelled())

    def _announce(self, job: ScheduledJob) -> None:
        if not job.started:
            job.started = True
            self._on_start(job.name)

    def _remove(self, job: ScheduledJob) -> None:
        self._jobs.remove(job)
        self._on_exit(job.name)
