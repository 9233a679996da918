"""Dry steps: the heaviest real micro-batch is computed twice before a run begins, to see what memory it takes.

Forward, backward and the optimiser's pass are the run's own, but the gradients are zeroed before the optimiser sees
them: a step by zero leaves every weight as it was, to the byte. What the optimiser put down on the way is thrown away,
and chance is set back, so that a run with dry steps and one without end the same.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch

from studio.engine.forward.batches import Example, micro_batches, steps_of_epoch
from studio.engine.scheduler import Work
from studio.engine.text.chat_encoding import Window
from studio.engine.training.checkpoints import Learner
from studio.engine.training.objective import Objective
from studio.engine.training.preference_pairs import PreferencePair
from studio.engine.training.step_plan import StepPlan
from studio.engine.training.training_loop import TrainingLoop
from studio.methods.method import CommonOptions

E = TypeVar("E", bound=Example)

PASSES = 2
"""In the second one moments and gradients lie beside the activations, as in every later step."""


def dry_steps(loop: TrainingLoop[E], objective: Objective[E], learner: Learner, group: Sequence[E]) -> Work:
    """Compute ``group`` twice and forget it; yields after each pass. A resumed optimiser has its moments already."""
    fresh = not learner.optimizer.state
    try:
        for _ in range(PASSES if fresh else 1):
            with _same_chance():
                loop.micro_step(group, 0, objective.weight(group))
                if fresh:
                    _step_by_zero(learner)
            yield
    finally:
        learner.optimizer.zero_grad(set_to_none=True)
        if fresh:
            _forget(learner.optimizer)


def heaviest(examples: Sequence[E], options: CommonOptions, plan: StepPlan, *, packed: bool = True) -> list[E]:
    """Return the micro-batch of the first pass over the data that needs most, ties decided by what it trains."""
    steps = steps_of_epoch(examples, options.batch_size, options.seed, 0)
    groups = (
        group for step in steps for group in micro_batches([examples[index] for index in step], plan.micro_batch_tokens)
    )
    return max(groups, key=lambda group: (laid_tokens(group, packed=packed), sum(one.trained_tokens for one in group)))


def laid_tokens(group: Sequence[Example], *, packed: bool = True) -> int:
    """Tokens of a micro-batch as they lie in memory: packed, what all rows begin with lies there once."""
    rows = [row for one in group for row in _rows(one)]
    if not packed:
        return len(rows) * max(map(len, rows))
    return sum(map(len, rows)) - (len(rows) - 1) * len(os.path.commonprefix(rows))


def _rows(example: Example) -> list[tuple[int, ...]]:
    if isinstance(example, PreferencePair):
        return [example.chosen.ids, example.rejected.ids]
    assert isinstance(example, Window), f"{type(example).__name__} is no kind of example"
    return [example.ids]


def _step_by_zero(learner: Learner) -> None:
    """An optimiser step that moves nothing: no gradient, and a rate of zero against weight decay."""
    optimizer = learner.optimizer
    parameters = list(learner.parameters.values())
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.grad.zero_()
    rates = [group["lr"] for group in optimizer.param_groups]
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    optimizer.step()
    for group, rate in zip(optimizer.param_groups, rates, strict=True):
        group["lr"] = rate


def _forget(optimizer: torch.optim.Optimizer) -> None:
    """Drop moments and counts; paged optimisers of bitsandbytes hold a second list of them."""
    optimizer.state.clear()
    pages = getattr(getattr(optimizer, "page_mng", None), "paged_tensors", None)
    if pages is not None:
        pages.clear()


@contextmanager
def _same_chance() -> Iterator[None]:
    """Leave torch's running random state as it was, on the card too."""
    cards = range(torch.cuda.device_count()) if torch.cuda.is_available() else ()
    with torch.random.fork_rng(devices=list(cards)):
        yield
