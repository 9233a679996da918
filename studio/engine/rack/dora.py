"""DoRA as the rack can say it: ``m/‖W0+sBA‖ · (W0x + sBAx)`` is a factor on what the layer gives, and factors times it.

The norm is that of weights which stand still while they are talked to, so it is computed once, in fp32.
"""

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import nn

from studio.engine.rack.adapter_files import AdapterFactors
from studio.engine.rack.dense_weight import dense_weight
from studio.engine.rack.row_scales import Scales


@torch.no_grad()
def laid_open(factors: AdapterFactors, linears: Mapping[str, nn.Module]) -> tuple[AdapterFactors, Scales]:
    """Return plain factors and scales that together compute what the DoRA adapter does; its layers fit the base."""
    pairs, outputs, shifts = dict(factors.pairs), {}, {}
    for name, magnitude in factors.magnitudes.items():
        weight = dense_weight(linears[name])
        a, b = (one.to(weight.device, torch.float32) for one in factors.pairs[name])
        stretch = magnitude.to(weight.device, torch.float32) / (weight + factors.scaling * (b @ a)).norm(dim=1)
        pairs[name] = (a, b * stretch.unsqueeze(1))
        outputs[name] = stretch - 1
        bias = linears[name].bias
        if isinstance(bias, torch.Tensor):  # which the magnitude leaves as it is
            shifts[name] = (1 - stretch) * bias.float()
    return replace(factors, pairs=pairs, magnitudes={}), Scales(outputs=outputs, shifts=shifts)
