"""The loss on trained positions only: gather their hidden states, then output head and cross-entropy in chunks.

The output head is frozen, so each chunk's gradient towards the hidden states is computed in the forward pass and its
logits are dropped at once: memory is one chunk of logits, whatever the vocabulary (compare Liger and TRL chunked_nll).
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from studio.engine.batches import MicroBatch
from studio.protocol.budgets import LOSS_CHUNK_TOKENS

Head = Callable[[Tensor], Tensor]


def trained_loss(model: Any, batch: MicroBatch) -> Tensor:
    """Return the summed loss in nats over the batch's trained tokens; gradients reach the adapter."""
    return position_losses(model, batch).sum()


def row_losses(model: Any, batch: MicroBatch) -> Tensor:
    """Return [rows]: each row's summed loss in nats over its trained tokens (minus its log-probability)."""
    rows = batch.trained[:, 1:].nonzero()[:, 0]
    losses = position_losses(model, batch)
    return losses.new_zeros(batch.ids.shape[0]).index_add(0, rows, losses)


def position_losses(model: Any, batch: MicroBatch) -> Tensor:
    """Return [n]: the loss in nats of every trained token, in fp32, row after row."""
    hidden, targets = hidden_states(model, batch)
    return _PositionLosses.apply(hidden, targets, output_head(model))  # type: ignore[no-any-return,no-untyped-call]


def hidden_states(model: Any, batch: MicroBatch) -> tuple[Tensor, Tensor]:
    """Return ([n, d] states that predict trained tokens, [n] those tokens)."""
    states = model.get_decoder()(input_ids=batch.ids, use_cache=False).last_hidden_state
    chosen = batch.trained[:, 1:]
    return states[:, :-1][chosen], batch.ids[:, 1:][chosen]


def output_head(model: Any) -> Head:
    """Return hidden states → logits as the model's own forward has it, scaling and soft-capping included."""
    head, config = model.get_output_embeddings(), model.config.get_text_config()
    divisor = float(getattr(config, "logits_scaling", 1.0) or 1.0)  # Granite
    factor = float(getattr(config, "logit_scale", 1.0) or 1.0)  # Cohere
    cap = getattr(config, "final_logit_softcapping", None)  # Gemma 2

    def logits(states: Tensor) -> Tensor:
        found = head(states) * (factor / divisor) if factor != divisor else head(states)
        return torch.tanh(found / cap) * cap if cap else found

    return logits


class _PositionLosses(torch.autograd.Function):
    """Cross-entropy of every position, chunk by chunk, with its gradient made on the way."""

    @staticmethod
    def forward(context: Any, hidden: Tensor, targets: Tensor, head: Head) -> Tensor:
        """Return fp32 [n] and keep d loss[i] / d hidden[i]: no position's loss depends on another's state."""
        wants_gradient = context.needs_input_grad[0]
        hidden, targets, positions = *_whole_chunks(hidden, targets), hidden.shape[0]
        gradient = torch.empty_like(hidden) if wants_gradient else None
        losses = torch.empty(hidden.shape[0], dtype=torch.float32, device=hidden.device)
        for start in range(0, hidden.shape[0], LOSS_CHUNK_TOKENS):
            place = slice(start, start + LOSS_CHUNK_TOKENS)
            states = hidden[place].detach().requires_grad_(wants_gradient)
            with torch.set_grad_enabled(wants_gradient):
                found = functional.cross_entropy(head(states).float(), targets[place], reduction="none")
            if gradient is not None:
                (gradient[place],) = torch.autograd.grad(found, states, torch.ones_like(found))
            losses[place] = found.detach()
        if gradient is not None:
            context.save_for_backward(gradient[:positions])
        return losses[:positions]

    @staticmethod
    def backward(context: Any, *outgoing: Tensor) -> tuple[Tensor, None, None]:
        """Scale each position's kept gradient."""
        (gradient,) = context.saved_tensors
        return gradient * outgoing[0].unsqueeze(1).to(gradient.dtype), None, None


def _whole_chunks(hidden: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Fill the last chunk with positions without loss (target -100): one shape serves every product of the head."""
    missing = -hidden.shape[0] % LOSS_CHUNK_TOKENS
    return functional.pad(hidden, (0, 0, 0, missing)), functional.pad(targets, (0, missing), value=-100)
