"""Frozen dataclasses of the domain to rows of a table and back, one column a field."""

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from studio.library.connection import Database, Row

R = TypeVar("R")
_PLAIN = (str, int, float, NoneType)


class RecordTable(Generic[R]):
    """A table whose columns are the fields of ``kind``. Tuples and mappings are JSON.

    ``references``: optional foreign keys, empty in the domain and NULL in the table.
    ``derived``: further columns, worked out from the record when it is written.
    """

    def __init__(
        self,
        database: Database,
        table: str,
        kind: type[R],
        *,
        references: Sequence[str] = (),
        derived: Mapping[str, Callable[[R], object]] | None = None,
    ) -> None:
        self.database = database
        self.table = table
        self._kind = kind
        self._references = frozenset(references)
        self._derived = dict(derived or {})
        hints = get_type_hints(kind)
        self.names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
        self._codecs = {name: _codec(hints[name]) for name in self.names}
        self._all_names = [*self.names, *self._derived]

    def add(self, record: R) -> None:
        """Insert a record."""
        self.add_many([record])

    def add_many(self, records: Iterable[R], *, replace: bool = False) -> None:
        """Insert records, all or none; ``replace`` takes the place of rows with the same key."""
        columns, marks = ", ".join(map(_name, self._all_names)), ", ".join("?" * len(self._all_names))
        verb = "INSERT OR REPLACE" if replace else "INSERT"
        self.database.write_many(
            f"{verb} INTO {self.table} ({columns}) VALUES ({marks})", (self._values(record) for record in records)
        )

    def put(self, record: R) -> bool:
        """Write a record over the row that has its id; False when there is none."""
        changes = ", ".join(f"{_name(name)} = ?" for name in self._all_names)
        values = [*self._values(record), record.id]  # type: ignore[attr-defined]
        return self.database.write(f"UPDATE {self.table} SET {changes} WHERE id = ?", values) > 0

    def get(self, id: str) -> R | None:
        """Return the record with this id, if there is one."""
        found = self.select("WHERE id = ?", [id])
        return found[0] if found else None

    def select(self, rest: str = "", values: Sequence[object] = ()) -> list[R]:
        """Return the records of ``SELECT … FROM table`` followed by ``rest``."""
        columns = ", ".join(f"{self.table}.{_name(name)}" for name in self.names)
        return [self.record(row) for row in self.database.rows(f"SELECT {columns} FROM {self.table} {rest}", values)]

    def record(self, row: Row) -> R:
        """Return the record of a row."""
        return self._kind(**{name: self._decoded(name, row[name]) for name in self.names})

    def _values(self, record: R) -> list[object]:
        stored = [self._encoded(name, getattr(record, name)) for name in self.names]
        return [*stored, *(make(record) for make in self._derived.values())]

    def _encoded(self, name: str, value: object) -> object:
        if name in self._references:
            return value or None
        return self._codecs[name][0](value)

    def _decoded(self, name: str, value: Any) -> object:
        if name in self._references:
            return value or ""
        return self._codecs[name][1](value)


Codec = tuple[Callable[[Any], object], Callable[[Any], object]]


def _codec(hint: Any) -> Codec:
    members = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    if all(member in _PLAIN for member in members):
        return _same, _same
    if hint is bool:
        return int, bool
    if isinstance(hint, type) and issubclass(hint, Enum):
        return lambda value: value.value, hint
    return _json_codec(hint)


def _json_codec(hint: Any) -> Codec:
    # Free mappings (cards) go through json, which keeps numbers of any size; typed ones through msgspec, which checks.
    if isinstance(get_origin(hint), type) and issubclass(get_origin(hint), Mapping):
        return lambda value: json.dumps(dict(value), ensure_ascii=False), json.loads
    encoder, decoder = msgspec.json.Encoder(), msgspec.json.Decoder(hint)
    return lambda value: encoder.encode(value).decode(), decoder.decode


def _same(value: object) -> object:
    return value


def _name(column: str) -> str:
    return f'"{column}"'
