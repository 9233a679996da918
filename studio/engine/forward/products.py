"""Products with frozen weights, laid out for few rows: ``y = x·Wᵀ + b`` of layers that read the same x, side by side.

On a processor a product of a few rows is bound by how fast the weights come from memory, and oneDNN reads its own
packed layout fastest: with bf16 a third to two thirds of the plain layout's time, and to the last bit the same numbers
for any number of rows. The packed copy lies beside the layers, which training goes on to use, where the memory allows.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.engine.memory import free_memory
from studio.engine.rack.dense_weight import dense_weight

Product = Callable[[Tensor], Tensor]

SHARE_OF_FREE = 0.25
"""Of the free memory, what a second copy of the weights may take: a training that comes later must still fit."""

ROWS = 8
"""Rows that packed weights are laid out for: a batch of replies."""

TRIES = 9


def can_pack(layers: Sequence[Any], device: torch.device, dtype: torch.dtype) -> bool:
    """Whether packed weights fit beside the layers, and are faster here; tried on the first layer."""
    size = sum(int(layer.in_features) * int(layer.out_features) for layer in layers) * dtype.itemsize
    if device.type != "cpu" or not torch.backends.mkldnn.is_available() or size > SHARE_OF_FREE * free_memory():
        return False
    weight = dense_weight(layers[0], dtype)
    x = torch.randn(LEAST_TRIED, weight.shape[1], generator=torch.Generator().manual_seed(0)).to(dtype)
    try:
        ours = packed(weight, None)
        same = torch.allclose(ours(x), functional.linear(x, weight), rtol=1e-2, atol=1e-2)
    except (RuntimeError, AttributeError):  # no such kernel in this build of torch, or not for this processor
        return False
    return same and _seconds(ours, x) < _seconds(lambda rows: functional.linear(rows, weight), x)


LEAST_TRIED = 2


def laid_out(layers: Sequence[Any], dtype: torch.dtype, *, pack: bool) -> Product:
    """The product of these layers' weights, outputs side by side."""
    if pack:
        weights = [dense_weight(layer, dtype) for layer in layers]
        return packed(torch.cat(weights) if len(weights) > 1 else weights[0], _bias(layers, dtype))
    if len(layers) == 1:
        return _own(layers[0])
    each = [_own(layer) for layer in layers]
    return lambda x: torch.cat([product(x) for product in each], dim=-1)


def packed(weight: Tensor, bias: Tensor | None) -> Product:
    """oneDNN's own layout of a weight [d_out, d_in]."""
    ready = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), ROWS)
    multiply = torch.ops.mkldnn._linear_pointwise.default
    return lambda x: multiply(x, ready, bias, "none", [], "")  # type: ignore[no-any-return]


def _own(layer: Any) -> Product:
    """What the layer itself computes, past its hooks."""
    if type(layer) is nn.Linear:
        return lambda x: functional.linear(x, layer.weight, layer.bias)
    return layer.forward  # type: ignore[no-any-return]


def _bias(layers: Sequence[Any], dtype: torch.dtype) -> Tensor | None:
    if all(layer.bias is None for layer in layers):
        return None
    place = layers[0].weight.device
    parts = [
        torch.zeros(layer.out_features, device=place) if layer.bias is None else layer.bias.detach() for layer in layers
    ]
    return torch.cat([part.to(dtype) for part in parts])


def _seconds(product: Product, x: Tensor) -> float:
    times = []
    for _ in range(TRIES):
        started = time.perf_counter()
        product(x)
        times.append(time.perf_counter() - started)
    return min(times)
