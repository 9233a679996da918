"""Products with frozen weights: ``y = x·Wᵀ + b`` of layers that read the same x, side by side."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

Product = Callable[[Tensor], Tensor]


def side_by_side(layers: Sequence[Any]) -> Product:
    """The product of these layers' weights, outputs side by side."""
    if len(layers) == 1:
        return _own(layers[0])
    each = [_own(layer) for layer in layers]
    return lambda x: torch.cat([product(x) for product in each], dim=-1)


def _own(layer: Any) -> Product:
    """What the layer itself computes, past its hooks."""
    if type(layer) is nn.Linear:
        return lambda x: functional.linear(x, layer.weight, layer.bias)
    return layer.forward  # type: ignore[no-any-return]
