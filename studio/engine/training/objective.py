"""What a training minimises: how an example is counted, and the loss of a micro-batch of them.

The loop asks nothing else of its data, so that replies (``Window``) and preferences (pairs of windows) share it.
"""

from collections.abc import Callable, Generator, Sequence
from typing import Protocol, TypeVar

from torch import Tensor

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward.batches import Example, collate
from studio.engine.forward.loss_head import trained_loss
from studio.engine.scheduler import Work
from studio.engine.text.chat_encoding import Window
from studio.engine.training.checkpoints import Learner

E_contra = TypeVar("E_contra", bound=Example, contravariant=True)


class Objective(Protocol[E_contra]):
    """A step's loss is the sum of ``summed_loss`` over its micro-batches, divided by ``weight`` of the whole step."""

    def weight(self, examples: Sequence[E_contra]) -> int:
        """What the summed loss of these examples is divided by: trained tokens for replies, pairs for preferences."""

    def summed_loss(self, examples: Sequence[E_contra]) -> Tensor:
        """The loss of one micro-batch, summed, fp32 []; the stage is set and autocast is on."""

    def prepare(self, learner: Learner, begin: Callable[[], None] | None) -> Work:
        """What must be known before the first step; ``begin`` sets the learner to the adapter that the run starts from.

        None: it starts from no change at all.
        """

    def extras(self) -> Generator[None, None, dict[str, float]]:
        """Measure what it has to say beside the held-out loss, in the stage's ``MEASURING``."""


class RunObjective(Objective[E_contra], Protocol[E_contra]):
    """What a run asks of its objective, beyond what its steps do."""

    def extras_of_start(self) -> dict[str, float]:
        """What ``extras`` would say before the first step."""

    def deciding(self, loss: float, extras: dict[str, float]) -> float:
        """Of the held-out loss and the extras: what says which checkpoint is the best; lower is better."""


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

    def prepare(self, learner: Learner, begin: Callable[[], None] | None) -> Work:
        """Nothing."""
        yield from ()

    def extras(self) -> Generator[None, None, dict[str, float]]:
        """The held-out loss says it all."""
        yield from ()
        return {}

    def extras_of_start(self) -> dict[str, float]:
        """Nothing."""
        return {}

    def deciding(self, loss: float, extras: dict[str, float]) -> float:
        """The held-out loss."""
        return loss
