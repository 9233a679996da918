"""Offload: what layers keep for the backward pass lies in main memory meanwhile, not on the card. The last resort.

With activation checkpointing this moves each layer's input, which is all that is kept then. Weights stay where they
are: autograd saves them too, and moving them would cost more than it frees.
"""

from collections.abc import Callable, Generator, Sequence
from typing import Generic, TypeAlias, TypeVar

import torch
from torch import Tensor

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward.batches import Example
from studio.engine.scheduler import Work
from studio.engine.training.checkpoints import Learner
from studio.engine.training.objective import Objective

E = TypeVar("E", bound=Example)

WORTH_BYTES = 2**16
"""Smaller tensors stay: moving costs a transfer each, whatever the size."""

Packed: TypeAlias = tuple[torch.device, Tensor] | Tensor


class Offloading(Generic[E]):
    """An objective whose forward passes keep their activations in main memory."""

    def __init__(self, objective: Objective[E], base: LoadedBase) -> None:
        self._objective = objective
        weights = [*base.model.parameters(), *base.model.buffers()]
        self._weights = {one.untyped_storage().data_ptr() for one in weights}

    def prepare(self, learner: Learner, begin: Callable[[], None] | None) -> Work:
        """As the objective has it."""
        yield from self._objective.prepare(learner, begin)

    def extras(self) -> Generator[None, None, dict[str, float]]:
        """As the objective has it."""
        return (yield from self._objective.extras())

    def weight(self, examples: Sequence[E]) -> int:
        """As the objective has it."""
        return self._objective.weight(examples)

    def summed_loss(self, examples: Sequence[E]) -> Tensor:
        """As the objective has it."""
        with torch.autograd.graph.saved_tensors_hooks(self._pack, unpack):
            return self._objective.summed_loss(examples)

    def _pack(self, tensor: Tensor) -> Packed:
        if not worth_moving(tensor) or tensor.untyped_storage().data_ptr() in self._weights:
            return tensor
        return tensor.device, moved_out(tensor)


def worth_moving(tensor: Tensor) -> bool:
    """Whether a tensor lies on a card and is large enough."""
    return tensor.is_cuda and tensor.nbytes >= WORTH_BYTES


def moved_out(tensor: Tensor) -> Tensor:
    """Copy into pinned main memory, on the stream that computes: its order is all the waiting that is needed."""
    there = torch.empty(tensor.size(), dtype=tensor.dtype, pin_memory=tensor.is_cuda)
    return there.copy_(tensor, non_blocking=True)


def unpack(packed: Packed) -> Tensor:
    """Bring a tensor back to where it was."""
    if isinstance(packed, Tensor):
        return packed
    device, tensor = packed
    return tensor.to(device, non_blocking=True)
