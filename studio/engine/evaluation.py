"""Held-out loss: nats per trained token, without gradients, on the very path that training computes."""

from collections.abc import Callable, Generator, Sequence

import torch

from studio.engine.base_loader import LoadedBase
from studio.engine.batches import collate, micro_batches
from studio.engine.chat_encoding import Window
from studio.engine.loss_head import trained_loss

EVALUATION_BUDGET = 2048
"""Padded tokens of one evaluated batch, after each of which other jobs may run."""


def mean_loss(
    base: LoadedBase, windows: Sequence[Window], prepare: Callable[[int], None]
) -> Generator[None, None, float]:
    """Return the mean loss over all trained tokens of ``windows``; yields after each batch.

    ``prepare(rows)`` is called before each batch: other jobs may have used the model since the last one.
    """
    pad = base.tokenizer.pad_token_id or 0
    total, tokens = 0.0, 0
    for group in micro_batches(windows, EVALUATION_BUDGET):
        prepare(len(group))
        batch = collate(group, pad, base.device.torch_device)
        with torch.no_grad(), autocast(base):
            total += float(trained_loss(base.model, batch))
        tokens += sum(window.trained_tokens for window in group)
        yield
    return total / max(tokens, 1)


def autocast(base: LoadedBase) -> torch.autocast:
    """The number format of training's products: 16-bit, while the adapter's weights stay in fp32."""
    dtype = base.device.compute_dtype
    return torch.autocast(base.device.kind, dtype=dtype, enabled=dtype is not torch.float32)
