"""How the learning rate rises and falls: a pure function of the step, so resuming needs no state."""

import math

from studio.methods.method import CommonOptions


def learning_rate(step: int, total: int, options: CommonOptions) -> float:
    """Return the rate of optimiser step ``step`` (0-based) of ``total``: linear warm-up, then the chosen fall.

    No step has a rate of nothing, however short the run: the first of w steps of warm-up has a w-th of the peak, the
    last step falls not quite to the end.
    """
    warmup = min(total, _rounded_up(options.warmup_ratio * total))
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


def total_steps(windows: int, options: CommonOptions) -> int:
    """Return the optimiser steps of a run: passes × steps per pass, at most ``max_steps`` where that is given.

    Part of a pass is part of its steps, rounded up; which windows those read is as random as everything about a pass.
    """
    steps = max(1, _rounded_up(options.epochs * math.ceil(windows / options.batch_size)))
    return min(steps, options.max_steps) if options.max_steps else steps


def _rounded_up(steps: float) -> int:
    """As ``ceil``, but 0.07 × 100 are seven steps and 1.1 × 10 eleven, whatever the last bits of the products say."""
    return math.ceil(round(steps, 6))
