"""All that makes the shown rows differ from the base, for a forward that computes layers in groups."""

from collections.abc import Sequence

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
        self._factors, self._scales, self._parts = factors, scales, parts
        self._rows = None if parts is None else [row for row, start, stop in parts for _ in range(start, stop)]

    def taken(self, group: int, x: Tensor) -> Tensor:
        """What the group's layers read instead of x [tokens, d_in]."""
        scales = self._scales[group].inputs if self._scales else None
        return x if scales is None else (x * self._by_token(scales)).to(x.dtype)

    def add(self, group: int, x: Tensor, y: Tensor) -> None:
        """Make of what the frozen layers gave, y [tokens, d_out of all layers], what the rows' adapters give."""
        if self._scales:
            self._scale(y, self._scales[group])
        if self._factors is not None and self._parts is None:
            self._factors.add(group, x, y)
        elif self._factors is not None and self._parts is not None:
            self._factors.add_parts(self._parts, group, x, y)

    def _scale(self, y: Tensor, scales: GroupScales) -> None:
        if scales.outputs is not None:
            scaled = y * self._by_token(scales.outputs)
            y.copy_(scaled if scales.shifts is None else scaled + self._by_token(scales.shifts))

    def _by_token(self, numbers: Tensor) -> Tensor:
        """From [rows, d] to [tokens, d], of one group at a time: all of them together would be gigabytes."""
        return numbers if self._rows is None else numbers[self._rows]
