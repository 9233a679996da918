"""8-bit layers of bitsandbytes on a processor: one exact path for training, evaluation and chat.

bitsandbytes 0.50.2 computes training there with the weights brought back to 16 bit, but evaluation with inputs rounded
to 8 bit as well: a held-out loss would not be the loss that is trained. It also keeps every layer's input alive past
activation checkpointing. Here both take the exact product. On a card LLM.int8 is one path already and is left alone.
"""

from types import MethodType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

LARGEST = 127.0


def exact_on_processor(model: nn.Module) -> None:
    """Give every 8-bit layer of a model on a processor its exact product."""
    from bitsandbytes.nn import Linear8bitLt

    for module in model.modules():
        if isinstance(module, Linear8bitLt):
            module.forward = MethodType(_forward, module)


def int8_weight(layer: Any, dtype: torch.dtype) -> Tensor:
    """The weight that an 8-bit layer stands for, [d_out, d_in]: whole numbers times a scale a row."""
    weight, scale = (
        (layer.weight.data, layer.weight.SCB) if layer.state.CB is None else (layer.state.CB, layer.state.SCB)
    )
    # In place, so that the fp32 scale is not rounded first: whole numbers up to 127 are exact in any format.
    return weight.to(dtype).mul_(scale.float().unsqueeze(1) / LARGEST)


def _forward(layer: Any, x: Tensor) -> Tensor:
    if torch.is_autocast_enabled(x.device.type):
        x = x.to(torch.get_autocast_dtype(x.device.type))
    bias = None if layer.bias is None else layer.bias.to(x.dtype)
    return _Product.apply(x, layer, bias)  # type: ignore[no-any-return,no-untyped-call]


class _Product(torch.autograd.Function):
    """``x Wᵀ + b`` with the weight made anew in either direction, so that nothing but its 8 bit stays in memory."""

    @staticmethod
    def forward(context: Any, x: Tensor, layer: Any, bias: Tensor | None) -> Tensor:
        """The product in the input's number format."""
        context.layer = layer
        return functional.linear(x, int8_weight(layer, x.dtype), bias)

    @staticmethod
    def backward(context: Any, *outgoing: Tensor) -> tuple[Tensor, None, None]:
        """The weight and its bias are frozen."""
        return outgoing[0] @ int8_weight(context.layer, outgoing[0].dtype), None, None
