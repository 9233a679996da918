"""The weight that a frozen layer stands for, whatever it is stored in."""

from typing import Any

import torch
from torch import Tensor

from studio.engine.rack.int8_layers import int8_weight


def dense_weight(layer: Any, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return [d_out, d_in] of a plain, NF4 or 8-bit linear layer."""
    weight = layer.weight
    if getattr(weight, "quant_state", None) is not None:
        from bitsandbytes.functional import dequantize_4bit

        return dequantize_4bit(weight.data, weight.quant_state).reshape(layer.out_features, -1).to(dtype)
    if hasattr(layer, "state"):  # bitsandbytes' 8-bit layers
        return int8_weight(layer, dtype)
    return weight.detach().to(dtype)  # type: ignore[no-any-return]
