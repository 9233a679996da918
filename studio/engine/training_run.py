"""One run from command to adapter: check, hang PEFT's layers in, loop, measure, checkpoint, write, clean up."""

import hashlib
import math
import time
from collections.abc import Generator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from peft import get_peft_model, get_peft_model_state_dict

from studio.domain.errors import StudioError
from studio.engine.adapter_files import plain_config, write_adapter
from studio.engine.base_loader import LoadedBase
from studio.engine.checkpoints import Identity, Learner, Standing, load_checkpoint, save_checkpoint
from studio.engine.evaluation import mean_loss
from studio.engine.memory import MemoryMeter, release
from studio.engine.modes import Mode, Stage
from studio.engine.preflight import EncodedDataset, encode_dataset
from studio.engine.schedule import total_steps
from studio.engine.scheduler import Work
from studio.engine.training_loop import TrainingLoop
from studio.engine.wire import Wire
from studio.methods.method import METHODS, Method, TrainingOptions
from studio.options import build
from studio.protocol.budgets import CHECKPOINTS_ACTIVATIONS
from studio.protocol.commands import Train
from studio.protocol.events import CheckpointSaved, HeldOutMeasured, Progress, RunEnded, StepDone, TrainingStarted

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
        self._wire = wire
        self._meter = meter
        self._folder = Path(command.folder)
        self._peft: Any = None

    def work(self) -> Work:
        """Train to the end, or until the wish is to pause or stop."""
        method, options = self._understood()
        self._meter.restart()
        self._tell("checking")
        yield
        data = encode_dataset(Path(self._command.data), self._base.template, options.max_length)
        total = total_steps(len(data.train), options)
        try:
            learner = self._hang_in(method, options)
            standing = self._standing(options, learner)
            yield from self._base_loss(data, standing)
            self._announce(data, standing, total, learner)
            loop = TrainingLoop(self._base, self._stage, data.train, options, total, learner, standing)
            yield from self._train(loop, data, options, total, learner)
            yield from self._end(loop, data, options, learner)
        finally:
            self._clean_up()

    def _understood(self) -> tuple[Method, TrainingOptions]:
        if self._command.method not in METHODS.all():
            raise StudioError("method_unknown", name=self._command.method, known=", ".join(METHODS.all()))
        method = METHODS.get(self._command.method)
        if method.quantization != self._base.quantization:
            raise StudioError("base_other_quantization", needed=method.quantization, found=self._base.quantization)
        return method, build(method.options, self._command.options)

    def _hang_in(self, method: Method, options: TrainingOptions) -> Learner:
        """Put PEFT's layers around the base's, hidden until training; their start is drawn from the seed."""
        torch.manual_seed(options.seed)
        self._config = method.peft_config(options, self._base.linear_names)
        self._peft = get_peft_model(self._base.model, self._config)
        self._stage.adopt(self._peft)
        if CHECKPOINTS_ACTIVATIONS[self._base.device.kind]:
            self._base.model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
        trainable = {name: one for name, one in self._peft.named_parameters() if one.requires_grad}
        optimizer = torch.optim.AdamW(trainable.values(), lr=options.learning_rate, weight_decay=0.0)
        return Learner(parameters=trainable, optimizer=optimizer)

    def _standing(self, options: TrainingOptions, learner: Learner) -> Standing:
        self._identity = Identity(
            base=f"{self._base.fingerprint}:{self._base.quantization}",
            data=hashlib.sha256(Path(self._command.data).read_bytes()).hexdigest(),
            method=self._command.method,
            options=asdict(options),
        )
        if not self._command.resume:
            return Standing()
        return load_checkpoint(self._folder, self._identity, learner)

    def _base_loss(self, data: EncodedDataset, standing: Standing) -> Work:
        if standing.heldout_base is not None or not data.heldout:
            return
        standing.heldout_base = yield from self._unless_wished(self._measured(data, standing, Mode.OTHERS))
        if standing.heldout_base is not None:
            self._wire.send(self._held_out(standing.heldout_base, 0, data))

    def _train(
        self, loop: TrainingLoop, data: EncodedDataset, options: TrainingOptions, total: int, learner: Learner
    ) -> Work:
        saved_at = loop.standing.training_seconds
        while not loop.ended and not self.wish.word:
            rate, standing = loop.next_rate, loop.standing
            before = standing.step
            yield from self._unless_wished(loop.step())
            if standing.step == before:  # a wish came between micro-steps; what they summed is dropped
                break
            standing.peak_memory_bytes = max(standing.peak_memory_bytes, self._meter.peak)
            self._wire.send(self._step_done(loop, rate))
            if standing.step % max(1, round(total / MEASUREMENTS)) == 0 and not loop.ended and data.heldout:
                loss = yield from self._unless_wished(self._measured(data, standing, Mode.MEASURING))
                if loss is None:
                    break
                standing.heldout_adapter = loss
                self._wire.send(self._held_out(loss, standing.step, data))
            due = standing.step % max(5, total // CHECKPOINTS) == 0
            if not loop.ended and (due or standing.training_seconds - saved_at > CHECKPOINT_SECONDS):
                saved_at = standing.training_seconds
                self._checkpoint(standing, learner)
            yield

    def _end(self, loop: TrainingLoop, data: EncodedDataset, options: TrainingOptions, learner: Learner) -> Work:
        standing = loop.standing
        if self.wish.word == "pause" and not loop.ended:
            self._checkpoint(standing, learner)
            self._wire.send(self._ended(standing, "paused", ""))
            return
        if data.heldout:
            standing.heldout_adapter = yield from self._measured(data, standing, Mode.MEASURING)
            self._wire.send(self._held_out(standing.heldout_adapter, standing.step, data))
        self._checkpoint(standing, learner)
        path = self._folder / "adapter"
        tensors = get_peft_model_state_dict(self._peft)
        write_adapter(path, tensors, plain_config(self._config, self._base.base_id))
        standing.peak_memory_bytes = max(standing.peak_memory_bytes, self._meter.peak)
        self._wire.send(self._ended(standing, "finished" if loop.ended else "stopped", str(path)))

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
        self._tell("evaluating")
        started = time.perf_counter()

        def prepare(rows: int) -> None:
            self._stage.enter(mode)
            self._base.rack.open_gates()

        loss = yield from mean_loss(self._base, data.heldout, prepare)
        standing.evaluation_seconds += time.perf_counter() - started
        if not math.isfinite(loss):
            raise StudioError("loss_not_finite", value=str(loss), step=standing.step)
        return loss

    def _checkpoint(self, standing: Standing, learner: Learner) -> None:
        path = save_checkpoint(self._folder, self._identity, standing, learner)
        run = self._command.run_id
        self._wire.send(CheckpointSaved(job=self._command.job, run_id=run, step=standing.step, path=str(path)))

    def _clean_up(self) -> None:
        """Give the base back as it was: PEFT's layers out, frozen, in eval mode."""
        if self._peft is not None:
            self._base.model.activation_checkpointing_disable()
            self._peft.unload()
            self._peft = None
        self._base.model.requires_grad_(False)
        self._stage.dismiss()
        release()

    def _tell(self, phase: str) -> None:
        self._wire.send(Progress(job=self._command.job, what=phase, done=0, total=0))

    def _announce(self, data: EncodedDataset, standing: Standing, total: int, learner: Learner) -> None:
        self._wire.send(
            TrainingStarted(
                job=self._command.job,
                run_id=self._command.run_id,
                step=standing.step,
                total_steps=total,
                trained_tokens=data.trained_tokens,
                tokens=data.tokens,
                heldout_tokens=sum(window.trained_tokens for window in data.heldout),
                trainable_parameters=sum(one.numel() for one in learner.parameters.values()),
                quantization=self._base.quantization,
            )
        )

    def _held_out(self, loss: float, step: int, data: EncodedDataset) -> HeldOutMeasured:
        tokens = sum(window.trained_tokens for window in data.heldout)
        return HeldOutMeasured(job=self._command.job, run_id=self._command.run_id, step=step, loss=loss, tokens=tokens)

    def _step_done(self, loop: TrainingLoop, rate: float) -> StepDone:
        standing = loop.standing
        return StepDone(
            job=self._command.job,
            run_id=self._command.run_id,
            step=standing.step,
            epoch=loop.epoch,
            loss=loop.loss,
            learning_rate=rate,
            gradient_norm=loop.gradient_norm,
            tokens=standing.tokens,
            trained_tokens=standing.trained_tokens,
            seconds=standing.training_seconds,
            tokens_per_second=_rate(standing),
            memory_bytes=self._meter.used,
        )

    def _ended(self, standing: Standing, outcome: str, adapter: str) -> RunEnded:
        return RunEnded(
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
        )


def _rate(standing: Standing) -> float:
    return standing.tokens / standing.training_seconds if standing.training_seconds else 0.0
