"""Plans of less and less memory: first what changes nothing that is learned, the window last.

The rungs: micro-batches half as large (the step stays the same step), activation checkpointing, offload, and a window
half as long. The same order, with an estimate in the place of a failure, chooses the plan to begin with.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.devices import Device
from studio.engine.forward.batches import LENGTH_MULTIPLE, Example
from studio.engine.training.dry_steps import heaviest, laid_tokens
from studio.engine.training.step_plan import StepPlan, first_plan
from studio.methods.method import AUTO, OFF, ON, CommonOptions
from studio.protocol.activation_memory import Shape, activation_bytes
from studio.protocol.budgets import ESTIMATE_MARGIN, LEAST_TOKENS

SMALLEST_WINDOW = 64


@dataclass(frozen=True, kw_only=True)
class Rung:
    """A smaller plan, and the sentence that tells of it."""

    plan: StepPlan
    code: str
    details: dict[str, object] = field(default_factory=dict)
    weight: str = "info"


def next_rung(plan: StepPlan, device: Device, examples: Sequence[Example], options: CommonOptions) -> Rung | None:
    """Return the gentlest plan that needs less than ``plan`` on this data; None when there is none."""
    group = heaviest(examples, options, plan)
    if half := half_batch(group):
        return Rung(plan=plan.but(micro_batch_tokens=half), code="memory_rung_batch", details={"tokens": half})
    if not plan.checkpoint_activations:
        return Rung(plan=plan.but(checkpoint_activations=True), code="memory_rung_checkpointing")
    if not plan.offload_activations and device.kind != "cpu":
        return Rung(plan=plan.but(offload_activations=True), code="memory_rung_offload")
    return shorter(plan, group[0].length)


def shorter(plan: StepPlan, longest: int) -> Rung | None:
    """Return a plan with a window half as long as the longest that was read."""
    window = max(SMALLEST_WINDOW, longest // 2 // LENGTH_MULTIPLE * LENGTH_MULTIPLE)
    if window >= longest:
        return None
    details: dict[str, object] = {"tokens": window, "before": longest}
    return Rung(plan=plan.but(max_length=window), code="memory_rung_window", details=details, weight="warning")


def fitting_plan(
    base: LoadedBase, options: CommonOptions, examples: Sequence[Example], room: int
) -> tuple[StepPlan, int]:
    """Return the quickest plan whose activations are estimated to fit into ``room`` bytes, and their bytes.

    Where none fits, it is the leanest: the dry steps will tell.
    """
    shape, needed = shape_of(base.model), 0
    plan = start = first_plan(base.device, options)
    for plan in _by_speed(start, base.device, options, examples):
        tokens = laid_tokens(heaviest(examples, options, plan))
        checkpointed, offloaded = plan.checkpoint_activations, plan.offload_activations
        needed = activation_bytes(shape, tokens, checkpointed=checkpointed, offloaded=offloaded)
        if needed <= ESTIMATE_MARGIN * room:
            break
    return plan, needed


def quickest(device: Device, options: CommonOptions) -> StepPlan:
    """Return the plan of a device whose memory never ends."""
    wished = first_plan(device, options)
    return wished if options.activation_checkpointing != AUTO else wished.but(checkpoint_activations=False)


def _by_speed(
    start: StepPlan, device: Device, options: CommonOptions, examples: Sequence[Example]
) -> Iterator[StepPlan]:
    """Plans that the options allow, the quickest first: each with whole micro-batches, then with halves of them."""
    checkpointing = _allowed(options.activation_checkpointing)
    offload = _allowed(options.offload) if device.kind != "cpu" else (False,)
    for checkpointed, offloaded in ((False, False), (True, False), (True, True), (False, True)):
        if checkpointed not in checkpointing or offloaded not in offload:
            continue
        plan = start.but(checkpoint_activations=checkpointed, offload_activations=offloaded)
        yield plan
        least = 1 if checkpointed else LEAST_TOKENS[device.kind]
        while (half := half_batch(heaviest(examples, options, plan))) >= least:
            plan = plan.but(micro_batch_tokens=half)
            yield plan


def _allowed(wish: str) -> tuple[bool, ...]:
    return {ON: (True,), OFF: (False,)}.get(wish, (False, True))


def half_batch(group: Sequence[Example]) -> int:
    """Half of what a micro-batch counts in its budget; 0 where one example cannot be divided."""
    return sum(one.tokens for one in group) // 2 if len(group) > 1 else 0


def shape_of(model: Any) -> Shape:
    """The widths of a loaded model."""
    config = model.config.get_text_config()
    heads = int(getattr(config, "num_attention_heads", 1))
    width = int(getattr(config, "head_dim", 0) or config.hidden_size // heads)
    return Shape(
        layers=int(config.num_hidden_layers),
        hidden=int(config.hidden_size),
        key_width=width * int(getattr(config, "num_key_value_heads", heads) or heads),
        intermediate=int(getattr(config, "intermediate_size", 0) or 4 * config.hidden_size),
        vocabulary=int(config.vocab_size),
    )
