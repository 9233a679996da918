"""What an active run tells while it goes: live figures, curve points in batches, samples, and the lines of its log."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from studio.domain.clock import now
from studio.domain.run import MetricPoint, RunNote, RunSample
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
    temperature: float = 0.0
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
        self._step_seconds = 0.0
        self._copied_at = -1
        self._copied: dict[str, float] = {}

    @property
    def pending(self) -> list[MetricPoint]:
        """Points that are not in the database yet."""
        return list(self._pending)

    def progress(self, phase: str) -> None:
        """The run went into another phase."""
        self.live = replace(self.live, phase=phase)
        self._tell(at_once=True)

    def started(self, event: events.TrainingStarted, names: Mapping[str, object]) -> None:
        """The checks passed; a resumed run forgets what came after its checkpoint, because it comes again.

        ``names`` are noted beside the engine's conditions: what things were called, for when they are gone.
        """
        self.flush()
        conditions = {**event.conditions, **names, "quantization": event.quantization}
        conditions["trainable_parameters"] = event.trainable_parameters
        with self._library.transaction():
            self._library.metrics.forget_after(self._run_id, event.step)
            self._library.run_records.forget_after(self._run_id, event.step)
            self._library.runs.update(
                self._run_id,
                step=event.step,
                total_steps=event.total_steps,
                trained_tokens=event.trained_tokens,
                conditions=conditions,
            )
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
            temperature=event.temperature,
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
                temperature=event.temperature,
            )
        )
        self._step_seconds = event.seconds
        self._write_if_due()
        self._tell()

    def held_out(self, event: events.HeldOutMeasured) -> None:
        """A loss on held-out lines, or on the neutral text; step 0 is the base's."""
        self._add_point(event.step, event.side, event.loss)
        for name, value in event.extra.items():
            self._add_point(event.step, name, value)
        self.flush()
        self._tell(at_once=True)

    def sample(self, event: events.SampleWritten) -> None:
        """An answer to a probe; the mean share of copied words of a step is a curve of its own."""
        sample = RunSample(
            run_id=self._run_id, step=event.step, key=event.key, prompt=event.prompt, text=event.text, seed=event.seed,
            copied=event.copied, wished=event.wished, created_at=now(),
        )  # fmt: skip
        self._library.run_records.add_sample(sample)
        if self._copied_at != event.step:
            self._copied_at, self._copied = event.step, {}
        self._copied[event.key] = event.copied
        self._pending = [one for one in self._pending if (one.step, one.kind) != (event.step, "copied")]
        self._add_point(event.step, "copied", sum(self._copied.values()) / len(self._copied))
        self._tell(at_once=True)

    def told(self, step: int, code: str, details: Mapping[str, object], weight: str = "info") -> None:
        """A line of the run's log."""
        note = RunNote(run_id=self._run_id, step=step, code=code, details=dict(details), weight=weight, at=now())
        self._library.run_records.add_note(note)
        self._tell(at_once=True)

    def _add_point(self, step: int, kind: str, value: float) -> None:
        self._pending.append(MetricPoint(run_id=self._run_id, step=step, kind=kind, loss=value))

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
