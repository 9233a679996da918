"""Where up to eight columns stand: beside each other while they can be read, else in rows. Knows no Qt."""

import math
from dataclasses import dataclass

GAP = 12
NARROWEST = 250
LOWEST = 236


@dataclass(frozen=True)
class Cell:
    """The place of a column, in pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Grid:
    """``cells`` in the columns' order; ``height`` of all; ``compact``: headers are one line, the slider is folded."""

    cells: tuple[Cell, ...]
    height: int
    compact: bool


def grid(count: int, width: int, height: int) -> Grid:
    """Share ``width`` and ``height`` out. Rows that would be too low make the whole higher, and it is scrolled."""
    if count < 1:
        return Grid((), height, compact=False)
    fitting = max((width + GAP) // (NARROWEST + GAP), 1)
    rows = math.ceil(count / fitting)
    high = max((height - GAP * (rows - 1)) // rows, LOWEST if rows > 1 else 0)
    cells = [
        cell for at, many in enumerate(_shares(count, rows)) for cell in _row(many, width, at * (high + GAP), high)
    ]
    return Grid(tuple(cells), rows * high + GAP * (rows - 1), compact=rows > 1)


def nearest(cells: tuple[Cell, ...], x: int, y: int) -> int:
    """The column over whose place a point is, or is nearest to."""

    def away(cell: Cell) -> float:
        across = max(cell.x - x, 0, x - cell.x - cell.width)
        down = max(cell.y - y, 0, y - cell.y - cell.height)
        return math.hypot(across, down)

    return min(range(len(cells)), key=lambda at: away(cells[at])) if cells else -1


def _shares(count: int, rows: int) -> list[int]:
    """Five in two rows are three and two."""
    return [count // rows + (1 if at < count % rows else 0) for at in range(rows)]


def _row(many: int, width: int, y: int, height: int) -> list[Cell]:
    edges = [round(at * (width + GAP) / many) for at in range(many + 1)]
    return [Cell(left, y, right - left - GAP, height) for left, right in zip(edges, edges[1:], strict=False)]
