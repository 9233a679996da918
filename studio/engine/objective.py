"""What a training minimises: how an example is counted, and the loss of a micro-batch of them.

The loop asks nothing else of its data, so that replies (``Window``) and preferences (pairs of windows) share it.
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from torch import Tensor

from studio.engine.base_loader import LoadedBase
from studio.engine.batches import Example, collate
from studio.engine.chat_encoding import Window
from studio.engine.loss_head import trained_loss

E_contra = TypeVar("E_contra", bound=Example, contravariant=True)


class Objective(Protocol[E_contra]):
    """A step's loss is the sum of ``summed_loss`` over its micro-batches, divided by ``weight`` of the whole step."""

    def weight(self, examples: Sequence[E_contra]) -> int:
        """What the summed loss of these examples is divided by: trained tokens for replies, pairs for preferences."""

    def summed_loss(self, examples: Sequence[E_contra]) -> Tensor:
        """The loss of one micro-batch, summed, fp32 []; the stage is set and autocast is on."""


class ReplyObjective:
    """Cross-entropy of the persona's own words: the mean over all trained tokens of a step, whatever its batches."""

    def __init__(self, base: LoadedBase) -> None:
        self._base = base

    def weight(self, examples: Sequence[Window]) -> int:
        """Trained tokens."""
        return sum(one.trained_tokens for one in examples)

    def summed_loss(self, examples: Sequence[Window]) -> Tensor:
        """Nats, summed over the trained tokens."""
        pad = self._base.tokenizer.pad_token_id or 0
        return trained_loss(self._base.model, collate(examples, pad, self._base.device.torch_device))
