"""A table on its way in: its columns, its first rows, and all rows one after another."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

Row = Mapping[str, object]

SAMPLE_ROWS = 20


@dataclass(frozen=True, kw_only=True)
class Table:
    """``rows(columns)`` yields (number in the file, row) with those columns; ``None`` for one that does not fit."""

    columns: tuple[str, ...]
    sample: tuple[Row, ...]
    rows: Callable[[Collection[str]], Iterator[tuple[int, Row | None]]]
