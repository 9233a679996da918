"""Factors on what layers take in and give out, for each row of a batch its own (IA³, DoRA's magnitudes).

Like the rack's gates they are numbers written before a batch: ``1 + strength × (factor - 1)``, so that strength 0 is
the base, 1 the adapter, and adapters in one row multiply the way their strengths say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class Scales:
    """By layer name, as differences from leaving it alone: inputs [d_in], outputs [d_out] and what is added after."""

    inputs: dict[str, Tensor] = field(default_factory=dict)
    outputs: dict[str, Tensor] = field(default_factory=dict)
    shifts: dict[str, Tensor] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.inputs or self.outputs)


ScaledRow = Sequence[tuple[Scales, float]]
"""The scales of a row's adapters, and how strongly each is meant."""


class RowScales:
    """Hooks on the layers that some row scales; none at all otherwise."""

    def __init__(self, linears: Mapping[str, nn.Module], place: torch.device) -> None:
        self._linears = linears
        self._place = place
        self._hooks: list[Any] = []
        self._inputs: dict[nn.Module, Tensor] = {}
        self._outputs: dict[nn.Module, Tensor] = {}
        self._shifts: dict[nn.Module, Tensor] = {}

    @property
    def shown(self) -> bool:
        """True where some row scales a layer."""
        return bool(self._hooks)

    def set(self, rows: Sequence[ScaledRow]) -> None:
        """Give every row its scales at their strengths."""
        self.clear()
        wanted = [scales for row in rows for scales, _ in row]
        for kind, found in (("inputs", self._inputs), ("outputs", self._outputs), ("shifts", self._shifts)):
            start = 0.0 if kind == "shifts" else 1.0
            for name, layer in self._linears.items():
                example = next((one for scales in wanted if (one := getattr(scales, kind).get(name)) is not None), None)
                if example is not None:
                    lines = [summed(row, kind, name, torch.full_like(example, start)) for row in rows]
                    found[layer] = torch.stack(lines).unsqueeze(1).to(self._place)
        self._hooks = [layer.register_forward_pre_hook(self._scale_input) for layer in self._inputs]
        # before the rack's hook, which adds to what the scaled layer gives
        self._hooks += [layer.register_forward_hook(self._scale_output, prepend=True) for layer in self._outputs]

    def clear(self) -> None:
        """Leave the layers alone."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []
        for found in (self._inputs, self._outputs, self._shifts):
            found.clear()

    def _scale_input(self, layer: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return ((inputs[0] * self._inputs[layer]).to(inputs[0].dtype), *inputs[1:])

    def _scale_output(self, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        scaled = output * self._outputs[layer]
        if layer in self._shifts:
            scaled = scaled + self._shifts[layer]
        return scaled.to(output.dtype)


def summed(row: ScaledRow, kind: str, name: str, start: Tensor) -> Tensor:
    """One row's numbers for one layer: ``start``, and what its adapters change there."""
    for scales, strength in row:
        found = getattr(scales, kind).get(name)
        if found is not None:
            start = start + strength * found
    return start
