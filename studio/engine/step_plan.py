"""How a step is divided so that it fits: what decides about memory and not about what is learned."""

import msgspec

from studio.engine.devices import Device
from studio.methods.method import TrainingOptions
from studio.protocol.budgets import CHECKPOINTS_ACTIVATIONS, MICRO_BATCH_TOKENS


class StepPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Kept in checkpoints: another division sums in another order, and a resumed run must be the same to the byte.

    ``micro_batch_tokens``: padded tokens that are read at once. ``max_length``: the window conversations are cut to.
    """

    micro_batch_tokens: int
    checkpoint_activations: bool
    max_length: int
    offload_activations: bool = False


def first_plan(device: Device, options: TrainingOptions) -> StepPlan:
    """Return the plan to begin with on this kind of device."""
    return StepPlan(
        micro_batch_tokens=MICRO_BATCH_TOKENS[device.kind],
        checkpoint_activations=CHECKPOINTS_ACTIVATIONS[device.kind],
        max_length=options.max_length,
    )
