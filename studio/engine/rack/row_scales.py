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
    """Hooks on the layers that some row scales; none otherwise. A layer's numbers are made when it first runs."""

    def __init__(self, linears: Mapping[str, nn.Module], place: torch.device) -> None:
        self._names = {layer: name for name, layer in linears.items()}
        self._place = place
        self._hooks: list[Any] = []
        self._rows: Sequence[ScaledRow] = ()
        self._made: dict[tuple[str, nn.Module], Tensor | None] = {}

    @property
    def shown(self) -> bool:
        """True where some row scales a layer."""
        return bool(self._hooks)

    def set(self, rows: Sequence[ScaledRow]) -> None:
        """Give every row its scales at their strengths."""
        self.clear()
        self._rows = rows
        wanted = [scales for row in rows for scales, _ in row]
        taken = {name for scales in wanted for name in scales.inputs}
        given = {name for scales in wanted for name in scales.outputs}
        layers = self._names.items()
        self._hooks = [one.register_forward_pre_hook(self._scale_input) for one, name in layers if name in taken]
        # before the rack's hook, which adds to what the scaled layer gives
        self._hooks += [
            one.register_forward_hook(self._scale_output, prepend=True) for one, name in layers if name in given
        ]

    def clear(self) -> None:
        """Leave the layers alone."""
        for hook in self._hooks:
            hook.remove()
        self._hooks, self._rows = [], ()
        self._made.clear()

    def _scale_input(self, layer: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return ((inputs[0] * self._numbers("inputs", layer)).to(inputs[0].dtype), *inputs[1:])

    def _scale_output(self, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        scaled, shifts = output * self._numbers("outputs", layer), self._numbers("shifts", layer)
        return (scaled if shifts is None else scaled + shifts).to(output.dtype)

    def _numbers(self, kind: str, layer: nn.Module) -> Any:
        """[rows, 1, d], or None where nobody has any."""
        if (kind, layer) not in self._made:
            found = of_layer(self._rows, kind, self._names[layer])
            self._made[kind, layer] = None if found is None else found.unsqueeze(1).to(self._place)
        return self._made[kind, layer]


def of_layer(rows: Sequence[ScaledRow], kind: str, name: str) -> Tensor | None:
    """All rows' inputs, outputs or shifts of one layer, [rows, d]; None where no row changes anything there."""
    found = [one for row in rows for scales, _ in row if (one := getattr(scales, kind).get(name)) is not None]
    if not found:
        return None
    return torch.stack([_summed(row, kind, name, torch.full_like(found[0], unchanged(kind))) for row in rows])


def unchanged(kind: str) -> float:
    """The number that leaves things as they are."""
    return 0.0 if kind == "shifts" else 1.0


def _summed(row: ScaledRow, kind: str, name: str, start: Tensor) -> Tensor:
    """One row's numbers for one layer: ``start``, and what its adapters change there."""
    for scales, strength in row:
        found = getattr(scales, kind).get(name)
        if found is not None:
            start = start + strength * found
    return start
