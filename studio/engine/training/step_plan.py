"""How a step is divided so that it fits: what decides about memory and not about what is learned."""

import msgspec

from studio.engine.devices import Device
from studio.methods.method import OFF, ON, CommonOptions
from studio.protocol.budgets import CHECKPOINTS_ACTIVATIONS, MICRO_BATCH_TOKENS


class StepPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Kept in checkpoints: another division sums in another order, and a resumed run must be the same to the byte.

    ``micro_batch_tokens``: padded tokens that are read at once. ``max_length``: the window conversations are cut to.
    """

    micro_batch_tokens: int
    checkpoint_activations: bool
    max_length: int
    offload_activations: bool = False

    def but(self, **changes: object) -> "StepPlan":
        """The same plan with something else."""
        return msgspec.structs.replace(self, **changes)


def first_plan(device: Device, options: CommonOptions) -> StepPlan:
    """Return the plan to begin with on this kind of device, when nothing is known about its memory."""
    wished = options.activation_checkpointing
    return StepPlan(
        micro_batch_tokens=MICRO_BATCH_TOKENS[device.kind],
        checkpoint_activations=wished == ON or (wished != OFF and CHECKPOINTS_ACTIVATIONS[device.kind]),
        max_length=options.max_length,
        offload_activations=options.offload == ON and device.kind != "cpu",
    )
