"""The weight that a frozen layer stands for, whatever it is stored in."""

from typing import Any

from torch import Tensor

from studio.engine.rack.int8_layers import int8_weight


def dense_weight(layer: Any) -> Tensor:
    """Return fp32 [d_out, d_in] of a plain, NF4 or 8-bit linear layer."""
    weight = layer.weight
    if getattr(weight, "quant_state", None) is not None:
        from bitsandbytes.functional import dequantize_4bit

        return dequantize_4bit(weight.data, weight.quant_state).reshape(layer.out_features, -1).float()
    if hasattr(layer, "state"):  # bitsandbytes' 8-bit layers
        import torch

        return int8_weight(layer, torch.float32)
    return weight.detach().float()  # type: ignore[no-any-return]
