"""Tables in Parquet and Arrow files, read a few rows at a time; nothing in them is run and nothing is left behind."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from studio.domain.errors import StudioError
from studio.importers._source import MEGABYTE, Source
from studio.importers._tables import SAMPLE_ROWS, Row, Table

_PARQUET = b"PAR1"
_ARROW_FILE = b"ARROW1"
_ARROW_STREAM = b"\xff\xff\xff\xff"

_ROWS_AT_ONCE = 16
"""Few, because packed cells can be far larger than the file that holds them."""
_BATCH_LIMIT_MB = 256
_TEXT_LIMIT_MB = 256
"""The words of all rows together, unpacked."""


def is_arrow(source: Source) -> bool:
    """True for Parquet and for Arrow's file and stream formats, by their first bytes."""
    stream = source.head.startswith(_ARROW_STREAM) and source.head[6:8] == b"\0\0"
    return source.head.startswith((_PARQUET, _ARROW_FILE)) or stream


def arrow_table(source: Source, *, limit_mb: int) -> Table:
    """Return the table; columns that cannot hold words (pictures, bare numbers in lists) are not offered."""
    source.require_at_most(limit_mb)
    with _careful(source), source.open() as file:
        columns = tuple(dict.fromkeys(_columns_with_words(source, file)))
    sample = [row for (_, row), _ in zip(_rows(source, columns), range(SAMPLE_ROWS), strict=False)]
    return Table(columns=columns, sample=tuple(sample), rows=lambda wanted: _rows(source, wanted))


def _columns_with_words(source: Source, file: BinaryIO) -> Iterator[str]:
    from pyarrow import types

    def may_hold_words(kind: Any) -> bool:
        if types.is_list(kind) or types.is_large_list(kind):
            return may_hold_words(kind.value_type) and not types.is_integer(kind.value_type)
        if types.is_struct(kind):
            return any(may_hold_words(kind.field(index).type) for index in range(kind.num_fields))
        if types.is_dictionary(kind):
            return may_hold_words(kind.value_type)
        worded = (types.is_string, types.is_large_string, types.is_string_view, types.is_integer, types.is_boolean)
        return any(is_kind(kind) for is_kind in worded)

    return (field.name for field in _schema(source, file) if may_hold_words(field.type))


def _rows(source: Source, columns: Collection[str]) -> Iterator[tuple[int, Row]]:
    number, size = 0, 0
    with _careful(source), source.open() as file:
        for batch in _batches(source, file, list(columns)):
            # First of all: a damaged file may point at memory that is not its own.
            batch.validate(full=True)
            _require_at_most(batch.nbytes, _BATCH_LIMIT_MB, source)
            for start in range(0, batch.num_rows, _ROWS_AT_ONCE):
                for row in batch.slice(start, _ROWS_AT_ONCE).to_pylist():
                    number, size = number + 1, size + _length(row)
                    _require_at_most(size, _TEXT_LIMIT_MB, source)
                    yield number, row


def _require_at_most(size: int, limit_mb: int, source: Source) -> None:
    if size > limit_mb * MEGABYTE:
        raise StudioError("file_too_large", path=source.path, size=size // MEGABYTE, limit=limit_mb)


def _length(value: object) -> int:
    """Characters in all words of a cell."""
    if isinstance(value, dict):
        return sum(map(_length, value.values()))
    return sum(map(_length, value)) if isinstance(value, list) else len(value) if isinstance(value, str) else 0


def _schema(source: Source, file: BinaryIO) -> Any:
    from pyarrow import ipc, parquet

    if source.head.startswith(_PARQUET):
        return parquet.ParquetFile(file).schema_arrow
    return (ipc.open_file if source.head.startswith(_ARROW_FILE) else ipc.open_stream)(file).schema


def _batches(source: Source, file: BinaryIO, columns: list[str]) -> Iterator[Any]:
    from pyarrow import ipc, parquet

    if source.head.startswith(_PARQUET):
        opened = parquet.ParquetFile(file, pre_buffer=False)
        yield from opened.iter_batches(batch_size=_ROWS_AT_ONCE, columns=columns, use_threads=False)
    elif source.head.startswith(_ARROW_FILE):
        stored = ipc.open_file(file)
        for index in range(stored.num_record_batches):
            yield stored.get_batch(index).select(columns)
    else:
        for batch in ipc.open_stream(file):
            yield batch.select(columns)


@contextmanager
def _careful(source: Source) -> Iterator[None]:
    """What Arrow complains of is a trouble of the file."""
    from pyarrow import ArrowException

    try:
        yield
    except (ArrowException, OSError, ValueError, KeyError, MemoryError, OverflowError) as error:
        reason = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
        raise StudioError("table_broken", path=source.path, reason=reason[:200]) from error
