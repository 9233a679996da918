"""One run from command to adapter: check, hang the method's layers in, loop, measure, checkpoint, write, clean up."""

import hashlib
import math
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from studio.domain.errors import StudioError
from studio.domain.preferences import PREFERENCES
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.failures import DISK, want_of
from studio.engine.forward.modes import Stage
from studio.engine.memory import MemoryMeter, Room
from studio.engine.scheduler import Work
from studio.engine.training.best_checkpoint import is_hopeless
from studio.engine.training.checkpoints import (
    Identity,
    Standing,
    keep_best,
    load_best,
    load_checkpoint,
    save_checkpoint,
)
from studio.engine.training.dry_steps import dry_steps, heaviest, laid_tokens
from studio.engine.training.gpu_facts import Thermometer
from studio.engine.training.heldout import HeldOut
from studio.engine.training.lessons import LessonData, lesson_notes, lessons_for, objective_for, windows_of
from studio.engine.training.memory_ladder import MemoryLadder, gigabytes
from studio.engine.training.objective import Objective
from studio.engine.training.offload import Offloading
from studio.engine.training.run_conditions import conditions_of
from studio.engine.training.run_reports import RunReports
from studio.engine.training.run_watch import RunWatch
from studio.engine.training.schedule import total_steps
from studio.engine.training.trainee import Trainee
from studio.engine.training.training_loop import TrainingLoop
from studio.engine.training.wishes import Wish
from studio.engine.wire import Wire
from studio.methods.method import METHODS, CommonOptions, Method
from studio.options import build
from studio.protocol.commands import Train

MEASUREMENTS = 8
"""Held-out measurements in a run, the base's and the last one apart."""

TRIED_WINDOWS = 3
"""Real windows on which packed batches are tried against a model's own way of reading, before the first step."""

CHECKPOINTS = 10
CHECKPOINT_SECONDS = 60.0
"""A checkpoint is due after a tenth of the steps or a minute of training, whatever comes first."""


class TrainingRun:
    """Owns one ``Train`` command. ``work`` is the scheduler's generator."""

    def __init__(self, command: Train, base: LoadedBase, stage: Stage, wire: Wire, meter: MemoryMeter) -> None:
        self.run_id = command.run_id
        self.wish = Wish()
        self.wants: set[str] = set()
        self.trainee: Trainee | None = None
        self._command = command
        self._base = base
        self._stage = stage
        self._reports = RunReports(command, wire)
        self._meter = meter
        self._thermometer = Thermometer(base.device)
        self._watch = RunWatch(command, base, stage, self._reports)
        self._folder = Path(command.folder)
        self._saved_at = math.inf
        self._loop: TrainingLoop[Any] | None = None

    def work(self) -> Work:
        """Train to the end, or until the wish is to pause or stop."""
        method, options = self._understood()
        self._meter.restart()
        self._reports.phase("checking")
        yield
        read = partial(lessons_for, method, Path(self._command.data), self._base.template)
        data = read(options.max_length)
        self._tell_about(data)
        self._room = Room(self._meter, self._command.memory_limit)
        self.trainee = trainee = Trainee(method, options, self._base, self._stage)
        if trainee.base is not self._base:  # full fine-tuning: everything from here on is done on a copy apart
            self._base, self._stage = trainee.base, trainee.stage
            self._watch = RunWatch(self._command, self._base, self._stage, self._reports)
        self._tell_notes(trainee.notes)
        try:
            standing = self._standing(options, trainee)
            ladder = MemoryLadder(self._base, options, self._reports, self._room, read)
            data = ladder.begin(standing, data, trainee.learner)
            while want := (yield from want_of(self._course(method, options, data, standing, trainee))):
                if want == DISK:
                    self._rest(DISK)
                    return
                self._set_back(standing, trainee)
                shorter = ladder.climb(standing, data)
                if shorter is not data:
                    self._tell_about(shorter)
                data = shorter
        finally:
            self.trainee = None
            trainee.leave()
            self._room.leave()

    def _course(
        self, method: Method, options: CommonOptions, data: LessonData, standing: Standing, trainee: Trainee
    ) -> Work:
        """From where the run stands to its end, as far as memory and disk go."""
        assert standing.plan is not None, "the ladder chose one"
        trainee.checkpoint_activations(standing.plan.checkpoint_activations)
        self._stage.try_packing(windows_of(data, TRIED_WINDOWS), standing.plan.max_length)
        total = total_steps(len(data.train), options)
        self._announce(data, standing, total, trainee)
        yield from self._prepare(method, options, data, trainee)
        objective = Offloading(self._objective, self._base) if standing.plan.offload_activations else self._objective
        self._loop = TrainingLoop(
            self._base, self._stage, data.train, objective, options, total, trainee.learner, standing
        )
        yield from self._dry_steps(self._loop, objective, options, data, trainee)
        held_out = HeldOut(trainee.base, trainee.stage, self._reports, data, self._objective)
        yield from self.wish.unless(self._watch.begin(standing, held_out))
        yield from self._train(self._loop, options, total, trainee)
        yield from self._end(self._loop, options, trainee)

    def _dry_steps(
        self, loop: TrainingLoop[Any], objective: Objective[Any], options: CommonOptions, data: LessonData,
        trainee: Trainee,
    ) -> Work:  # fmt: skip
        """See what memory the heaviest micro-batch takes, and tell it."""
        if loop.ended or self.wish.word:
            return
        packed = self._stage.packs
        group = heaviest(data.train, options, loop.plan, packed=packed)
        yield from self.wish.unless(dry_steps(loop, objective, trainee.learner, group))
        self._room.check()
        if not self.wish.word:
            peak, whole = self._meter.peak, self._room.whole
            self._reports.memory_measured(
                peak, self._room.expected(peak), whole, loop.plan, laid_tokens(group, packed=packed)
            )

    def _understood(self) -> tuple[Method, CommonOptions]:
        if self._command.method not in METHODS.all():
            raise StudioError("method_unknown", name=self._command.method, known=", ".join(METHODS.all()))
        method = METHODS.get(self._command.method)
        needed = method.quantization_for(self._command.options)
        if needed != self._base.quantization:
            raise StudioError("base_other_quantization", needed=needed, found=self._base.quantization)
        return method, build(method.options, self._command.options)

    def _standing(self, options: CommonOptions, trainee: Trainee) -> Standing:
        """Where the run goes on, with the trainee as it was then, and the steps divided as they were."""
        self._identity = Identity(
            base=f"{self._base.fingerprint}:{self._base.quantization}",
            data=hashlib.sha256(Path(self._command.data).read_bytes()).hexdigest(),
            method=self._command.method,
            options=asdict(options),
        )
        resumed = self._command.resume
        standing = load_checkpoint(self._folder, self._identity, trainee.learner) if resumed else Standing()
        if self._command.start_from and not standing.step:
            trainee.start_from(Path(self._command.start_from))
        self._kept = msgspec.structs.replace(standing)
        return standing

    def _tell_notes(self, notes: list[tuple[str, dict[str, object]]]) -> None:
        for code, details in () if self._command.resume else notes:
            self._reports.told(0, code, weight="info", **details)

    def _tell_about(self, data: LessonData) -> None:
        for code, details in () if self._command.resume else lesson_notes(data, self._base.template):
            self._reports.told(0, code, weight="warning", **details)

    def _prepare(self, method: Method, options: CommonOptions, data: LessonData, trainee: Trainee) -> Work:
        """Make the objective ready, which may have to look at every example once."""
        self._objective = objective_for(method, options, self._base, self._stage, data, self._folder)
        if method.objective == PREFERENCES:
            self._reports.phase("evaluating")
        folder = Path(self._command.start_from)
        begin = partial(trainee.start_from, folder) if self._command.start_from else None
        yield from self.wish.unless(self._objective.prepare(trainee.learner, begin))

    def _train(self, loop: TrainingLoop[Any], options: CommonOptions, total: int, trainee: Trainee) -> Work:
        standing = loop.standing
        self._saved_at = min(self._saved_at, standing.training_seconds)
        yield from self._milestone(loop, options, total, trainee)  # one that a pause broke off
        while not self._is_over(loop, options) and not self.wish.word:
            rate, before = loop.next_rate, standing.step
            yield from self.wish.unless(self._room.watched(loop.step()))
            if standing.step == before:  # a wish came between micro-steps; what they summed is dropped
                break
            self._note_step(loop, rate)
            yield from self._milestone(loop, options, total, trainee)
            save = partial(self._checkpoint, standing, trainee)
            yield from self.wish.unless(self._watch.grant(self.wants, standing, trainee, save))
            if not self.wish.word and not loop.ended and self._checkpoint_due(standing, total):
                save()
            yield

    def _milestone(self, loop: TrainingLoop[Any], options: CommonOptions, total: int, trainee: Trainee) -> Work:
        """Measure, sample, and keep the best, a few times in a run; the last time is at its end."""
        standing = loop.standing
        if standing.step and standing.step % max(1, round(total / MEASUREMENTS)) == 0 and not loop.ended:
            keep = self._keeper(options, standing, trainee)
            yield from self.wish.unless(self._watch.milestone(standing, trainee, keep))

    def _keeper(self, options: CommonOptions, standing: Standing, trainee: Trainee) -> Callable[[], object]:
        if not options.keep_best:
            return lambda: None
        return partial(keep_best, self._folder, self._identity, standing, trainee.learner)

    def _is_over(self, loop: TrainingLoop[Any], options: CommonOptions) -> bool:
        return loop.ended or is_hopeless(loop.standing, options.early_stop)

    def _note_step(self, loop: TrainingLoop[Any], rate: float) -> None:
        standing = loop.standing
        standing.peak_memory_bytes = max(standing.peak_memory_bytes, self._meter.peak)
        self._reports.step_done(
            standing,
            epoch=loop.epoch,
            loss=loop.loss,
            learning_rate=rate,
            gradient_norm=loop.gradient_norm,
            memory_bytes=self._meter.used,
            temperature=self._thermometer.celsius,
        )

    def _end(self, loop: TrainingLoop[Any], options: CommonOptions, trainee: Trainee) -> Work:
        standing = loop.standing
        over = self._is_over(loop, options)
        if self.wish.word == "pause" and not over:
            self._checkpoint(standing, trainee)
            self._reports.ended(standing, "paused")
            return
        yield from self._watch.milestone(standing, trainee, self._keeper(options, standing, trainee))
        self._checkpoint(standing, trainee)
        if over and not loop.ended:
            self._reports.told(standing.step, "run_ended_early", count=standing.unimproved, best=standing.best_at)
        best = self._back_to_best(standing, trainee)
        path = self._folder / "adapter"
        trainee.write(path)
        standing.peak_memory_bytes = max(standing.peak_memory_bytes, self._meter.peak)
        self._reports.ended(standing, "finished" if over else "stopped", str(path), best_step=best)

    def _back_to_best(self, standing: Standing, trainee: Trainee) -> int:
        """Take the weights that were kept as the best, if they are not those of now; return their step, else 0."""
        if standing.best_step in (0, standing.step):
            return 0
        load_best(self._folder, self._identity, standing, trainee.learner)
        standing.heldout_adapter = standing.best_heldout
        self._reports.told(standing.step, "run_best_kept", best=standing.best_step)
        return standing.best_step

    def _checkpoint_due(self, standing: Standing, total: int) -> bool:
        waited = standing.training_seconds - self._saved_at
        return standing.step % max(5, total // CHECKPOINTS) == 0 or waited > CHECKPOINT_SECONDS

    def _checkpoint(self, standing: Standing, trainee: Trainee) -> None:
        self._saved_at = standing.training_seconds
        path = save_checkpoint(self._folder, self._identity, standing, trainee.learner)
        self._kept = msgspec.structs.replace(standing)
        self._reports.checkpoint_saved(standing, str(path))

    def _set_back(self, standing: Standing, trainee: Trainee) -> None:
        """Memory ran out: drop the gradients of a step begun. One that was half taken is undone by the checkpoint."""
        standing.peak_memory_bytes = max(standing.peak_memory_bytes, self._meter.peak)
        trainee.learner.optimizer.zero_grad(set_to_none=True)
        if self._loop is not None and self._loop.updating:
            kept = load_checkpoint(self._folder, self._identity, trainee.learner)
            if not kept.step:
                raise StudioError("memory_exhausted", free=gigabytes(self._room.whole))
            for name in Standing.__struct_fields__:
                setattr(standing, name, getattr(kept, name))
        self._loop = None
        self._saved_at = -math.inf  # the smaller plan is to be in a checkpoint soon

    def _rest(self, reason: str) -> None:
        """Leave as paused, at the last checkpoint, because something is wanting that may come again."""
        self._reports.ended(self._kept, "paused", resting=reason)

    def _announce(self, data: LessonData, standing: Standing, total: int, trainee: Trainee) -> None:
        assert standing.plan is not None, "the ladder chose one"
        self._reports.started(
            standing,
            total_steps=total,
            trained_tokens=data.trained_tokens,
            tokens=data.tokens,
            heldout_tokens=data.heldout_tokens,
            trainable_parameters=trainee.trainable_parameters,
            quantization=self._base.quantization,
            conditions=conditions_of(self._base, standing.plan),
        )
