"""Where commands become jobs: holds the one base and its stage, and knows which job is the training."""

from collections.abc import Callable
from pathlib import Path

from studio.domain.errors import StudioError
from studio.engine.bases.base_folder import inspect, open_base_folder
from studio.engine.bases.base_loader import LoadedBase, free, load_base
from studio.engine.bases.gguf_conversion import convert
from studio.engine.bench.baking import bake
from studio.engine.bench.effects import prove_effect
from studio.engine.bench.lengths import measure_lengths
from studio.engine.bench.mask import show_tokens
from studio.engine.bench.measuring import count_tokens, evaluate, measure
from studio.engine.bench.template_shelf import TemplateShelf
from studio.engine.chat.replies import reply
from studio.engine.devices import Device
from studio.engine.failures import failure_event
from studio.engine.forward.modes import Stage
from studio.engine.memory import MemoryMeter
from studio.engine.scheduler import Scheduler, Urgency, Work
from studio.engine.training.run_watch import SAMPLE, SAVE
from studio.engine.training.training_run import TrainingRun
from studio.engine.wire import Wire
from studio.protocol import commands as ask
from studio.protocol.events import BaseLoaded, JobDone, JobStarted

RESIDENT_BYTES = 2**30
"""Adapters that nobody talks to just now may take so much memory, so that they answer at once when they are wanted."""
RESIDENTS = 16
"""So many stay in any case: reading them anew for each reply would take longer than the reply."""


class Desk:
    """Takes commands, queues jobs. Every trouble of a job is told as ``JobFailed``; the engine goes on."""

    def __init__(self, wire: Wire, device: Device) -> None:
        self._wire = wire
        self._device = device
        self._meter = MemoryMeter(device.kind)
        self._base: LoadedBase | None = None
        self._stage: Stage | None = None
        self._shelf = TemplateShelf()
        self._trainings: dict[str, TrainingRun] = {}
        self._users: set[str] = set()
        self._replies: set[str] = set()
        self._ended_runs: set[str] = set()
        self.leaving = False
        self.scheduler = Scheduler(on_failure=self._failed, on_start=self._started, on_exit=self._exited)
        self._takers: dict[type, Callable[..., None]] = {
            ask.LoadBase: self._load_base,
            ask.UnloadBase: self._unload_base,
            ask.ConvertBase: lambda c: self._queue(c, Urgency.HEAVY, self._convert(c)),
            ask.InspectBase: lambda c: self._queue(c, Urgency.QUICK, self._inspect(c)),
            ask.Reply: self._reply,
            ask.Evaluate: lambda c: self._queue(c, Urgency.QUICK, self._with_base(evaluate, c), uses_base=True),
            ask.Measure: lambda c: self._queue(c, Urgency.QUICK, self._with_base(measure, c), uses_base=True),
            ask.CountTokens: lambda c: self._queue(c, Urgency.QUICK, self._counted(c), uses_base=True),
            ask.ShowTokens: lambda c: self._queue(c, Urgency.REPLY, show_tokens(c, self._shelf, wire)),
            ask.MeasureLengths: lambda c: self._queue(c, Urgency.QUICK, measure_lengths(c, self._shelf, wire)),
            ask.ProveEffect: lambda c: self._queue(c, Urgency.REPLY, self._with_base(prove_effect, c), uses_base=True),
            ask.BakeAdapter: lambda c: self._queue(c, Urgency.QUICK, bake(c, wire)),
            ask.Train: self._train,
            ask.Pause: lambda c: self._wish(c.job, "pause"),
            ask.Stop: lambda c: self._wish(c.job, "stop"),
            ask.SampleNow: lambda c: self._want(c.job, SAMPLE),
            ask.SaveNow: lambda c: self._want(c.job, SAVE),
            ask.Cancel: lambda c: self.scheduler.cancel(c.job),
            ask.Shutdown: self._leave,
        }

    def take(self, command: ask.AnyCommand) -> None:
        """Do what a command asks, or queue it."""
        self._takers[type(command)](command)

    def _queue(self, command: ask.Command, urgency: Urgency, work: Work, *, uses_base: bool = False) -> None:
        if uses_base:
            self._users.add(command.job)
        self.scheduler.add(command.job, urgency, work)

    def _load_base(self, command: ask.LoadBase) -> None:
        """Loading goes first come, first served with replies, but never under the feet of a job that uses the base."""
        urgency = Urgency.QUICK if self._users else Urgency.REPLY
        self._queue(command, urgency, self._loading(command))

    def _loading(self, command: ask.LoadBase) -> Work:
        loaded = self._base
        if loaded is None or (loaded.base_id, loaded.quantization) != (command.base_id, command.quantization):
            self._refuse_while_training(command.base_id)
            self._drop_base()
            self._base = load_base(command.base_id, Path(command.path), command.quantization, self._device)
            self._stage = Stage(self._base)
        base = self._needed()[0]
        self._wire.send(
            BaseLoaded(
                job=command.job,
                base_id=base.base_id,
                quantization=base.quantization,
                fingerprint=base.fingerprint,
                memory_bytes=base.memory_bytes,
                seconds=base.seconds,
            )
        )
        if self._device.kind == "cpu":
            from studio.engine.forward.processor.ready import begin_beside  # no card needs its compiler

            begin_beside()
        yield

    def _unload_base(self, command: ask.UnloadBase) -> None:
        def unloading() -> Work:
            self._refuse_while_training("")
            self._drop_base()
            self._wire.send(JobDone(job=command.job))
            yield

        self._queue(command, Urgency.QUICK, unloading())

    def _convert(self, command: ask.ConvertBase) -> Work:
        target = Path(command.target)
        yield from convert(Path(command.source), target, self._wire, command.job)
        self._wire.send(inspect(open_base_folder(target), command.job))

    def _inspect(self, command: ask.InspectBase) -> Work:
        self._wire.send(inspect(open_base_folder(Path(command.path)), command.job))
        yield

    def _with_base(self, job: Callable[..., Work], command: ask.Command) -> Work:
        base, stage = self._needed()
        yield from job(command, base, stage, self._wire)

    def _reply(self, command: ask.Reply) -> None:
        self._replies.add(command.job)
        self._queue(command, Urgency.REPLY, self._replying(command))

    def _replying(self, command: ask.Reply) -> Work:
        """A run in training answers with what it has learned by now."""
        for gate in [gate for row in command.rows for gate in row.gates if not gate.path]:
            self._hang_run(gate.adapter_id)
        yield from self._with_base(reply, command)

    def _hang_run(self, run_id: str) -> None:
        trainee = next((run.trainee for run in self._trainings.values() if run.run_id == run_id), None)
        if trainee is None:
            raise StudioError("run_not_training", run=run_id)
        factors = trainee.snapshot()
        if factors is None:
            raise StudioError("run_cannot_answer", run=run_id)
        self._needed()[0].rack.hang(run_id, factors)

    def _counted(self, command: ask.CountTokens) -> Work:
        yield from count_tokens(command, self._needed()[0], self._wire)

    def _train(self, command: ask.Train) -> None:
        def training() -> Work:
            base, stage = self._needed()
            run = self._trainings[command.job] = TrainingRun(command, base, stage, self._wire, self._meter)
            if self.leaving:
                run.wish.word = "pause"
            yield from run.work()

        self.scheduler.add(command.job, Urgency.TRAINING, training(), share=command.share_beside_others)

    def _wish(self, job: str, word: str) -> None:
        """Pausing or stopping a training that still waits in the queue takes it out of there."""
        if job in self._trainings:
            self._trainings[job].wish.word = word
        else:
            self.scheduler.cancel(job)

    def _want(self, job: str, what: str) -> None:
        """For a training that waits or has just ended there is nothing to sample or to save."""
        if job in self._trainings:
            self._trainings[job].wants.add(what)

    def _leave(self, command: ask.Shutdown) -> None:
        """Let a training write its checkpoint; give up everything else."""
        self.leaving = True
        for job in self.scheduler.names():
            if job in self._trainings:
                self._wish(job, "pause")
            else:
                self.scheduler.cancel(job)

    def _needed(self) -> tuple[LoadedBase, Stage]:
        if self._base is None or self._stage is None:
            raise StudioError("base_not_loaded")
        return self._base, self._stage

    def _drop_base(self) -> None:
        if self._base is not None:
            free(self._base)
        self._base = self._stage = None

    def _refuse_while_training(self, wanted: str) -> None:
        if self._trainings and self._base is not None:
            raise StudioError("base_busy", loaded=self._base.base_id, wanted=wanted)

    def _started(self, job: str) -> None:
        self._wire.send(JobStarted(job=job))

    def _exited(self, job: str) -> None:
        run = self._trainings.pop(job, None)
        if run is not None:
            self._ended_runs.add(run.run_id)
        self._users.discard(job)
        self._replies.discard(job)
        self._tidy_rack()

    def _tidy_rack(self) -> None:
        """A run may end while it answers somebody; what it says is still its own. So is what others are heard with."""
        if self._replies or self._users or self._base is None:
            return
        while self._ended_runs:
            self._base.rack.take_off(self._ended_runs.pop())
        self._base.rack.thin_out(RESIDENT_BYTES, RESIDENTS)

    def _failed(self, job: str, error: BaseException) -> None:
        self._wire.send(failure_event(job, error))
