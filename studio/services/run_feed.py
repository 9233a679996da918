"""What an active run tells while it goes: the live figures, and curve points that reach the database in batches."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from studio.domain.run import MetricPoint
from studio.library.library import Library
from studio.protocol import events

SECONDS_BETWEEN_WRITES = 1.0
SECONDS_BETWEEN_NOTICES = 0.25


@dataclass(frozen=True, kw_only=True)
class LiveRun:
    """The figures of this moment. ``phase``: loading, checking, evaluating or training."""

    step: int = 0
    total_steps: int = 0
    epoch: float = 0.0
    tokens_per_second: float = 0.0
    eta_seconds: float = 0.0
    memory_bytes: int = 0
    loss: float = 0.0
    phase: str = "loading"


class RunFeed:
    """Takes in the events of one run. ``notice`` is called a few times a second, when there is something to show."""

    def __init__(self, run_id: str, library: Library, notice: Callable[[], None]) -> None:
        self.live = LiveRun()
        self._run_id = run_id
        self._library = library
        self._notice = notice
        self._pending: list[MetricPoint] = []
        self._written_at = time.monotonic()
        self._noticed_at = 0.0
        self._from_step = 0
        self._step_seconds = 0.0

    @property
    def pending(self) -> list[MetricPoint]:
        """Points that are not in the database yet."""
        return list(self._pending)

    def progress(self, phase: str) -> None:
        """The run went into another phase."""
        self.live = replace(self.live, phase=phase)
        self._tell(at_once=True)

    def started(self, event: events.TrainingStarted) -> None:
        """The checks passed; a resumed run forgets the points after its checkpoint, because they come again."""
        self._from_step = event.step
        self.flush()
        self._library.metrics.forget_after(self._run_id, event.step)
        fields = {"total_steps": event.total_steps, "trained_tokens": event.trained_tokens}
        self._library.runs.update(self._run_id, step=event.step, **fields)
        self.live = replace(self.live, step=event.step, total_steps=event.total_steps, phase="training")
        self._tell(at_once=True)

    def step(self, event: events.StepDone) -> None:
        """One optimiser step."""
        per_step = event.seconds / event.step if event.step else 0.0
        self.live = LiveRun(
            step=event.step,
            total_steps=self.live.total_steps,
            epoch=event.epoch,
            tokens_per_second=event.tokens_per_second,
            eta_seconds=per_step * max(0, self.live.total_steps - event.step),
            memory_bytes=event.memory_bytes,
            loss=event.loss,
            phase="training",
        )
        self._pending.append(
            MetricPoint(
                run_id=self._run_id,
                step=event.step,
                kind="train",
                loss=event.loss,
                learning_rate=event.learning_rate,
                gradient_norm=event.gradient_norm,
                tokens_per_second=event.tokens_per_second,
                memory_bytes=event.memory_bytes,
            )
        )
        self._step_seconds = event.seconds
        self._write_if_due()
        self._tell()

    def held_out(self, event: events.HeldOutMeasured) -> None:
        """A held-out loss; step 0 is the base's."""
        self._pending.append(MetricPoint(run_id=self._run_id, step=event.step, kind="heldout", loss=event.loss))
        self.flush()
        self._tell(at_once=True)

    def flush(self) -> None:
        """Write what is pending, points and figures in one transaction."""
        self._written_at = time.monotonic()
        points, self._pending = self._pending, []
        if not points:
            return
        with self._library.transaction():
            self._library.metrics.add_many(points)
            self._library.runs.update(
                self._run_id,
                step=self.live.step,
                tokens_per_second=self.live.tokens_per_second,
                seconds=self._step_seconds,
            )

    def _write_if_due(self) -> None:
        if time.monotonic() - self._written_at >= SECONDS_BETWEEN_WRITES:
            self.flush()

    def _tell(self, *, at_once: bool = False) -> None:
        if at_once or time.monotonic() - self._noticed_at >= SECONDS_BETWEEN_NOTICES:
            self._noticed_at = time.monotonic()
            self._notice()
