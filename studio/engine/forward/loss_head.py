"""The loss on trained positions only: gather their hidden states, then output head and cross-entropy in chunks.

The output head is frozen, so each chunk's gradient towards the hidden states is computed in the forward pass and its
logits are dropped at once: memory is one chunk of logits, whatever the vocabulary (compare Liger and TRL chunked_nll).
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.engine.forward import packed_attention
from studio.engine.forward.batches import Laid, MicroBatch
from studio.protocol.budgets import LOSS_CHUNK_TOKENS

SHAPE_MULTIPLE = 32
"""Positions come in multiples of this: every new shape costs a CPU kernel library time and memory to prepare for."""


def trained_loss(model: Any, batch: MicroBatch) -> Tensor:
    """Return the summed loss in nats over the batch's trained tokens; gradients reach the adapter."""
    return position_losses(model, batch).sum()


def row_losses(model: Any, batch: MicroBatch) -> Tensor:
    """Return [rows]: each window's summed loss in nats over its trained tokens (minus its log-probability)."""
    laid = _laid(model, batch)
    losses = _losses(model, laid)
    return losses.new_zeros(len(batch.windows)).index_add(0, laid.rows, losses)


def position_losses(model: Any, batch: MicroBatch) -> Tensor:
    """Return [n]: the loss in nats of every trained token, in fp32, window after window."""
    return _losses(model, _laid(model, batch))


def _laid(model: Any, batch: MicroBatch) -> Laid:
    """The batch in the layout that the model's attention reads now."""
    return batch.packed() if model.config._attn_implementation == packed_attention.NAME else batch.padded()


def _losses(model: Any, laid: Laid) -> Tensor:
    hidden = hidden_states(model, laid)
    return _PositionLosses.apply(hidden, laid.targets, OutputHead(model))  # type: ignore[no-any-return,no-untyped-call]


def hidden_states(model: Any, laid: Laid) -> Tensor:
    """Return [n, d]: the states that predict trained tokens."""
    if laid.layout is not None:
        packed_attention.lay_out(laid.layout)
    states = model.get_decoder()(input_ids=laid.ids, position_ids=laid.positions, use_cache=False).last_hidden_state
    return states.flatten(0, 1).index_select(0, laid.predictors)


class OutputHead:
    """Hidden states → logits as the model's own forward has it, scaling and soft-capping included.

    ``weight`` [vocabulary, d] is there when logits are nothing but a product with it.
    """

    def __init__(self, model: Any) -> None:
        self._head, config = model.get_output_embeddings(), model.config.get_text_config()
        divisor = float(getattr(config, "logits_scaling", 1.0) or 1.0)  # Granite
        self._factor = float(getattr(config, "logit_scale", 1.0) or 1.0) / divisor  # Cohere
        self._cap = getattr(config, "final_logit_softcapping", None)  # Gemma 2
        plain = type(self._head) is nn.Linear and self._head.bias is None and self._factor == 1.0 and not self._cap
        self.weight: Tensor | None = self._head.weight if plain and not self._head.weight.requires_grad else None

    def __call__(self, states: Tensor) -> Tensor:
        """[n, d] to [n, vocabulary]."""
        found = self._head(states) if self._factor == 1.0 else self._head(states) * self._factor
        return torch.tanh(found / self._cap) * self._cap if self._cap else found  # type: ignore[no-any-return]


class _PositionLosses(torch.autograd.Function):
    """Cross-entropy of every position, chunk by chunk, with its gradient made on the way."""

    @staticmethod
    def forward(context: Any, hidden: Tensor, targets: Tensor, head: OutputHead) -> Tensor:
        """Return fp32 [n] and keep d loss[i] / d hidden[i]: no position's loss depends on another's state."""
        wants_gradient = context.needs_input_grad[0]
        hidden, targets, positions = *_whole_shapes(hidden, targets), hidden.shape[0]
        gradient = torch.empty_like(hidden) if wants_gradient else None
        losses = torch.empty(hidden.shape[0], dtype=torch.float32, device=hidden.device)
        chunk_loss = _by_autograd if head.weight is None or head.weight.dtype != hidden.dtype else _by_hand
        for start in range(0, hidden.shape[0], LOSS_CHUNK_TOKENS):
            place = slice(start, start + LOSS_CHUNK_TOKENS)
            losses[place], found = chunk_loss(hidden[place], targets[place], head, wants_gradient)
            if gradient is not None and found is not None:
                gradient[place] = found
        if gradient is not None:
            context.save_for_backward(gradient[:positions])
        return losses[:positions]

    @staticmethod
    def backward(context: Any, *outgoing: Tensor) -> tuple[Tensor, None, None]:
        """Scale each position's kept gradient."""
        (gradient,) = context.saved_tensors
        return gradient * outgoing[0].unsqueeze(1).to(gradient.dtype), None, None


def _by_hand(states: Tensor, targets: Tensor, head: OutputHead, wants: bool) -> tuple[Tensor, Tensor | None]:
    """Losses [n] and their gradient [n, d]: ``(softmax(logits) − one-hot(target))·W``, in one buffer of logits."""
    assert head.weight is not None
    with torch.autocast(states.device.type, enabled=False):
        chances = torch.softmax(states @ head.weight.T, dim=-1, dtype=torch.float32)
        losses = chances.gather(1, targets.unsqueeze(1)).squeeze(1).clamp_min(_SMALLEST).log_().neg_()
        if not wants:
            return losses, None
        chances.scatter_add_(1, targets.unsqueeze(1), chances.new_full((len(targets), 1), -1.0))
        return losses, chances.to(states.dtype) @ head.weight


_SMALLEST = torch.finfo(torch.float32).tiny
"""A target less likely than that counts as this likely (87 nats): its loss stays a number, as a log-softmax's would."""


def _by_autograd(states: Tensor, targets: Tensor, head: OutputHead, wants: bool) -> tuple[Tensor, Tensor | None]:
    """The same for heads that are more than a product."""
    states = states.detach().requires_grad_(wants)
    with torch.set_grad_enabled(wants):
        losses = functional.cross_entropy(head(states).float(), targets, reduction="none")
    if not wants:
        return losses, None
    return losses.detach(), torch.autograd.grad(losses, states, torch.ones_like(losses))[0]


def _whole_shapes(hidden: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Fill up with positions that are dropped again: few shapes then serve all products of the head."""
    missing = -hidden.shape[0] % SHAPE_MULTIPLE
    return functional.pad(hidden, (0, 0, 0, missing)), functional.pad(targets, (0, missing), value=0)
