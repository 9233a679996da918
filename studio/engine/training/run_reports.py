"""What a training tells: its events, made from where it stands."""

import msgspec

from studio.engine.training.checkpoints import Standing
from studio.engine.training.step_plan import StepPlan
from studio.engine.wire import Wire
from studio.protocol.commands import Train
from studio.protocol.events import (
    CheckpointSaved,
    HeldOutMeasured,
    MemoryMeasured,
    Progress,
    RunEnded,
    RunTold,
    SampleWritten,
    StepDone,
    TrainingStarted,
)


class RunReports:
    """Sends the events of one ``Train`` command."""

    def __init__(self, command: Train, wire: Wire) -> None:
        self._command = command
        self._wire = wire

    def phase(self, phase: str) -> None:
        """The run went into another phase (a key of ``texts``)."""
        self._wire.send(Progress(job=self._command.job, what=phase, done=0, total=0))

    def told(self, step: int, code: str, *, weight: str = "info", **details: object) -> None:
        """Something to know, as a line of the run's log."""
        job, run = self._command.job, self._command.run_id
        self._wire.send(RunTold(job=job, run_id=run, step=step, code=code, details=details, weight=weight))

    def started(self, standing: Standing, **figures: object) -> None:
        """The checks passed; ``figures`` are the other fields of the event."""
        job, run = self._command.job, self._command.run_id
        self._wire.send(TrainingStarted(job=job, run_id=run, step=standing.step, **figures))  # type: ignore[arg-type]

    def held_out(self, step: int, loss: float, tokens: int, **more: object) -> None:
        """A held-out loss; step 0 is the base's."""
        job, run = self._command.job, self._command.run_id
        self._wire.send(HeldOutMeasured(job=job, run_id=run, step=step, loss=loss, tokens=tokens, **more))  # type: ignore[arg-type]

    def sample(
        self, step: int, key: str, prompt: str, text: str, seed: int, copied: float, *, wished: bool = False
    ) -> None:
        """An answer to a probe."""
        self._wire.send(
            SampleWritten(
                job=self._command.job,
                run_id=self._command.run_id,
                step=step,
                key=key,
                prompt=prompt,
                text=text,
                seed=seed,
                copied=copied,
                wished=wished,
            )
        )

    def step_done(self, standing: Standing, **figures: float) -> None:
        """One optimiser step."""
        self._wire.send(
            StepDone(  # type: ignore[misc]
                job=self._command.job,
                run_id=self._command.run_id,
                step=standing.step,
                tokens=standing.tokens,
                trained_tokens=standing.trained_tokens,
                seconds=standing.training_seconds,
                tokens_per_second=_rate(standing),
                **figures,  # type: ignore[arg-type]
            )
        )

    def memory_measured(self, peak: int, expected: int, available: int, plan: StepPlan, tokens: int) -> None:
        """What dry steps on a micro-batch of ``tokens`` padded tokens needed, and the whole run is expected to."""
        plain = {**msgspec.structs.asdict(plan), "tokens": tokens}
        job, run = self._command.job, self._command.run_id
        self._wire.send(
            MemoryMeasured(
                job=job, run_id=run, peak_bytes=peak, available_bytes=available, plan=plain, expected_bytes=expected
            )
        )

    def checkpoint_saved(self, standing: Standing, path: str) -> None:
        """A whole, resumable state lies in ``path``."""
        run = self._command.run_id
        self._wire.send(CheckpointSaved(job=self._command.job, run_id=run, step=standing.step, path=path))

    def ended(self, standing: Standing, outcome: str, adapter: str = "", best_step: int = 0, resting: str = "") -> None:
        """The run left the engine: finished, stopped or paused; ``resting`` names why, if nobody wished it."""
        self._wire.send(
            RunEnded(
                job=self._command.job,
                run_id=self._command.run_id,
                outcome=outcome,
                step=standing.step,
                adapter=adapter,
                seconds=standing.training_seconds + standing.evaluation_seconds,
                tokens=standing.tokens,
                trained_tokens=standing.trained_tokens,
                tokens_per_second=_rate(standing),
                peak_memory_bytes=standing.peak_memory_bytes,
                heldout_nll_base=standing.heldout_base,
                heldout_nll_adapter=standing.heldout_adapter,
                best_step=best_step,
                resting=resting,
            )
        )


def _rate(standing: Standing) -> float:
    return standing.tokens / standing.training_seconds if standing.training_seconds else 0.0
