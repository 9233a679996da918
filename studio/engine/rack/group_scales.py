"""Factors on what layers take in and give out, for a forward that computes layers in groups.

The same numbers as ``RowScales`` writes for the hooks. Layers of a group read one x, so they can only scale it alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from studio.engine.rack.row_factors import Groups
from studio.engine.rack.row_scales import ScaledRow, Scales, of_layer, unchanged


@dataclass(frozen=True, kw_only=True)
class GroupScales:
    """Of one group: ``inputs`` [rows, d_in], ``outputs`` and ``shifts`` [rows, d_out of all its layers], fp32.

    ``y = (W·(x · inputs)) · outputs + shifts``, rounded after each. None where no row has any.
    """

    inputs: Tensor | None
    outputs: Tensor | None
    shifts: Tensor | None


def group_scales(rows: Sequence[ScaledRow], groups: Groups, linears: Mapping[str, nn.Module]) -> list[GroupScales]:
    """The scales of these rows for every group."""
    return [
        GroupScales(
            inputs=of_layer(rows, "inputs", group[0]),
            outputs=_side_by_side(rows, "outputs", group, linears),
            shifts=_side_by_side(rows, "shifts", group, linears),
        )
        for group in groups
    ]


def take_in_alike(scales: Scales, groups: Groups) -> bool:
    """Whether the layers of each group scale what they read alike."""
    return all(_same([scales.inputs.get(name) for name in group]) for group in groups)


def _same(found: Sequence[Tensor | None]) -> bool:
    first = found[0]
    if first is None:
        return all(one is None for one in found)
    return all(one is not None and torch.equal(one, first) for one in found)


def _side_by_side(
    rows: Sequence[ScaledRow], kind: str, group: Sequence[str], linears: Mapping[str, nn.Module]
) -> Tensor | None:
    sizes = [int(linears[name].out_features) for name in group]  # type: ignore[arg-type]
    found = [of_layer(rows, kind, name) for name in group]
    example = next((one for one in found if one is not None), None)
    if example is None:
        return None
    nothing = [torch.full((len(rows), size), unchanged(kind), device=example.device) for size in sizes]
    return torch.cat([one if one is not None else rest for one, rest in zip(found, nothing, strict=True)], dim=1)
