"""How the learning rate rises and falls: a pure function of the step, so resuming needs no state."""

import math

from studio.methods.method import TrainingOptions


def learning_rate(step: int, total: int, options: TrainingOptions) -> float:
    """Return the rate of optimiser step ``step`` (0-based) of ``total``: linear warm-up, then the chosen fall."""
    warmup = math.ceil(options.warmup_ratio * total)
    if step < warmup:
        return options.learning_rate * (step + 1) / warmup
    passed = (step - warmup) / max(1, total - warmup)
    return options.learning_rate * _remaining(options.scheduler, passed)


def _remaining(scheduler: str, passed: float) -> float:
    if scheduler == "constant":
        return 1.0
    if scheduler == "linear":
        return 1.0 - passed
    return 0.5 * (1.0 + math.cos(math.pi * passed))


def total_steps(windows: int, options: TrainingOptions) -> int:
    """Return the optimiser steps of a run: passes × steps per pass, at most ``max_steps`` where that is given."""
    passes = math.ceil(options.epochs * math.ceil(windows / options.batch_size))
    return max(1, min(passes, options.max_steps) if options.max_steps else passes)
