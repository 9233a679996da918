"""One run from command to adapter: check, hang the method's layers in, loop, measure, checkpoint, write, clean up."""

import hashlib
import math
import time
from collections.abc import Generator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from studio.domain.errors import StudioError
from studio.engine.base_loader import LoadedBase
from studio.engine.chat_encoding import Window
from studio.engine.checkpoints import Identity, Standing, load_checkpoint, save_checkpoint
from studio.engine.evaluation import mean_loss
from studio.engine.memory import MemoryMeter
from studio.engine.modes import Mode, Stage
from studio.engine.objective import ReplyObjective
from studio.engine.preflight import EncodedDataset, encode_dataset
from studio.engine.run_reports import RunReports
from studio.engine.schedule import total_steps
from studio.engine.scheduler import Work
from studio.engine.step_plan import first_plan
from studio.engine.trainee import Trainee
from studio.engine.training_loop import TrainingLoop
from studio.engine.wire import Wire
from studio.methods.method import METHODS, Method, TrainingOptions
from studio.options import build
from studio.protocol.commands import Train

T = TypeVar("T")

MEASUREMENTS = 8
"""Held-out measurements in a run, the base's and the last one apart."""

CHECKPOINTS = 10
CHECKPOINT_SECONDS = 60.0
"""A checkpoint is due after a tenth of the steps or a minute of training, whatever comes first."""


@dataclass
class Wish:
    """What the app wants of a running training: empty, ``pause`` or ``stop``."""

    word: str = ""


class TrainingRun:
    """Owns one ``Train`` command. ``work`` is the scheduler's generator."""

    def __init__(self, command: Train, base: LoadedBase, stage: Stage, wire: Wire, meter: MemoryMeter) -> None:
        self.wish = Wish()
        self._command = command
        self._base = base
        self._stage = stage
        self._reports = RunReports(command, wire)
        self._meter = meter
        self._folder = Path(command.folder)
        self._saved_at = 0.0

    def work(self) -> Work:
        """Train to the end, or until the wish is to pause or stop."""
        method, options = self._understood()
        self._meter.restart()
        self._reports.phase("checking")
        yield
        data = encode_dataset(Path(self._command.data), self._base.template, options.max_length)
        trainee = Trainee(method, options, self._base, self._stage)
        try:
            standing = self._standing(options, trainee)
            yield from self._base_loss(data, standing)
            total = total_steps(len(data.train), options)
            self._announce(data, standing, total, trainee)
            objective = ReplyObjective(self._base)
            loop = TrainingLoop(
                self._base, self._stage, data.train, objective, options, total, trainee.learner, standing
            )
            yield from self._train(loop, data, total, trainee)
            yield from self._end(loop, data, trainee)
        finally:
            trainee.leave()

    def _understood(self) -> tuple[Method, TrainingOptions]:
        if self._command.method not in METHODS.all():
            raise StudioError("method_unknown", name=self._command.method, known=", ".join(METHODS.all()))
        method = METHODS.get(self._command.method)
        if method.quantization != self._base.quantization:
            raise StudioError("base_other_quantization", needed=method.quantization, found=self._base.quantization)
        return method, build(method.options, self._command.options)

    def _standing(self, options: TrainingOptions, trainee: Trainee) -> Standing:
        """Where the run goes on, with the trainee as it was then, and the steps divided as they were."""
        self._identity = Identity(
            base=f"{self._base.fingerprint}:{self._base.quantization}",
            data=hashlib.sha256(Path(self._command.data).read_bytes()).hexdigest(),
            method=self._command.method,
            options=asdict(options),
        )
        resumed = self._command.resume
        standing = load_checkpoint(self._folder, self._identity, trainee.learner) if resumed else Standing()
        standing.plan = standing.plan or first_plan(self._base.device, options)
        trainee.checkpoint_activations(standing.plan.checkpoint_activations)
        return standing

    def _base_loss(self, data: EncodedDataset, standing: Standing) -> Work:
        if standing.heldout_base is not None or not data.heldout:
            return
        standing.heldout_base = yield from self._unless_wished(self._measured(data, standing, Mode.OTHERS))
        if standing.heldout_base is not None:
            self._reports.held_out(0, standing.heldout_base, data.heldout_tokens)

    def _train(self, loop: TrainingLoop[Window], data: EncodedDataset, total: int, trainee: Trainee) -> Work:
        self._saved_at = loop.standing.training_seconds
        while not loop.ended and not self.wish.word:
            rate, standing = loop.next_rate, loop.standing
            before = standing.step
            yield from self._unless_wished(loop.step())
            if standing.step == before:  # a wish came between micro-steps; what they summed is dropped
                break
            self._note_step(loop, rate)
            if standing.step % max(1, round(total / MEASUREMENTS)) == 0 and not loop.ended and data.heldout:
                loss = yield from self._unless_wished(self._measured(data, standing, Mode.MEASURING))
                if loss is None:
                    break
                self._take_loss(loss, data, standing)
            if not loop.ended and self._checkpoint_due(standing, total):
                self._checkpoint(standing, trainee)
            yield

    def _note_step(self, loop: TrainingLoop[Window], rate: float) -> None:
        standing = loop.standing
        standing.peak_memory_bytes = max(standing.peak_memory_bytes, self._meter.peak)
        self._reports.step_done(
            standing,
            epoch=loop.epoch,
            loss=loop.loss,
            learning_rate=rate,
            gradient_norm=loop.gradient_norm,
            memory_bytes=self._meter.used,
        )

    def _take_loss(self, loss: float, data: EncodedDataset, standing: Standing) -> None:
        standing.heldout_adapter = loss
        self._reports.held_out(standing.step, loss, data.heldout_tokens)

    def _end(self, loop: TrainingLoop[Window], data: EncodedDataset, trainee: Trainee) -> Work:
        standing = loop.standing
        if self.wish.word == "pause" and not loop.ended:
            self._checkpoint(standing, trainee)
            self._reports.ended(standing, "paused")
            return
        if data.heldout:
            loss = yield from self._measured(data, standing, Mode.MEASURING)
            self._take_loss(loss, data, standing)
        self._checkpoint(standing, trainee)
        path = self._folder / "adapter"
        trainee.write(path)
        standing.peak_memory_bytes = max(standing.peak_memory_bytes, self._meter.peak)
        self._reports.ended(standing, "finished" if loop.ended else "stopped", str(path))

    def _unless_wished(self, work: Generator[None, None, T]) -> Generator[None, None, T | None]:
        """Do ``work`` unit by unit and return its result; None when a wish to pause or stop broke it off."""
        while not self.wish.word:
            try:
                next(work)
            except StopIteration as end:
                return end.value
            yield
        work.close()
        return None

    def _measured(self, data: EncodedDataset, standing: Standing, mode: Mode) -> Generator[None, None, float]:
        """Return the held-out loss in ``mode``, with its own time counted apart."""
        self._reports.phase("evaluating")
        started = time.perf_counter()

        def prepare(rows: int) -> None:
            self._stage.enter(mode)
            self._base.rack.open_gates()

        loss = yield from mean_loss(self._base, data.heldout, prepare)
        standing.evaluation_seconds += time.perf_counter() - started
        if not math.isfinite(loss):
            raise StudioError("loss_not_finite", value=str(loss), step=standing.step)
        return loss

    def _checkpoint_due(self, standing: Standing, total: int) -> bool:
        waited = standing.training_seconds - self._saved_at
        return standing.step % max(5, total // CHECKPOINTS) == 0 or waited > CHECKPOINT_SECONDS

    def _checkpoint(self, standing: Standing, trainee: Trainee) -> None:
        self._saved_at = standing.training_seconds
        path = save_checkpoint(self._folder, self._identity, standing, trainee.learner)
        self._reports.checkpoint_saved(standing, str(path))

    def _announce(self, data: EncodedDataset, standing: Standing, total: int, trainee: Trainee) -> None:
        self._reports.started(
            standing,
            total_steps=total,
            trained_tokens=data.trained_tokens,
            tokens=data.tokens,
            heldout_tokens=data.heldout_tokens,
            trainable_parameters=trainee.trainable_parameters,
            quantization=self._base.quantization,
        )
