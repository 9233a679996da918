"""Which rows meet which adapter, and what they scale, as compiled code is told it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from studio.engine.forward.processor.dots import LANES
from studio.engine.forward.processor.shapes import Meets
from studio.engine.forward.processor.tiles import AdapterTiles
from studio.engine.rack.group_scales import GroupScales
from studio.engine.rack.row_difference import Part


class LaidScales:
    """The scales of a batch's rows in one line of numbers, and where in it each row finds its own."""

    def __init__(self, groups: Sequence[GroupScales]) -> None:
        self._lines: list[NDArray[np.float32]] = []
        self._end = 0
        kinds = [[one.inputs, one.outputs, one.shifts] for one in groups]
        places = [[self._put(found, rest) for found, rest in zip(each, (1, 1, 0), strict=True)] for each in kinds]
        rows = max((len(one) for each in places for one in each), default=0)
        nothing = np.full(rows, -1, dtype=np.int64)
        self._places = np.array([[one if len(one) else nothing for one in each] for each in places], dtype=np.int64)
        self._numbers = np.concatenate([np.zeros(0, np.float32), *self._lines])

    def of(self, parts: Sequence[Part], groups: int) -> dict[str, NDArray[Any]]:
        """The fields of ``Meets`` that tell of them, for a pass over these parts."""
        if not len(self._numbers):
            nobody = np.zeros((groups, 0), dtype=np.int64)
            return {"scales": self._numbers, "inputs": nobody, "outputs": nobody, "shifts": nobody}
        rows = [row for row, start, stop in parts for _ in range(start, stop)]
        names = ("inputs", "outputs", "shifts")
        found = {name: np.ascontiguousarray(self._places[:, at, rows]) for at, name in enumerate(names)}
        return {"scales": self._numbers, **found}

    def _put(self, found: Tensor | None, rest: float) -> NDArray[np.int64]:
        """Where each row's numbers begin; -1 where all of them leave things as they are."""
        if found is None:
            return np.zeros(0, dtype=np.int64)
        lines = found.float().cpu().numpy()
        begin = self._end + np.arange(len(lines)) * lines.shape[1]
        self._lines.append(lines.reshape(-1))
        self._end += lines.size
        return np.where((lines == rest).all(axis=1), -1, begin)


class RowTiles:
    """The adapters of a batch's rows, each with its strength; ``learned``: the tokens before each row, or no rows."""

    def __init__(
        self,
        rows: Sequence[Sequence[tuple[AdapterTiles, float]]],
        groups: int,
        scales: LaidScales | None = None,
        learned: Sequence[Tensor] = (),
    ) -> None:
        self._rows, self._groups, self._scales = rows, groups, scales or LaidScales([])
        self.learned = learned
        self._step: Meets | None = None

    def step(self) -> Meets:
        """One token of every row."""
        if self._step is None:
            self._step = self.meets([(row, row, row + 1) for row in range(len(self._rows))])
        return self._step

    def meets(self, parts: Sequence[Part]) -> Meets:
        """Who meets whom in a pass over these parts; the adapters of a row always in the same order."""
        found = [(start, stop - start, *one) for row, start, stop in parts for one in self._rows[row]]
        lines = [0, *np.cumsum([rows for _, rows, _, _ in found], dtype=np.int64)]
        spans = [(start, rows, line, tiles.pairs) for (start, rows, tiles, _), line in zip(found, lines, strict=False)]
        most = max((3 * 2 * tiles.pairs for _, _, tiles, _ in found), default=0)
        return Meets(
            spans=np.array(spans, dtype=np.int64).reshape(-1, 4),
            gates=np.array([gate for *_, gate in found], dtype=np.float32),
            downs=self._addresses([tiles.downs for _, _, tiles, _ in found]),
            ups=self._addresses([tiles.ups for _, _, tiles, _ in found]),
            small=np.zeros((int(lines[-1]), -(-most // LANES) * LANES), dtype=np.uint16),
            **self._scales.of(parts, self._groups),
        )

    def _addresses(self, found: Sequence[Any]) -> NDArray[np.int64]:
        return np.ascontiguousarray(np.stack(found, axis=1)) if found else np.zeros((self._groups, 0), dtype=np.int64)


def nobody(groups: int) -> Meets:
    """A pass in which no adapter is met."""
    return RowTiles([], groups).meets([])
