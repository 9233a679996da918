"""All that makes the shown rows differ from the base, for a forward that computes layers in groups."""

from collections.abc import Sequence

import torch
from torch import Tensor

from studio.engine.rack.group_scales import GroupScales
from studio.engine.rack.row_factors import RowFactors

Part = tuple[int, int, int]
"""Row of the batch, first token and the one after the last in this pass."""


class RowDifference:
    """Thin factors and scales of the rows; ``scales`` by group, empty where no row has any.

    ``learned``: the tokens before each row [n, d], or no rows.
    """

    def __init__(
        self, factors: RowFactors | None, scales: Sequence[GroupScales], learned: Sequence[Tensor] = ()
    ) -> None:
        self._factors, self._scales = factors, scales
        self.learned = learned

    def of_step(self) -> "Difference":
        """One token of every row."""
        return Difference(self._factors, self._scales, None)

    def of_parts(self, parts: Sequence[Part]) -> "Difference":
        """Many tokens of a row each."""
        return Difference(self._factors, self._scales, parts)


class Difference:
    """What is done to the tokens of one pass, before and after the product with the frozen weights."""

    def __init__(self, factors: RowFactors | None, scales: Sequence[GroupScales], parts: Sequence[Part] | None) -> None:
        self._factors, self._parts = factors, parts
        self._scales = scales if parts is None else [_spread(one, parts) for one in scales]

    def taken(self, group: int, x: Tensor) -> Tensor:
        """What the group's layers read instead of x [tokens, d_in]."""
        scales = self._scales[group].inputs if self._scales else None
        return x if scales is None else (x * scales).to(x.dtype)

    def add(self, group: int, x: Tensor, y: Tensor) -> None:
        """Make of what the frozen layers gave, y [tokens, d_out of all layers], what the rows' adapters give."""
        if self._scales:
            _scale(y, self._scales[group])
        if self._factors is not None and self._parts is None:
            self._factors.add(group, x, y)
        elif self._factors is not None and self._parts is not None:
            self._factors.add_parts(self._parts, group, x, y)


def _scale(y: Tensor, scales: GroupScales) -> None:
    if scales.outputs is not None:
        scaled = y * scales.outputs
        y.copy_(scaled if scales.shifts is None else scaled + scales.shifts)


def _spread(scales: GroupScales, parts: Sequence[Part]) -> GroupScales:
    """From rows to tokens."""
    rows = torch.tensor([row for row, start, stop in parts for _ in range(start, stop)])
    each = (scales.inputs, scales.outputs, scales.shifts)
    inputs, outputs, shifts = (None if one is None else one.index_select(0, rows.to(one.device)) for one in each)
    return GroupScales(inputs=inputs, outputs=outputs, shifts=shifts)
