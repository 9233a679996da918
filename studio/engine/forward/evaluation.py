"""Held-out loss: nats per trained token, without gradients, on the very path that training computes."""

from collections.abc import Callable, Generator, Sequence

import torch

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.failures import is_out_of_memory
from studio.engine.forward.batches import collate, micro_batches
from studio.engine.forward.loss_head import trained_loss
from studio.engine.memory import release
from studio.engine.text.chat_encoding import Window

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
        total += _summed_loss(base, group, pad)
        tokens += sum(window.trained_tokens for window in group)
        yield
    return total / max(tokens, 1)


def _summed_loss(base: LoadedBase, group: Sequence[Window], pad: int) -> float:
    """One batch's; where the memory does not suffice, of its halves."""
    try:
        with torch.no_grad(), autocast(base):
            return float(trained_loss(base.model, collate(group, pad, base.device.torch_device)))
    except (RuntimeError, MemoryError) as error:
        if len(group) == 1 or not is_out_of_memory(error):
            raise
    release()
    half = len(group) // 2
    return _summed_loss(base, group[:half], pad) + _summed_loss(base, group[half:], pad)


def autocast(base: LoadedBase) -> torch.autocast:
    """The number format of training's products: 16-bit, while the adapter's weights stay in fp32."""
    dtype = base.device.compute_dtype
    return torch.autocast(base.device.kind, dtype=dtype, enabled=dtype is not torch.float32)
