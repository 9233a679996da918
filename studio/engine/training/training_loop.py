"""The loop: one optimiser step after another on the frozen base, yielding after every micro-step.

LoRA weights are fp32, products bf16; the loss is the mean over the step's trained tokens, whatever its micro-batches,
so batch 8 equals 8 × 1; every trained token of a pass counts alike, whatever step it is in. PEFT supplies the method
(its layers around the base's); everything else is here.
"""

import hashlib
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

import torch

from studio.domain.errors import StudioError
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward.batches import Example, micro_batches, steps_of_epoch
from studio.engine.forward.evaluation import autocast
from studio.engine.forward.modes import Mode, Stage
from studio.engine.scheduler import Work
from studio.engine.training.checkpoints import Learner, Standing
from studio.engine.training.objective import Objective
from studio.engine.training.optimizers import RATE_RATIO
from studio.engine.training.schedule import learning_rate
from studio.engine.training.step_plan import StepPlan, first_plan
from studio.methods.method import CommonOptions

E = TypeVar("E", bound=Example)

CLIP = 1.0
"""Largest gradient norm; longer gradients are shortened to it."""


class TrainingLoop(Generic[E]):
    """Runs optimiser steps and keeps count in ``standing``; knows no files and sends no events."""

    def __init__(
        self,
        base: LoadedBase,
        stage: Stage,
        examples: Sequence[E],
        objective: Objective[E],
        options: CommonOptions,
        total: int,
        learner: Learner,
        standing: Standing,
    ) -> None:
        self._base = base
        self._stage = stage
        self._examples = examples
        self._objective = objective
        self._options = options
        self._total = total
        self._learner = learner
        self.standing = standing
        self.updating = False
        self.loss = math.nan
        self.gradient_norm = math.nan
        self._epoch_steps: tuple[int, list[list[int]]] = (-1, [])
        self._usual_weight = objective.weight(examples) / self._steps_per_epoch

    @property
    def plan(self) -> StepPlan:
        """How a step is divided."""
        return self.standing.plan or first_plan(self._base.device, self._options)

    @property
    def ended(self) -> bool:
        """True after the last step."""
        return self.standing.step >= self._total

    @property
    def epoch(self) -> float:
        """Passes over the data so far."""
        return self.standing.step / self._steps_per_epoch

    @property
    def next_rate(self) -> float:
        """Learning rate of the step to come (or of the last one, at the end)."""
        return learning_rate(min(self.standing.step, self._total - 1), self._total, self._options)

    def step(self) -> Work:
        """Do one optimiser step; ``loss`` and ``gradient_norm`` are its figures afterwards."""
        examples = self._examples_of_step(self.standing.step)
        weight = self._objective.weight(examples)
        summed = torch.zeros((), device=self._base.device.torch_device)
        for number, group in enumerate(micro_batches(examples, self.plan.micro_batch_tokens)):
            with self._clocked():
                summed += self.micro_step(group, number, self._usual_weight)
            yield
        with self._clocked():
            self._update()
            self.loss = float(summed) / weight
        self._count(examples)
        if not math.isfinite(self.loss) or not math.isfinite(self.gradient_norm):
            raise StudioError("loss_not_finite", value=str(self.loss), step=self.standing.step)

    @property
    def _steps_per_epoch(self) -> int:
        return math.ceil(len(self._examples) / self._options.batch_size)

    def _examples_of_step(self, step: int) -> list[E]:
        epoch, place = divmod(step, self._steps_per_epoch)
        if self._epoch_steps[0] != epoch:
            steps = steps_of_epoch(self._examples, self._options.batch_size, self._options.seed, epoch)
            self._epoch_steps = (epoch, steps)
        return [self._examples[index] for index in self._epoch_steps[1][place]]

    def micro_step(self, group: Sequence[E], number: int, weight: float) -> torch.Tensor:
        """Add the gradients of one micro-batch, and return its summed loss.

        ``weight`` is a step's usual one, not its own: steps hold conversations of like length, and divided by its own
        few tokens a step of short ones would teach each of them a dozen times what a long one's tokens teach.
        """
        self._stage.enter(Mode.TRAINING)
        torch.manual_seed(chance_of(self._options.seed, self.standing.step, number))
        with autocast(self._base):
            loss = self._objective.summed_loss(group)
        (loss / weight).backward()  # type: ignore[no-untyped-call]
        return loss.detach()

    def _update(self) -> None:
        parameters = list(self._learner.parameters.values())
        self.gradient_norm = float(torch.nn.utils.clip_grad_norm_(parameters, CLIP))
        for group in self._learner.optimizer.param_groups:
            group["lr"] = self.next_rate * group.get(RATE_RATIO, 1.0)
        self.updating = True  # what fails from here on leaves weights and moments half changed
        self._learner.optimizer.step()
        self.updating = False
        self._learner.optimizer.zero_grad(set_to_none=True)

    def _count(self, examples: Sequence[E]) -> None:
        self.standing.step += 1
        self.standing.tokens += sum(one.tokens for one in examples)
        self.standing.trained_tokens += sum(one.trained_tokens for one in examples)

    @contextmanager
    def _clocked(self) -> Iterator[None]:
        """Count the time of our own units only: a reply in between is not training."""
        started = time.perf_counter()
        yield
        self.standing.training_seconds += time.perf_counter() - started


def chance_of(seed: int, step: int, micro_step: int) -> int:
    """Return the torch seed of one micro-step, so that dropout depends on nothing that happened before."""
    digest = hashlib.sha256(f"{seed}:{step}:{micro_step}".encode()).digest()
    return int.from_bytes(digest[:7], "big")
